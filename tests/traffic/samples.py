"""Answers written by hand: shapes that were reported from production but stand in no recording.

They run where the recordings are absent, too, and do not count as traffic.
"""

from __future__ import annotations

from typing import Any

from .recordings import Recording, made, sse_of

JsonObject = dict[str, Any]
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "cost": 0}
TEXT = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}


def _chunk(delta: JsonObject, finish: str | None = None, **more: Any) -> JsonObject:
    choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
    known = {"id": "gen-1", "object": "chat.completion.chunk", "created": 1, "model": "m-1"}
    return {**known, "provider": "Some AI", "choices": [choice], **more}


def _call(index: int | None, name: str | None, arguments: str | None, id: str = "") -> JsonObject:
    function = {"name": name, "arguments": arguments}
    fields = {k: v for k, v in function.items() if v is not None}
    return {"index": index, "id": id or None, "type": "function", "function": fields}


def _stream(name: str, *deltas: JsonObject, finish: str = "stop") -> Recording:
    chunks = [_chunk(d) for d in deltas]
    ending = [_chunk({"content": ""}, finish), _chunk({"content": ""}, finish, usage=USAGE)]
    return made({"sse": sse_of(*chunks, *ending)}, id=f"made-{name}", stream=True)


def _calls(name: str, *pieces: JsonObject, finish: str = "tool_calls") -> Recording:
    deltas = [{"content": None, "tool_calls": [piece]} for piece in pieces]
    return _stream(name, *deltas, finish=finish)


def _thoughts(name: str, *details: JsonObject) -> Recording:
    deltas: list[JsonObject] = [
        {"content": "", "reasoning": d.get("text"), "reasoning_details": [d]} for d in details
    ]
    return _stream(name, *deltas, {"content": "22°C, 你好"})


ANSWERS = [
    _calls(
        "interleaved-calls",
        _call(0, "f", '{"x"', "a"),
        _call(1, "g", '{"y"', "b"),
        _call(0, None, ":1}"),
        _call(1, None, ":2}"),
    ),
    _calls("calls-share-an-index", _call(0, "f", '{"x":1}', "a"), _call(0, "g", "{}", "b")),
    _calls("whitespace-after-arguments", _call(0, "f", '{"x":1}', "a"), _call(0, None, " ")),
    _calls("no-arguments-and-stop", _call(0, "f", None, "a"), finish="stop"),
    _calls("arguments-cut-off", _call(0, "f", '{"x": "y', "a"), finish="tool_calls"),
    _calls("two-objects-as-arguments", _call(0, "f", '{}{"x": 1}', "a")),
    _thoughts(
        "signature-comes-late",
        {**TEXT, "text": "to "},
        {**TEXT, "text": "be"},
        {**TEXT, "signature": "s"},
        {**TEXT, "text": "or not", "index": 1},
    ),
    _thoughts("details-without-index", {"type": "t", "text": "a"}, {"type": "t", "text": "a"}),
    _thoughts("unknown-detail", {"type": "reasoning.new", "blob": {"a": [1]}, "index": 0}),
    _stream("empty-details", {"content": "x", "reasoning_details": []}),
    _stream(
        "image",
        {"content": "", "images": [{"type": "image_url", "image_url": {"url": "https://x/y"}}]},
    ),
    _stream("unknown-finish", {"content": "x"}, finish="a new reason"),
]

FAILURES = [
    made(
        {"sse": sse_of({"error": {"code": 502, "message": "Down"}, "user_id": "u"})},
        id="made-error-first",
        stream=True,
    ),
    made(
        {
            "sse": sse_of(
                _chunk({"content": "so far"}),
                _chunk({"content": ""}, "error", error={"code": 429, "message": "Slow down"}),
            )
        },
        id="made-error-beside-finish",
        stream=True,
    ),
]
