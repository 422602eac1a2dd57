"""A limit that refuses: `Budget` looks at every call before a byte is sent.

Each call reserves what it may cost and settles when its price is known, so that calls at the same time
cannot pass the limit together. With an SQL ledger the limit holds across processes and machines.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from openrouter_core.config import ClientConfig
from openrouter_core.costs._ending import has_begun
from openrouter_core.costs._process import OnePerProcess
from openrouter_core.costs.budget.reservation import DEFAULT_RESERVE_USD, reservation
from openrouter_core.costs.budget.scopes import Per, filters_of, scopes_of
from openrouter_core.costs.budget.store import (
    BudgetState,
    BudgetStore,
    MemoryBudgetStore,
    PendingHold,
)
from openrouter_core.costs.reconcile.reconciler import (
    CostReconciler,
    LookupResult,
    shared_reconciler,
)
from openrouter_core.costs.records.labels import UNLABELLED, Labels, current_labels
from openrouter_core.costs.records.price import PriceOf, catalogue_price
from openrouter_core.costs.records.record import CostRecord, is_billed, starts_job
from openrouter_core.costs.records.tables import money
from openrouter_core.costs.records.usage import amount_of, usd
from openrouter_core.errors import BudgetExceededError, ConfigurationError
from openrouter_core.observers.calls import CallIntent, CompletedCall

if TYPE_CHECKING:
    from openrouter_core.client import AsyncOpenRouterClient, OpenRouterClient
    from openrouter_core.costs.ledger import CostLedger

Then = Callable[[CostRecord], None]
OnExceeded = Literal["raise", "warn"] | Callable[[BudgetExceededError], object]


@dataclass(frozen=True, slots=True)
class Hold:
    """What one call holds back, and where."""

    id: str
    scopes: tuple[str, ...]
    usd: Decimal
    run: str | None = None


class Budget(OnePerProcess):
    """A spending limit. Give it to a client, `observers=[budget]`, or a block, `with observing(budget)`.

    A budget with an SQL ledger can be pickled, unless it is per process: elsewhere it is the same budget.

    Args:
        limit_usd: The limit, in USD. A string or Decimal is exact.
        per: What has this limit: each "run" or each "tag" (see `cost_labels`; a call with several tags
            counts under each, one without tags under ""; calls without a run are one run per budget
            object), each UTC "day" or "month", this "process", or
            "total", everything under this name.
        ledger: An SQL ledger shares the limit between all processes that use it; what it has booked
            before counts. A ledger in memory only says what was spent before.
        on_exceeded: "raise" a `BudgetExceededError`, "warn" and let the call go, or a function that
            gets the error: the call goes if it returns, and is refused with what it raises.
        price_of: List prices for the reservation. Default: the model catalogue.
        reserve_usd: Reserved where no list price is known. USD.
        name: Budgets of the same name in the same SQL database are one budget.
        reconciler: Finds the price of calls whose answer names none. Default: the shared one.
    """

    def __init__(
        self,
        limit_usd: Decimal | str | float,
        *,
        per: Per = "run",
        ledger: CostLedger | None = None,
        on_exceeded: OnExceeded = "raise",
        price_of: PriceOf | None = None,
        reserve_usd: Decimal | str | float = DEFAULT_RESERVE_USD,
        name: str = "budget",
        reconciler: CostReconciler | None = None,
    ) -> None:
        self.limit_usd = amount_of(limit_usd, "limit_usd")
        self.per: Per = per
        self.name = name
        self.ledger = ledger
        self.on_exceeded: OnExceeded = on_exceeded
        self._reserve_usd = amount_of(reserve_usd, "reserve_usd")
        self._price_of = price_of or catalogue_price
        self._reconciler = reconciler
        self._own_run = f"unnamed-{uuid4().hex[:12]}"
        self._kept: BudgetStore | None = _store_of(ledger, per)

    @property
    def _store(self) -> BudgetStore:
        """What is spent and held; a budget that came by pickle opens its ledger's database here."""
        if self._kept is None:
            self._kept = _store_of(self.ledger, self.per)
        return self._kept

    def __reduce__(self) -> tuple[Any, ...]:
        """What a pickle holds: the settings and the ledger, in whose database the budget goes on.

        Raises:
            TypeError: The budget counts in memory, or has a `reconciler` of its own.
        """
        if self.ledger is None or self.ledger.url is None or self.per == "process":
            return super().__reduce__()
        return self._moved(_kept=None)

    @property
    def admit_waits(self) -> bool:
        """Whether `admit` asks a database; the async client then runs it in a thread."""
        return self._kept is None or self._kept.is_shared

    def admit(self, intent: CallIntent, /) -> Hold:
        """Reserve what a call may cost.

        Raises:
            BudgetExceededError: The limit does not cover it; nothing is sent. Carries `limit_usd`,
                `spent_usd`, `reserved_usd`, `requested_usd` and `scope`.
        """
        hold = self._new_hold(intent)
        held: list[str] = []
        try:
            for scope in hold.scopes:
                self._reserve(scope, hold)
                held.append(scope)
        except BaseException:
            for scope in held:
                self._store.settle(scope, hold.id, Decimal(0))
            raise
        return hold

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """Replace the reservation of a call with its price, at once or when the price is known.

        A call whose price never becomes known counts with what it had reserved. A video or batch job
        keeps its reservation until it is seen to have ended; with an SQL ledger any process that uses
        this budget may see it.
        """
        if call.job_id is not None and call.job == "ends":
            self._end_job(call.job_id, call)
            return
        if call.job_id is not None and starts_job(call):
            if isinstance(ticket, Hold):
                self._store.keep(call.job_id, ticket.id, ticket.scopes)
            return
        record = CostRecord.of_call(call, UNLABELLED)
        if ticket is None and not record.is_refused:  # a try that is made again held nothing back
            ticket = self._held_again(call)
        if not isinstance(ticket, Hold):
            return
        spent = record.cost.counted_usd
        if record.is_refused or (call.error is not None and not is_billed(call)):
            self._settle(ticket, Decimal(0))
        elif spent is not None:
            self._settle(ticket, spent)
        elif not self._look_up(record, call, lambda found: self._count(ticket, found), ticket.id):
            is_late = record.has_generation_id and has_begun() and self._store.is_shared
            if not is_late:  # else the hold outlives this process, for whoever looks it up
                self._settle(ticket, ticket.usd)

    def spent_usd(self, scope: str | None = None) -> Decimal:
        """Return what is spent; by default in the scope that a call made here and now would have."""
        return self._state(scope).spent

    def reserved_usd(self, scope: str | None = None) -> Decimal:
        """Return what calls under way hold back."""
        return self._state(scope).reserved

    def remaining_usd(self, scope: str | None = None) -> Decimal:
        """Return what is neither spent nor held back; 0 when the limit is reached."""
        state = self._state(scope)
        return max(Decimal(0), self.limit_usd - state.spent - state.reserved)

    def pending(self) -> list[PendingHold]:
        """Return the reservations that count as spent because nobody knows what their calls cost.

        Their process died, or the job they are for was not looked at again. They count until their
        generation record is found (`resume`), the job is seen to have ended, or you close them with
        `settle` or `release`. Only a budget in an SQL database can have any.
        """
        return self._store.pending(self._prefix)

    def settle(self, hold: PendingHold | str, usd: Decimal | str | float) -> None:
        """Close a reservation with what its call cost, e.g. by OpenRouter's own activity page.

        Args:
            hold: One of `pending()`, or its id.
            usd: What it cost. USD.

        Raises:
            ConfigurationError: There is no such reservation (any more).
        """
        close_hold(self._store, hold, amount_of(usd, "usd"), self._prefix)

    def release(self, hold: PendingHold | str) -> None:
        """Close a reservation whose call cost nothing. See `settle`."""
        self.settle(hold, 0)

    def resume(self, config: ClientConfig | None = None) -> int:
        """Look up what the calls of `pending()` cost, where their generation is known.

        Args:
            config: Settings with the key that made them. Default: from the environment.

        Returns:
            How many look-ups were taken up. They go on in the background.
        """
        config = config or ClientConfig.of()
        reconciler = self._reconciler or shared_reconciler()
        known = [(hold, hold.generation_id) for hold in self.pending() if hold.generation_id]
        return sum(reconciler.look_up(i, config, self._settler_of(hold)) for hold, i in known)

    def check_key(
        self, client: OpenRouterClient, *, needs_usd: Decimal | str | float = 0
    ) -> Decimal | None:
        """Ask OpenRouter what the key may still spend, before a long job.

        Args:
            needs_usd: What the job needs. USD.

        Returns:
            What the key may still spend; None if it has no limit.

        Raises:
            BudgetExceededError: The key may spend nothing more, or less than `needs_usd`.

        Source: getCurrentKey
        """
        return _checked(client.keys.current().limit_remaining, amount_of(needs_usd, "needs_usd"))

    async def acheck_key(
        self, client: AsyncOpenRouterClient, *, needs_usd: Decimal | str | float = 0
    ) -> Decimal | None:
        """`check_key` for asyncio."""
        key = await client.keys.current()
        return _checked(key.limit_remaining, amount_of(needs_usd, "needs_usd"))

    def _repr_html_(self) -> str:
        from openrouter_core.costs.records.tables import html_table, money

        state = self._state(None)
        left = max(Decimal(0), self.limit_usd - state.spent - state.reserved)
        cells = [money(usd) for usd in (self.limit_usd, state.spent, state.reserved, left)]
        return html_table(("per", "limit", "spent", "reserved", "left"), [(self.per, *cells)])

    def __repr__(self) -> str:
        return f"<Budget {money(self.limit_usd)} per {self.per}>"

    @property
    def _prefix(self) -> str:
        return f"{self.name}:{self.per}:"

    def _new_hold(self, intent: CallIntent) -> Hold:
        amount = reservation(intent, self._price_of, self._reserve_usd)
        labels = current_labels()
        return Hold(uuid4().hex, self._scopes(labels), amount, labels.run)

    def _held_again(self, call: CompletedCall) -> Hold:
        """Hold back what a try may have cost that was sent, failed and is made again."""
        hold = self._new_hold(CallIntent(call.operation, call.body, call.config))
        for scope in hold.scopes:
            self._store.hold(scope, hold.id, hold.usd, hold.run)
        return hold

    def _settler_of(self, hold: PendingHold) -> Callable[[LookupResult], None]:
        def settle(result: LookupResult) -> None:
            usd = None if result.cost is None else result.cost.counted_usd
            if usd is not None:
                self._store.close_hold(hold.id, usd, self._prefix)

        return settle

    def _scopes(self, labels: Labels) -> tuple[str, ...]:
        return scopes_of(self.name, self.per, labels, datetime.now(UTC), own_run=self._own_run)

    def _state(self, scope: str | None) -> BudgetState:
        name = self._scopes(current_labels())[0] if scope is None else f"{self._prefix}{scope}"
        return self._store.state(name, lambda: self._spent_before(name))

    def _reserve(self, scope: str, hold: Hold) -> None:
        def opening() -> Decimal:
            return self._spent_before(scope)

        got = self._store.reserve(scope, hold.id, hold.usd, self.limit_usd, opening, hold.run)
        if not got.is_granted:
            self._exceeded(refusal(self, scope, hold.usd, got))
            self._store.hold(scope, hold.id, hold.usd, hold.run)

    def _exceeded(self, error: BudgetExceededError) -> None:
        if self.on_exceeded == "raise":
            raise error
        if self.on_exceeded == "warn":
            warnings.warn(error.message, RuntimeWarning, stacklevel=2)
            return
        self.on_exceeded(error)

    def _spent_before(self, scope: str) -> Decimal:
        filters = filters_of(scope.removeprefix(f"{self.name}:"))
        if self.ledger is None or filters is None:
            return Decimal(0)
        return self.ledger.totals(**filters).total

    def _end_job(self, job_id: str, call: CompletedCall) -> None:
        made = [CostRecord.of_call(one, UNLABELLED) for one in call.parts or (call,)]

        def settle(records: list[CostRecord]) -> None:
            prices = [record.cost.counted_usd for record in records]
            known = sum((usd for usd in prices if usd is not None), Decimal(0))
            is_known = None not in prices or (call.outcome == "error" and not is_billed(call))
            self._store.settle_job(job_id, self._prefix, known, is_known=is_known)

        (only, *others) = made
        late = not others and only.cost.counted_usd is None
        if not late or not self._look_up(only, call, lambda found: settle([found])):
            settle(made)

    def _look_up(
        self, record: CostRecord, call: CompletedCall, then: Then, hold: str | None = None
    ) -> bool:
        if not record.has_generation_id:
            return False
        if hold is not None:
            self._store.look_up(hold, record.id)
        reconciler = self._reconciler or shared_reconciler()
        return reconciler.look_up(
            record.id, call.config, lambda result: then(record.settled(result.outcome, result.cost))
        )

    def _count(self, hold: Hold, record: CostRecord) -> None:
        spent = record.cost.counted_usd
        self._settle(hold, hold.usd if spent is None else spent)

    def _settle(self, hold: Hold, spent: Decimal) -> None:
        for scope in hold.scopes:
            self._store.settle(scope, hold.id, spent)


def refusal(budget: Budget, scope: str, amount: Decimal, state: BudgetState) -> BudgetExceededError:
    """Return the error that says, in numbers, why a call is refused."""
    value = scope.split(":", 2)[-1]
    which = f'{budget.per} "{value}"' if value else budget.per
    return BudgetExceededError(
        f"The budget of {money(budget.limit_usd)} per {which} does not cover this call: "
        f"{money(state.spent)} is spent, {money(state.reserved)} is held for calls under way, "
        f"and this call may cost {money(amount)}. Nothing was sent. "
        "Raise limit_usd, or lower the call's max_tokens.",
        limit_usd=budget.limit_usd,
        spent_usd=state.spent,
        reserved_usd=state.reserved,
        requested_usd=amount,
        scope=scope,
    )


def _checked(limit_remaining: object, needs_usd: Decimal) -> Decimal | None:
    remaining = usd(limit_remaining)
    if remaining is not None and (remaining <= 0 or remaining < needs_usd):
        raise BudgetExceededError(
            f"The key may spend {money(remaining)} more, and {money(needs_usd)} is needed. "
            "Raise the key's limit or wait for its reset.",
            limit_usd=remaining,
            requested_usd=needs_usd,
        )
    return remaining


def close_hold(store: BudgetStore, hold: PendingHold | str, usd: Decimal, budget: str = "") -> None:
    """Close a reservation by hand.

    Raises:
        ConfigurationError: There is no such reservation (any more).
    """
    name = hold if isinstance(hold, str) else hold.id
    if not store.close_hold(name, usd, budget):
        raise ConfigurationError(
            f'There is no reservation "{name}": it is settled already, or of another budget.'
        )


def _store_of(ledger: CostLedger | None, per: Per) -> BudgetStore:
    shared: Any = getattr(ledger.store, "budgets", None) if ledger else None
    return MemoryBudgetStore() if shared is None or per == "process" else shared
