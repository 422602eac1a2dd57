"""Tools of every kind become wire tools; server tools go through unchanged."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.tools import tool
from pydantic import BaseModel
from pydantic.v1 import BaseModel as BaseModelV1

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._request.tools import to_tools
from langchain_openrouter.errors import ConfigurationError
from openrouter_core import ConfigurationError as CoreConfigurationError
from openrouter_emulator.dialects.openai_schemas import function_complaint, strict_complaint

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
    """quirks.md D1, gap rows 39 and 40: with parameters nobody knew."""
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
    """quirks.md D15."""
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
    """quirks.md F1 and D16: cache marks and flags of some providers."""
    assert one(source)["cache_control"] == {"type": "ephemeral"}


def test_d16_extras_of_a_langchain_tool_are_sent():
    """quirks.md D16."""

    @tool(extras={"defer_loading": True})
    def later() -> str:
        """Come later."""
        return ""

    assert one(later)["defer_loading"] is True


def test_unknown_keys_inside_a_function_survive_strict():
    source = {"type": "function", "function": {"name": "f", "parameters": ADD_SCHEMA, "new": 1}}

    assert one(source, strict=True)["function"]["new"] == 1


def test_e4_d8_strict_is_sent_only_when_asked():
    """quirks.md D8 and E4."""
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
    """quirks.md D13."""
    with pytest.raises(CoreConfigurationError, match=r"'files\.read'.*letters, digits.*Rename"):
        one({"type": "function", "function": {"name": "files.read"}})


@pytest.mark.parametrize(
    ("source", "says"),
    [({"properties": {}}, 'a "title"'), (3, "not a valid tool.*function, a pydantic class")],
)
def test_what_is_no_tool_is_refused_with_what_would_be(source: Any, says: str):
    with pytest.raises(CoreConfigurationError, match=says):
        one(source)


class Branch(BaseModel):
    """A tree."""

    name: str
    branches: list["Branch"] = []  # noqa: UP037  # a recursive class is written so


@pytest.mark.parametrize("strict", [None, True])
def test_recursive_class_keeps_its_definition(strict: bool | None):
    parameters = one(Branch, strict=strict)["function"]["parameters"]

    assert parameters["properties"]["branches"]["items"] == {"$ref": "#/$defs/Branch"}
    assert function_complaint(parameters) is None
    if strict:
        assert strict_complaint(parameters) is None


@pytest.mark.parametrize("source", [add, Add, AddV1, AddDict, now, {"title": "Add", **ADD_SCHEMA}])
def test_strict_tools_keep_openais_rules(source: Any):
    parameters = one(source, strict=True)["function"]["parameters"]

    assert strict_complaint(parameters) is None
    assert function_complaint(parameters) is None


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


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"tools": [add, SEARCH], "tool_choice": True}, "there are 2"),
        ({"tools": [add, SEARCH], "tool_choice": "sub"}, "'sub'.*add, openrouter:web_search"),
        ({"tools": [{"type": "function", "name": "a b"}]}, "'a b' is refused upstream"),
        (
            {"tools": [{"type": "function", "function": {"name": "f"}, "strict": 1}, 3]},
            "not a valid",
        ),
        ({"tools": [{"name": "f", "strict": False}], "strict": True}, "contradicts"),
    ],
)
def test_bind_tools_refuses_with_a_sentence_and_the_class_of_this_package(how: Any, says: str):
    with pytest.raises(ConfigurationError, match=says):
        MODEL.bind_tools(**how)


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "function", "name": "f", "parameters": ADD_SCHEMA},
        {"type": "function", "function": {"name": "f"}},
    ],
)
@pytest.mark.parametrize("strict", [None, True, False])
def test_forms_of_openai_are_read(tool: Any, strict: bool | None):
    function = bound([tool], strict=strict)["tools"][0]["function"]

    assert function["name"] == "f"
    assert function.get("strict") is strict
    assert function["parameters"]["type"] == "object"


@pytest.mark.parametrize("choice", [None, "auto", "any"])
def test_d8_empty_tools_are_left_out(choice: str | None):
    """quirks.md D8: providers refuse `tools: []`."""
    assert bound([], tool_choice=choice, parallel_tool_calls=False) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [("tool_choice", "required"), ("tool_choice", {"type": "x"}), ("parallel_tool_calls", False)],
)
def test_settings_of_tools_are_sent_without_tools(field: str, value: Any):
    """OpenRouter documents that form: presets and `openrouter/fusion` bring their own tools."""
    assert MODEL.build_request("Hi", **{field: value})[field] == value


def test_d5_tools_and_response_format_go_together():
    """quirks.md D5."""
    kwargs = bound([add], response_format=Add, strict=True)

    assert kwargs["tools"]
    assert kwargs["response_format"]["json_schema"]["name"] == "Add"
    assert kwargs["response_format"]["json_schema"]["strict"] is True
    assert kwargs["require_parameters"] is True
    assert bound([], response_format=Add, require_parameters=False)["require_parameters"] is False


def test_strict_format_of_an_agent_is_closed():
    wire = ProviderStrategy(Branch, strict=True).to_model_kwargs()["response_format"]

    schema = bound([add], response_format=wire)["response_format"]["json_schema"]["schema"]

    assert strict_complaint(wire["json_schema"]["schema"])
    assert strict_complaint(schema) is None
    assert schema["properties"]["branches"]["items"] == {"$ref": "#/$defs/Branch"}


def test_strict_format_that_cannot_be_is_refused_with_its_place():
    with pytest.raises(ConfigurationError, match="#/properties/scores"):
        bound([], response_format=Scores, strict=True)


class Scores(BaseModel):
    scores: dict[str, int]


def test_response_format_in_wire_shape_is_kept():
    wire = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}, "new": 1}}

    assert bound([add], response_format=wire)["response_format"] == wire
