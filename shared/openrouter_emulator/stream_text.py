"""What a model has written in an event of a stream, of whatever kind of stream. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_WRITTEN = ("content", "reasoning", "text", "thinking", "partial_json")
"""Fields of a delta that a model writes; what the others hold is not written."""


def event_of(frame: bytes) -> Any:
    """The JSON of a frame of a stream; None where it has none."""
    _, found, data = frame.partition(b"data: ")
    try:
        return json.loads(data) if found else None
    except (ValueError, RecursionError):
        return None


def pieces(event: object) -> Iterator[tuple[str, str]]:
    """What is written, each with the name of the text that it is a piece of."""
    if isinstance(event, bytes):
        event = event_of(event)
    if not isinstance(event, dict):
        return
    choices: Any = event.get("choices")
    if not isinstance(choices, list):
        place = f"{event.get('output_index')}.{event.get('content_index')}.{event.get('index')}"
        yield from _of_delta(event.get("delta"), place)
        return
    for at, choice in enumerate(choices):
        if isinstance(choice, dict):
            delta = choice.get("delta", choice.get("text"))
            yield from _of_delta(delta, str(choice.get("index", at)))


def _of_delta(delta: Any, place: str) -> Iterator[tuple[str, str]]:
    """A delta's text, thoughts and arguments."""
    if isinstance(delta, str):
        yield place, delta
    if not isinstance(delta, dict):
        return
    yield from ((f"{place}.{k}", delta[k]) for k in _WRITTEN if isinstance(delta.get(k), str))
    calls: Any = delta.get("tool_calls")
    listed: list[Any] = calls if isinstance(calls, list) else []
    for at, call in enumerate(listed):
        function: Any = call.get("function") if isinstance(call, dict) else None
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(arguments, str):
            yield f"{place}.call {call.get('index', at)}", arguments
