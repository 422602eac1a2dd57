"""The book of calls: `CostLedger` watches clients, keeps every call with its cost, and answers questions.

In memory by default, in any SQL database on request. It never delays or fails the calls it watches.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack, cast

from openrouter_core.config import ClientConfig
from openrouter_core.costs._ending import has_begun
from openrouter_core.costs._process import OnePerProcess
from openrouter_core.costs.reconcile.reconciler import (
    CostReconciler,
    LookupResult,
    shared_reconciler,
)
from openrouter_core.costs.records.labels import Labels, current_labels
from openrouter_core.costs.records.memory import MemoryStore, Store
from openrouter_core.costs.records.price import PriceOf, estimate_of
from openrouter_core.costs.records.record import CostRecord, hash_of_key, is_billed, starts_job
from openrouter_core.costs.records.totals import Filter, Filters, GroupKey, Totals, by_expense
from openrouter_core.observers.calls import CallIntent, CompletedCall
from openrouter_core.observers.lost_tries import lost_tries_of

if TYPE_CHECKING:
    from openrouter_core.costs.sql.reopen import Address
    from openrouter_core.costs.sql.store import SqlStore

log = logging.getLogger("openrouter.costs")

Reconcile = Literal["all", "missing", "none"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A call whose answer and generation record do not name the same price."""

    record: CostRecord
    usd: Decimal
    """Record minus answer."""


class CostLedger(OnePerProcess):
    """Keeps what calls cost.

    Give it to a client, `OpenRouterClient(observers=[ledger])`, or to a block:
    `with track_openrouter_cost(ledger=ledger):`. A `with` on the ledger itself closes it at the end.
    A ledger with a URL can be pickled: in another process it is the same database. The password stays
    behind; there it comes from OPENROUTER_LEDGER_PASSWORD, or from where the database's driver looks.

    Args:
        url: A database, e.g. "sqlite:///costs.db" or "postgresql+psycopg://user@host/db" (needs the
            extra `[ledger]`). Default: in memory.
        reconcile: Which calls are looked up in the generation API: "missing" (those whose answer names
            no price: cut streams, old endpoints), "all", or "none".
        reconciler: Who looks up. Default: one that all ledgers of the process share.
        max_records: Records kept one by one in memory; the totals always count every call.
        price_of: Prices for an estimate where no price ever becomes known. Estimates are marked.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        reconcile: Reconcile = "missing",
        reconciler: CostReconciler | None = None,
        max_records: int | None = None,
        price_of: PriceOf | None = None,
    ) -> None:
        self.url = url
        self.reconcile: Reconcile = reconcile
        self.reconciler = reconciler or shared_reconciler()
        self._price_of = price_of
        self._address: Address | None = None
        self._store: Store | None = _open_store(url, max_records)

    @property
    def store(self) -> Store:
        """Where the records are kept; a ledger that came by pickle opens its database here.

        Raises:
            ConfigurationError: The database cannot be opened.
        """
        if self._store is None:
            self._store = _reopened(self._address)
        return self._store

    def __reduce__(self) -> tuple[Any, ...]:
        """What a pickle holds: the URL without its password, and the settings.

        The ledger opens its database when its first call begins, and that call is refused if it cannot:
        the workers of a pool would hang if their work could not be read.

        Raises:
            TypeError: The ledger is in memory, or has a `reconciler` of its own.
        """
        if self.url is None:
            return super().__reduce__()
        address = self._address or _address_of(self._store)
        own = None if self.reconciler is shared_reconciler() else self.reconciler
        return self._moved(url=address[0], reconciler=own, _address=address, _store=None)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if state["reconciler"] is None:
            self.reconciler = shared_reconciler()

    # Calls.

    @property
    def admit_waits(self) -> bool:
        """Whether the next `admit` opens a database; the async client then runs it in a thread."""
        return self._store is None

    def admit(self, _intent: CallIntent, /) -> Labels:
        """Note under which labels a call starts.

        Raises:
            ConfigurationError: The ledger came by pickle, and its database cannot be opened here.
        """
        if self._store is None:
            _ = self.store
        return current_labels()

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """Book a call that ended."""
        labels = ticket if isinstance(ticket, Labels) else current_labels()
        if call.job_id is not None:
            self._follow_job(call.job_id, call, labels)
        elif is_billed(call):
            self.book(CostRecord.of_call(call, labels), call.config)

    def book(self, record: CostRecord, config: ClientConfig | None = None) -> None:
        """Book a record, e.g. of a call made elsewhere. The same id is booked once: reports merge.

        Args:
            config: Settings with the key that may look the call up; without it, nobody does.
        """
        if config is None or not self._wants_lookup(record):
            self.store.put(self._estimated(record))
            return
        self.store.put(replace(record, lookup="pending"))
        self._look_up(record.id, config)

    def book_with_tries(
        self,
        record: CostRecord,
        config: ClientConfig | None = None,
        error: BaseException | None = None,
    ) -> None:
        """Book what a framework's callback sees of a call, and the tries before it that may be billed.

        Args:
            error: What ended the call, if it failed.
        """
        self.book(record, config)
        for one in lost_tries_of(record.id, error):
            self.book(record.of_lost_try(one), config)

    def _follow_job(self, job_id: str, call: CompletedCall, labels: Labels) -> None:
        if starts_job(call):
            self.store.start_job(job_id, CostRecord.of_call(call, labels))
            return
        made = [CostRecord.of_call(c, labels) for c in call.parts or (call,) if is_billed(c)]
        wanted = [self._wants_lookup(record) for record in made]
        ready = [
            replace(record, lookup="pending") if late else self._estimated(record)
            for record, late in zip(made, wanted, strict=True)
        ]
        self.store.end_job(job_id, ready, is_whole=not call.parts)
        for record, late in zip(made, wanted, strict=True):
            if late:
                self._look_up(record.id, call.config)

    def _look_up(self, record_id: str, config: ClientConfig) -> None:
        if not self.reconciler.look_up(record_id, config, self._settle):
            if not has_begun():  # at the end of the program nothing is looked up any more
                log.warning("Too many look-ups wait; %s is kept for resume().", record_id)
            self.store.settle(record_id, "dropped", None)

    def _wants_lookup(self, record: CostRecord) -> bool:
        if self.reconcile == "none" or record.is_refused or not record.has_generation_id:
            return False
        return self.reconcile == "all" or not record.cost.is_priced

    def _settle(self, result: LookupResult) -> None:
        self.store.settle(result.generation_id, result.outcome, result.cost)
        if self._price_of is not None and (record := self.store.get(result.generation_id)):
            self.store.put(self._estimated(record))

    def _estimated(self, record: CostRecord) -> CostRecord:
        if self._price_of is None or not record.is_unknown:
            return record
        return replace(record, estimate=estimate_of(record, self._price_of))

    # Questions.

    def get(self, record_id: str) -> CostRecord | None:
        """Return one call by its generation id."""
        return self.store.get(record_id)

    def records(self, **filters: Unpack[Filters]) -> list[CostRecord]:
        """Return the calls that meet all filters, oldest first."""
        return list(self.store.select(Filter(**filters)))

    def rows(self, **filters: Unpack[Filters]) -> list[dict[str, Any]]:
        """Return the calls as flat dicts: one column per fact, money as Decimal, times aware."""
        from openrouter_core.costs.records.export import row_of

        return [row_of(record) for record in self.store.select(Filter(**filters))]

    def totals(self, **filters: Unpack[Filters]) -> Totals:
        """Return the sums over the calls that meet all filters."""
        return self.store.totals(Filter(**filters))

    def by(self, key: GroupKey, **filters: Unpack[Filters]) -> dict[str, Totals]:
        """Return the sums per model, provider, tag, run, day ..., most expensive first.

        What has no such property is summed under ""; a call with several tags counts under each of them.
        With a database URL the database adds, so that millions of calls take a second or two.
        """
        return by_expense(self.store.grouped(Filter(**filters), key))

    def differences(
        self, *, above_usd: Decimal = Decimal(0), **filters: Unpack[Filters]
    ) -> list[Difference]:
        """Return the calls whose generation record names another price than their answer did.

        Args:
            above_usd: Differences up to this amount, either way, are left out.
        """
        found = ((record, record.difference) for record in self.store.select(Filter(**filters)))
        return [Difference(r, usd) for r, usd in found if usd is not None and abs(usd) > above_usd]

    @property
    def pending(self) -> tuple[str, ...]:
        """Ids of the calls whose generation record is still awaited; in SQL also those of other runs."""
        return tuple(r.id for r in self.store.select(Filter(lookup="pending")))

    # Reconciliation.

    def flush(self, timeout_s: float = 60.0) -> tuple[str, ...]:
        """Wait until the look-ups of this ledger have an outcome and everything is kept.

        Returns:
            The ids that are still pending; empty when all is known.
        """
        self.store.flush()
        left = self.reconciler.flush(timeout_s, only=self.pending)
        self.store.flush()
        return left

    async def aflush(self, timeout_s: float = 60.0) -> tuple[str, ...]:
        """`flush` for asyncio: the event loop stays free."""
        return await asyncio.to_thread(self.flush, timeout_s)

    def resume(self, config: ClientConfig | None = None) -> int:
        """Take up the look-ups that an earlier run left pending or dropped.

        Only calls made with this config's key and base URL are taken up: other keys cannot read them.

        Args:
            config: Default: from the environment.

        Returns:
            How many look-ups were taken up.
        """
        config = config or ClientConfig.of()
        mine = hash_of_key(config.key)
        found = [
            record
            for lookup in ("pending", "dropped")
            for record in self.store.select(Filter(lookup=lookup, key_hash=mine))
            if record.base_url == config.base_url
        ]
        return sum(self.reconciler.look_up(r.id, config, self._settle) for r in found)

    # Export.

    def to_dataframe(self, **filters: Unpack[Filters]) -> Any:
        """Return the calls as a pandas DataFrame (needs pandas)."""
        from openrouter_core.costs.records.export import to_dataframe

        return to_dataframe(self.rows(**filters))

    def export(self, path: str | Path, **filters: Unpack[Filters]) -> int:
        """Write the calls to a file; its ending chooses the format: .csv, .json or .parquet.

        Returns:
            How many calls were written.
        """
        from openrouter_core.costs.records.export import write

        return write(self.rows(**filters), Path(path))

    def _repr_html_(self) -> str:
        from openrouter_core.costs.records.tables import html_summary

        return html_summary(self.by("model"), self.totals())

    def __repr__(self) -> str:
        kept = "in memory" if self.url is None else self.url.split(":", 1)[0]
        return f"<CostLedger {kept}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Keep what is booked and let go of the database.

        A database that was opened for a pickled ledger stays open for the others in this process.
        """
        if self._store is None:
            return
        self._store.flush()
        if self._address is None:
            self._store.close()
        else:
            self._store = None


def _address_of(store: Store | None) -> Address:
    from openrouter_core.costs.sql.reopen import address_of

    return address_of(cast("SqlStore", store).url)


def _reopened(address: Address | None) -> Store:
    assert address is not None, "only a ledger from a pickle has no store"
    from openrouter_core.costs.sql.reopen import reopened

    return reopened(address)


def _open_store(url: str | None, max_records: int | None) -> Store:
    if url is None:
        return MemoryStore(max_records=max_records)
    from openrouter_core.costs.sql import SqlStore

    return SqlStore(url)
