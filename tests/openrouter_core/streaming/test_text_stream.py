"""The text of a stream, piece by piece: whatever the endpoint, it adds up to the text of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, StreamInterruptedError
from tests.openrouter_core.wire_server import WireServer, reply, sse

ASK = [{"role": "user", "content": "Hi"}]
HALVES = ("Hi \ud83d", "\ude00", "!")
TEXT = "Hi \U0001f600!"


def _events(*events: Any) -> Any:
    return sse(*(f"data: {json.dumps(event)}\n\n" for event in events), "data: [DONE]\n\n")


def _chunk(delta: Any, finish: str | None = None) -> dict[str, Any]:
    return {"id": "gen-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _completion(text: str, index: int = 0, finish: str | None = None) -> dict[str, Any]:
    return {"id": "gen-1", "choices": [{"index": index, "text": text, "finish_reason": finish}]}


def _block(**delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": delta}


CHAT = _events(
    _chunk({"reasoning": "Hm."}),
    *(_chunk({"content": piece}) for piece in HALVES),
    _chunk({}, "stop"),
)
MESSAGES = _events(
    {"type": "message_start", "message": {"id": "gen-1", "content": []}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    _block(type="thinking_delta", thinking="Hm."),
    *(_block(type="text_delta", text=piece) for piece in HALVES),
    {"type": "content_block_stop", "index": 0},
    {"type": "message_stop"},
)
RESPONSES = _events(
    *(
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "item_id": "m", "delta": piece}
        for piece in HALVES
    ),
    {"type": "response.completed", "response": {"id": "gen-1", "status": "completed"}},
)  # fmt: skip
COMPLETIONS = _events(
    *(_completion(piece) for piece in HALVES), _completion("no", 1), _completion("", finish="stop")
)
STREAMS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "chat": (CHAT, lambda client: client.chat.stream(ASK, model="a/b")),
    "messages": (
        MESSAGES,
        lambda client: client.messages.stream(model="a/b", max_tokens=5, messages=ASK),
    ),
    "responses": (RESPONSES, lambda client: client.responses.stream("Hi", model="a/b")),
    "completions": (COMPLETIONS, lambda client: client.completions.stream("Hi", model="a/b")),
}
EACH = pytest.mark.parametrize(("script", "ask"), STREAMS.values(), ids=STREAMS.keys())


@EACH
def test_the_pieces_are_the_text(
    serve: Callable[..., WireServer], script: Any, ask: Callable[[Any], Any]
):
    client = OpenRouterClient("k", base_url=serve(script).base_url)

    with ask(client) as stream:
        pieces = list(stream.text_stream)

    assert pieces == ["Hi ", "\U0001f600", "!"]
    assert stream.so_far.partial_text == TEXT


@EACH
async def test_the_pieces_of_an_async_stream(
    serve: Callable[..., WireServer], script: Any, ask: Callable[[Any], Any]
):
    client = AsyncOpenRouterClient("k", base_url=serve(script).base_url)

    stream = ask(client)
    pieces = [piece async for piece in stream.text_stream]

    assert pieces == ["Hi ", "\U0001f600", "!"]
    assert stream.so_far.partial_text == TEXT


def test_a_whole_reply_to_a_stream_is_one_piece(serve: Callable[..., WireServer]):
    message = {"role": "assistant", "content": "Hi"}
    whole = {"id": "gen-1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    client = OpenRouterClient("k", base_url=serve(reply(whole)).base_url)

    assert list(client.chat.stream(ASK, model="a/b").text_stream) == ["Hi"]


def test_half_a_character_at_the_end_is_not_lost(serve: Callable[..., WireServer]):
    script = _events(_chunk({"content": "Hi \ud83d"}), _chunk({}, "stop"))
    client = OpenRouterClient("k", base_url=serve(script).base_url)

    with client.chat.stream(ASK, model="a/b") as stream:
        assert "".join(stream.text_stream) == stream.so_far.text


def test_a_stream_that_breaks_off_raises_behind_its_pieces(serve: Callable[..., WireServer]):
    script = sse(f"data: {json.dumps(_chunk({'content': 'Hi'}))}\n\n")
    client = OpenRouterClient("k", base_url=serve(script).base_url)
    pieces = client.chat.stream(ASK, model="a/b").text_stream

    assert next(pieces) == "Hi"
    with pytest.raises(StreamInterruptedError):
        next(pieces)
