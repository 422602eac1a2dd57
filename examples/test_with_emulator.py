"""Tests of an agent that need no key, no network and no mocks: `pytest examples/test_with_emulator.py`.

The fixture `openrouter_emulator` comes with the package: a real server on this machine, empty for each test. What is tested is what
really went over the wire: retries, streams, money.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain.agents import create_agent

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs import Budget
from openrouter_core.errors import BudgetExceededError, StreamInterruptedError
from openrouter_emulator import Emulator, Reply, ToolCall, faults

MODEL = "openai/gpt-4o-mini"


def stock(item: str) -> str:
    """Tell how many of an item are in stock."""
    return {"lamp": "3"}.get(item, "0")


def answer(question: str, **settings: Any) -> str:
    """The program under test."""
    agent = create_agent(ChatOpenRouter(model=MODEL, **settings), tools=[stock])
    state = agent.invoke({"messages": [("user", question)]})
    return str(state["messages"][-1].text)


def test_the_agent_looks_into_the_stock(openrouter_emulator: Emulator) -> None:
    openrouter_emulator.script(ToolCall("stock", {"item": "lamp"}), tool="stock", turn=1)
    openrouter_emulator.script(
        lambda body: f"We have {body['messages'][-1]['content']}.", after_tool="stock"
    )

    assert answer("Do you have lamps?") == "We have 3."

    first, second = openrouter_emulator.bodies
    assert first["tools"][0]["function"]["name"] == "stock"
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "tool"]


def test_a_busy_provider_is_asked_again(openrouter_emulator: Emulator) -> None:
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0.01), times=2)
    openrouter_emulator.script("At last.")

    assert answer("Hello?") == "At last."
    assert len(openrouter_emulator.requests) == 3


def test_a_stream_that_breaks_keeps_what_came(openrouter_emulator: Emulator) -> None:
    openrouter_emulator.script(Reply(pieces=["Half ", "of ", "an ", "answer"]))
    openrouter_emulator.fail_next(faults.cut_midstream(after=0.5))

    with pytest.raises(StreamInterruptedError) as broken:
        list(ChatOpenRouter(model=MODEL).stream("Hello?"))

    assert broken.value.partial_text.startswith("Half ")


def test_a_budget_refuses_before_anything_is_sent(openrouter_emulator: Emulator) -> None:
    budget = Budget("0.000001", per="total")

    with pytest.raises(BudgetExceededError):
        answer("A long story, please.", max_tokens=1000, observers=[budget])

    assert openrouter_emulator.requests == []
    assert openrouter_emulator.total_charged == Decimal(0)
