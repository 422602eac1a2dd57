"""The four ways to ask a model, as one signature, for tests that claim the same of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_openrouter import ChatOpenRouter

CLAUDE = "anthropic/claude-sonnet-4.5"
GPT = "openai/gpt-4o-mini"
PNG = "data:image/png;base64,iVBORw0KGgo="
Ask = Callable[..., Awaitable[AIMessage]]


def model(name: str = GPT, **settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(model=name, **{"max_retries": 0, **settings})


async def invoke(made: ChatOpenRouter, what: Any, **kwargs: Any) -> AIMessage:
    return await asyncio.to_thread(made.invoke, what, **kwargs)


async def ainvoke(made: ChatOpenRouter, what: Any, **kwargs: Any) -> AIMessage:
    return await made.ainvoke(what, **kwargs)


async def stream(made: ChatOpenRouter, what: Any, **kwargs: Any) -> AIMessage:
    def run() -> AIMessageChunk:
        first, *rest = made.stream(what, **kwargs)
        return first + rest  # type: ignore[return-value]

    return await asyncio.to_thread(run)


async def astream(made: ChatOpenRouter, what: Any, **kwargs: Any) -> AIMessage:
    first, *rest = [c async for c in made.astream(what, **kwargs)]
    return first + rest  # type: ignore[return-value]


ALL_WAYS = pytest.mark.parametrize("ask", [invoke, ainvoke, stream, astream])
STREAMS = pytest.mark.parametrize("ask", [stream, astream])
