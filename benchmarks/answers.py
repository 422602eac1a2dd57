"""The answers that the benchmark server sends, rendered once. Pure: names in, bytes out.

An answer is named in the URL, `/NAME/api/v1/...`, so that every client can ask for it by its base URL:
`call`, `call.DELAY_MS`, `tool`, `large`, `models`, `float`, `base64`, and streams
`KIND.CHUNKS.PER_SEND[.DELAY_MS]` of the kinds `text`, `reasoning` and `arguments`.
"""

from __future__ import annotations

import base64
import json
from array import array
from dataclasses import dataclass
from functools import cache
from typing import Any

LAST_WORD = "lastword"
"""Ends every answer: whoever shows it has delivered the whole."""
_SSE_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-generation-id: gen-bench\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21, "cost": 0.00012}
_VECTOR = [((n * 37) % 1000 - 500) / 1024 for n in range(1536)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is written, piece by piece, and how long the server waits before the first."""

    sends: tuple[bytes, ...]
    delay_s: float = 0.0


@cache
def answer(name: str) -> Answer:
    """Render the answer of that name; KeyError if there is none."""
    kind, *numbers = name.split(".")
    if kind in _DELTAS:
        count, per_send, *delay_ms = map(int, numbers)
        return Answer(_stream(kind, count, per_send), sum(delay_ms) / 1000)
    body = json.dumps(_BODIES[kind](), separators=(",", ":")).encode()
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-generation-id: gen-bench\r\n"
        b"content-length: %d\r\n\r\n" % len(body)
    )
    return Answer((head + body,), sum(map(int, numbers)) / 1000)


def _stream(kind: str, count: int, per_send: int) -> tuple[bytes, ...]:
    deltas = [_DELTAS[kind](n, count) for n in range(count)]
    chunks = [_chunk([_choice(delta, None)]) for delta in deltas]
    ending = "tool_calls" if kind == "arguments" else "stop"
    chunks.append(_chunk([_choice({"role": "assistant", "content": ""}, ending)]))
    chunks.append(_chunk([], usage=_USAGE))
    events = [b"data: " + chunk + b"\n\n" for chunk in (*chunks, b"[DONE]")]
    packs = [b"".join(events[n : n + per_send]) for n in range(0, len(events), per_send)]
    framed = (b"%x\r\n%s\r\n" % (len(pack), pack) for pack in packs)
    return (_SSE_HEAD, *framed, b"0\r\n\r\n")


def _text(n: int, count: int) -> dict[str, Any]:
    return {"role": "assistant", "content": f" {LAST_WORD}" if n == count - 1 else f" word{n}"}


def _reasoning(n: int, count: int) -> dict[str, Any]:
    thought = f" {LAST_WORD}" if n == count - 1 else f" step{n}"
    detail = {"type": "reasoning.text", "text": thought, "index": 0, "format": "unknown"}
    return {"role": "assistant", "content": "", "reasoning": thought, "reasoning_details": [detail]}


def _arguments(n: int, count: int) -> dict[str, Any]:
    function: dict[str, Any] = {"arguments": f" word{n}"}
    call: dict[str, Any] = {"index": 0, "type": "function", "function": function}
    if n == 0:
        call["id"], function["name"], function["arguments"] = "call_1", "write", '{"text": "'
    if n == count - 1:
        function["arguments"] = f' {LAST_WORD}"}}'
    return {"role": "assistant", "content": None, "tool_calls": [call]}


_DELTAS = {"text": _text, "reasoning": _reasoning, "arguments": _arguments}


def _choice(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {
        "index": 0,
        "delta": delta,
        "finish_reason": finish,
        "native_finish_reason": finish,
        "logprobs": None,
    }


def _chunk(choices: list[dict[str, Any]], **more: object) -> bytes:
    head = {"id": "gen-bench", "object": "chat.completion.chunk", "created": 1_790_000_000}
    body = {**head, "model": "bench/text", "provider": "Bench", "choices": choices, **more}
    return json.dumps(body, separators=(",", ":")).encode()


def _reply(text: str | None, **more: object) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None, "reasoning": None, **more}
    ending = "tool_calls" if more else "stop"
    choice = {"index": 0, "message": message, "finish_reason": ending, "logprobs": None}
    return {
        "id": "gen-bench",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "bench/text",
        "provider": "Bench",
        "system_fingerprint": None,
        "choices": [{**choice, "native_finish_reason": ending}],
        "usage": _USAGE,
    }


def _tool_call() -> dict[str, Any]:
    function = {"name": "write", "arguments": f'{{"text": "{LAST_WORD}"}}'}
    return _reply(
        None, tool_calls=[{"index": 0, "id": "call_1", "type": "function", "function": function}]
    )


def _large() -> dict[str, Any]:
    return _reply("The quick brown fox. " * 9_523 + LAST_WORD)


def _embeddings(vector: object) -> dict[str, Any]:
    data = [{"object": "embedding", "index": n, "embedding": vector} for n in range(100)]
    usage = {"prompt_tokens": 500, "total_tokens": 500, "cost": 0.00001}
    return {"object": "list", "data": data, "model": "bench/embed", "usage": usage, "id": "gen-b"}


def _encoded_vectors() -> dict[str, Any]:
    return _embeddings(base64.b64encode(array("f", _VECTOR).tobytes()).decode())


def _models() -> dict[str, Any]:
    links = {"self": "/api/v1/models", "next": None}
    return {"data": [_model(n) for n in range(400)], "total_count": 400, "links": links}


def _model(n: int) -> dict[str, Any]:
    pricing = dict.fromkeys(("prompt", "completion", "request", "image"), "0.0000012")
    architecture = {
        "modality": "text+image->text",
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "tokenizer": "Other",
        "instruct_type": None,
    }
    provider = {"context_length": 200_000, "max_completion_tokens": 8192, "is_moderated": False}
    parameters = ["max_tokens", "temperature", "tools", "tool_choice", "reasoning", "seed", "stop"]
    return {
        "id": f"bench/model-{n}",
        "canonical_slug": f"bench/model-{n}-20260101",
        "hugging_face_id": None,
        "name": f"Bench: Model {n}",
        "created": 1_790_000_000,
        "description": "A model that exists to be listed. " * 48,
        "context_length": 200_000,
        "architecture": architecture,
        "pricing": pricing,
        "top_provider": provider,
        "per_request_limits": None,
        "supported_parameters": parameters,
        "default_parameters": {"temperature": 1.0},
        "supported_voices": None,
        "links": {"details": f"/api/v1/models/bench/model-{n}/endpoints"},
    }


_BODIES = {
    "call": lambda: _reply(f"A short answer, and its {LAST_WORD}."),
    "tool": _tool_call,
    "large": _large,
    "models": _models,
    "float": lambda: _embeddings(_VECTOR),
    "base64": _encoded_vectors,
}
