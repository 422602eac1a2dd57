"""The strict form of schemas, judged by OpenAI's rules as the emulator words them, and answers read back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, TypeAdapter

from openrouter_core.chat.strict_schema import (
    NotStrictError,
    allows_null,
    drop_nulls,
    is_recursive,
    to_strict,
)
from openrouter_emulator.dialects.openai_schemas import strict_complaint


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    number: int = 1
    zip_code: str | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = Field(default_factory=lambda: ["sit"])


class Described(BaseModel):
    home: Address = Field(description="where they live")
    favourite: Color = Field(Color.RED, description="the favourite colour")


class Union(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    other: Cat | Dog | None = None


class Node(BaseModel):
    name: str
    children: list["Node"] = []  # noqa: UP037  # a recursive class is written so


class Kin(BaseModel):
    mother: "Kin | None" = Field(None, description="her own kind")  # noqa: UP037
    twin: "Kin" = Field(None, description="the same, without null")  # type: ignore[assignment]  # noqa: UP037


class Plain(BaseModel):
    """Kinds of values that strict mode can say."""

    text: str = "a"
    day: date
    ident: UUID
    size: Annotated[int, Field(ge=1, le=9)] = 3
    words: Annotated[list[str], Field(min_length=1, max_length=3)]
    ratio: float | None = 0.5
    default: int = 3


class Empty(BaseModel):
    """Nothing to say."""


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
        ("text", {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Text"}),
        ("day", {"type": "string", "format": "date", "title": "Day"}),
        ("ratio", {"anyOf": [{"type": "number"}, {"type": "null"}], "title": "Ratio"}),
        ("default", {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Default"}),
    ],
)
def test_optional_property_is_required_and_may_be_null(name: str, shape: Any):
    strict = to_strict(Plain.model_json_schema(), nullable=True)

    assert strict["properties"][name] == shape
    assert name in strict["required"]


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
