"""Field note B8: LangSmith reads the cost from the usage of a run; chunks must still add up."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run

from openrouter_emulator import Emulator
from tests.langchain.ways import ALL_WAYS, STREAMS, Ask, model


class Tracer(BaseTracer):
    """Keeps the runs as a tracer would send them."""

    def __init__(self) -> None:
        super().__init__(_schema_format="original+chat")
        self.runs: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.runs.append(run)


def usage_of(run: Run) -> dict[str, Any]:
    message = (run.outputs or {})["generations"][0][0]["message"]
    return (
        message["kwargs"]["usage_metadata"] if isinstance(message, dict) else message.usage_metadata
    )


@ALL_WAYS
async def test_b8_the_run_carries_the_cost(openrouter_emulator: Emulator, ask: Ask):
    """Field note B8."""
    tracer = Tracer()

    answer = await ask(model(langsmith_cost=True), "Hi", config={"callbacks": [tracer]})

    cost = answer.response_metadata["cost"]
    assert cost > 0
    assert usage_of(tracer.runs[0])["total_cost"] == pytest.approx(cost)


def test_b8_the_parts_are_given_where_they_make_up_the_total(openrouter_emulator: Emulator):
    """Field note B8."""
    usage: Any = model(langsmith_cost=True).invoke("Hi").usage_metadata

    assert usage["input_cost"] + usage["output_cost"] == pytest.approx(usage["total_cost"])


def test_b1_b8_with_a_key_of_ones_own_the_upstream_price_counts(openrouter_emulator: Emulator):
    """Field notes B1 and B8."""
    openrouter_emulator.byok = True

    answer = model(langsmith_cost=True).invoke("Hi")

    usage: Any = answer.usage_metadata
    said = answer.response_metadata
    upstream = said["cost_details"]["upstream_inference_cost"]
    assert usage["total_cost"] == pytest.approx(said["cost"] + upstream)


@STREAMS
async def test_b8_chunks_add_up_in_the_users_hands(openrouter_emulator: Emulator, ask: Ask):
    """LangChain cannot add floats, so no chunk holds one: `ask` adds them all at once."""
    answer = await ask(model(langsmith_cost=True), "Hi")

    assert "total_cost" not in (answer.usage_metadata or {})
    assert answer.response_metadata["cost"] > 0


def test_b8_chunks_add_up_in_pairs(openrouter_emulator: Emulator):
    total = None
    for chunk in model(langsmith_cost=True).stream("Hi"):
        total = chunk if total is None else total + chunk

    assert total is not None
    assert total.usage_metadata


def test_b8_invoke_that_streams_shows_the_cost(openrouter_emulator: Emulator):
    """Field note B8: here LangChain adds the chunks up, twice over."""
    answer = model(langsmith_cost=True, streaming=True).invoke("Hi")

    assert type(answer) is AIMessage
    assert answer.usage_metadata["total_cost"] > 0  # type: ignore[index,typeddict-item]


def test_b8_events_end_with_the_cost(openrouter_emulator: Emulator):
    """Field note B8: v3 events."""
    stream = model(langsmith_cost=True).stream_events("Hi", version="v3")

    assert stream.output.usage_metadata["total_cost"] > 0


@ALL_WAYS
async def test_usage_is_whole_numbers_only_unless_asked_for(
    openrouter_emulator: Emulator, ask: Ask
):
    answer = await ask(model(), "Hi")

    assert {k for k in answer.usage_metadata or {} if k.endswith("cost")} == set()
