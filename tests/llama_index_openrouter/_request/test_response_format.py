"""Classes as the schemas that ask for them."""

from __future__ import annotations

from enum import Enum

import pytest
from pydantic import BaseModel, Field

from llama_index_openrouter._request.response_format import to_answer_schema
from openrouter_core import ConfigurationError
from openrouter_core._logging import warn_once
from openrouter_emulator.dialects.openai_schemas import strict_complaint


class Kind(Enum):
    FISH = "fish"
    BIRD = "bird"


class Leg(BaseModel):
    long: bool = False


class Animal(BaseModel):
    """An animal."""

    name: str
    kind: Kind = Field(Kind.FISH, description="fish or bird")
    legs: list[Leg] = Field(default_factory=list)
    default: int = 3
    young: list["Animal"] = []  # noqa: UP037  # a recursive class is written so


class Scores(BaseModel):
    scores: dict[str, int]


@pytest.mark.parametrize("strict", [None, True])
def test_strict_schema_keeps_openais_rules(strict: bool | None):
    wanted = to_answer_schema(Animal, strict=strict).response_format["json_schema"]

    assert (wanted["name"], wanted["strict"]) == ("Animal", True)
    assert wanted["description"] == "An animal."
    assert strict_complaint(wanted["schema"]) is None
    assert wanted["schema"]["required"] == ["name", "kind", "legs", "default", "young"]


def test_property_named_like_a_keyword_survives():
    schema = to_answer_schema(Animal, strict=None).sent

    assert schema["properties"]["default"]["type"] == ["integer", "null"]


def test_e4_schema_is_untouched_where_strictness_is_off():
    wanted = to_answer_schema(Animal, strict=False).response_format["json_schema"]

    assert wanted["schema"] == Animal.model_json_schema()
    assert wanted["strict"] is False


def test_class_that_cannot_be_strict_goes_unchanged(caplog: pytest.LogCaptureFixture):
    warn_once.cache_clear()

    wanted = [to_answer_schema(Scores, strict=None) for _ in range(2)]

    assert [(w.sent, w.strict) for w in wanted] == [(Scores.model_json_schema(), False)] * 2
    assert len(caplog.messages) == 1
    assert "#/properties/scores" in caplog.text


def test_class_that_cannot_be_strict_but_must_is_refused_with_its_place():
    with pytest.raises(ConfigurationError, match="#/properties/scores"):
        to_answer_schema(Scores, strict=True)
