"""Compares what a client showed with what the wire says, feature by feature, and keeps the score."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from . import normalize
from .expected_answers import Answer, answer_of
from .recordings import Recording
from .scoreboard import board

_FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "reasoning": ("reasoning",),
    "reasoning_details": ("reasoning_details",),
    "tool calls": ("tool_calls",),
    "invalid tool calls": ("invalid_tool_calls",),
    "tokens": ("tokens",),
    "cached tokens": ("cached_tokens",),
    "reasoning tokens": ("reasoning_tokens",),
    "cost": ("cost",),
    "generation id": ("generation_id",),
    "model": ("model",),
    "provider": ("provider",),
    "finish reasons": ("finish_reason", "native_finish_reason"),
    "citations": ("citations",),
    "refusal": ("refusal",),
    "logprobs": ("logprobs",),
    "extra fields": ("extra", "images"),
}
_NOTHING: tuple[Any, ...] = (None, "", [], {}, (None, None, None))


def losses(answer: Answer, seen: Answer, *, column: str, recording: Recording) -> list[str]:
    """Compare every feature and count those that the recording has; return what differs."""
    board.judged.add((column, recording.id))
    expected, got = asdict(answer), asdict(seen)
    found: list[str] = []
    for feature, names in _FIELDS.items():
        wrong = [n for n in names if expected[n] != got[n]]
        if wrong or _says_something(expected, names):
            _count(recording, column, feature, ok=not wrong)
        found += [_difference(feature, n, expected[n], got[n]) for n in wrong]
    if found:
        found.insert(0, f"{column} lost or changed something of {recording.id}:")
    return found


def count_as_lost(column: str, recording: Recording) -> None:
    """Count every feature of an answer that never reached the comparison."""
    if (column, recording.id) in board.judged:
        return
    expected = asdict(answer_of(recording))
    for feature, names in _FIELDS.items():
        if _says_something(expected, names):
            board.add(column, feature, ok=False)


def request_losses(recording: Recording, sent: dict[str, Any], *, column: str) -> list[str]:
    """Compare the request that a client sent with the recorded one: same messages, same options."""
    if not recording.request:
        return []
    conversation = normalize.differences(recording.messages, sent["messages"])
    if any(m["role"] in ("assistant", "tool") for m in recording.messages):
        _count(recording, column, "multi-turn round trip", ok=not conversation)
    options = normalize.option_differences(recording.request, sent)
    _count(recording, column, "request options", ok=not options)
    problems = conversation + options
    return [f"{column} changed the request of {recording.id}:", *problems] if problems else []


def _count(recording: Recording, column: str, feature: str, *, ok: bool) -> None:
    if not recording.is_made:
        board.add(column, feature, ok=ok)


def _says_something(expected: dict[str, Any], names: tuple[str, ...]) -> bool:
    return any(expected[n] not in _NOTHING for n in names)


def _difference(feature: str, name: str, expected: Any, got: Any) -> str:
    return f"  {feature} ({name}):\n    wire: {_short(expected)}\n    seen: {_short(got)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:300]} ... {text[-250:]} ({len(text)} characters)"
