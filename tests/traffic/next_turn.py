"""What must go out on the next turn: the assistant message that a recording brought, sent back.

Reasoning details go back as they came; argument strings byte for byte, unless they are not JSON, for
a history must hold JSON (quirks.md A1, A9, D2, D11).
"""

from __future__ import annotations

import json
from typing import Any

from .expected_answers import Answer, ToolCall, is_valid, object_in

JsonObject = dict[str, Any]


def problems_of(expected: Answer, sent: JsonObject, *, way: str) -> list[str]:
    """Compare the assistant message that would be sent, under the policy "all", with the expected one."""
    checks = {
        "reasoning_details": (expected.reasoning_details, sent.get("reasoning_details")),
        "content": (expected.text or None, sent.get("content") or None),
        "tool calls": (_expected_calls(expected), _calls(sent, _broken_texts(expected))),
    }
    return [
        f"  {way}, {name}:\n    wire: {str(wanted)[:500]}\n    sent: {str(got)[:500]}"
        for name, (wanted, got) in checks.items()
        if wanted != got
    ]


def lost_signed_entries(expected: Answer, sent: JsonObject) -> list[str]:
    """The signed and encrypted entries that the default policy must keep, and did not."""
    kept = sent.get("reasoning_details") or []
    signed = [d for d in expected.reasoning_details or [] if d.get("signature") or d.get("data")]
    return [f"  the default policy lost {str(d)[:200]}" for d in signed if d not in kept]


def _expected_calls(expected: Answer) -> list[tuple[Any, ...]]:
    calls = [*expected.tool_calls, *expected.invalid_tool_calls]
    return [(call.id, call.name, _sendable(call)) for call in calls]


def _sendable(call: ToolCall) -> str | None:
    """None: any JSON object will do, for what came is not one."""
    if not is_valid(call.arguments):
        return None
    meant = object_in(call.arguments) or {}
    try:
        return call.arguments if json.loads(call.arguments or "0") == meant else json.dumps(meant)
    except ValueError:
        return json.dumps(meant)


def _broken_texts(expected: Answer) -> dict[str | None, str]:
    calls = [*expected.tool_calls, *expected.invalid_tool_calls]
    return {call.id: call.arguments for call in calls if not is_valid(call.arguments)}


def _calls(sent: JsonObject, broken: dict[str | None, str]) -> list[tuple[Any, ...]]:
    calls = [(call["id"], call["function"]) for call in sent.get("tool_calls") or []]
    return [(i, f["name"], _readable(f["arguments"], broken.get(i, ""))) for i, f in calls]


def _readable(arguments: str, broken: str) -> str | None:
    """The text itself; None when it stands in for text that is not JSON, or is the object in that text."""
    value = json.loads(arguments)
    assert isinstance(value, dict)
    is_mended = "invalid_arguments" in value or (bool(value) and arguments in broken)
    return None if is_mended else arguments
