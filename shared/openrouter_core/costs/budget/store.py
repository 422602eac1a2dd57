"""What is spent and what is held back, per scope of a budget. In memory here, in SQL in `sql.budgets`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BudgetState:
    """How a scope stood when a reservation was asked for."""

    spent: Decimal
    reserved: Decimal
    is_granted: bool = True


@dataclass(frozen=True, slots=True)
class PendingHold:
    """A reservation whose call nobody saw end: its process died, or a job was not looked at again.

    It counts as spent until somebody says what the call cost.
    """

    id: str
    scopes: tuple[str, ...]
    usd: Decimal
    """What the call had reserved, and counts with."""
    at: datetime | None = None
    """When it was reserved; None for one that an older version made."""
    run: str | None = None
    generation_id: str | None = None
    """Known where the price was being looked up already."""
    job_id: str | None = None
    """The video or batch that it is held for."""

    @property
    def age_s(self) -> float | None:
        """How long ago it was reserved, in seconds."""
        return None if self.at is None else (datetime.now(UTC) - self.at).total_seconds()


def grouped_holds(holds: Iterable[PendingHold]) -> list[PendingHold]:
    """Return one entry for each hold, with all its scopes (a call counts under each of its tags)."""
    found: dict[str, PendingHold] = {}
    for hold in holds:
        known = found.get(hold.id)
        found[hold.id] = (
            hold if known is None else replace(known, scopes=known.scopes + hold.scopes)
        )
    return list(found.values())


class BudgetStore(Protocol):
    """Keeps the state of scopes. Each method is atomic."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes see the same: `reserve` may wait for them, and holds outlive this one."""
        ...

    def reserve(
        self,
        scope: str,
        hold: str,
        amount: Decimal,
        limit: Decimal,
        opening: Callable[[], Decimal],
        run: str | None = None,
    ) -> BudgetState:
        """Hold `amount` back unless spent + reserved + amount would pass `limit`.

        Args:
            opening: What was spent before this scope was first seen; asked once.
            run: Whose call it is, for people.
        """
        ...

    def hold(self, scope: str, hold: str, amount: Decimal, run: str | None = None) -> None:
        """Hold `amount` back for what was sent already, whatever the limit."""
        ...

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        """Replace a hold with what was really spent."""
        ...

    def look_up(self, hold: str, generation_id: str) -> None:
        """Note by which generation record a hold may be settled, by whoever shares this store."""
        ...

    def keep(self, job_id: str, hold: str, scopes: Sequence[str]) -> None:
        """Keep a hold until the end of its job is seen, by whoever shares this store."""
        ...

    def settle_job(
        self, job_id: str, budget: str, spent: Decimal, *, is_known: bool = True
    ) -> None:
        """Replace what a job holds back with what it cost; the first to see its end does it.

        Args:
            budget: How the scopes begin.
            is_known: False: at least what was held back counts.
        """
        ...

    def state(self, scope: str, opening: Callable[[], Decimal]) -> BudgetState:
        """How a scope stands; `opening` says what one was worth that no call has asked for yet."""
        ...

    def pending(self, budget: str = "") -> list[PendingHold]:
        """The holds that count as spent because nobody has said what their calls cost, oldest first."""
        ...

    def close_hold(self, hold: str, spent: Decimal, budget: str = "") -> bool:
        """Settle a hold by hand, in scopes that begin with `budget`; False if there is none."""
        ...


@dataclass(slots=True)
class _Account:
    spent: Decimal
    holds: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    reserved: Decimal = Decimal(0)


class MemoryBudgetStore:
    """BudgetStore of this process. Its holds end with it, so none is ever lost."""

    is_shared = False

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._jobs: dict[str, list[tuple[str, str]]] = {}
        self._lock = threading.RLock()

    def reserve(
        self,
        scope: str,
        hold: str,
        amount: Decimal,
        limit: Decimal,
        opening: Callable[[], Decimal],
        run: str | None = None,  # noqa: ARG002  # no hold is ever pending
    ) -> BudgetState:
        with self._lock:
            account = self._accounts.get(scope)
            if account is None:
                # What it spent before takes a while to find out: the scope may be there by then.
                account = self._accounts.setdefault(scope, _Account(opening()))
            before = account.spent, account.reserved
            if sum(before) + amount > limit:
                return BudgetState(*before, is_granted=False)
            account.holds[hold] = amount
            account.reserved += amount
            return BudgetState(*before)

    def hold(self, scope: str, hold: str, amount: Decimal, run: str | None = None) -> None:
        self.reserve(scope, hold, amount, Decimal("Infinity"), Decimal, run)

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        with self._lock:
            account = self._accounts.setdefault(scope, _Account(Decimal(0)))
            held = account.holds.pop(hold, Decimal(0))
            account.reserved -= held  # in one step: a call here may run what settles another hold
            account.spent += spent

    def keep(self, job_id: str, hold: str, scopes: Sequence[str]) -> None:
        with self._lock:
            self._jobs.setdefault(job_id, []).extend((scope, hold) for scope in scopes)

    def look_up(self, hold: str, generation_id: str) -> None:
        """Nothing to note: whoever looks it up is in this process."""

    def settle_job(
        self, job_id: str, budget: str, spent: Decimal, *, is_known: bool = True
    ) -> None:
        with self._lock:
            kept = self._jobs.pop(job_id, [])
            held = [self._accounts[scope].holds.get(hold, Decimal(0)) for scope, hold in kept]
        for (scope, hold), usd in zip(kept, held, strict=True):
            if scope.startswith(budget):
                self.settle(scope, hold, spent if is_known else max(spent, usd))

    def state(self, scope: str, opening: Callable[[], Decimal] = Decimal) -> BudgetState:
        with self._lock:
            account = self._accounts.get(scope) or _Account(opening())
            return BudgetState(account.spent, account.reserved)

    def pending(self, budget: str = "") -> list[PendingHold]:  # noqa: ARG002  # none is ever lost
        return []

    def close_hold(self, hold: str, spent: Decimal, budget: str = "") -> bool:
        with self._lock:
            accounts = list(self._accounts.items())
            mine = [s for s, account in accounts if s.startswith(budget) and hold in account.holds]
            for scope in mine:
                self.settle(scope, hold, spent)
        return bool(mine)
