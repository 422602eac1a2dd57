"""Agents over the emulator, asked both ways, for tests of middleware and recipes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool

from langchain_openrouter import ChatOpenRouter

CLAUDE = "anthropic/claude-sonnet-4.5"
GPT = "openai/gpt-4o-mini"
Ask = Callable[..., Awaitable[Any]]


def model(name: str = GPT, **settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(model=name, **{"max_retries": 0, "max_tokens": 100, **settings})


@tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}"


def question(text: str = "What is the weather in Paris?") -> dict[str, Any]:
    return {"messages": [HumanMessage(text)]}


async def invoke(agent: Any, given: Any, **config: Any) -> Any:
    return agent.invoke(given, **config)


async def ainvoke(agent: Any, given: Any, **config: Any) -> Any:
    return await agent.ainvoke(given, **config)


BOTH = pytest.mark.parametrize("ask", [invoke, ainvoke])
