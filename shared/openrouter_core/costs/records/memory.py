"""Records kept in memory, and what every place that keeps records can do (`Store`). Used by the ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from openrouter_core.costs._turns import Turns
from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.latency import Latency, latencies
from openrouter_core.costs.records.record import CostRecord, Lookup, merge
from openrouter_core.costs.records.totals import (
    BudgetLine,
    Filter,
    GroupKey,
    Groups,
    Totals,
    grouped,
    most_expensive_of,
)

Change = Callable[[CostRecord], CostRecord]


class Store(Protocol):
    """A place that keeps records. Thread-safe."""

    def put(self, record: CostRecord) -> None:
        """Book a record; merge it into the one with the same id if there is one."""
        ...

    def start_job(self, job_id: str, record: CostRecord) -> None:
        """Note which call started a job, for whoever sees its end."""
        ...

    def end_job(self, job_id: str, records: Sequence[CostRecord], *, is_whole: bool) -> None:
        """Book what a job cost, as its start was labelled: as a whole, or result by result."""
        ...

    def settle(self, record_id: str, lookup: Lookup, generation: Cost | None) -> None:
        """Add the result of a look-up to a record."""
        ...

    def get(self, record_id: str) -> CostRecord | None: ...

    def select(self, wanted: Filter) -> Iterator[CostRecord]:
        """The records that `wanted` accepts, oldest first."""
        ...

    def totals(self, wanted: Filter) -> Totals: ...

    def grouped(self, wanted: Filter, *keys: GroupKey) -> Groups:
        """Sums over the records that `wanted` accepts, by the values of some properties."""
        ...

    def most_expensive(self, wanted: Filter, count: int) -> list[CostRecord]: ...

    def latest(self, wanted: Filter, count: int) -> list[CostRecord]:
        """The calls that began last, the newest first."""
        ...

    def latencies(self, wanted: Filter) -> list[Latency]:
        """How long the calls took that `wanted` accepts and that went well, per model."""
        ...

    def budget_lines(self) -> list[BudgetLine]:
        """How the budgets stand that are kept in the same place."""
        ...

    def flush(self) -> None:
        """Return when everything booked so far is kept."""
        ...

    def close(self) -> None: ...


class MemoryStore:
    """Records in memory.

    Args:
        max_records: How many records are kept one by one. Beyond it the oldest settled ones leave;
            unfiltered totals still count them. None keeps all.
    """

    def __init__(self, *, max_records: int | None = None) -> None:
        self.max_records = max_records
        self._records: dict[str, CostRecord] = {}
        self._gone = Totals()
        self._lock = threading.RLock()
        self._turns = Turns()

    def put(self, record: CostRecord) -> None:
        with self._lock:
            self._turns.change(self._put, record)

    def start_job(self, job_id: str, record: CostRecord) -> None:
        """Nothing to note: the client remembers who started a job in this process."""

    def end_job(self, job_id: str, records: Sequence[CostRecord], *, is_whole: bool) -> None:  # noqa: ARG002  # see above
        for record in records:
            self.put(record)

    def settle(self, record_id: str, lookup: Lookup, generation: Cost | None) -> None:
        with self._lock:
            self._turns.change(self._settle, record_id, lookup, generation)

    def get(self, record_id: str) -> CostRecord | None:
        with self._lock:
            return self._records.get(record_id)

    def select(self, wanted: Filter) -> Iterator[CostRecord]:
        with self._lock:
            kept = list(self._records.values())
        return iter(sorted(filter(wanted.accepts, kept), key=lambda r: r.at))

    def totals(self, wanted: Filter) -> Totals:
        with self._lock:
            kept, gone = self._turns.ask(self._all)
        counted = Totals.of(filter(wanted.accepts, kept))
        return counted + gone if wanted == Filter() else counted

    def grouped(self, wanted: Filter, *keys: GroupKey) -> Groups:
        return grouped(self.select(wanted), keys)

    def most_expensive(self, wanted: Filter, count: int) -> list[CostRecord]:
        return most_expensive_of(self.select(wanted), count)

    def latest(self, wanted: Filter, count: int) -> list[CostRecord]:
        return list(self.select(wanted))[: -count - 1 : -1]

    def latencies(self, wanted: Filter) -> list[Latency]:
        return latencies(self.select(wanted))

    def budget_lines(self) -> list[BudgetLine]:
        """None: a budget of a ledger in memory keeps its own state."""
        return []

    def flush(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to release."""

    def _put(self, record: CostRecord) -> None:
        known = self._records.get(record.id)
        self._records[record.id] = record if known is None else merge(known, record)
        if self.max_records is not None and len(self._records) > self.max_records:
            self._let_go()

    def _settle(self, record_id: str, lookup: Lookup, generation: Cost | None) -> None:
        known = self._records.get(record_id)
        if known is not None:
            self._records[record_id] = known.settled(lookup, generation)

    def _all(self) -> tuple[list[CostRecord], Totals]:
        return list(self._records.values()), replace(self._gone)

    def _let_go(self) -> None:
        """Fold the oldest record that awaits nothing into the running totals."""
        for record_id, record in self._records.items():
            if record.lookup != "pending":
                del self._records[record_id]
                self._gone.add(record)
                return
