"""The charges as rows, and sums over them: what activity, analytics and datasets show.

Every number comes from `State.charges` and the records of the same calls, so totals agree to the last digit.
Called by the handlers of those groups. Pure apart from reading the state.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from openrouter_emulator.state.state import State

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One charged call, as a row."""

    id: str
    at: datetime
    model: str
    """The model's id."""
    permaslug: str
    provider: str
    key_hash: str
    workspace_id: str
    user: str | None
    app: str | None
    session_id: str | None
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    cost: Decimal
    upstream_cost: Decimal
    is_byok: bool

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def day(self) -> str:
        return self.at.date().isoformat()


def calls(state: State) -> list[Call]:
    """Every call so far, oldest first."""
    found: list[Call] = []
    with state.lock:
        for charge in state.charges:
            record = state.generations[charge.generation_id].record
            spec = state.catalogue.named(charge.model)
            call = Call(
                id=charge.generation_id,
                at=datetime.fromisoformat(record["created_at"]).astimezone(UTC),
                model=spec.id if spec else charge.model,
                permaslug=spec.slug if spec else charge.model,
                provider=charge.provider or "",
                key_hash=charge.key_hash,
                workspace_id=record["workspace_id"],
                user=record["external_user"],
                app=record["http_referer"],
                session_id=record["session_id"],
                prompt_tokens=charge.prompt_tokens,
                completion_tokens=charge.completion_tokens,
                reasoning_tokens=record["native_tokens_reasoning"] or 0,
                cached_tokens=record["native_tokens_cached"] or 0,
                cost=charge.cost,
                upstream_cost=charge.upstream_cost,
                is_byok=charge.is_byok,
            )
            found.append(call)
    return found


def grouped(rows: Iterable[T], by: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    """Rows by a key, in the order of first sight."""
    groups: dict[Hashable, list[T]] = {}
    for row in rows:
        groups.setdefault(by(row), []).append(row)
    return groups


def total(rows: Iterable[Call], name: str) -> int:
    """The sum of a count."""
    return sum(int(getattr(row, name)) for row in rows)


def cost(rows: Iterable[Call]) -> Decimal:
    """The sum of what was charged, in USD."""
    return sum((row.cost for row in rows), Decimal(0))


def share(part: float, whole: float) -> float:
    """A part of a whole, 0 of nothing."""
    return round(part / whole, 6) if whole else 0.0


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value; the mean of the two middle ones when they are even in number."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return (low + high) / 2
