"""Reading JSON Schema: references, nulls, values, and answers to the strict form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, TypeAdapter

from openrouter_core.chat.json_schema import allows_null, drop_nulls, is_recursive, matches
from tests.openrouter_core.chat.classes import (
    Address,
    Cat,
    Described,
    Dog,
    Kin,
    Node,
    Plain,
    Union,
)

# ------------------------------------------------------------------ read back

READ_BACK: dict[str, tuple[type[BaseModel], Any, Any]] = {
    "default holds": (
        Described,
        {"home": {"street": "a", "number": None, "zip_code": None}, "favourite": None},
        Described(home=Address(street="a")),
    ),
    "branch by constant": (
        Union,
        {"pet": {"kind": "dog", "tricks": None}, "other": {"kind": "cat", "lives": None}},
        Union(pet=Dog(kind="dog"), other=Cat(kind="cat")),
    ),
    "recursive": (
        Node,
        {"name": "a", "children": [{"name": "b", "children": None}]},
        Node(name="a", children=[Node(name="b")]),
    ),
    "null that is allowed stays": (
        Plain,
        {"text": None, "day": "2026-01-01", "ident": str(UUID(int=1)), "size": None}
        | {"words": ["a"], "ratio": None, "default": None},
        Plain(day=date(2026, 1, 1), ident=UUID(int=1), words=["a"], ratio=None),
    ),
    "what was given stays": (Cat, {"kind": "cat", "lives": 1}, Cat(kind="cat", lives=1)),
}


@pytest.mark.parametrize(("cls", "answer", "wanted"), READ_BACK.values(), ids=READ_BACK)
def test_null_is_read_back_as_the_default(cls: type[BaseModel], answer: Any, wanted: BaseModel):
    assert cls.model_validate(drop_nulls(answer, cls.model_json_schema())) == wanted


def test_plain_dicts_get_the_schemas_default():
    schema = {"properties": {"a": {"type": "integer", "default": 3}, "b": {"type": "integer"}}}

    assert drop_nulls({"a": None, "b": None}, schema, fill_defaults=True) == {"a": 3}
    assert drop_nulls({"a": None, "b": None}, schema) == {}


@pytest.mark.parametrize("value", [None, 3, "a", [1], {"other": None}, [{"x": None}]])
def test_other_values_are_read_as_they_are(value: Any):
    assert drop_nulls(value, Address.model_json_schema()) == value


def test_every_answer_to_the_strict_form_is_an_answer_to_the_class():
    """The strict form of a class allows nothing that the class refuses, once it is read back."""
    schema = Union.model_json_schema()
    for pet in ({"kind": "cat", "lives": None}, {"kind": "dog", "tricks": ["a"]}):
        TypeAdapter(Union).validate_python(drop_nulls({"pet": pet, "other": None}, schema))


@pytest.mark.parametrize(
    ("node", "allowed"),
    [
        ({"type": "string"}, False),
        ({"type": ["string", "null"]}, True),
        ({"enum": ["a", None]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"$ref": "#/$defs/A"}, True),
        ({"$ref": "#/$defs/Nobody"}, False),
        (True, False),
    ],
)
def test_whether_null_is_allowed(node: Any, allowed: bool):
    assert allows_null(node, {"$defs": {"A": {"type": "null"}}}) is allowed


@pytest.mark.parametrize(("classes", "recursive"), [((Node, Kin), True), ((Union, Plain), False)])
def test_recursive_schemas_are_known(classes: Sequence[type[BaseModel]], recursive: bool):
    assert {is_recursive(c.model_json_schema()) for c in classes} == {recursive}


# ------------------------------------------------------------------ values

ROOT = {"$defs": {"A": {"type": "object", "properties": {"a": {}}, "required": ["a"]}}}
VALUES: list[tuple[Any, Any, bool]] = [
    (1, {"type": "integer"}, True),
    (1.0, {"type": "integer"}, True),
    (1.5, {"type": "integer"}, False),
    (True, {"type": "integer"}, False),
    (True, {"type": "boolean"}, True),
    (1, {"type": "number"}, True),
    ("1", {"type": "number"}, False),
    (None, {"type": ["string", "null"]}, True),
    ("a", {"enum": ["a", "b"]}, True),
    ("c", {"enum": ["a", "b"]}, False),
    ("a", {"const": "b"}, False),
    ([1, "a"], {"type": "array", "items": {"type": "integer"}}, False),
    ({}, {"$ref": "#/$defs/A"}, False),
    ({"a": 1, "b": 2}, {"$ref": "#/$defs/A"}, True),
    ({"a": 1}, {"additionalProperties": False, "properties": {}}, False),
    ({"a": 1}, {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/A"}]}, True),
    ({"b": 1}, {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/A"}]}, False),
    ("x", {"type": "tomorrow"}, True),
    ("x", {}, True),
    ("x", True, True),
    ("x", False, False),
]


@pytest.mark.parametrize(("value", "schema", "is_one"), VALUES)
def test_whether_a_value_is_one_of_a_schema(value: Any, schema: Any, is_one: bool):
    assert matches(value, schema, ROOT) is is_one


def test_an_echoed_schema_is_no_answer_to_it():
    schema = Address.model_json_schema()

    assert not matches(schema, schema, schema)
    assert matches({"street": "a"}, schema, schema)
