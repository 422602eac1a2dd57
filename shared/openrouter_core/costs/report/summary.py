"""What a report says, computed from records: sums, series, percentiles. Pure; drawn by `page` and the CLI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from openrouter_core.costs.records.latency import Latency
from openrouter_core.costs.records.memory import Store
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import (
    Filter,
    Groups,
    Totals,
    by_expense,
)

OTHERS = "others"
_SERIES = 6
_MOST_EXPENSIVE = 10


@dataclass(frozen=True, slots=True)
class Burn:
    """A budget and how it is used up."""

    limit: Decimal
    days: tuple[date, ...]
    left: tuple[Decimal, ...]
    """At the end of each day."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a report shows."""

    totals: Totals
    by_model: dict[str, Totals]
    by_provider: dict[str, Totals]
    by_tag: dict[str, Totals]
    days: tuple[date, ...]
    spend: dict[str, tuple[Decimal, ...]]
    """Per model, for each of `days`; beyond the six most expensive models it is "others"."""
    tokens: dict[str, tuple[int, ...]]
    """Prompt, cached and completion tokens for each of `days`."""
    latency: tuple[Latency, ...]
    most_expensive: tuple[CostRecord, ...]
    burn: Burn | None


def summarize(
    store: Store, wanted: Filter | None = None, *, budget_usd: Decimal | None = None
) -> Summary:
    """Compute a report of the records that a filter accepts.

    Args:
        budget_usd: Show how a budget over the whole period is used up. USD.
    """
    wanted = wanted or Filter()
    per_day = {day: totals for (day,), totals in sorted(store.grouped(wanted, "day").items())}
    days = _days(per_day)
    by_model = by_expense(store.grouped(wanted, "model"))
    ranks = {model: n for n, model in enumerate(by_model)}
    return Summary(
        totals=store.totals(wanted),
        by_model=by_model,
        by_provider=by_expense(store.grouped(wanted, "provider")),
        by_tag=by_expense(store.grouped(wanted, "tag")),
        days=days,
        spend=_spend(store.grouped(wanted, "day", "model"), days, list(by_model)[:_SERIES]),
        tokens=_tokens(per_day, days),
        latency=tuple(sorted(store.latencies(wanted), key=lambda x: ranks[x.model])),
        most_expensive=tuple(store.most_expensive(wanted, _MOST_EXPENSIVE)),
        burn=None if budget_usd is None else _burn(per_day, days, budget_usd),
    )


def _days(per_day: Mapping[str, Totals]) -> tuple[date, ...]:
    """All days from the first to the last, also those without a call."""
    if not per_day:
        return ()
    first, last = (date.fromisoformat(day) for day in (min(per_day), max(per_day)))
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _spend(
    groups: Groups, days: Sequence[date], names: Sequence[str]
) -> dict[str, tuple[Decimal, ...]]:
    at = {f"{day}": n for n, day in enumerate(days)}
    series = {name: [Decimal(0)] * len(days) for name in (*names, OTHERS)}
    for (day, model), totals in groups.items():
        series[model if model in names else OTHERS][at[day]] += totals.total
    return {name: tuple(line) for name, line in series.items() if any(line)}


def _tokens(per_day: Mapping[str, Totals], days: Sequence[date]) -> dict[str, tuple[int, ...]]:
    found = [per_day.get(f"{day}", Totals()) for day in days]
    return {
        "prompt": tuple(t.prompt_tokens - t.cached_tokens for t in found),
        "prompt, from cache": tuple(t.cached_tokens for t in found),
        "completion": tuple(t.completion_tokens for t in found),
    }


def _burn(per_day: Mapping[str, Totals], days: Sequence[date], limit: Decimal) -> Burn:
    left, line = limit, list[Decimal]()
    for day in days:
        left -= per_day.get(f"{day}", Totals()).total
        line.append(left)
    return Burn(limit, tuple(days), tuple(line))
