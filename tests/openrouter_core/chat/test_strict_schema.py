"""The strict form of schemas, judged by OpenAI's rules as the emulator words them, and answers read back."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel

from openrouter_core.chat.strict_schema import (
    NotStrictError,
    to_strict,
)
from openrouter_emulator.dialects.openai_schemas import strict_complaint
from tests.openrouter_core.chat.classes import (
    Cat,
    Described,
    Dog,
    Empty,
    Kin,
    Node,
    Plain,
    Union,
)

SAYABLE = {c.__name__: c for c in (Described, Union, Node, Kin, Plain, Empty)}


@pytest.mark.parametrize("nullable", [True, False])
@pytest.mark.parametrize("cls", SAYABLE.values(), ids=SAYABLE)
def test_strict_form_keeps_openais_rules(cls: type[BaseModel], nullable: bool):
    schema = cls.model_json_schema()
    before = repr(schema)

    strict = to_strict(schema, nullable=nullable)

    assert strict_complaint(strict) is None
    assert repr(schema) == before
    assert to_strict(strict, nullable=nullable) == strict


def test_the_judge_refuses_what_pydantic_writes():
    for cls in (Described, Union, Node, Plain):
        assert strict_complaint(cls.model_json_schema())


def test_reference_with_a_description_is_put_in_place():
    home = to_strict(Described.model_json_schema(), nullable=True)["properties"]["home"]

    assert home["description"] == "where they live"
    assert home["properties"]["street"] == {"title": "Street", "type": "string"}
    assert home["required"] == ["street", "number", "zip_code"]


def test_recursive_root_is_an_object_that_keeps_its_definition():
    strict = to_strict(Node.model_json_schema(), nullable=False)

    assert strict["type"] == "object"
    assert strict["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
    assert strict["$defs"]["Node"]["additionalProperties"] is False


def test_class_that_describes_a_field_of_its_own_kind_ends():
    twin = to_strict(Kin.model_json_schema(), nullable=False)["properties"]["twin"]

    assert twin["description"] == "the same, without null"


def test_one_of_becomes_any_of_without_its_discriminator():
    pet = to_strict(Union.model_json_schema(), nullable=True)["properties"]["pet"]

    assert pet["anyOf"] == [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]
    assert pet.keys() & {"oneOf", "discriminator"} == set()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("text", {"type": ["string", "null"], "title": "Text"}),
        ("day", {"type": "string", "format": "date", "title": "Day"}),
        ("ratio", {"anyOf": [{"type": "number"}, {"type": "null"}], "title": "Ratio"}),
        ("default", {"type": ["integer", "null"], "title": "Default"}),
        (
            "words",
            {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "maxItems": 3,
                "title": "Words",
            },
        ),
    ],
)
def test_optional_property_is_required_and_may_be_null(name: str, shape: Any):
    strict = to_strict(Plain.model_json_schema(), nullable=True)

    assert strict["properties"][name] == shape
    assert name in strict["required"]


def test_optional_constant_may_be_null_in_a_union():
    """`enum` beside two types would have to hold null itself."""
    favourite = to_strict(Described.model_json_schema(), nullable=True)["properties"]["favourite"]

    assert favourite["anyOf"] == [{"enum": ["red", "blue"], "type": "string"}, {"type": "null"}]
    assert favourite["description"] == "the favourite colour"


def test_optional_property_is_only_required_where_nobody_reads_null_back():
    strict = to_strict(Plain.model_json_schema(), nullable=False)

    assert strict["properties"]["text"] == {"title": "Text", "type": "string"}
    assert strict["required"] == list(strict["properties"])


def test_schema_of_pydantic_v1_is_closed():
    schema = {
        "title": "T",
        "type": "object",
        "properties": {"a": {"title": "A", "allOf": [{"$ref": "#/definitions/A"}]}},
        "definitions": {"A": {"type": "object", "properties": {"b": {"type": "integer"}}}},
    }

    strict = to_strict(schema, nullable=False)

    assert strict_complaint(strict) is None
    assert strict["properties"]["a"]["required"] == ["b"]


# ------------------------------------------------------------------ what cannot be said


class Scores(BaseModel):
    scores: dict[str, int]


class Anything(BaseModel):
    inner: list[dict[str, Any]]


class Pair(BaseModel):
    pair: tuple[int, str]


class Bag(BaseModel):
    bag: set[int]


class Whatever(BaseModel):
    value: Any


class Loose(BaseModel):
    items: list  # type: ignore[type-arg]  # on purpose


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Link(BaseModel):
    url: str = Field(json_schema_extra={"format": "uri"})


class Short(BaseModel):
    text: Annotated[str, Field(min_length=1)]


class Ahead(BaseModel):
    text: str = Field(json_schema_extra={"pattern": "^(?=.*[a-z]).*$"})


class Nested(BaseModel):
    pairs: list[Pair]


UNSAYABLE: dict[str, tuple[Any, str, str]] = {
    "open dict": (Scores, "#/properties/scores", "free keys"),
    "open dict in a list": (Anything, "#/properties/inner/items", "free keys"),
    "tuple": (Pair, "#/properties/pair", "a tuple"),
    "set": (Bag, "#/properties/bag", "a set"),
    "any": (Whatever, "#/properties/value", "any type"),
    "bare list": (Loose, "#/properties/items/items", "any type"),
    "extra fields": (Extra, "#", "free keys"),
    "uri": (Link, "#/properties/url", "the format 'uri'"),
    "length": (Short, "#/properties/text", "the keyword minLength"),
    "lookahead": (Ahead, "#/properties/text", "looks ahead"),
    "in a definition": (Nested, "#/$defs/Pair/properties/pair", "a tuple"),
    "list at the root": (RootModel[list[int]], "#", "must be an object"),
    "union at the root": (RootModel[Cat | Dog], "#", "must be an object"),
}


@pytest.mark.parametrize(("cls", "pointer", "says"), UNSAYABLE.values(), ids=UNSAYABLE)
def test_what_strict_mode_cannot_say_is_named_with_its_place(cls: Any, pointer: str, says: str):
    schema = cls.model_json_schema()

    with pytest.raises(NotStrictError, match=says) as raised:
        to_strict(schema, nullable=True)

    assert raised.value.pointer == pointer
    assert strict_complaint(schema)


def test_dangling_reference_is_named():
    with pytest.raises(NotStrictError, match="leads out"):
        to_strict({"type": "object", "properties": {"a": {"$ref": "x.json"}}}, nullable=True)


def test_doubtful_keywords_pass_where_somebody_insists():
    strict = to_strict(Short.model_json_schema(), nullable=True, cautious=False)

    assert strict["properties"]["text"]["minLength"] == 1
