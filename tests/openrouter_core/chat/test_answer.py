"""How an answer is read: table tests, for both adapters use these readers."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from openrouter_core.chat import answer

# ---------------------------------------------------------------------------- arguments

_PATH = {"path": "a.txt"}


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        pytest.param('{"path": "a.txt"}', _PATH, id="object"),
        pytest.param(_PATH, _PATH, id="parsed already"),
        pytest.param(
            '{"text": "x = 1\n\ty = 2\n"}', {"text": "x = 1\n\ty = 2\n"}, id="raw controls"
        ),
        pytest.param(json.dumps(json.dumps(_PATH)), _PATH, id="encoded twice"),
        pytest.param(json.dumps('{"a": "b\n"}'), {"a": "b\n"}, id="encoded twice, raw line break"),
        pytest.param('{}{"path": "a.txt"}', _PATH, id="placeholder before it"),
        pytest.param('{"x": "\ud83d"}', {"x": "\ud83d"}, id="half a character"),
        *(
            pytest.param(nothing, {}, id=f"nothing as {nothing!r}")
            for nothing in (None, "", "  \n", "null", "[]", "{}", '""', '" "', [], " null ")
        ),
    ],
)
def test_arguments_are_read(arguments: object, values: dict[str, Any]) -> None:
    assert answer.parse_arguments(arguments) == (values, None)


@pytest.mark.usefixtures("collector_waits")
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('{"path": "a', "The arguments are not JSON: Unterminated string"),
        ("INVALID JSON", "The arguments are not JSON: Expecting value"),
        ('["a.txt"]', "The arguments are a JSON array, not an object."),
        ("5", "The arguments are a JSON number, not an object."),
        ("true", "The arguments are a JSON boolean, not an object."),
        (["a.txt"], "The arguments are a JSON array, not an object."),
        ('"a.txt"', "The arguments are a JSON string, not an object."),
        (json.dumps('["a.txt"]'), "The arguments are a JSON string, not an object."),
        (json.dumps("null"), "The arguments are a JSON string, not an object."),
        (json.dumps(json.dumps(json.dumps(_PATH))), "The arguments are a JSON string"),
        ('{"a": 1}{"b": 2}', "The arguments are not JSON: Extra data"),
        ("[" * 100_000, "The arguments are not JSON: it is nested too deeply"),
    ],
)
def test_arguments_that_are_no_object_never_run_the_tool(arguments: object, error: str) -> None:
    values, found = answer.parse_arguments(arguments)

    assert values == {}
    assert found is not None
    assert found.startswith(error)


# ---------------------------------------------------------------------------- tool calls


def _call(name: str = "f", **fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": "{}"}, **fields}


def test_calls_without_an_id_get_one_that_stays_the_same() -> None:
    message = {"tool_calls": [_call(), _call(id=""), _call(id="c1")]}

    calls = answer.tool_calls_of(message, reply_id="gen-1")

    assert len({call["id"] for call in calls}) == 3
    assert calls == answer.tool_calls_of(message, reply_id="gen-1")
    assert calls[2] is message["tool_calls"][2]
    assert answer.tool_calls_of(message, reply_id="gen-2")[0]["id"] != calls[0]["id"]


def test_a_repeated_id_is_numbered_and_a_number_becomes_text() -> None:
    calls = answer.tool_calls_of({"tool_calls": [_call(id="c"), _call(id="c"), _call(id=5)]})

    assert [call["id"] for call in calls] == ["c", "c_1", "5"]


@pytest.mark.parametrize(
    "junk",
    [
        None,
        "f",
        7,
        [],
        {"index": 0, "id": "x", "type": "function", "function": None},
        {"index": 0, "id": "x", "type": "function"},
        {"function": {"name": "", "arguments": ""}},
        {"function": "f"},
    ],
)
def test_entries_that_hold_no_call_are_logged_and_skipped(
    junk: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "openrouter"):
        calls = answer.tool_calls_of({"tool_calls": [junk, _call(id="c1")]})

    assert [call["id"] for call in calls] == ["c1"]
    assert caplog.messages == ["Skipped 1 entries of tool_calls that hold no call."]


def test_a_newer_kind_of_call_is_kept() -> None:
    custom = {"id": "c1", "type": "custom", "custom": {"name": "grep", "input": "x"}}

    assert answer.tool_calls_of({"tool_calls": [custom]}) == [custom]


@pytest.mark.parametrize(
    ("reason", "has_calls", "expected"),
    [
        ("stop", False, "stop"),
        ("stop", True, "tool_calls"),
        (None, True, "tool_calls"),
        ("tomorrow's word", True, "tool_calls"),
        ("tomorrow's word", False, "tomorrow's word"),
        ("length", True, "length"),
        ("content_filter", True, "content_filter"),
        ("error", True, "error"),
    ],
)
def test_finish_reason(reason: str | None, has_calls: bool, expected: str | None) -> None:
    assert answer.finish_reason_of({"finish_reason": reason}, has_calls=has_calls) == expected


# ---------------------------------------------------------------------------- text, reasoning, refusal


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        (None, ""),
        (["a", "b"], "ab"),
        ([{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text"}, None, 5], "a"),
        ({"type": "text"}, ""),
    ],
)
def test_text(content: object, text: str) -> None:
    assert answer.text_of(content) == text


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"reasoning": "a"}, "a"),
        ({"reasoning_content": "b"}, "b"),
        ({"reasoning": ["a"]}, ""),
        ({"reasoning_details": [{"text": "a"}, {"summary": "b"}, {"data": "x"}, "junk"]}, "ab"),
        ({"reasoning_details": "junk"}, ""),
        ({}, ""),
    ],
)
def test_reasoning_text(message: dict[str, Any], text: str) -> None:
    assert answer.reasoning_text(message) == text


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"refusal": "No.", "content": None}, "No."),
        ({"refusal": "No.", "content": "  "}, "No."),
        ({"refusal": "No.", "content": "But yes."}, None),
        ({"refusal": "No.", "tool_calls": [_call()]}, None),
        ({"refusal": None, "content": ""}, None),
    ],
)
def test_refusal(message: dict[str, Any], words: str | None) -> None:
    assert answer.refusal_of(message) == words


def _reply(reason: str | None = "stop", usage: Any = None, **message: Any) -> dict[str, Any]:
    return {"choices": [{"finish_reason": reason, "message": message}], "usage": usage}


@pytest.mark.parametrize("reason", [None, "", "stop", "error"])
@pytest.mark.parametrize("usage", [None, {"completion_tokens": 0}])
def test_an_answer_that_says_nothing_is_empty(reason: str | None, usage: Any) -> None:
    assert answer.is_empty_answer(_reply(reason, usage, content=None))


@pytest.mark.parametrize(
    "reply",
    [
        _reply(content="a"),
        _reply(reasoning="a"),
        _reply(reasoning_details=[{"type": "reasoning.encrypted", "data": "x"}]),
        _reply(tool_calls=[_call()]),
        _reply(refusal="No."),
        _reply(images=[{}]),
        _reply(audio={"data": "x"}),
        _reply("length"),
        _reply("content_filter"),
        _reply("tool_calls"),
        _reply(usage={"completion_tokens": 3}),
    ],
)
def test_an_answer_that_says_something_or_why_not_is_not_empty(reply: dict[str, Any]) -> None:
    assert not answer.is_empty_answer(reply)


def test_a_stop_sequence_explains_an_empty_answer() -> None:
    assert not answer.is_empty_answer(_reply(content=""), stop=["\n"])
