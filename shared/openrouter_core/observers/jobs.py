"""Long jobs as cost tracking sees them: videos and batches cost when they end, not when they start.

`observed` notes here who watched a job's start. The reading that finds it ended (`GET /videos/{id}`,
`GET /batches/{id}`) tells them, and whoever watches that reading, once per process.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from openrouter_core._json import as_dict
from openrouter_core.observers.protocol import CallObserver

ENDED = frozenset({"completed", "failed", "cancelled", "expired"})
_REMEMBERED = 10_000
_KEPT_OF_BODY = ("model", "session_id", "user")

Tickets = Sequence[tuple[CallObserver, object]]


@dataclass(slots=True)
class Job:
    """What this process knows about a job."""

    started_at: datetime | None = None
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of the call that started it: who it is for. Not the prompt."""
    waiting: list[tuple[CallObserver, object]] = field(
        default_factory=list[tuple[CallObserver, object]]
    )
    notified: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])


_jobs: dict[str, Job] = {}
_lock = threading.RLock()


def note_start(
    job_id: object, started_at: datetime, body: Mapping[str, Any], admitted: Tickets
) -> None:
    """Remember who watched a job start. The oldest jobs are forgotten when there are too many."""
    if isinstance(job_id, str):
        kept = {name: body[name] for name in _KEPT_OF_BODY if name in body}
        with _lock:
            _jobs[job_id] = Job(started_at, kept, list(admitted))
            _forget_oldest()


def note_end(job_id: str, observers: Sequence[CallObserver]) -> tuple[Job, Tickets]:
    """Return what is known of a job that ended, and whom to tell, with what `admit` gave them.

    Those who watched its start are told, and so are `observers`; nobody twice.
    """
    with _lock:
        job = _jobs.setdefault(job_id, Job())
        _forget_oldest()
        known = [one() for one in job.notified]
        notified: list[tuple[CallObserver, object]] = []
        for observer, ticket in (*job.waiting, *((one, None) for one in observers)):
            if not any(observer is one for one in known):
                notified.append((observer, ticket))
                known.append(observer)
                job.notified.append(_reference(observer))
        job.waiting.clear()
        return job, notified


def seconds_of(job: Job) -> float | None:
    """Return how long a job took until its end was seen; None if it began elsewhere."""
    if job.started_at is None:
        return None
    return (datetime.now(UTC) - job.started_at).total_seconds()


def results_of(ended: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the results of an ended batch say they cost; empty if the batch itself names a price.

    Each is a summary with `id`, `model`, `provider` and `usage`. The id is the generation's; else the
    batch's and the result's own, which is the same for everybody who reads it.
    """
    results = ended.get("results")
    if as_dict(ended.get("usage")).get("cost") is not None or not isinstance(results, list):
        return []
    summaries = (_summary(as_dict(one), ended) for one in cast("list[object]", results))
    return [summary for summary in summaries if summary is not None]


def _summary(result: Mapping[str, Any], batch: Mapping[str, Any]) -> dict[str, Any] | None:
    response = as_dict(result.get("response"))
    body = as_dict(response.get("body"))
    ids = (body.get("id"), response.get("request_id"))
    generation_id = next((i for i in ids if isinstance(i, str) and i.startswith("gen-")), None)
    is_billed = isinstance(body.get("usage"), dict)
    if not is_billed and (generation_id is None or (response.get("status_code") or 200) >= 300):
        return None
    return {
        "id": generation_id or f"{batch.get('id')}/{result.get('custom_id')}",
        "model": body.get("model") or batch.get("model"),
        "provider": body.get("provider") or batch.get("provider"),
        "usage": body.get("usage"),
    }


def _reference(observer: CallObserver) -> Callable[[], object]:
    try:
        return weakref.ref(observer)
    except TypeError:  # an observer with slots
        return lambda: observer


def _forget_oldest() -> None:
    while len(_jobs) > _REMEMBERED:
        del _jobs[next(iter(_jobs))]
