"""Scores of models by several sources. Reached as `client.benchmarks`."""

from __future__ import annotations

from typing import Literal, Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.benchmarks import Benchmarks as Scores


class Benchmarks(Resource[Mode]):
    """Benchmark scores."""

    @http.get("/benchmarks", "getBenchmarks", key="any")
    def list(
        self,
        *,
        source: Literal["artificial-analysis", "design-arena", "openrouter"] | str | None = None,
        task_type: Literal["coding", "intelligence", "agentic", "search"] | str | None = None,
        benchmark_type: Literal[
            "gpqa_diamond",
            "tau_bench_verified_airline",
            "search_browsecomp",
            "search_hle",
            "search_dsqa",
            "search_widesearch",
        ]
        | str
        | None = None,
        include_run_config: bool | None = None,
        search_engine: str | None = None,
        search_surface: Literal["server-tool", "plugin"] | str | None = None,
        arena: Literal["models", "builders", "agents"] | str | None = None,
        category: str | None = None,
        max_results: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Scores]:
        """List scores.

        Args:
            max_results: Without it the documents disagree whether 50 or all come.

        Source: getBenchmarks
        """
        return get_call(
            Scores,
            options,
            query={
                "source": source,
                "task_type": task_type,
                "benchmark_type": benchmark_type,
                "include_run_config": include_run_config,
                "search_engine": search_engine,
                "search_surface": search_surface,
                "arena": arena,
                "category": category,
                "max_results": max_results,
            },
        )
