"""Records kept in an SQL database through SQLAlchemy: `SqlStore`. Any number of processes may share one.

Booking only queues: a background thread writes, so no call waits for the database. Questions wait until
what was booked before them is written. Imported when a ledger is given a URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

import sqlalchemy as sa

from openrouter_core.costs._ending import has_begun
from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.latency import Latency
from openrouter_core.costs.records.latency import latencies as latency_of
from openrouter_core.costs.records.record import CostRecord, Lookup, merge
from openrouter_core.costs.records.totals import (
    BudgetLine,
    Filter,
    GroupKey,
    Groups,
    Totals,
    most_expensive_of,
)
from openrouter_core.costs.records.totals import grouped as sum_up
from openrouter_core.costs.sql.budgets import SqlBudgetStore, settle_found
from openrouter_core.costs.sql.database import Database
from openrouter_core.costs.sql.groups import can_group, grouped, most_expensive
from openrouter_core.costs.sql.jobs import JobEnd, JobStart, note_start, records_of
from openrouter_core.costs.sql.latency import latencies
from openrouter_core.costs.sql.rows import conditions, to_record, to_row
from openrouter_core.costs.sql.tables import calls
from openrouter_core.costs.sql.writer import PatientWriter


@dataclass(frozen=True, slots=True)
class _Settled:
    id: str
    lookup: Lookup
    generation: Cost | None


Entry = CostRecord | _Settled | JobStart | JobEnd


class SqlStore:
    """Records in a database.

    Args:
        url: An SQLAlchemy URL with a synchronous driver.
        writes_through: Whether booking waits until a record is written, for processes that may be killed
            at any time; 5 seconds at most, then it stays queued.
    """

    def __init__(self, url: str | sa.URL, *, writes_through: bool = False) -> None:
        self._database = Database(url)
        self._writer = PatientWriter[Entry](
            self._write, "cost records", writes_through=writes_through
        )
        self.budgets = SqlBudgetStore(self._database, writes_through=writes_through)

    def put(self, record: CostRecord) -> None:
        self._writer.put(record)

    def start_job(self, job_id: str, record: CostRecord) -> None:
        self._writer.put(JobStart(job_id, record))

    def end_job(self, job_id: str, records: Sequence[CostRecord], *, is_whole: bool) -> None:
        if records:
            self._writer.put(JobEnd(job_id, records, is_whole))

    def settle(self, record_id: str, lookup: Lookup, generation: Cost | None) -> None:
        self._writer.put(_Settled(record_id, lookup, generation))

    def get(self, record_id: str) -> CostRecord | None:
        self.flush()
        with self._database.reading() as db:
            row = db.execute(sa.select(calls).where(calls.c.id == record_id)).mappings().first()
        return None if row is None else to_record(row)

    def select(self, wanted: Filter) -> Iterator[CostRecord]:
        self.flush()
        statement = sa.select(calls).where(*conditions(wanted))
        return filter(wanted.accepts, map(to_record, self._database.rows(statement, _ORDER)))

    def totals(self, wanted: Filter) -> Totals:
        return self.grouped(wanted).get((), Totals())

    def grouped(self, wanted: Filter, *keys: GroupKey) -> Groups:
        if not can_group(self._database.engine.dialect.name, keys):
            return sum_up(self.select(wanted), keys)
        self.flush()
        with self._database.reading() as db:
            return grouped(db, wanted, keys)

    def most_expensive(self, wanted: Filter, count: int) -> list[CostRecord]:
        if wanted.tag is not None:
            return most_expensive_of(self.select(wanted), count)
        self.flush()
        with self._database.reading() as db:
            return most_expensive(db, wanted, count)

    def latest(self, wanted: Filter, count: int) -> list[CostRecord]:
        self.flush()
        newest = (column.desc() for column in _ORDER)
        statement = sa.select(calls).where(*conditions(wanted)).order_by(*newest)
        if wanted.tag is None:
            statement = statement.limit(count)
        with self._database.reading() as db:
            found = map(to_record, db.execute(statement).mappings())
            return list(islice(filter(wanted.accepts, found), count))

    def latencies(self, wanted: Filter) -> list[Latency]:
        if wanted.tag is not None:
            return latency_of(self.select(wanted))
        self.flush()
        with self._database.reading() as db:
            return latencies(db, wanted)

    def budget_lines(self) -> list[BudgetLine]:
        return self.budgets.lines()

    def flush(self) -> None:
        """Return when everything booked so far is written.

        Raises:
            TimeoutError: The database did not take it within 30 seconds. It stays queued.
        """
        self._writer.flush()

    @property
    def url(self) -> sa.URL:
        """The database, an SQLite file by its whole path."""
        return self._database.engine.url

    def close(self) -> None:
        if not has_begun():  # at the end of the program the writers have had their last chance
            self.budgets.flush()
        self._writer.close()
        self.budgets.close()
        self._database.close()

    def _write(self, entries: Sequence[Entry]) -> None:
        with self._database.writing() as db:
            batch = _resolved(db, entries)
            ids = sorted({entry.id for entry in batch})
            locked = sa.select(calls).where(calls.c.id.in_(ids)).order_by(calls.c.id)
            rows = db.execute(locked.with_for_update()).mappings()
            before = {row["id"]: to_record(row) for row in rows}
            after = _applied(before, batch)
            new = [to_row(record) for i, record in after.items() if i not in before]
            if new:
                db.execute(calls.insert(), new)
            changed = [to_row(record) for i, record in after.items() if i in before]
            if changed:
                update = calls.update().where(calls.c.id == sa.bindparam("b_id"))
                db.execute(
                    update.values({n: sa.bindparam(n) for n in changed[0] if n != "id"}),
                    [{"b_id": row.pop("id"), **row} for row in changed],
                )
            settle_found(db, _found(after.values()))


def _resolved(db: sa.Connection, batch: Sequence[Entry]) -> list[CostRecord | _Settled]:
    """Return the entries with jobs replaced by the records they stand for."""
    found: list[CostRecord | _Settled] = []
    for entry in batch:
        if isinstance(entry, JobStart):
            note_start(db, entry)
        elif isinstance(entry, JobEnd):
            found += records_of(db, entry)
        else:
            found.append(entry)
    return found


def _applied(
    before: dict[str, CostRecord], batch: Sequence[CostRecord | _Settled]
) -> dict[str, CostRecord]:
    """Return what the entries make of the records they are about, in the order they were queued."""
    now = dict(before)
    for entry in batch:
        known = now.get(entry.id)
        if isinstance(entry, CostRecord):
            now[entry.id] = entry if known is None else merge(known, entry)
        elif known is not None:
            now[entry.id] = known.settled(entry.lookup, entry.generation)
    return now


def _found(records: Iterable[CostRecord]) -> dict[str, Decimal]:
    """What the generation records say that came just now."""
    late = (record for record in records if record.generation is not None)
    return {record.id: usd for record in late if (usd := record.cost.counted_usd) is not None}


_ORDER = (calls.c.at, calls.c.id)
