"""What a LangChain run cost: the callback handler and the tracker, over the emulator's own books."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.output_parsers import StrOutputParser

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter.callbacks import OpenRouterCostCallback, track_openrouter_cost
from openrouter_core import MidStreamError
from openrouter_core.costs import CostLedger
from openrouter_emulator import Emulator, faults

MODEL = "openai/gpt-4o-mini"


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"Sunny in {city}."


@pytest.fixture
def model(openrouter_emulator: Emulator) -> ChatOpenRouter:
    return ChatOpenRouter(model=MODEL, max_retries=0)


def config(*handlers: Any) -> dict[str, Any]:
    return {"callbacks": list(handlers)}


def test_b13_the_callback_counts_a_chain_that_ends_in_a_string(
    openrouter_emulator: Emulator, model: ChatOpenRouter
):
    spent = OpenRouterCostCallback()

    text = (model | StrOutputParser()).invoke("Hello", config=config(spent))

    assert isinstance(text, str)
    assert spent.total == openrouter_emulator.total_charged > 0


def test_the_callback_counts_every_call_of_an_agent_once(
    openrouter_emulator: Emulator, model: ChatOpenRouter
):
    spent = OpenRouterCostCallback()
    agent = create_agent(model, [weather])

    agent.invoke({"messages": [("user", "Weather in Paris?")]}, config=config(spent, spent))

    assert len(spent.calls) == len(openrouter_emulator.charges) == 2
    assert spent.total == openrouter_emulator.total_charged
    assert len({call.labels.run for call in spent.calls}) == 1


def test_b3_streams_batches_and_async_calls_are_counted_alike(
    openrouter_emulator: Emulator, model: ChatOpenRouter
):
    spent = OpenRouterCostCallback()

    for _ in model.stream("one", config=config(spent)):
        pass
    model.batch(["two", "three"], config=config(spent))
    asyncio.run(model.ainvoke("four", config=config(spent)))
    asyncio.run(_drained(model, spent))

    assert len(spent.calls) == 5
    assert spent.total == openrouter_emulator.total_charged


async def _drained(model: ChatOpenRouter, spent: OpenRouterCostCallback) -> None:
    async for _ in model.astream("five", config=config(spent)):
        pass


def test_an_answer_from_the_cache_costs_nothing(openrouter_emulator: Emulator):
    model = ChatOpenRouter(model=MODEL, cache=InMemoryCache())
    spent = OpenRouterCostCallback()

    model.invoke("Hello", config=config(spent))
    once = spent.total
    model.invoke("Hello", config=config(spent))

    assert len(openrouter_emulator.charges) == 1
    assert spent.total == once == openrouter_emulator.total_charged
    assert spent.cached_calls == 1


def test_b5_a_late_price_from_the_generation_api_reaches_the_callback(
    openrouter_emulator: Emulator, model: ChatOpenRouter
):
    openrouter_emulator.generation_delay_s = 0.3
    openrouter_emulator.generation_cost_factor = Decimal(2)
    spent = OpenRouterCostCallback(ledger=CostLedger(reconcile="all"))

    model.invoke("Hello", config=config(spent))
    early = spent.total
    left = spent.flush(timeout_s=20)

    assert left == ()
    assert spent.total == 2 * early
    assert spent.calls[0].cost.source == "generation"


def test_b6_a_stream_that_fails_half_way_is_costed_by_its_generation_id(
    openrouter_emulator: Emulator, model: ChatOpenRouter
):
    openrouter_emulator.fail_next(faults.midstream_error(502, after=2))
    spent = OpenRouterCostCallback()

    with pytest.raises(MidStreamError):
        for _ in model.stream("Tell me a long story", config=config(spent)):
            pass
    spent.flush(timeout_s=20)

    assert [call.outcome for call in spent.calls] == ["interrupted"]
    assert spent.calls[0].cost.source == "generation"
    assert spent.total == openrouter_emulator.total_charged


def test_the_tracker_and_the_callback_agree(openrouter_emulator: Emulator, model: ChatOpenRouter):
    spent = OpenRouterCostCallback()

    with track_openrouter_cost() as tracked:
        model.batch(["a", "b", "c"], config=config(spent))

    assert tracked.total == spent.total == openrouter_emulator.total_charged
    assert len(tracked.calls) == 3


def test_other_providers_answers_are_left_alone():
    from langchain_core.language_models.fake_chat_models import FakeListChatModel

    spent = OpenRouterCostCallback()

    FakeListChatModel(responses=["hi"]).invoke("Hello", config=config(spent))

    assert spent.calls == []
    assert spent.cached_calls == 0
