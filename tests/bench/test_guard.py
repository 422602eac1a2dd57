"""Six paths that must stay fast. Each is compared, in turns and in this process, with a plain piece of work.

Absolute times say nothing on a busy machine; the best of many short rounds of two things that take turns
does. The bounds are about twice what was measured when they were set (named beside each): they catch a
path that became twice as slow, not one that lost five per cent. `make bench` gives the figures.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic_core import from_json

from openrouter_core import ChatAccumulator, OpenRouterClient, ReplyInfo
from openrouter_core.chat.reply import ReplyReader
from openrouter_core.streaming.reader import SseDecoder
from openrouter_core.wire._base import read
from openrouter_core.wire.models import ModelsPage

CHUNKS = 500


def chunk(n: int) -> dict[str, Any]:
    """One chunk of a text answer, as OpenRouter sends it."""
    delta = {"role": "assistant", "content": f" word{n}"}
    choice = {"index": 0, "delta": delta, "finish_reason": None, "native_finish_reason": None}
    head = {"id": "gen-1", "object": "chat.completion.chunk", "created": 1_790_000_000}
    return {**head, "model": "bench/text", "provider": "Bench", "choices": [choice]}


EVENTS = [json.dumps(chunk(n), separators=(",", ":")).encode() for n in range(CHUNKS)]
BODY = b"".join(b"data: " + event + b"\n\n" for event in EVENTS)
PIECES = [BODY[at : at + 1400] for at in range(0, len(BODY), 1400)]


def ratio(ours: Callable[[], object], plain: Callable[[], object], *, rounds: int = 60) -> float:
    """How many times as much CPU ours takes, at its best against the other's best."""
    mine, other = float("inf"), float("inf")
    for _ in range(rounds):
        mine, other = min(mine, _cpu_s(ours)), min(other, _cpu_s(plain))
    return mine / other


def _cpu_s(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def parsed() -> list[Any]:
    """The least that any client does with a stream: cut it and parse its JSON."""
    return [from_json(event[6:]) for event in BODY.split(b"\n\n") if event]


def test_core_reads_a_chunk_in_a_few_times_the_cost_of_parsing_it():
    def ours() -> None:
        decoder, so_far = SseDecoder(), ChatAccumulator()
        for piece in PIECES:
            for payload in decoder.feed(piece):
                so_far.feed(payload)

    assert ratio(ours, parsed) < 4.5  # measured: 2.2


def test_langchain_chunks_cost_little_more_than_langchain_itself():
    pytest.importorskip("langchain_core", reason="needs the extra [langchain]")
    from langchain_core.messages import AIMessageChunk
    from langchain_core.outputs import ChatGenerationChunk

    from langchain_openrouter._response.stream_chunks import ChunkConverter

    chunks: list[Any] = [from_json(event) for event in EVENTS]

    def ours() -> None:
        so_far, converter = ChatAccumulator(), ChunkConverter()
        converter.open(so_far, ReplyInfo(), ReplyReader())
        for one in chunks:
            so_far.add(one)
            converter.read()

    def plain() -> None:
        for n in range(CHUNKS):
            ChatGenerationChunk(message=AIMessageChunk(content=f" word{n}"))

    assert ratio(ours, plain) < 1.6  # measured: 0.9, for no constructor is called


def test_llama_index_responses_cost_little_more_than_llama_index_itself():
    pytest.importorskip("llama_index.core", reason="needs the extra [llama-index]")
    from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole

    from llama_index_openrouter._response.stream_responses import ResponseConverter

    chunks: list[Any] = [from_json(event) for event in EVENTS]

    def ours() -> None:
        so_far = ChatAccumulator()
        snapshot = ResponseConverter(so_far)
        for one in chunks:
            so_far.add(one)
            snapshot.after(one)

    def plain() -> None:
        text = ""
        for n in range(CHUNKS):
            text += f" word{n}"
            message = ChatMessage(role=MessageRole.ASSISTANT, content=text)
            ChatResponse(message=message, delta=f" word{n}")

    assert ratio(ours, plain) < 2.8  # measured: 1.5


def test_a_typed_model_list_costs_a_few_times_its_parsing():
    model = {
        "id": "bench/model",
        "name": "Bench",
        "created": 1_790_000_000,
        "description": "A model that exists to be listed. " * 48,
        "context_length": 200_000,
        "architecture": {"modality": "text->text", "input_modalities": ["text"]},
        "pricing": {"prompt": "0.0000012", "completion": "0.0000012"},
        "top_provider": {"context_length": 200_000, "is_moderated": False},
        "supported_parameters": ["max_tokens", "temperature", "tools"],
    }
    body = json.dumps({"data": [model] * 100}).encode()
    info = ReplyInfo()

    assert ratio(lambda: read(ModelsPage, from_json(body), info), lambda: from_json(body)) < 9
    # measured: 4.7


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """A thread that answers every request on its connections with one small reply."""
    body = b'{"id":"gen-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"}}]}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    reply = head % len(body) + body

    def answer(connection: socket.socket) -> None:
        with connection:
            while b"}" in _request_on(connection):
                connection.sendall(reply)

    def serve() -> None:
        while (accepted := _accepted(server)) is not None:
            threading.Thread(target=answer, args=(accepted,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()
        server.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept


def _request_on(connection: socket.socket) -> bytes:
    """A whole request, which ends with its JSON body; empty when the client has gone."""
    data = b""
    while not data.endswith(b"}"):
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    return data


def _accepted(server: socket.socket) -> socket.socket | None:
    try:
        return server.accept()[0]
    except OSError:
        return None


def test_a_call_costs_less_than_one_and_a_half_through_httpx2_alone(address: tuple[str, int]):
    import httpx2

    url = f"http://{address[0]}:{address[1]}/api/v1"
    messages = [{"role": "user", "content": "Hi"}]
    body = {"model": "bench/text", "messages": messages}
    with OpenRouterClient("sk-or-bench", base_url=url) as client, httpx2.Client() as plain:
        assert (
            ratio(
                lambda: client.chat.send(messages, model="bench/text"),
                lambda: from_json(plain.post(f"{url}/chat/completions", json=body).content),
                rounds=300,
            )
            < 1.5  # measured: 0.9
        )


def test_a_ledger_adds_little_to_a_call(address: tuple[str, int]):
    from openrouter_core.costs import CostLedger

    url = f"http://{address[0]}:{address[1]}/api/v1"
    messages = [{"role": "user", "content": "Hi"}]
    watched = OpenRouterClient(
        "sk-or-bench", base_url=url, observers=[CostLedger(reconcile="none")]
    )
    plain = OpenRouterClient("sk-or-bench", base_url=url)
    with watched, plain:
        assert (
            ratio(
                lambda: watched.chat.send(messages, model="bench/text"),
                lambda: plain.chat.send(messages, model="bench/text"),
                rounds=300,
            )
            < 1.5  # measured: 1.09
        )
