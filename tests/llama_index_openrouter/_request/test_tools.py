"""Tools to the wire, and tool calls back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.tools import FunctionTool

from llama_index_openrouter import OpenRouter, server_tool
from llama_index_openrouter._request.tools import to_wire_tools
from openrouter_core import ConfigurationError


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


def now() -> str:
    """Tell the time."""
    return "noon"


def tool(function: Any, **settings: Any) -> FunctionTool:
    return FunctionTool.from_defaults(function, **settings)


def llm(**settings: Any) -> OpenRouter:
    return OpenRouter("openai/gpt-4o-mini", **settings)


def prepared(*tools: Any, **options: Any) -> dict[str, Any]:
    return llm()._prepare_chat_with_tools(list(tools), "Hi", **options)


def response(
    *blocks: Any, finished: bool = True, native: str = "max_output_tokens"
) -> ChatResponse:
    notes = {"finish_reason": "tool_calls", "native_finish_reason": native}
    return ChatResponse(
        message=ChatMessage(role="assistant", blocks=list(blocks)),
        additional_kwargs=notes if finished else {},
    )


def call(arguments: Any, identity: str | None = "c1") -> ToolCallBlock:
    return ToolCallBlock(tool_call_id=identity, tool_name="f", tool_kwargs=arguments)


# ------------------------------------------------------------------ out


def test_function_tool_goes_out_with_its_schema():
    [spec] = to_wire_tools([tool(weather)])

    assert spec["function"]["name"] == "weather"
    assert spec["function"]["parameters"] == {
        "type": "object",
        "properties": {"city": {"title": "City", "type": "string"}},
        "required": ["city"],
    }


def test_d15_parameterless_tool_has_an_empty_object_schema():
    [spec] = to_wire_tools([tool(now)])

    assert spec["function"]["parameters"] == {"type": "object", "properties": {}}


def test_d1_server_tools_pass_unchanged_beside_functions():
    search = {"type": "openrouter:web_search", "parameters": {"max_results": 3}, "novel": True}

    sent = prepared(tool(weather), search)["tools"]

    assert [t["type"] for t in sent] == ["function", "openrouter:web_search"]
    assert sent[1] == search


def test_server_tool_helper_writes_the_wire_form():
    assert server_tool("datetime") == {"type": "openrouter:datetime"}
    assert server_tool("openrouter:web_search", max_results=3) == {
        "type": "openrouter:web_search",
        "parameters": {"max_results": 3},
    }


def test_d16_extra_keys_of_a_tool_survive():
    spec = {
        "type": "function",
        "function": {"name": "f", "strict": True},
        "eager_input_streaming": True,
        "cache_control": {"type": "ephemeral"},
    }

    (wire,) = to_wire_tools([spec])

    assert wire.pop("function") == {
        "name": "f",
        "strict": True,
        "parameters": {"type": "object", "properties": {}},
    }
    assert wire == {key: value for key, value in spec.items() if key != "function"}


@pytest.mark.parametrize(
    "form",
    [
        {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}},
        {"name": "f", "input_schema": {"type": "object", "properties": {}}},
    ],
)
def test_forms_of_others_are_read(form: dict[str, Any]):
    assert to_wire_tools([form])[0]["function"]["name"] == "f"


def test_d13_tool_name_that_would_be_changed_is_refused():
    with pytest.raises(ConfigurationError, match=r"Rename the tool, e.g. to 'my_tool_v2'"):
        to_wire_tools([tool(weather, name="my.tool.v2")])


def test_long_descriptions_are_not_refused():
    assert to_wire_tools([tool(weather, description="x" * 3000)])


def test_d8_no_tools_means_no_tool_fields():
    assert prepared().keys() == {"messages"}
    assert prepared(tool_required=True, tool_choice="required").keys() == {"messages"}


CHOICES = {
    "left to the model": ({}, None),
    "required": ({"tool_required": True}, "required"),
    "any": ({"tool_choice": "any"}, "required"),
    "auto": ({"tool_choice": "auto", "tool_required": True}, "auto"),
    "by name": ({"tool_choice": "weather"}, {"type": "function", "function": {"name": "weather"}}),
    "as it is": (
        {"tool_choice": {"type": "openrouter:web_search"}},
        {"type": "openrouter:web_search"},
    ),
}


@pytest.mark.parametrize(("options", "sent"), CHOICES.values(), ids=CHOICES.keys())
def test_tool_choice(options: dict[str, Any], sent: Any):
    kwargs = prepared(tool(weather), **options)

    assert llm().build_request(kwargs.pop("messages"), **kwargs).get("tool_choice") == sent


@pytest.mark.parametrize("allowed", [True, False])
def test_nothing_is_said_of_parallel_calls_where_the_model_does_not_list_them(allowed: bool):
    """`keep_first_call` sees to it that one call comes back."""
    kwargs = prepared(tool(weather), allow_parallel_tool_calls=allowed)

    assert "parallel_tool_calls" not in kwargs


def test_the_callers_history_is_not_changed():
    history = [ChatMessage(content="Hi")]

    given = llm()._prepare_chat_with_tools([tool(weather)], "And?", chat_history=history)

    assert [m.content for m in given["messages"]] == ["Hi", "And?"]
    assert len(history) == 1


def test_server_tools_of_the_object_join_those_of_the_call():
    model = llm(server_tools=[server_tool("datetime")])
    message = [ChatMessage(content="Hi")]

    alone = model.build_request(message)["tools"]
    both = model.build_request(message, tools=[tool(weather)])["tools"]

    assert alone == [{"type": "openrouter:datetime"}]
    assert [t["type"] for t in both] == ["function", "openrouter:datetime"]


# ------------------------------------------------------------------ back


def kwargs_of(*blocks: Any, finished: bool = True) -> list[dict[str, Any]]:
    found = llm().get_tool_calls_from_response(
        response(*blocks, finished=finished), error_on_no_tool_call=False
    )
    return [selection.tool_kwargs for selection in found]


def test_tool_calls_are_read():
    [selection] = llm().get_tool_calls_from_response(response(call('{"x": 1}')))

    assert (selection.tool_id, selection.tool_name) == ("c1", "f")
    assert selection.tool_kwargs == {"x": 1}


@pytest.mark.parametrize("arguments", ["", " ", "null", "[]", '""', "{}", {}], ids=repr)
def test_d2_missing_arguments_are_no_arguments(arguments: Any):
    assert kwargs_of(call(arguments)) == [{}]


def test_d3_placeholder_before_the_arguments_is_dropped():
    assert kwargs_of(call('{}{"location": "Paris"}')) == [{"location": "Paris"}]


PARTIAL = {
    '{"city": "Par': {"city": "Par"},
    '{"city"': {},
    "{": {},
    "": {},
    "nonsense": {},
    '{"a": 1, "b": [1, 2': {"a": 1, "b": [1, 2]},
}


@pytest.mark.parametrize(("arguments", "read"), PARTIAL.items(), ids=PARTIAL.keys())
def test_partial_arguments_are_read_as_far_as_they_go(arguments: str, read: dict[str, Any]):
    assert kwargs_of(call(arguments), finished=False) == [read]


def test_partial_call_without_an_id_is_no_crash():
    assert kwargs_of(call("", None), finished=False) == [{}]


_UNUSABLE = ['{"city": "Par', "INVALID JSON", '["a.txt"]', "5", '"a"', json.dumps('["a"]')]


@pytest.mark.parametrize("arguments", _UNUSABLE)
def test_c11_arguments_that_are_no_object_are_never_run(arguments: str):
    with pytest.raises(ValueError, match=r"'f', which was not run.*max_output_tokens"):
        llm().get_tool_calls_from_response(response(call(arguments)))


@pytest.mark.parametrize("arguments", _UNUSABLE)
def test_a_call_that_must_not_run_goes_back_to_the_agents_model(arguments: str):
    """As a call of a tool that does not exist: the agent's error for it reaches the model."""
    [selection] = llm().get_tool_calls_from_response(
        response(call(arguments), native="stop"), error_on_no_tool_call=False
    )

    assert selection.tool_id == "c1"
    assert selection.tool_name.startswith("f (not run: The arguments are ")
    assert selection.tool_kwargs == {}


def test_a_cut_off_call_is_an_error_for_agents_too():
    with pytest.raises(ValueError, match="which was not run"):
        kwargs_of(call('{"city": "Par'))


@pytest.mark.parametrize(
    "arguments",
    [json.dumps(json.dumps({"x": "a\nb"})), '{"x": "a\nb"}', json.dumps('{"x": "a\nb"}')],
)
def test_raw_line_breaks_and_double_encoding_are_read(arguments: str):
    assert kwargs_of(call(arguments)) == [{"x": "a\nb"}]


def test_calls_that_only_the_notes_hold_are_read():
    """So other integrations write them, and chat stores of older versions."""
    given = response()
    given.message.additional_kwargs["tool_calls"] = [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
        {"type": "function", "function": {"name": "g", "arguments": ""}},
        None,
    ]

    selections = llm().get_tool_calls_from_response(given)

    assert [(s.tool_name, s.tool_kwargs) for s in selections] == [("f", {"x": 1}), ("g", {})]
    assert len({s.tool_id for s in selections}) == 2


def test_no_call_is_an_error_only_if_asked_for():
    assert kwargs_of(TextBlock(text="Hi")) == []
    with pytest.raises(ValueError, match="called no tool"):
        llm().get_tool_calls_from_response(response(TextBlock(text="Hi")))


def test_second_call_is_dropped_where_parallel_calls_are_not_allowed():
    given = response(ThinkingBlock(content="Hm"), call("{}", "a"), call("{}", "b"))
    given.message.additional_kwargs["tool_calls"] = [{"id": "a"}, {"id": "b"}]

    kept = llm()._validate_chat_with_tools_response(given, [])
    both = llm()._validate_chat_with_tools_response(given, [], allow_parallel_tool_calls=True)

    assert [type(b).__name__ for b in kept.message.blocks] == ["ThinkingBlock", "ToolCallBlock"]
    assert kept.message.additional_kwargs["tool_calls"] == [{"id": "a"}]
    assert both is given
