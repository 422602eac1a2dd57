"""Schemas in the forms in which people write them, and how they are sent."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from openrouter_core import ConfigurationError
from openrouter_core._logging import warn_once
from openrouter_core.chat.schema import (
    NamedSchema,
    answer_schema,
    can_be_strict,
    clean_name,
    closed_format,
    read_schema,
)

OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
CLOSED = {**OBJECT, "required": ["a"], "additionalProperties": False}
OPEN = {"type": "object", "properties": {"a": {"type": "object"}}}
NULLABLE = {"type": ["integer", "null"]}


@pytest.fixture(autouse=True)
def _nothing_was_logged_before():
    warn_once.cache_clear()


FORMS: dict[str, Any] = {
    "json schema": {**OBJECT, "title": "N", "description": "D"},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "N", "schema": OBJECT, "description": "D"},
    },
    "response_format of Responses": {
        "type": "json_schema",
        "name": "N",
        "schema": OBJECT,
        "description": "D",
    },
    "without its envelope": {"name": "N", "schema": OBJECT, "description": "D"},
    "function tool": {
        "type": "function",
        "function": {"name": "N", "parameters": OBJECT, "description": "D"},
    },
    "flat function tool": {
        "type": "function",
        "name": "N",
        "parameters": OBJECT,
        "description": "D",
    },
    "function": {"name": "N", "parameters": OBJECT, "description": "D"},
    "Anthropic's tool": {"name": "N", "input_schema": OBJECT, "description": "D"},
    "Bedrock's tool": {
        "toolSpec": {"name": "N", "inputSchema": {"json": OBJECT}, "description": "D"}
    },
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_a_schema_is_read(form: Any):
    read = read_schema(form)

    assert (read.name, read.description, read.strict) == ("N", "D", None)
    assert read.schema["properties"] == OBJECT["properties"]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("form", list(FORMS)[1:7])
def test_strictness_inside_a_form_is_read(form: str, strict: bool):
    given = FORMS[form]
    inner = given.get("json_schema") or given.get("function") or given

    read = read_schema({**given, **{k: {**v, "strict": strict} for k, v in given.items() if v is inner}}
                       if inner is not given else {**given, "strict": strict})  # fmt: skip

    assert read.strict is strict


def test_tool_without_parameters_takes_none():
    for form in (
        {"type": "function", "function": {"name": "f"}},
        {"type": "function", "name": "f"},
    ):
        assert read_schema(form).schema == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (OBJECT, 'Give the JSON Schema a "title"'),
        ({"$ref": "#/$defs/A", "$defs": {"A": OBJECT}}, 'Give the JSON Schema a "title"'),
        ({"type": "json_object"}, '"json_object" holds no schema'),
        ({"type": "json_schema"}, "not a valid schema"),
        ({"type": "json_schema", "json_schema": {"name": "N"}, "x": 1}, None),
        ({}, "not a valid schema"),
        ({"some": "thing"}, "not a valid schema"),
    ],
)
def test_what_is_no_schema_is_refused_with_a_sentence(given: Any, says: str | None):
    if says is None:
        assert read_schema(given).name == "N"
        return
    with pytest.raises(ConfigurationError, match=says):
        read_schema(given)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Joke", "Joke"),
        ("A joke!", "A_joke_"),
        ("Page[Item]", "Page_Item_"),
        ("", "answer"),
        (None, "answer"),
        ("x" * 80, "x" * 64),
        ("ü", "_"),
    ],
)
def test_name_is_one_that_the_api_takes(name: Any, clean: str):
    assert clean_name(name) == clean


# ------------------------------------------------------------------ strictness

SENT: dict[str, tuple[Any, dict[str, Any], Any, Any]] = {
    "unset": (OBJECT, {}, OBJECT, None),
    "off": (OBJECT, {"strict": False}, OBJECT, False),
    "off for a class": (OBJECT, {"strict": False, "prefers_strict": True}, OBJECT, False),
    "on": (OBJECT, {"strict": True}, {**CLOSED, "properties": {"a": NULLABLE}}, True),
    "on, read by others": (OBJECT, {"strict": True, "nullable": False}, CLOSED, True),
    "a class": (OBJECT, {"prefers_strict": True, "nullable": False}, CLOSED, True),
    "a class that cannot": (OPEN, {"prefers_strict": True}, OPEN, False),
    "closed already": (CLOSED, {"strict": True}, CLOSED, True),
}


@pytest.mark.parametrize(("schema", "how", "sent", "strict"), SENT.values(), ids=SENT)
def test_how_a_schema_is_sent(schema: Any, how: dict[str, Any], sent: Any, strict: bool | None):
    answer = answer_schema(NamedSchema("N", schema, "D"), **how)

    spec = {"name": "N", "description": "D"} | ({} if strict is None else {"strict": strict})
    assert answer.response_format == {
        "type": "json_schema",
        "json_schema": {**spec, "schema": sent},
    }
    assert answer.tool == {"type": "function", "function": {**spec, "parameters": sent}}


def test_class_that_cannot_be_strict_is_logged_once(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, "openrouter"):
        for _ in range(3):
            answer_schema(NamedSchema("Scores", OPEN), prefers_strict=True)

    assert len(caplog.messages) == 1
    assert "#/properties/a" in caplog.text
    assert "'Scores'" in caplog.text


def test_strictness_that_cannot_be_had_is_refused_with_its_place():
    with pytest.raises(ConfigurationError, match=r"free keys \(at #/properties/a\)"):
        answer_schema(NamedSchema("Scores", OPEN), strict=True)


def test_strictness_inside_the_schema_counts():
    assert answer_schema(NamedSchema("N", OBJECT, strict=True)).strict is True
    assert (
        answer_schema(NamedSchema("N", OBJECT, strict=False), prefers_strict=True).strict is False
    )
    with pytest.raises(ConfigurationError, match="strict=True contradicts strict=False"):
        answer_schema(NamedSchema("N", OBJECT, strict=False), strict=True)


def test_answers_are_read_back_where_the_schema_was_changed():
    named = NamedSchema("N", {**OBJECT, "properties": {"a": {"type": "integer", "default": 2}}})

    assert answer_schema(named, strict=True).read_back({"a": None}) == {}
    assert answer_schema(named, strict=True).read_back({"a": None}, fill_defaults=True) == {"a": 2}
    assert answer_schema(named).read_back({"a": None}) == {"a": None}


# ------------------------------------------------------------------ formats of others


def test_strict_format_of_a_framework_is_closed():
    given = {"type": "json_schema", "json_schema": {"name": "N", "strict": True, "schema": OBJECT}}

    assert closed_format(given)["json_schema"]["schema"] == CLOSED
    assert given["json_schema"]["schema"] == OBJECT  # type: ignore[index]


@pytest.mark.parametrize(
    "given",
    [
        {"type": "json_object"},
        {"type": "json_schema", "json_schema": {"name": "N", "schema": OBJECT}},
        {"type": "json_schema", "json_schema": {"name": "N", "schema": OPEN, "strict": False}},
    ],
)
def test_other_formats_are_not_touched(given: Any):
    assert closed_format(given) is given


def test_strict_format_that_cannot_be_is_refused_with_its_place():
    with pytest.raises(ConfigurationError, match="#/properties/a"):
        closed_format({"json_schema": {"name": "N", "strict": True, "schema": OPEN}})


def test_whether_a_schema_can_be_strict():
    assert can_be_strict(OBJECT)
    assert not can_be_strict(OPEN)
