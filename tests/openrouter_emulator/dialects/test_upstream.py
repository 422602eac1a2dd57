"""What OpenRouter leaves out of a request without a word."""

from __future__ import annotations

from typing import Any

import pytest

CLAUDE = "anthropic/claude-sonnet-4.5"
THINK = {"effort": "high"}
TOOLS: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
FORCED = [
    "required",
    {"type": "function", "function": {"name": "f"}},
    {"type": "allowed_tools", "mode": "required", "tools": TOOLS},
]


def echoed(wire: Any, **body: Any) -> dict[str, Any]:
    stream = wire.stream("Hi", debug={"echo_upstream_body": True}, **body)
    return stream.chunks[0]["debug"]["echo_upstream_body"]


@pytest.mark.parametrize("choice", FORCED[:2])
def test_claude_does_not_think_when_a_tool_is_forced(wire: Any, choice: Any):
    body = {"model": CLAUDE, "tools": TOOLS, "tool_choice": choice, "reasoning": THINK}

    assert "reasoning" not in echoed(wire, **body)
    message = wire.message("Hi", **body)
    assert message["tool_calls"]
    assert not message.get("reasoning")


def test_claude_thinks_when_tools_are_its_choice(wire: Any):
    body = {"model": CLAUDE, "tools": TOOLS, "tool_choice": "auto", "reasoning": THINK}

    assert echoed(wire, **body)["reasoning"] == THINK
    assert wire.message("Hi", **body)["reasoning"]


def test_others_think_when_a_tool_is_forced(wire: Any):
    body = {"tools": TOOLS, "tool_choice": "required", "reasoning": THINK}

    assert wire.message("Hi", model="x-ai/grok-4.5", **body)["reasoning"]


def test_sampling_parameters_that_a_model_does_not_list_are_ignored(wire: Any):
    body = {"temperature": 0.5, "seed": 1, "max_tokens": 99}

    assert body.items() <= echoed(wire, model="openai/gpt-4o-mini", **body).items()
    left = echoed(wire, model="anthropic/claude-opus-4.7", **body)
    assert "temperature" not in left
    assert left["max_tokens"] == 99


def test_without_dialects_everything_goes_to_the_provider(wire: Any):
    wire.emulator.dialects = False
    body = {"model": CLAUDE, "tools": TOOLS, "tool_choice": "required", "reasoning": THINK}

    assert echoed(wire, **body, seed=1)["reasoning"] == THINK
    assert wire.message("Hi", **body)["reasoning"]
