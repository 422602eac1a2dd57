"""Instances drawn from JSON Schemas are valid and take what the prompt offers."""

from __future__ import annotations

import jsonschema
import pytest

from openrouter_emulator.inference.prompts import Hints
from openrouter_emulator.inference.schema_instances import instance


def _object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


SCHEMAS = {
    "plain": _object(a={"type": "string"}, b={"type": "integer"}, c={"type": "boolean"}),
    "bounds": _object(
        low={"type": "integer", "minimum": 10, "maximum": 12},
        open={"type": "number", "exclusiveMinimum": 5, "exclusiveMaximum": 6},
        step={"type": "integer", "minimum": 7, "multipleOf": 5},
    ),
    "enum": _object(unit={"enum": ["c", "f"]}, fixed={"const": 42}, nothing={"enum": [None]}),
    "optional": _object(
        a={"anyOf": [{"type": "integer"}, {"type": "null"}]}, b={"type": ["string", "null"]}
    ),
    "nested": _object(inner=_object(deep=_object(x={"type": "number"}))),
    "arrays": _object(
        tags={"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3},
        pair={"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    ),
    "formats": _object(
        d={"type": "string", "format": "date"},
        e={"type": "string", "format": "email"},
        u={"type": "string", "format": "uuid"},
        i={"type": "string", "format": "uri"},
    ),
    "lengths": _object(
        short={"type": "string", "maxLength": 3}, long={"type": "string", "minLength": 200}
    ),
    "pattern": _object(code={"type": "string", "pattern": r"^[A-Z]{2}-\d{3}$"}),
    "refs": {
        **_object(a={"$ref": "#/$defs/Point"}, b={"$ref": "#/$defs/Kind", "description": "x"}),
        "$defs": {"Point": _object(x={"type": "number"}), "Kind": {"enum": ["big", "small"]}},
    },
    "recursive": {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                },
                "required": ["name", "children"],
            }
        },
    },
    "all-of": {
        "allOf": [_object(a={"type": "string"}), {"properties": {"b": {"type": "integer"}}}],
        "type": "object",
    },
    "one-of": _object(v={"oneOf": [_object(kind={"const": "a"}), _object(kind={"const": "b"})]}),
    "free-object": {"type": "object", "additionalProperties": {"type": "string"}},
    "top-array": {"type": "array", "items": {"type": "string"}},
}
PROMPTS = ["", "Take 3, then -4.5 and 'quoted text' in Paris on 2026-05-04 for ada@mail.test"]


@pytest.mark.parametrize("prompt", PROMPTS, ids=["empty", "rich"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_instance_is_valid(name, prompt):
    drawn = instance(SCHEMAS[name], Hints.of(prompt))

    jsonschema.validate(drawn, SCHEMAS[name], format_checker=jsonschema.FormatChecker())


def test_values_are_taken_in_the_order_of_the_prompt():
    schema = _object(a={"type": "integer"}, b={"type": "integer"}, c={"type": "integer"})

    assert instance(schema, Hints.of("first 7, then 9")) == {"a": 7, "b": 9, "c": 9}


def test_the_enum_value_that_the_prompt_names_is_chosen():
    schema = {"enum": ["red", "dark red", "blue"]}

    assert instance(schema, Hints.of("I like dark red")) == "dark red"


def test_optional_properties_are_filled_only_when_the_prompt_speaks_of_them():
    schema = {
        "type": "object",
        "properties": {"height": {"type": "integer"}, "age": {"type": "integer"}},
    }

    assert instance(schema, Hints.of("what is the height? 3")) == {"height": 3}


def test_places_and_people_go_where_they_belong():
    schema = _object(name={"type": "string"}, city={"type": "string"})

    assert instance(schema, Hints.of("Extract: the person John Smith lives in Berlin")) == {
        "name": "John Smith",
        "city": "Berlin",
    }


def test_lists_hold_all_places():
    schema = _object(cities={"type": "array", "items": {"type": "string"}})

    assert instance(schema, Hints.of("Paris, Rome and Oslo")) == {
        "cities": ["Paris", "Rome", "Oslo"]
    }
