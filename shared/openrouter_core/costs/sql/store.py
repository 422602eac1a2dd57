"""Records kept in an SQL database through SQLAlchemy: `SqlStore`. Any number of processes may share one.

Booking only queues: a background thread writes, so no call waits for the database. Questions wait until
what was booked before them is written. Imported when a ledger is given a URL.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from openrouter_core.costs._ending import WRITE, at_end
from openrouter_core.costs._turns import TurnsOfThread
from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.record import CostRecord, Lookup, merge
from openrouter_core.costs.records.totals import Filter, Totals
from openrouter_core.costs.sql.budgets import SqlBudgetStore
from openrouter_core.costs.sql.engine import open_engine
from openrouter_core.costs.sql.jobs import JobEnd, JobStart, note_start, records_of
from openrouter_core.costs.sql.rows import conditions, to_record, to_row
from openrouter_core.costs.sql.tables import calls

log = logging.getLogger("openrouter.costs")

_BATCH = 500
_FLUSH_S = 30.0
_EXIT_S = 5.0
_LINGER_S = 0.05
_LONGEST_PAUSE_S = 5.0
_TRIES_IN_SILENCE = 3
_PASSING = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


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
        self._engine = open_engine(url)
        self._writes_through = writes_through
        self._turns = TurnsOfThread()
        self.budgets = SqlBudgetStore(self._engine, self._turns)
        self.reset()
        _live.add(self)

    def reset(self) -> None:
        """Begin with nothing queued. Runs after a fork too: thread and connections are the parent's."""
        self._lock = threading.RLock()
        self._filled = threading.Condition(self._lock)
        self._emptied = threading.Condition(self._lock)
        self._queue: list[Entry] = []
        self._writing = 0
        self._awaited = 0
        self._writer: threading.Thread | None = None
        self._closed = False

    def leave_parent(self) -> None:
        """Give up what belongs to the parent process."""
        self._engine.dispose(close=False)
        self.reset()

    def put(self, record: CostRecord) -> None:
        self._enqueue(record)

    def start_job(self, job_id: str, record: CostRecord) -> None:
        self._enqueue(JobStart(job_id, record))

    def end_job(self, job_id: str, records: Sequence[CostRecord], *, is_whole: bool) -> None:
        if records:
            self._enqueue(JobEnd(job_id, records, is_whole))

    def settle(self, record_id: str, lookup: Lookup, generation: Cost | None) -> None:
        self._enqueue(_Settled(record_id, lookup, generation))

    def get(self, record_id: str) -> CostRecord | None:
        self.flush()
        with self._reading() as db:
            row = db.execute(sa.select(calls).where(calls.c.id == record_id)).mappings().first()
        return None if row is None else to_record(row)

    def select(self, wanted: Filter) -> Iterator[CostRecord]:
        self.flush()
        asked = sa.select(calls).where(*conditions(wanted)).order_by(calls.c.at, calls.c.id)
        with self._reading() as db:
            for row in db.execution_options(yield_per=1000).execute(asked).mappings():
                record = to_record(row)
                if wanted.accepts(record):
                    yield record

    def totals(self, wanted: Filter) -> Totals:
        if wanted.tag is not None:
            return Totals.of(self.select(wanted))
        self.flush()
        asked = sa.select(*(calls.c[name] for name in _FIGURES)).where(*conditions(wanted))
        totals = Totals()
        with self._reading() as db:
            for row in db.execution_options(yield_per=1000).execute(asked):
                _add(totals, row)
        return totals

    def flush(self) -> None:
        """Return when everything booked so far is written.

        Raises:
            TimeoutError: The database did not take it within 30 seconds. It stays queued.
        """
        if not self._drained(_FLUSH_S):
            raise TimeoutError(
                f"The cost database did not take {len(self._queue)} records within {_FLUSH_S:.0f} s. "
                "They stay queued; check that the database can be reached."
            )

    @property
    def url(self) -> sa.URL:
        """The database, an SQLite file by its whole path."""
        return self._engine.url

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._filled.notify_all()
        self._engine.dispose()

    def drain_at_exit(self) -> None:
        """Give the writer a last, short chance."""
        if not self._drained(_EXIT_S):
            log.error("%d cost records could not be written before the end.", len(self._queue))

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(readonly=True)

    def _drained(self, timeout_s: float) -> bool:
        with self._lock:
            self._awaited += 1
            self._filled.notify()
            drained = self._emptied.wait_for(lambda: not (self._queue or self._writing), timeout_s)
            self._awaited -= 1
            return drained

    def _enqueue(self, entry: Entry) -> None:
        with self._lock:
            self._queue.append(entry)
            if self._writer is None:
                self._start_writer()
            elif not self._writing and len(self._queue) == 1:
                self._filled.notify()
        # The writer itself cannot wait for its writing: the garbage collector may book from its thread.
        if self._writes_through and threading.current_thread() is not self._writer:
            self._write_now()

    def _write_now(self) -> None:
        if not self._drained(_EXIT_S):
            log.warning("The cost database took no record for %d s; it stays queued.", _EXIT_S)

    def _start_writer(self) -> None:
        writer = threading.Thread(target=self._work, name="openrouter-ledger", daemon=True)
        if self._writer is None:  # making one may run what books another call, and starts its own
            self._writer = writer
            writer.start()

    def _work(self) -> None:
        while batch := self._next_batch():
            self._write_patiently(batch)
            with self._lock:
                self._writing = 0
                if not self._queue:
                    self._emptied.notify_all()

    def _next_batch(self) -> Sequence[Entry]:
        with self._lock:
            while not self._queue:
                if self._closed:
                    return ()
                self._filled.wait()
            if not self._awaited:  # a little later there is more to write at once
                self._filled.wait_for(lambda: self._awaited or self._closed, _LINGER_S)
            # In place, for more may be queued between any two of these statements.
            batch = self._queue[:_BATCH]
            self._writing = len(batch)
            del self._queue[: self._writing]
            return batch

    def _write_patiently(self, batch: Sequence[Entry]) -> None:
        """Write a batch; while the database is away or busy, try again. Nothing is given up for that."""
        pause_s, tries = 0.05, 0
        while not self._closed:
            try:
                self._turns.ask(self._write, batch)
            except exc.IntegrityError:
                continue  # another process booked the same call just now: merge with it
            except _PASSING as error:
                tries += 1
                if tries == _TRIES_IN_SILENCE:
                    log.warning("The cost database cannot be written; trying on. (%s)", error)
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            except exc.SQLAlchemyError:
                self._write_alone(batch)
                return
            else:
                return

    def _write_alone(self, batch: Sequence[Entry]) -> None:
        """Write entry by entry, so that one bad record does not take others with it."""
        for entry in batch:
            try:
                self._turns.ask(self._write, [entry])
            except exc.SQLAlchemyError:
                log.exception("The cost record %s could not be written.", entry.id)

    def _write(self, entries: Sequence[Entry]) -> None:
        with self._engine.begin() as db:
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


_FIGURES = (
    "charged",
    "upstream",
    "total",
    "cache_discount",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "is_unknown",
    "is_estimate",
    "outcome",
    "lookup",
)


def _add(totals: Totals, row: Any) -> None:
    totals.calls += 1
    totals.charged += row.charged or 0
    totals.upstream += row.upstream or 0
    totals.total += row.total or 0
    totals.cache_discount += row.cache_discount or 0
    totals.prompt_tokens += row.prompt_tokens or 0
    totals.completion_tokens += row.completion_tokens or 0
    totals.cached_tokens += row.cached_tokens or 0
    totals.reasoning_tokens += row.reasoning_tokens or 0
    totals.unknown += row.is_unknown
    totals.estimated += row.is_estimate
    totals.failed += row.outcome != "ok"
    totals.pending += row.lookup == "pending"


_live: weakref.WeakSet[SqlStore] = weakref.WeakSet()


def _at_exit() -> None:
    for store in list(_live):
        store.drain_at_exit()


def _after_fork() -> None:
    for store in list(_live):
        store.leave_parent()


at_end(WRITE, _at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
