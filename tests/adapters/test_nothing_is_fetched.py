"""Addresses in messages and answers are passed on: nobody opens a file or a connection that the caller did not name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from tests.openrouter_core.wire_server import ANSWER, WireServer, answer, reply

SECRET = "what stands in a file of this machine"


@pytest.fixture
def serve() -> Iterator[Callable[..., WireServer]]:
    started: list[WireServer] = []

    def start(*scripts: Any) -> WireServer:
        started.append(WireServer(*scripts))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret.png"
    path.write_text(SECRET, encoding="utf-8")
    return path


def _langchain(base_url: str, address: str) -> None:
    model = ChatOpenRouter(model="a/b", api_key="k", base_url=base_url, max_retries=0)
    blocks: list[Any] = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": address}},
    ]
    first = model.invoke([HumanMessage(blocks)])
    assert first.content_blocks is not None
    model.invoke([HumanMessage(blocks), first, HumanMessage("And?")])


def _llama_index(base_url: str, address: str) -> None:
    model: Any = OpenRouter(model="a/b", api_key="k", base_url=base_url, max_retries=0)
    question = ChatMessage(blocks=[TextBlock(text="What is this?"), ImageBlock(url=address)])
    first = model.chat([question]).message
    model.chat([question, first, ChatMessage("And?")])


@pytest.mark.parametrize("ask", [_langchain, _llama_index])
@pytest.mark.parametrize("kind", ["http", "file", "path"])
def test_addresses_are_not_followed(
    ask: Callable[[str, str], None], kind: str, serve: Callable[..., WireServer], file: Path
) -> None:
    trap = serve(ANSWER)
    address = {"http": f"{trap.base_url}/a.png", "file": file.as_uri(), "path": str(file)}[kind]
    image = {"type": "image_url", "image_url": {"url": address}}
    citation = {"type": "url_citation", "url_citation": {"url": address, "title": "t"}}
    body = answer("See there.")
    body["choices"][0]["message"] |= {"images": [image], "annotations": [citation]}
    server = serve(reply(body))

    with suppress(ValueError):  # a file is not an address that a request can carry
        ask(server.base_url, "https://e.example/a.png" if kind == "path" else address)

    assert trap.connections == 0
    assert server.requests
    assert not any(SECRET.encode() in request.body for request in server.requests)
