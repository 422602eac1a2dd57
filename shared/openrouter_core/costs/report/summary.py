"""What a report says, computed from a ledger's records: sums, series, percentiles. Drawn by `page` and the CLI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from openrouter_core.costs.records.latency import Latency
from openrouter_core.costs.records.memory import Store
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import (
    BudgetLine,
    Filter,
    GroupKey,
    Groups,
    Totals,
    by_expense,
)

OTHERS = "others"
GROUPS: tuple[GroupKey, ...] = ("model", "provider", "run", "tag", "user", "key_hash", "operation")
_SERIES = 6
_MOST_EXPENSIVE = 10
_MOST_HOURS = 72
_MOST_DAYS = 120

Unit = Literal["hour", "day", "week"]
Period = tuple[str, str]
"""The first and the last day, e.g. "2026-10-01"; "" without calls."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was spent and used, in equal steps of time."""

    unit: Unit
    labels: tuple[str, ...]
    """Of each step, also of those without a call: "2026-10-01 13", "2026-10-01", the Monday of a week."""
    spend: dict[str, tuple[Decimal, ...]]
    """Per model, in USD; beyond the six most expensive models it is "others"."""
    tokens: dict[str, tuple[int, ...]]
    """Prompt, cached and completion tokens."""


@dataclass(frozen=True, slots=True)
class Burn:
    """A budget and how it is used up."""

    limit: Decimal
    left: tuple[Decimal, ...]
    """At the end of each step of the timeline."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a report shows."""

    totals: Totals
    period: Period
    groups: dict[GroupKey, dict[str, Totals]]
    errors: Groups
    """By the class of the error and the model, the most frequent first."""
    timeline: Timeline
    latency: dict[str, Latency]
    """By model."""
    most_expensive: tuple[CostRecord, ...]
    budgets: tuple[BudgetLine, ...]
    burn: Burn | None


def summarize(
    store: Store,
    wanted: Filter | None = None,
    *,
    by: Sequence[GroupKey] = (),
    budget_usd: Decimal | None = None,
) -> Summary:
    """Compute a report of the records that a filter accepts.

    Args:
        by: More groups than those that every report has.
        budget_usd: Show how a budget over the whole period is used up. USD.
    """
    wanted = wanted or Filter()
    keys: tuple[GroupKey, ...] = (*GROUPS, *by)
    groups: dict[GroupKey, dict[str, Totals]] = {
        key: by_expense(store.grouped(wanted, key)) for key in keys
    }
    days = _days(store, wanted)
    timeline = _timeline(store, wanted, days, list(groups["model"])[:_SERIES])
    errors = {name: t for name, t in store.grouped(wanted, "error", "model").items() if name[0]}
    return Summary(
        totals=store.totals(wanted),
        period=_period(days),
        groups=groups,
        errors=dict(sorted(errors.items(), key=lambda item: (-item[1].calls, item[0]))),
        timeline=timeline,
        latency={latency.model: latency for latency in store.latencies(wanted)},
        most_expensive=tuple(store.most_expensive(wanted, _MOST_EXPENSIVE)),
        budgets=tuple(store.budget_lines()),
        burn=None if budget_usd is None else _burn(timeline, budget_usd),
    )


def headline_of(store: Store, wanted: Filter) -> tuple[Totals, Period]:
    """Return what stands at the head of a report, without computing the rest."""
    return store.totals(wanted), _period(_days(store, wanted))


def _days(store: Store, wanted: Filter) -> list[str]:
    return [day for (day,) in store.grouped(wanted, "day")]


def _period(days: Sequence[str]) -> Period:
    return min(days, default=""), max(days, default="")


def _timeline(store: Store, wanted: Filter, days: Sequence[str], names: Sequence[str]) -> Timeline:
    if not days:
        return Timeline("day", (), {}, {})
    first, last = (date.fromisoformat(day) for day in (min(days), max(days)))
    count = (last - first).days + 1
    unit: Unit = "hour" if count * 24 <= _MOST_HOURS else "day" if count <= _MOST_DAYS else "week"
    groups = store.grouped(wanted, "hour" if unit == "hour" else "day", "model")
    labels = tuple(dict.fromkeys(_label(first + timedelta(days=n), unit) for n in range(count)))
    if unit == "hour":
        labels = _hours(first, count, groups)
    else:
        groups = _summed(groups, unit)
    return Timeline(unit, labels, _spend(groups, labels, names), _tokens(groups, labels))


def _hours(first: date, days: int, groups: Groups) -> tuple[str, ...]:
    every = [f"{first + timedelta(days=n // 24)} {n % 24:02}" for n in range(days * 24)]
    used = {hour for hour, _ in groups}
    return tuple(hour for hour in every if min(used) <= hour <= max(used))


def _label(day: date, unit: Unit) -> str:
    return f"{day - timedelta(days=day.weekday()) if unit == 'week' else day}"


def _summed(groups: Groups, unit: Unit) -> Groups:
    summed: Groups = {}
    for (day, model), totals in groups.items():
        name = _label(date.fromisoformat(day), unit), model
        summed[name] = summed.get(name, Totals()) + totals
    return summed


def _spend(
    groups: Groups, labels: Sequence[str], names: Sequence[str]
) -> dict[str, tuple[Decimal, ...]]:
    at = {label: n for n, label in enumerate(labels)}
    series = {name: [Decimal(0)] * len(labels) for name in (*names, OTHERS)}
    for (label, model), totals in groups.items():
        series[model if model in names else OTHERS][at[label]] += totals.total
    return {name: tuple(line) for name, line in series.items() if any(line)}


def _tokens(groups: Groups, labels: Sequence[str]) -> dict[str, tuple[int, ...]]:
    whole: dict[str, Totals] = {label: Totals() for label in labels}
    for (label, _), totals in groups.items():
        whole[label] += totals
    found = whole.values()
    return {
        "prompt": tuple(t.prompt_tokens - t.cached_tokens for t in found),
        "prompt, from cache": tuple(t.cached_tokens for t in found),
        "completion": tuple(t.completion_tokens for t in found),
    }


def _burn(timeline: Timeline, limit: Decimal) -> Burn:
    left, line = limit, list[Decimal]()
    for spent in zip(*timeline.spend.values(), strict=True):
        left -= sum(spent, Decimal(0))
        line.append(left)
    return Burn(limit, tuple(line))


def differs(groups: Mapping[str, Totals]) -> bool:
    """Whether a table of these groups says more than the totals do."""
    return len(groups) > 1 or any(groups)
