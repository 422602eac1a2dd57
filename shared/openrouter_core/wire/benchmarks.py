"""Scores of models. Read by `resources/benchmarks.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import Usd, UtcTime


class BenchmarkPricing(WireModel):
    """Prices when it was measured, USD per token."""

    completion: Usd | None = None
    prompt: Usd | None = None


class TournamentStats(WireModel):
    """Places in tournaments."""

    first_place: int | None = None
    fourth_place: int | None = None
    second_place: int | None = None
    third_place: int | None = None
    total: int | None = None


class BenchmarkRunConfig(WireModel):
    """How a search benchmark was run."""

    max_agent_turns: int | None = None
    reasoning_effort: str | None = None
    temperature: float | None = None


class BenchmarkScore(WireModel):
    """One measurement of one model. Which scores are set depends on `source`."""

    source: str | None = None
    model_permaslug: str | None = None
    """The model's id with its date, which never moves."""
    display_name: str | None = None
    benchmark_type: str | None = None
    agentic_index: float | None = None
    coding_index: float | None = None
    intelligence_index: float | None = None
    pricing: BenchmarkPricing | None = None
    accuracy: float | None = None
    accuracy_stddev: float | None = None
    avg_cost_per_task: Usd | None = None
    """USD."""
    last_run_timestamp: UtcTime | None = None
    total_tasks: int | None = None
    arena: str | None = None
    avg_generation_time_ms: float | None = None
    """Milliseconds."""
    category: str | None = None
    elo: float | None = None
    tournament_stats: TournamentStats | None = None
    win_rate: float | None = None
    avg_latency_per_task_ms: float | None = None
    """Milliseconds."""
    primary_metric: str | None = None
    primary_score: float | None = None
    search_engine: str | None = None
    search_surface: Literal["server-tool", "plugin"] | str | None = None
    run_config: BenchmarkRunConfig | None = None
    """Sent only when asked for."""


class BenchmarksMeta(WireModel):
    """Where and when the scores are from."""

    as_of: str | None = None
    """When the figures were made."""
    citation: str | None = None
    model_count: int | None = None
    source: Literal["artificial-analysis", "design-arena", "openrouter"] | str | None = None
    source_url: str | None = None
    task_type: str | None = None
    version: str | None = None
    """Counts from 1."""


class Benchmarks(Page[BenchmarkScore]):
    """Scores of models."""

    meta: BenchmarksMeta | None = None
