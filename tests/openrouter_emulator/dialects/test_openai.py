"""What the provider behind a model refuses, in its own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

GPT5, GPT4, CLAUDE = "openai/gpt-5.5", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4.5"


def schema(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def wanted(spec: Any, *, strict: bool | None = True, name: str = "N") -> dict[str, Any]:
    more = {} if strict is None else {"strict": strict}
    return {"type": "json_schema", "json_schema": {"name": name, "schema": spec, **more}}


def refusal_of(wire: Any, **body: Any) -> dict[str, Any]:
    """The provider's own error, out of OpenRouter's envelope."""
    answer = wire.chat(**body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (error["message"], error["code"]) == ("Provider returned error", 400)
    assert error["metadata"]["provider_name"] == "OpenAI"
    return json.loads(error["metadata"]["raw"])["error"]


OPEN = {"type": "object", "properties": {"a": {"type": "integer"}}}
INNER = schema(b={"type": "integer"})
REFUSED: dict[str, tuple[Any, str]] = {
    "open": (
        OPEN,
        "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ),
    "open inside": (
        schema(a=OPEN),
        "In context=('properties', 'a'), 'additionalProperties' is required to be supplied",
    ),
    "free keys": (
        schema(a={"type": "object", "additionalProperties": {"type": "integer"}}),
        "'additionalProperties' is required",
    ),
    "optional": (
        {**schema(a={"type": "integer"}), "required": []},
        "an array including every key in properties. Missing 'a'.",
    ),
    "undeclared": ({**schema(), "required": ["a"]}, "Extra required key 'a' supplied"),
    "described reference": (
        {**schema(a={"$ref": "#/$defs/A", "description": "x"}), "$defs": {"A": INNER}},
        "context=('properties', 'a'), $ref cannot have keywords {'description'}.",
    ),
    "oneOf": (
        schema(a={"oneOf": [{"type": "string"}]}),
        "In context=('properties', 'a'), 'oneOf' is not permitted.",
    ),
    "default": (schema(a={"type": "string", "default": "x"}), "'default' is not permitted."),
    "tuple": (schema(a={"type": "array", "prefixItems": []}), "'prefixItems' is not permitted."),
    "set": (
        schema(a={"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        "'uniqueItems' is not permitted.",
    ),
    "format": (
        schema(a={"type": "string", "format": "uri"}),
        "In context=('properties', 'a'), 'uri' is not a valid format.",
    ),
    "no type": (schema(a={}), "In context=('properties', 'a'), schema must have a 'type' key."),
    "lookahead": (
        schema(a={"type": "string", "pattern": "(?=a)"}),
        "regex lookaround is not supported. Found at $.properties.a.pattern.",
    ),
    "array": (
        {"type": "array"},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
    ),
    "reference at the root": (
        {"$ref": "#/$defs/A", "$defs": {"A": INNER}},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
    ),
    "in a definition": ({**schema(), "$defs": {"A": OPEN}}, "In context=('$defs', 'A')"),
    "in a union": (schema(a={"anyOf": [OPEN]}), "In context=('properties', 'a', 'anyOf', '0')"),
}


@pytest.mark.parametrize(("spec", "words"), REFUSED.values(), ids=REFUSED)
def test_openai_refuses_schemas_that_strict_mode_cannot_say(wire: Any, spec: Any, words: str):
    error = refusal_of(wire, model=GPT4, response_format=wanted(spec))

    assert error["message"].startswith("Invalid schema for response_format 'N': ")
    assert words in error["message"]
    assert (error["type"], error["param"]) == ("invalid_request_error", "response_format")


OBJECTS = {name: row for name, row in REFUSED.items() if row[0].get("type") == "object"}


@pytest.mark.parametrize(("spec", "words"), OBJECTS.values(), ids=OBJECTS)
def test_strict_functions_are_held_to_the_same_rules(wire: Any, spec: Any, words: str):
    tool = {"type": "function", "function": {"name": "f", "parameters": spec, "strict": True}}
    error = refusal_of(wire, model=GPT4, tools=[tool])

    assert error["message"].startswith("Invalid schema for function 'f': ")
    assert words in error["message"]
    assert error["param"] == "tools[0].function.parameters"


def test_parameters_of_functions_are_objects(wire: Any):
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "string"}}}
    error = refusal_of(wire, model=GPT4, tools=[tool])

    assert error["message"] == (
        "Invalid schema for function 'f': "
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"string\"'."
    )
    assert error["code"] == "invalid_function_parameters"


def test_closed_schemas_pass(wire: Any):
    spec = {
        **schema(a={"$ref": "#/$defs/A"}, b={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "$defs": {"A": INNER},
    }

    for model in (GPT4, GPT5):
        assert wire.ok(model=model, response_format=wanted(spec))


def test_schemas_that_are_not_strict_may_be_open_on_older_models_only(wire: Any):
    """getzep/graphiti#1751: GPT-5 and later are asked by the Responses API, which holds all to the rules."""
    assert wire.ok(model=GPT4, response_format=wanted(OPEN, strict=None))
    for strict in (None, False):
        error = refusal_of(wire, model=GPT5, response_format=wanted(OPEN, strict=strict))
        assert (error["code"], error["param"]) == ("invalid_json_schema", "text.format.schema")


def test_other_vendors_take_what_openai_refuses(wire: Any):
    assert wire.ok(model=CLAUDE, response_format=wanted(OPEN))


def test_functions_need_items_even_when_they_are_not_strict(wire: Any):
    parameters = {"type": "object", "properties": {"a": {"type": "array"}}}
    tool = {"type": "function", "function": {"name": "f", "parameters": parameters}}

    assert "In context=('properties', 'a'), array schema missing items." in refusal_of(
        wire, model=GPT4, tools=[tool]
    )["message"]  # fmt: skip


def test_names_of_schemas_are_checked(wire: Any):
    error = refusal_of(wire, model=GPT4, response_format=wanted(schema(), name="a b"))

    assert "'response_format.json_schema.name': string does not match pattern" in error["message"]


@pytest.mark.parametrize(
    ("name", "value"), [("tool_choice", "required"), ("parallel_tool_calls", False)]
)
def test_settings_of_tools_need_tools_unless_a_preset_or_router_has_them(
    wire: Any, name: str, value: Any
):
    tool = {"type": "function", "function": {"name": "f", "parameters": schema()}}
    wire.post("/presets/mine/chat/completions", {"model": GPT4, "tools": [tool], "messages": []})
    error = refusal_of(wire, model=GPT4, **{name: value})

    assert error["message"] == f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."  # fmt: skip
    assert wire.ok(model="openrouter/auto", **{name: value})
    assert wire.ok(model=f"{GPT4}@preset/mine", **{name: value})
    assert wire.ok(model=CLAUDE, **{name: value})


def test_dialects_can_be_switched_off(wire: Any):
    wire.emulator.dialects = False

    assert wire.ok(model=GPT4, response_format=wanted(OPEN))


SPEECH: dict[str, Any] = {"model": "openai/gpt-audio-mini", "modalities": ["text", "audio"]}


@pytest.mark.parametrize("form", ["wav", "mp3", "flac", "opus"])
def test_streams_have_one_format_of_sound(wire: Any, form: str):
    audio = {"voice": "alloy", "format": form}

    status, words = wire.refusal(stream=True, audio=audio, **SPEECH)

    assert status == 400
    assert words.startswith(f"Unsupported value: 'audio.format' does not support '{form}' when")
    assert words.endswith("when stream=true. Supported values are: 'pcm16'.")
    wire.emulator.dialects = False
    assert wire.stream(audio=audio, **SPEECH).chunks


def test_sound_comes_in_streams_alone(wire: Any):
    audio = {"voice": "alloy", "format": "pcm16"}

    assert wire.refusal(audio=audio, **SPEECH) == (400, "Audio output requires stream: true")
    assert wire.stream(audio=audio, **SPEECH).chunks
