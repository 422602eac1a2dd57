"""How long calls took: percentiles per model. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from openrouter_core.costs.records.record import CostRecord

PERCENTS = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Latency:
    """How long the calls of a model took that went well, in seconds."""

    model: str
    """The one that was asked for, as totals by model have it."""
    calls: int
    p50_s: float
    p90_s: float
    p99_s: float
    first_event_p50_s: float | None
    """Of its streams; None if it has none."""


def latencies(records: Iterable[CostRecord]) -> list[Latency]:
    """Return the latency of each model."""
    whole: dict[str, array[float]] = {}
    first: dict[str, array[float]] = {}
    for record in records:
        model = record.requested_model or record.model or ""
        if record.outcome == "ok" and record.latency_s is not None:
            whole.setdefault(model, array("d")).append(record.latency_s)
        if record.outcome == "ok" and record.first_event_s is not None:
            first.setdefault(model, array("d")).append(record.first_event_s)
    return latencies_of(
        {model: (len(values), _lookup(values)) for model, values in whole.items()},
        {model: (len(values), _lookup(values)) for model, values in first.items()},
    )


Ordered = tuple[int, Callable[[int], float]]
"""How many values there are, and the one at a place of their order, from 0."""


def latencies_of(whole: Mapping[str, Ordered], first: Mapping[str, Ordered]) -> list[Latency]:
    """Return the latency of each model, from its ordered times to the end and to the first event."""
    return [_latency(model, whole[model], first.get(model)) for model in sorted(whole)]


def _latency(model: str, whole: Ordered, first: Ordered | None) -> Latency:
    p50_s, p90_s, p99_s = (percentile(*whole, percent) for percent in PERCENTS)
    first_p50_s = None if first is None else percentile(*first, 50)
    return Latency(model, whole[0], p50_s, p90_s, p99_s, first_p50_s)


def percentile(count: int, at: Callable[[int], float], percent: int) -> float:
    """Return the value below which so many percent of the values lie; between two, on the line."""
    low, rest = divmod(percent * (count - 1), 100)
    return at(low) if not rest else at(low) + (at(low + 1) - at(low)) * rest / 100


def _lookup(values: Iterable[float]) -> Callable[[int], float]:
    return sorted(values).__getitem__
