"""What a report says, computed from records: sums, series, percentiles. Pure; drawn by `page` and the CLI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Totals, group

OTHERS = "others"
_SERIES = 6
_MOST_EXPENSIVE = 10


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the calls of a model took, in seconds."""

    model: str
    calls: int
    p50_s: float
    p90_s: float
    p99_s: float
    first_event_p50_s: float | None
    """Of its streams; None if it has none."""


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

    since: datetime | None
    until: datetime | None
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


def summarize(records: Sequence[CostRecord], *, budget_usd: Decimal | None = None) -> Summary:
    """Compute a report.

    Args:
        records: Oldest first.
        budget_usd: Show how a budget over the whole period is used up. USD.
    """
    days = _days(records)
    by_model = group(records, "model")
    priced = [r for r in records if r.cost.total]
    return Summary(
        since=records[0].at if records else None,
        until=records[-1].at if records else None,
        totals=Totals.of(records),
        by_model=by_model,
        by_provider=group(records, "provider"),
        by_tag=group(records, "tag"),
        days=days,
        spend=_spend(records, days, list(by_model)[:_SERIES]),
        tokens=_tokens(records, days),
        latency=tuple(_latencies(records, by_model)),
        most_expensive=tuple(sorted(priced, key=lambda r: -(r.cost.total or 0))[:_MOST_EXPENSIVE]),
        burn=None if budget_usd is None else _burn(records, days, budget_usd),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie, e.g. 0.9; between two, on the line."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def _day(record: CostRecord) -> date:
    return record.at.astimezone(UTC).date()


def _days(records: Sequence[CostRecord]) -> tuple[date, ...]:
    if not records:
        return ()
    first, last = _day(records[0]), _day(records[-1])
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _spend(
    records: Sequence[CostRecord], days: Sequence[date], names: Sequence[str]
) -> dict[str, tuple[Decimal, ...]]:
    at = {day: n for n, day in enumerate(days)}
    series = {name: [Decimal(0)] * len(days) for name in (*names, OTHERS)}
    for record in records:
        model = record.model_name or ""
        line = series[model if model in names else OTHERS]
        line[at[_day(record)]] += record.cost.total or 0
    return {name: tuple(line) for name, line in series.items() if any(line)}


def _tokens(records: Sequence[CostRecord], days: Sequence[date]) -> dict[str, tuple[int, ...]]:
    per_day = group(records, "day")
    found = [per_day.get(f"{day}", Totals()) for day in days]
    return {
        "prompt": tuple(t.prompt_tokens - t.cached_tokens for t in found),
        "prompt, from cache": tuple(t.cached_tokens for t in found),
        "completion": tuple(t.completion_tokens for t in found),
    }


def _latencies(records: Sequence[CostRecord], models: dict[str, Totals]) -> list[Latency]:
    found: list[Latency] = []
    for model in models:
        mine = [r for r in records if (r.model_name or "") == model]
        whole = [r.latency_s for r in mine if r.latency_s is not None and r.outcome == "ok"]
        first = [r.first_event_s for r in mine if r.first_event_s is not None]
        if whole:
            found.append(
                Latency(
                    model,
                    len(whole),
                    percentile(whole, 0.5),
                    percentile(whole, 0.9),
                    percentile(whole, 0.99),
                    percentile(first, 0.5) if first else None,
                )
            )
    return found


def _burn(records: Sequence[CostRecord], days: Sequence[date], limit: Decimal) -> Burn:
    per_day = group(records, "day")
    left, line = limit, list[Decimal]()
    for day in days:
        left -= per_day.get(f"{day}", Totals()).total
        line.append(left)
    return Burn(limit, tuple(days), tuple(line))
