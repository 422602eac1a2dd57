"""What is spent and what is held back, per scope of a budget. In memory here, in SQL in `sql.accounts`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Standing:
    """How a scope stood when a reservation was asked for."""

    spent: Decimal
    reserved: Decimal
    is_granted: bool = True


class Accounts(Protocol):
    """Keeps the standing of scopes. Each method is atomic."""

    def reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, opening: Callable[[], Decimal]
    ) -> Standing:
        """Hold `amount` back unless spent + reserved + amount would pass `limit`.

        Args:
            opening: What was spent before this scope was first seen; asked once.
        """
        ...

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        """Replace a hold with what was really spent."""
        ...

    def standing(self, scope: str) -> Standing: ...


@dataclass(slots=True)
class _Account:
    spent: Decimal
    holds: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    reserved: Decimal = Decimal(0)


class MemoryAccounts:
    """Accounts of this process."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._lock = threading.Lock()

    def reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, opening: Callable[[], Decimal]
    ) -> Standing:
        with self._lock:
            account = self._accounts.get(scope)
            if account is None:
                account = self._accounts[scope] = _Account(opening())
            before = account.spent, account.reserved
            if sum(before) + amount > limit:
                return Standing(*before, is_granted=False)
            account.holds[hold] = amount
            account.reserved += amount
            return Standing(*before)

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        with self._lock:
            account = self._accounts.setdefault(scope, _Account(Decimal(0)))
            account.reserved -= account.holds.pop(hold, Decimal(0))
            account.spent += spent

    def standing(self, scope: str) -> Standing:
        with self._lock:
            account = self._accounts.get(scope) or _Account(Decimal(0))
            return Standing(account.spent, account.reserved)
