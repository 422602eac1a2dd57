"""Chunks as recorded chat streams have them, and what they add up to."""

from __future__ import annotations

import json
from typing import Any

from openrouter_core import ChatAccumulator

USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 3,
    "total_tokens": 12,
    "cost": 0.00000495,
    "prompt_tokens_details": None,
}


def chunk(
    delta: dict[str, Any] | None = None,
    finish: str | None = None,
    native: str | None = None,
    **extra: Any,
) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": "", **(delta or {})}}
    choice |= {"finish_reason": finish, "native_finish_reason": native}
    head = {"id": "gen-1-abc", "provider": "Amazon Bedrock", "model": "m/dated", "created": 7}
    return {**head, "object": "chat.completion.chunk", "choices": [choice], **extra}


def texts(*pieces: str) -> list[dict[str, Any]]:
    return [chunk({"content": piece}) for piece in pieces]


def fed(*chunks: dict[str, Any]) -> ChatAccumulator:
    accumulator = ChatAccumulator()
    for chunk in chunks:
        accumulator.feed(json.dumps(chunk).encode())
    return accumulator


def message_of(*chunks: dict[str, Any]) -> dict[str, Any]:
    return fed(*chunks).result()["choices"][0]["message"]


def piece_of(
    index: int | None, id: str | None = None, name: str | None = None, arguments: Any = None
) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    piece: dict[str, Any] = {"index": index, "id": id, "type": "function"}
    piece = {key: value for key, value in piece.items() if value is not None}
    return {**piece, "function": {k: v for k, v in function.items() if v is not None}}
