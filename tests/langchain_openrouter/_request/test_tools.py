"""Tools of every kind become wire tools; server tools go through unchanged."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langchain_core.tools import tool
from pydantic import BaseModel
from pydantic.v1 import BaseModel as BaseModelV1

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._request.tools import to_tool_choice, to_tools
from langchain_openrouter.errors import ConfigurationError

SEARCH = {"type": "openrouter:web_search", "parameters": {"max_results": 3, "brand_new": True}}
ADD_SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def add(a: int) -> int:
    """Add one."""
    return a + 1


class Add(BaseModel):
    """Add one."""

    a: int


class AddV1(BaseModelV1):
    """Add one."""

    a: int


class AddDict(TypedDict):
    """Add one."""

    a: int


@tool
def now() -> str:
    """Tell the time."""
    return "now"


def one(source: Any, **how: Any) -> dict[str, Any]:
    (wire,) = to_tools([source], **how)
    return wire


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (add, "add"),
        (Add, "Add"),
        (AddV1, "AddV1"),
        (AddDict, "AddDict"),
        ({"title": "Add", "description": "Add one.", **ADD_SCHEMA}, "Add"),
        ({"name": "add", "description": "Add one.", "parameters": ADD_SCHEMA}, "add"),
        ({"name": "add", "description": "Add one.", "input_schema": ADD_SCHEMA}, "add"),
        (
            {
                "type": "function",
                "function": {"name": "add", "description": "Add one.", "parameters": ADD_SCHEMA},
            },
            "add",
        ),
    ],
    ids=[
        "function",
        "pydantic",
        "pydantic-v1",
        "typeddict",
        "schema",
        "openai",
        "anthropic",
        "wire",
    ],
)
def test_tool_becomes_a_function_tool(source: Any, name: str):
    wire = one(source)

    assert wire["type"] == "function"
    assert wire["function"]["name"] == name
    assert wire["function"]["description"] == "Add one."
    assert wire["function"]["parameters"]["properties"]["a"]["type"] == "integer"


@pytest.mark.parametrize(
    "source",
    [
        SEARCH,
        {"type": "openrouter:brand_new"},
        {"type": "web_search_preview", "search_context_size": "low"},
        {"type": "bash_20250124", "name": "bash"},
    ],
    ids=lambda t: t["type"],
)
def test_d1_row39_row40_server_tool_goes_through_unchanged(source: dict[str, Any]):
    """Field note D1, gap rows 39 and 40: with parameters nobody knew."""
    wire = one(source, strict=True)

    assert wire == source
    assert wire is not source


def test_d1_server_tools_stand_next_to_functions():
    assert [t["type"] for t in to_tools([add, SEARCH])] == ["function", "openrouter:web_search"]


@pytest.mark.parametrize(
    "source",
    [
        now,
        {"type": "function", "function": {"name": "now"}},
        {"type": "function", "function": {"name": "now", "parameters": {}}},
        {"title": "now", "type": "object", "description": "Tell the time."},
    ],
)
def test_d15_tool_without_parameters_has_an_empty_object_schema(source: Any):
    """Field note D15."""
    parameters = one(source)["function"]["parameters"]

    assert parameters["type"] == "object"
    assert parameters["properties"] == {}


@pytest.mark.parametrize(
    "source",
    [
        {"type": "function", "function": {"name": "f"}, "cache_control": {"type": "ephemeral"}},
        {"name": "f", "input_schema": ADD_SCHEMA, "cache_control": {"type": "ephemeral"}},
        {"name": "f", "parameters": ADD_SCHEMA, "cache_control": {"type": "ephemeral"}},
    ],
    ids=["wire", "anthropic", "openai"],
)
def test_f1_d16_extra_keys_of_a_tool_survive(source: dict[str, Any]):
    """Field notes F1 and D16: cache marks and flags of some providers."""
    assert one(source)["cache_control"] == {"type": "ephemeral"}


def test_d16_extras_of_a_langchain_tool_are_sent():
    """Field note D16."""

    @tool(extras={"defer_loading": True})
    def later() -> str:
        """Come later."""
        return ""

    assert one(later)["defer_loading"] is True


def test_unknown_keys_inside_a_function_survive_strict():
    source = {"type": "function", "function": {"name": "f", "parameters": ADD_SCHEMA, "new": 1}}

    assert one(source, strict=True)["function"]["new"] == 1


def test_e4_d8_strict_is_sent_only_when_asked():
    """Field notes D8 and E4."""
    assert "strict" not in one(add)["function"]
    assert one(add, strict=False)["function"]["strict"] is False
    strict = one(add, strict=True)["function"]
    assert strict["strict"] is True
    assert strict["parameters"]["additionalProperties"] is False


def test_caller_keeps_what_was_passed():
    source = {"type": "function", "function": {"name": "f"}}

    one(source, strict=None)

    assert source == {"type": "function", "function": {"name": "f"}}


def test_d13_name_that_is_refused_upstream_is_refused_here():
    """Field note D13."""
    with pytest.raises(ConfigurationError, match=r"'files\.read'.*letters, digits.*Rename"):
        one({"type": "function", "function": {"name": "files.read"}})


def test_what_is_no_tool_is_refused_with_what_would_be():
    with pytest.raises(ConfigurationError, match=r"no tool.*function, a pydantic class"):
        one({"properties": {}})


# ------------------------------------------------------------------ choice

TOOLS = to_tools([add, SEARCH])
FORCED = {"type": "function", "function": {"name": "add"}}


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        (None, None),
        (False, None),
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ("any", "required"),
        ("add", FORCED),
        ("openrouter:web_search", {"type": "openrouter:web_search"}),
        (FORCED, FORCED),
        ({"type": "any"}, "required"),
        ({"type": "auto"}, "auto"),
        ({"type": "tool", "name": "add"}, FORCED),
        ({"type": "allowed_tools", "mode": "auto"}, {"type": "allowed_tools", "mode": "auto"}),
    ],
    ids=str,
)
def test_tool_choice_of_any_dialect(choice: Any, wire: Any):
    assert to_tool_choice(choice, TOOLS) == wire


def test_true_forces_the_only_tool_even_a_server_tool():
    assert to_tool_choice(True, TOOLS[:1]) == FORCED
    assert to_tool_choice(True, TOOLS[1:]) == {"type": "openrouter:web_search"}


def test_true_needs_exactly_one_tool():
    with pytest.raises(ConfigurationError, match="2 are bound"):
        to_tool_choice(True, TOOLS)


def test_choice_of_an_unknown_tool_names_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"'sub'.*add, openrouter:web_search"):
        to_tool_choice("sub", TOOLS)


# ------------------------------------------------------------------ bind_tools

MODEL = ChatOpenRouter(model="a/b", api_key="sk-or-test")


def bound(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return MODEL.bind_tools(*args, **kwargs).kwargs  # type: ignore[attr-defined]


def test_bind_tools_binds_only_what_is_asked():
    assert bound([SEARCH]) == {"tools": [SEARCH]}
    assert bound([add], tool_choice="any", parallel_tool_calls=False).keys() == {
        "tools",
        "tool_choice",
        "parallel_tool_calls",
    }


@pytest.mark.parametrize("choice", [None, "auto", "any"])
def test_d8_empty_tools_are_left_out(choice: str | None):
    """Field note D8: providers refuse `tools: []`."""
    assert bound([], tool_choice=choice) == {}


def test_d5_tools_and_response_format_go_together():
    """Field note D5."""
    kwargs = bound([add], response_format=Add, strict=True)

    assert kwargs["tools"]
    assert kwargs["response_format"]["json_schema"]["name"] == "Add"
    assert kwargs["response_format"]["json_schema"]["strict"] is True


def test_response_format_in_wire_shape_is_kept():
    wire = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}, "new": 1}}

    assert bound([add], response_format=wire)["response_format"] == wire
