"""What is spent and what is held back, per scope of a budget. In memory here, in SQL in `sql.budgets`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BudgetState:
    """How a scope stood when a reservation was asked for."""

    spent: Decimal
    reserved: Decimal
    is_granted: bool = True


class BudgetStore(Protocol):
    """Keeps the state of scopes. Each method is atomic."""

    def reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, opening: Callable[[], Decimal]
    ) -> BudgetState:
        """Hold `amount` back unless spent + reserved + amount would pass `limit`.

        Args:
            opening: What was spent before this scope was first seen; asked once.
        """
        ...

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        """Replace a hold with what was really spent."""
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

    def state(self, scope: str) -> BudgetState: ...


@dataclass(slots=True)
class _Account:
    spent: Decimal
    holds: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    reserved: Decimal = Decimal(0)


class MemoryBudgetStore:
    """BudgetStore of this process."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._jobs: dict[str, list[tuple[str, str]]] = {}
        self._lock = threading.RLock()

    def reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, opening: Callable[[], Decimal]
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

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        with self._lock:
            account = self._accounts.setdefault(scope, _Account(Decimal(0)))
            held = account.holds.pop(hold, Decimal(0))
            account.reserved -= held  # in one step: a call here may run what settles another hold
            account.spent += spent

    def keep(self, job_id: str, hold: str, scopes: Sequence[str]) -> None:
        with self._lock:
            self._jobs.setdefault(job_id, []).extend((scope, hold) for scope in scopes)

    def settle_job(
        self, job_id: str, budget: str, spent: Decimal, *, is_known: bool = True
    ) -> None:
        with self._lock:
            kept = self._jobs.pop(job_id, [])
            held = [self._accounts[scope].holds.get(hold, Decimal(0)) for scope, hold in kept]
        for (scope, hold), usd in zip(kept, held, strict=True):
            if scope.startswith(budget):
                self.settle(scope, hold, spent if is_known else max(spent, usd))

    def state(self, scope: str) -> BudgetState:
        with self._lock:
            account = self._accounts.get(scope) or _Account(Decimal(0))
            return BudgetState(account.spent, account.reserved)
