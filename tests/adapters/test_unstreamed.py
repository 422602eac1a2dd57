"""A server that answers a stream with the whole reply at once: its text comes out as if it had been streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import OpenRouterClient
from tests.openrouter_core.wire_server import ANSWER, DONE, Script, WireServer, reply, sse

PART = {"type": "output_text", "text": "the text"}
RESPONSE = {
    "id": "r",
    "object": "response",
    "status": "completed",
    "model": "m",
    "output": [{"type": "message", "role": "assistant", "content": [PART]}],
}


@pytest.fixture
def serve() -> Iterator[Callable[[Script], str]]:
    started: list[WireServer] = []

    def start(script: Script) -> str:
        started.append(WireServer(script))
        return started[-1].base_url

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize(
    "script",
    [reply(RESPONSE), sse({"type": "response.completed", "response": RESPONSE}, DONE)],
    ids=["JSON", "one event"],
)
def test_a_response_that_comes_at_once_has_its_text(
    serve: Callable[[Script], str], script: Script
) -> None:
    client = OpenRouterClient("k", base_url=serve(script))

    assert client.responses.stream("Hi", model="m").until_done().text == "the text"


def test_llama_index_hands_it_out_as_a_delta(serve: Callable[[Script], str]) -> None:
    model: Any = OpenRouter(model="a/b", api_key="k", base_url=serve(ANSWER))

    chat = model.stream_chat([ChatMessage(content="Hello")])
    complete = model.stream_complete("Hello")

    assert "".join(response.delta for response in chat) == "Hi"
    assert "".join(response.delta for response in complete) == "Hi"


def test_langchain_hands_it_out_as_a_chunk(serve: Callable[[Script], str]) -> None:
    model = ChatOpenRouter(model="a/b", api_key="k", base_url=serve(ANSWER))

    assert "".join(str(chunk.content) for chunk in model.stream("Hello")) == "Hi"
