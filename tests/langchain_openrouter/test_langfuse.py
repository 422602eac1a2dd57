"""Langfuse's handler for LangChain beside our exporter: each call is one generation, with its price."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

pytest.importorskip("langfuse", reason="needs langfuse (extra [langfuse])")

from langfuse import Langfuse
from langfuse.langchain import CallbackHandler
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs.exporters import LangfuseCostExporter
from openrouter_emulator import Emulator

_numbers = count()


class Traced:
    """A model whose calls go to a Langfuse that keeps them in memory."""

    def __init__(self, emulator: Emulator) -> None:
        key = f"pk-lf-langchain-{next(_numbers)}"  # Langfuse keeps one client for each
        self.spans = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        self.client = Langfuse(
            public_key=key,
            secret_key="sk-lf-1",
            base_url=emulator.origin,  # refuses what Langfuse sends, at once
            tracer_provider=provider,
        )
        self.exporter = LangfuseCostExporter(self.client)
        self.model = ChatOpenRouter(model="openai/gpt-4o-mini", observers=[self.exporter])
        self.config: Any = {"callbacks": [CallbackHandler(public_key=key)]}

    def prices(self) -> list[float | None]:
        """What each generation cost; None for one without a price."""
        self.exporter.flush()
        found = [s.attributes or {} for s in self.spans.get_finished_spans()]
        costs = [
            s.get("langfuse.observation.cost_details")
            for s in found
            if s.get("langfuse.observation.type") == "generation"
        ]
        return [json.loads(str(cost))["total"] if cost else None for cost in costs]


@pytest.fixture
def traced(openrouter_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traced]:
    monkeypatch.setattr(CallbackHandler, "run_inline", False)
    made = Traced(openrouter_emulator)
    yield made
    made.client.shutdown()


async def test_an_awaited_call_is_one_generation(traced: Traced, openrouter_emulator: Emulator):
    await traced.model.ainvoke("Hello", traced.config)

    assert traced.prices() == [float(openrouter_emulator.total_charged)]


async def test_an_awaited_stream_is_one_generation(traced: Traced, openrouter_emulator: Emulator):
    _ = [chunk async for chunk in traced.model.astream("Hello", traced.config)]

    assert traced.prices() == [float(openrouter_emulator.total_charged)]


def test_a_call_that_is_not_awaited_is_one_generation(
    traced: Traced, openrouter_emulator: Emulator
):
    traced.model.invoke("Hello", traced.config)

    assert traced.prices() == [float(openrouter_emulator.total_charged)]
