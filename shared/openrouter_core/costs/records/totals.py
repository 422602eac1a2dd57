"""Sums over records, and the question which records: `Totals` and `Filter`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from heapq import nsmallest
from itertools import product
from typing import Literal, TypedDict

from openrouter_core._logging import warn_renamed
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.observers.calls import OLDER_OUTCOMES
from openrouter_core.observers.storable import storable

GroupKey = Literal[
    "model",
    "answered_model",
    "provider",
    "operation",
    "key_hash",
    "run",
    "tag",
    "session",
    "user",
    "error",
    "hour",
    "day",
    "month",
]
"""What calls are summed by. "model" is the model that was asked for, so that failures and answers of one
model stand in one line; "answered_model" is the one that answered, e.g. a dated snapshot."""


@dataclass(slots=True)
class Totals:
    """What a set of calls cost. Money sums the calls whose price is known; `unknown` counts the others."""

    calls: int = 0
    charged: Decimal = Decimal(0)
    upstream: Decimal = Decimal(0)
    """Paid to providers directly (BYOK calls only)."""
    total: Decimal = Decimal(0)
    cache_discount: Decimal = Decimal(0)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    failed: int = 0
    """Calls that ended in an error or were interrupted."""
    unknown: int = 0
    """Calls that may have cost something nobody has told us."""
    estimated: int = 0
    """Calls priced from a price list."""
    pending: int = 0
    """Calls whose generation record is still awaited."""

    @property
    def is_complete(self) -> bool:
        """Whether the sums are complete: no price is unknown, estimated or awaited."""
        return not (self.unknown or self.estimated or self.pending)

    def add(self, record: CostRecord) -> None:
        """Count one more record."""
        cost, tokens = record.cost, record.cost.tokens
        self.calls += 1
        self.charged += cost.charged or 0
        self.total += cost.total or 0
        self.upstream += (cost.upstream or 0) if cost.is_byok else 0
        self.cache_discount += cost.cache_discount or 0
        self.prompt_tokens += tokens.prompt or 0
        self.completion_tokens += tokens.completion or 0
        self.cached_tokens += tokens.cached or 0
        self.reasoning_tokens += tokens.reasoning or 0
        self.failed += record.outcome != "ok"
        self.unknown += record.is_unknown
        self.estimated += cost.is_estimate
        self.pending += record.lookup == "pending"

    def _repr_html_(self) -> str:
        from openrouter_core.costs.records.tables import html_summary

        return html_summary({}, self)

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @classmethod
    def of(cls, records: Iterable[CostRecord]) -> Totals:
        """Sum records."""
        totals = cls()
        for record in records:
            totals.add(record)
        return totals


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """How one scope of a budget stands."""

    scope: str
    """Budget, period and name, e.g. "budget:day:2026-10-01"."""
    spent: Decimal
    reserved: Decimal
    limit: Decimal | None
    """As of the last call; None for one that an older version kept and no call has asked since."""


Groups = dict[tuple[str, ...], Totals]
"""Totals by the values of the properties that calls are summed by."""


def grouped(records: Iterable[CostRecord], keys: Sequence[GroupKey]) -> Groups:
    """Sum records by properties. What has no such property is summed under "".

    A call with several tags counts under each of them.
    """
    groups: Groups = {}
    names = [_NAMES_OF[key] for key in keys]
    for record in records:
        for name in product(*(of(record) for of in names)):
            groups.setdefault(name, Totals()).add(record)
    return groups


def most_expensive_of(records: Iterable[CostRecord], count: int) -> list[CostRecord]:
    """Return the calls with the highest price, the most expensive first; without those that cost nothing."""
    priced = (record for record in records if (record.cost.total or 0) > 0)
    return nsmallest(count, priced, key=lambda r: (-(r.cost.total or 0), r.id))


def by_expense(groups: Groups) -> dict[str, Totals]:
    """Return groups of one property, the most expensive first."""
    ordered = sorted(groups.items(), key=lambda item: (-item[1].total, item[0]))
    return {name: totals for (name,), totals in ordered}


_NAMES_OF: dict[GroupKey, Callable[[CostRecord], tuple[str, ...]]] = {
    "model": lambda r: (r.requested_model or r.model or "",),
    "answered_model": lambda r: (r.model or "",),
    "provider": lambda r: (r.provider or "",),
    "operation": lambda r: (r.operation,),
    "key_hash": lambda r: (r.key_hash or "",),
    "run": lambda r: (r.labels.run or "",),
    "tag": lambda r: r.labels.tags or ("",),
    "session": lambda r: (r.labels.session or "",),
    "user": lambda r: (r.labels.user or "",),
    "error": lambda r: (r.error or "",),
    "hour": lambda r: (f"{r.at.astimezone(UTC):%Y-%m-%d %H}",),
    "day": lambda r: (f"{r.at.astimezone(UTC):%Y-%m-%d}",),
    "month": lambda r: (f"{r.at.astimezone(UTC):%Y-%m}",),
}


class Filters(TypedDict, total=False):
    """Which records: those that meet all that is given."""

    since: datetime
    """Calls that began at this time or later. Aware."""
    until: datetime
    """Calls that began before this time. Aware."""
    model: str
    """As requested or as answered."""
    provider: str
    operation: str
    key_hash: str
    tag: str
    run: str
    session: str
    user: str
    outcome: str
    lookup: str


_TEXTS = ("model", "provider", "tag", "run", "session", "user")


@dataclass(frozen=True, slots=True)
class Filter:
    """`Filters` as a value that can judge a record."""

    since: datetime | None = None
    until: datetime | None = None
    model: str | None = None
    provider: str | None = None
    operation: str | None = None
    key_hash: str | None = None
    tag: str | None = None
    run: str | None = None
    session: str | None = None
    user: str | None = None
    outcome: str | None = None
    lookup: str | None = None

    def __post_init__(self) -> None:
        now = OLDER_OUTCOMES.get(self.outcome or "")
        if now is not None:
            warn_renamed(f'outcome="{self.outcome}"', f'outcome="{now}"', stacklevel=5)
            object.__setattr__(self, "outcome", now)
        for name in _TEXTS:  # as records have them
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, storable(value))

    def accepts(self, record: CostRecord) -> bool:
        """Whether the record meets all that is asked."""
        labels = record.labels
        return (
            (self.since is None or record.at >= self.since)
            and (self.until is None or record.at < self.until)
            and (self.model is None or self.model in (record.model, record.requested_model))
            and (self.tag is None or self.tag in labels.tags)
            and all(
                wanted is None or wanted == found
                for wanted, found in (
                    (self.provider, record.provider),
                    (self.operation, record.operation),
                    (self.key_hash, record.key_hash),
                    (self.run, labels.run),
                    (self.session, labels.session),
                    (self.user, labels.user),
                    (self.outcome, record.outcome),
                    (self.lookup, record.lookup),
                )
            )
        )
