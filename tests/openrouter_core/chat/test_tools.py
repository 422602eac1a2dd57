"""Tools and tool choices in wire form."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from openrouter_core import ConfigurationError
from openrouter_core._logging import warn_once
from openrouter_core.chat.tools import (
    function_tool,
    is_server_tool,
    server_tool,
    to_tool_choice,
    warn_of_lost_reasoning,
)
from openrouter_emulator.dialects.openai_schemas import function_complaint, strict_complaint

OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
CLOSED = {**OBJECT, "required": ["a"], "additionalProperties": False}
NOTHING = {"type": "object", "properties": {}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": OBJECT, "description": "D"}}


def test_server_tools_are_named_with_their_prefix():
    assert server_tool("web_search", max_results=3) == {
        "type": "openrouter:web_search",
        "parameters": {"max_results": 3},
    }
    assert server_tool("openrouter:datetime") == {"type": "openrouter:datetime"}


@pytest.mark.parametrize(
    ("tool", "is_server"),
    [
        ({"type": "openrouter:web_search"}, True),
        ({"type": "web_search", "x": 1}, True),
        (TOOL, False),
        ({"type": "object", "title": "T"}, False),
        ({"type": "custom", "name": "n", "input_schema": {}}, False),
        ({"name": "n"}, False),
        ("web_search", False),
    ],
)
def test_which_dicts_are_server_tools(tool: Any, is_server: bool):
    assert is_server_tool(tool) is is_server


FORMS: dict[str, tuple[Any, Any]] = {
    "nested": (TOOL, TOOL),
    "flat": (
        {"type": "function", "name": "f", "parameters": OBJECT, "description": "D"},
        TOOL,
    ),
    "function": ({"name": "f", "parameters": OBJECT, "description": "D"}, TOOL),
    "Anthropic's": ({"name": "f", "input_schema": OBJECT, "description": "D"}, TOOL),
    "Anthropic's, typed": (
        {"type": "custom", "name": "f", "input_schema": OBJECT, "description": "D"},
        TOOL,
    ),
    "Bedrock's": (
        {"toolSpec": {"name": "f", "inputSchema": {"json": OBJECT}, "description": "D"}},
        TOOL,
    ),
    "cache mark": (
        {"name": "f", "input_schema": OBJECT, "description": "D", "cache_control": {"type": "x"}},
        {**TOOL, "cache_control": {"type": "x"}},
    ),
    "strict inside": (
        {"type": "function", "name": "f", "strict": True},
        {"type": "function", "function": {"name": "f", "strict": True, "parameters": NOTHING}},
    ),
    "key of tomorrow": (
        {"type": "function", "function": {"name": "f", "new": 1}, "more": 2},
        {"type": "function", "function": {"name": "f", "new": 1, "parameters": NOTHING}, "more": 2},
    ),
}


@pytest.mark.parametrize(("tool", "wire"), FORMS.values(), ids=FORMS)
def test_every_form_of_a_function_tool_is_read(tool: Any, wire: Any):
    before = repr(tool)

    assert function_tool(tool) == wire
    assert repr(tool) == before


def test_json_schema_is_a_tool_by_its_title():
    wire = function_tool({**OBJECT, "title": "f", "description": "D"})

    assert wire["function"]["name"] == "f"
    assert wire["function"]["parameters"]["properties"] == OBJECT["properties"]
    assert wire.keys() == {"type", "function"}


@pytest.mark.parametrize("form", [TOOL, {"type": "function", "function": {"name": "f"}}])
def test_strict_tool_keeps_openais_rules(form: Any):
    function = function_tool(form, strict=True)["function"]

    assert function["strict"] is True
    assert strict_complaint(function["parameters"]) is None
    assert function_complaint(function["parameters"]) is None


def test_optional_arguments_of_a_strict_tool_are_required_not_null():
    """A tool runs with the arguments as they come, so null would reach it."""
    assert function_tool(TOOL, strict=True)["function"]["parameters"] == CLOSED


def test_strict_off_touches_nothing_else():
    assert function_tool(TOOL, strict=False)["function"] == {**TOOL["function"], "strict": False}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("tool", "how", "says"),
    [
        ({"name": "get.weather"}, {}, "refused upstream.*'get_weather'"),
        ({"name": "x" * 65}, {}, "1 to 64"),
        ({"type": "function", "function": {}}, {}, "not a valid schema"),
        (
            {
                "name": "f",
                "parameters": {"type": "object", "properties": {"a": {"type": "object"}}},
            },
            {"strict": True},
            r"free keys \(at #/properties/a\)",
        ),
        ({"name": "f", "strict": False}, {"strict": True}, "contradicts"),
    ],
)
def test_tool_that_cannot_be_sent_is_refused(tool: Any, how: Any, says: str):
    with pytest.raises(ConfigurationError, match=says):
        function_tool(tool, **how)


# ------------------------------------------------------------------ tool choice

SEARCH = {"type": "openrouter:web_search"}
FORCED = {"type": "function", "function": {"name": "f"}}
CHOICES: list[tuple[Any, list[Any], Any]] = [
    (None, [TOOL], None),
    (False, [TOOL], None),
    (True, [TOOL], FORCED),
    (True, [SEARCH], SEARCH),
    ("any", [TOOL], "required"),
    ("required", [], "required"),
    ("auto", [TOOL], "auto"),
    ("none", [], "none"),
    ("f", [SEARCH, TOOL], FORCED),
    ("openrouter:web_search", [SEARCH], SEARCH),
    ("f", [], FORCED),
    ("openrouter:fusion", [], {"type": "openrouter:fusion"}),
    ({"type": "any"}, [TOOL], "required"),
    ({"type": "auto"}, [TOOL], "auto"),
    ({"type": "tool", "name": "f"}, [TOOL], FORCED),
    (FORCED, [], FORCED),
    ({"type": "allowed_tools", "tools": []}, [TOOL], {"type": "allowed_tools", "tools": []}),
]


@pytest.mark.parametrize(("choice", "tools", "wire"), CHOICES)
def test_tool_choice_in_wire_form(choice: Any, tools: list[Any], wire: Any):
    assert to_tool_choice(choice, tools) == wire


@pytest.mark.parametrize(
    ("choice", "tools", "says"),
    [
        (True, [], "exactly one tool, and there are 0"),
        (True, [TOOL, SEARCH], "there are 2"),
        ("g", [TOOL, SEARCH], "not one of the tools: f, openrouter:web_search"),
    ],
)
def test_choice_that_names_nothing_is_refused(choice: Any, tools: list[Any], says: str):
    with pytest.raises(ConfigurationError, match=says):
        to_tool_choice(choice, tools)


# ------------------------------------------------------------------ reasoning

LOST = {
    "model": "anthropic/claude-opus-4",
    "tool_choice": "required",
    "reasoning": {"effort": "low"},
}


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, True),
        ({"tool_choice": FORCED}, True),
        ({"model": "~anthropic/claude-opus-latest"}, True),
        ({"reasoning": {"max_tokens": 2000}}, True),
        ({"reasoning": None, "reasoning_effort": "high"}, True),
        ({"reasoning": {"enabled": True}}, True),
        ({"model": "openai/gpt-5.5"}, False),
        ({"tool_choice": "auto"}, False),
        ({"tool_choice": None}, False),
        ({"reasoning": None}, False),
        ({"reasoning": {"exclude": True}}, False),
        ({"reasoning": {"effort": "none"}}, False),
        ({"reasoning": {"enabled": False}}, False),
    ],
)
def test_reasoning_that_a_forced_tool_costs_is_logged_once(
    changes: Any, warned: bool, caplog: pytest.LogCaptureFixture
):
    warn_once.cache_clear()
    with caplog.at_level(logging.WARNING, "openrouter"):
        for _ in range(2):
            warn_of_lost_reasoning({**LOST, **changes})

    assert len(caplog.messages) == warned
