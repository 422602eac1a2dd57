"""Answers of surprising shape that are not failures: a good client reads all of them.

Except `malformed_frame` and `missing_choices`, whose content cannot be understood.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from openrouter_emulator.faults._fault import Fault, before_share, choice_of, events, mapped
from openrouter_emulator.planned_response import (
    COMMENT,
    Cut,
    JsonObject,
    Part,
    Pause,
    PlannedResponse,
)


def unknown_everywhere() -> Fault:
    """Fields, enum values and part types that nobody has heard of, on every object."""

    def change(part: JsonObject) -> Iterable[Part]:
        return [_strange(part)]

    return Fault("unknown_everywhere", lambda planned: mapped(planned, change))


def _strange(part: JsonObject) -> JsonObject:
    strange: JsonObject = {**deepcopy(part), "x_new_field": {"nested": [1, None]}}
    if "object" in strange:
        strange["service_tier"] = "x_new_tier"
    choice = choice_of(strange)
    if choice is not None:
        choice["x_new_choice_field"] = True
        fields = choice.get("message") or choice.get("delta") or {}
        fields["x_new_message_field"] = "kept"
        if choice.get("finish_reason") == "stop":
            choice["finish_reason"] = "x_new_reason"
            fields["annotations"] = [{"type": "x_new_annotation", "x": 1}]
            fields["reasoning_details"] = [{"type": "reasoning.x_new", "x": 1, "index": 0}]
    if "usage" in strange:
        strange["usage"] = {**strange["usage"], "x_new_count": 1}
    return strange


def finish_reason(value: str | None = "x_new_reason", native: str | None = None) -> Fault:
    """Another finish reason on every chunk that has one."""

    def change(part: JsonObject) -> Iterable[Part]:
        changed = deepcopy(part)
        choice = choice_of(changed)
        if choice is not None and choice.get("finish_reason"):
            choice["finish_reason"], choice["native_finish_reason"] = value, native
        return [changed]

    return Fault("finish_reason", lambda planned: mapped(planned, change))


def finish_twice() -> Fault:
    """The finish chunk, then another with `stop` / `STOP`, then the usage with null."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return planned
        places = events(planned)
        first: Any = planned.parts[places[-2]]
        again, last = deepcopy(first), deepcopy(planned.parts[places[-1]])
        for part, reason, native in ((again, "stop", "STOP"), (last, None, None)):
            choice = choice_of(part)  # type: ignore[arg-type]  # events() are objects
            if choice is not None:
                choice.update(finish_reason=reason, native_finish_reason=native)
        rest = planned.parts[places[-1] + 1 :]
        return planned.replace(parts=[*planned.parts[: places[-1]], again, last, *rest])

    return Fault("finish_twice", rewrite)


def usage_missing() -> Fault:
    """No usage at all."""

    def change(part: JsonObject) -> Iterable[Part]:
        return [{k: v for k, v in part.items() if k != "usage"}]

    return Fault("usage_missing", lambda planned: mapped(planned, change))


def usage_twice() -> Fault:
    """The usage on the finish chunk and on the chunk after it."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return planned
        *_, finish, last = events(planned)
        parts = list(planned.parts)
        final: Any = parts[last]
        parts[finish] = {**parts[finish], "usage": final["usage"]}  # type: ignore[dict-item]  # an object
        return planned.replace(parts=parts)

    return Fault("usage_twice", rewrite)


def missing_choices() -> Fault:
    """A body or stream in which `choices` is null."""

    def change(part: JsonObject) -> Iterable[Part]:
        return [{**part, "choices": None}]

    return Fault("missing_choices", lambda planned: mapped(planned, change))


def malformed_frame(after: float = 0.5) -> Fault:
    """One event whose data is not JSON, in the middle of a stream."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        before = before_share(planned, after)
        rest = planned.parts[len(before) :]
        return planned.replace(parts=[*before, b'data: {"id": "gen-broken", \n\n', *rest])

    return Fault("malformed_frame", rewrite)


def odd_framing() -> Fault:
    """Legal but unusual server-sent events: CRLF, no space, several data lines, ids, retries, names."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return planned
        parts: list[Part] = [b"\xef\xbb\xbf:\n\n", b"retry: 3000\n\n", b": note\r\n\r\n"]
        for at, part in enumerate(planned.parts):
            parts.append(part if isinstance(part, Pause | Cut) else _odd(planned, part, at))
        return planned.replace(parts=parts)

    return Fault("odd_framing", rewrite)


def _odd(planned: PlannedResponse, part: JsonObject | list[Any] | bytes, at: int) -> bytes:
    frame = planned.frame(part)
    styles = (
        lambda data: b"data:" + data + b"\n\n",
        lambda data: (
            b"event: message\r\nid: " + str(at).encode() + b"\r\ndata: " + data + b"\r\n\r\n"
        ),
        lambda data: b"data: " + data + b"\nunknown: field\nlonely\n\n",
        _over_two_lines,
    )
    if not frame.startswith(b"data: {"):
        return frame
    return styles[at % len(styles)](frame[6:].strip())


def _over_two_lines(data: bytes) -> bytes:
    """JSON over two data lines, broken where whitespace is allowed."""
    head, _, tail = data.partition(b",")
    return b"data: " + head + b",\ndata: " + tail + b"\n\n"


def interleaved_tools() -> Fault:
    """Argument pieces of parallel calls in turn instead of one call after the other."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        places = [at for at in events(planned) if _tool_delta(planned.parts[at])]
        by_index: dict[int, list[Part]] = {}
        for at in places:
            delta: Any = _tool_delta(planned.parts[at])
            by_index.setdefault(delta["index"], []).append(planned.parts[at])
        rows = list(by_index.values())
        longest = max((len(r) for r in rows), default=0)
        mixed = [r[n] for n in range(longest) for r in rows if n < len(r)]
        parts = list(planned.parts)
        for at, part in zip(places, mixed, strict=True):
            parts[at] = part
        return planned.replace(parts=parts)

    return Fault("interleaved_tools", rewrite)


def shared_tool_index() -> Fault:
    """Parallel calls that all claim index 0 and differ only by id."""
    return Fault("shared_tool_index", lambda planned: mapped(planned, lambda p: [_indexed(p, 0)]))


def missing_tool_index() -> Fault:
    """Tool deltas without `index`."""
    return Fault(
        "missing_tool_index", lambda planned: mapped(planned, lambda p: [_indexed(p, None)])
    )


def _tool_delta(part: Any) -> JsonObject | None:
    choice = choice_of(part) if isinstance(part, dict) else None
    calls: Any = ((choice or {}).get("delta") or {}).get("tool_calls")
    return calls[0] if calls else None


def _indexed(part: JsonObject, index: int | None) -> JsonObject:
    changed = deepcopy(part)
    call = _tool_delta(changed)
    if call is not None:
        call.pop("index", None)
        if index is not None:
            call["index"] = index
    return changed


def extra_comments() -> Fault:
    """A keep-alive comment between any two events, and bare ones."""

    def change(part: JsonObject) -> Iterable[Part]:
        return [COMMENT, b":\n\n", part]

    return Fault(
        "extra_comments", lambda planned: mapped(planned, change) if planned.streamed else planned
    )


def escaped_unicode() -> Fault:
    """JSON with everything beyond ASCII written as escapes."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        return mapped(planned, lambda part: [_escaped(planned, part)])

    return Fault("escaped_unicode", rewrite)


def _escaped(planned: PlannedResponse, part: JsonObject) -> bytes:
    text = planned.frame(part).decode()
    ascii_only = json.dumps(json.loads(text.removeprefix("data: "))).encode()
    return b"data: " + ascii_only + b"\n\n" if planned.streamed else ascii_only
