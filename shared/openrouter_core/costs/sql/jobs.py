"""Long jobs in the database: who started one, and whether it is booked. Called by `SqlStore`'s writer.

A video or batch may be started by one program and seen to end by another, or by several at once. Each
function works inside the writer's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from openrouter_core.costs.records.labels import Labels
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.sql.tables import jobs


@dataclass(frozen=True, slots=True)
class JobStart:
    """A job has begun; `record` is of the call that began it."""

    id: str
    record: CostRecord


@dataclass(frozen=True, slots=True)
class JobEnd:
    """A job was seen to have ended: one record, or one for each result."""

    id: str
    records: Sequence[CostRecord]
    is_whole: bool


def note_start(db: sa.Connection, start: JobStart) -> None:
    """Keep for whom a job is; the first to say it counts."""
    if _row_of(db, start.id) is None:
        db.execute(jobs.insert().values(_new(start.id, start.record)))


def records_of(db: sa.Connection, end: JobEnd) -> Sequence[CostRecord]:
    """Return what to book: the records under the labels of the job's start.

    Nothing if the job was booked in the other way, as a whole or result by result: both would be twice.
    """
    row = _row_of(db, end.id)
    if row is None:
        row = {**_new(end.id, end.records[0]), "as_whole": end.is_whole}
        db.execute(jobs.insert().values(row))
    elif row["as_whole"] is None:
        mine = jobs.update().where(jobs.c.job_id == end.id)
        db.execute(mine.values(as_whole=end.is_whole))
    elif row["as_whole"] != end.is_whole:
        return ()
    return [_as_started(record, row) for record in end.records]


def _row_of(db: sa.Connection, job_id: str) -> dict[str, Any] | None:
    found = db.execute(sa.select(jobs).where(jobs.c.job_id == job_id).with_for_update())
    row = found.mappings().first()
    return None if row is None else dict(row)


def _new(job_id: str, record: CostRecord) -> dict[str, Any]:
    labels = record.labels
    return {
        "job_id": job_id,
        "at": record.at,
        "requested_model": record.requested_model,
        "run": labels.run,
        "session": labels.session,
        "user_label": labels.user,
        "tags": json.dumps(labels.tags, ensure_ascii=False),
        "as_whole": None,
    }


def _as_started(record: CostRecord, row: dict[str, Any]) -> CostRecord:
    """The record with what only the start of its job knew."""
    labels = Labels(row["run"], tuple(json.loads(row["tags"])), row["session"], row["user_label"])
    return replace(
        record,
        at=min(record.at, row["at"]),
        labels=labels,
        requested_model=record.requested_model or row["requested_model"],
    )
