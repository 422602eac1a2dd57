"""What OpenRouter's cache of whole responses did is shown by both adapters, whole and streamed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from tests.adapters.answers import Answer, chat_llm, chat_model, total
from tests.openrouter_core.wire_server import WireServer

HIT = {"x-openrouter-cache-status": "HIT", "x-openrouter-cache-age": "12"}
SHOWN = {"status": "HIT", "age_s": 12}
Notes = Callable[[WireServer], Awaitable[Any]]


async def langchain(server: WireServer) -> Any:
    return (await chat_model(server).ainvoke("Hi")).response_metadata


async def langchain_streamed(server: WireServer) -> Any:
    return total([chunk async for chunk in chat_model(server).astream("Hi")]).response_metadata


async def llama_index(server: WireServer) -> Any:
    response = await asyncio.to_thread(chat_llm(server).chat, [ChatMessage("Hi")])
    return response.additional_kwargs


async def llama_index_awaited(server: WireServer) -> Any:
    return (await chat_llm(server).achat([ChatMessage("Hi")])).additional_kwargs


async def llama_index_streamed(server: WireServer) -> Any:
    responses = [r async for r in await chat_llm(server).astream_chat([ChatMessage("Hi")])]
    return responses[-1].additional_kwargs


async def llama_index_completed(server: WireServer) -> Any:
    return (await chat_llm(server).acomplete("Hi")).additional_kwargs


WAYS = {
    langchain: False,
    langchain_streamed: True,
    llama_index: False,
    llama_index_awaited: False,
    llama_index_streamed: True,
    llama_index_completed: False,
}


@pytest.mark.parametrize(
    ("notes", "streamed"), WAYS.items(), ids=lambda v: getattr(v, "__name__", "")
)
@pytest.mark.parametrize("headers", [HIT, {}], ids=["hit", "not asked"])
async def test_the_status_is_beside_the_answer(
    notes: Notes, streamed: bool, headers: dict[str, str]
):
    script = _with_headers(Answer({"content": "Hi"}).script(streamed=streamed), headers)
    server = WireServer(script)
    try:
        shown = await notes(server)
    finally:
        server.stop()

    assert shown.get("response_cache") == (SHOWN if headers else None)
    assert "attempts" not in shown


def _with_headers(script: Any, headers: dict[str, str]) -> Any:
    first, *rest = script
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    return [first.replace(b"\r\n", b"\r\n" + head, 1), *rest]
