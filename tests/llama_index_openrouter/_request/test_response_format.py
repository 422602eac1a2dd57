"""Schemas for classes, and objects out of text."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel, Field

from llama_index_openrouter import OpenRouter
from llama_index_openrouter._request.response_format import (
    PartialReader,
    json_in,
    parse,
    response_format,
)
from llama_index_openrouter._structured_output import call_options, choose_mode
from openrouter_core.catalog.models import ModelFacts


class Kind(Enum):
    FISH = "fish"
    BIRD = "bird"


class Leg(BaseModel):
    long: bool = False


class Animal(BaseModel):
    """An animal."""

    name: str
    kind: Kind = Kind.FISH
    legs: list[Leg] = Field(default_factory=list)
    default: int = 3


def said(text: str | None, **notes: Any) -> ChatResponse:
    refusal = notes.pop("refusal", None)
    extra = {"refusal": refusal} if refusal else {}
    return ChatResponse(
        message=ChatMessage(role="assistant", content=text, additional_kwargs=extra),
        delta=text,
        additional_kwargs=notes,
    )


def test_strict_schema_requires_every_property_and_no_other():
    wanted = response_format(Animal, strict=True)["json_schema"]

    schema = wanted["schema"]
    assert (wanted["name"], wanted["strict"], wanted["description"]) == (
        "Animal",
        True,
        "An animal.",
    )
    assert schema["required"] == ["name", "kind", "legs", "default"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Leg"]["required"] == ["long"]
    assert schema["$defs"]["Leg"]["additionalProperties"] is False
    assert schema["$defs"]["Kind"]["enum"] == ["fish", "bird"]


def test_property_named_like_a_keyword_survives():
    schema = response_format(Animal, strict=True)["json_schema"]["schema"]

    assert schema["properties"]["default"]["type"] == "integer"
    assert "default" not in schema["properties"]["kind"]


def test_e4_schema_is_untouched_where_strictness_is_off():
    wanted = response_format(Animal, strict=False)["json_schema"]

    assert wanted["schema"] == Animal.model_json_schema()
    assert wanted["strict"] is False


TEXTS = {
    "plain": '{"name": "Al"}',
    "e3 fenced": 'Sure!\n```json\n{"name": "Al"}\n```\nAnything else?',
    "e3 prose around": 'Here you are: {"name": "Al"} Bye.',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_object_is_found_in_the_text(text: str):
    assert parse(said(text), Animal) == Animal(name="Al")
    assert json_in(text) == '{"name": "Al"}'


def test_cut_answer_says_why_it_is_none():
    with pytest.raises(ValueError, match=r"not a Animal.*'length'.*Raise max_tokens"):
        parse(said('{"name": "A', finish_reason="length"), Animal)


def test_wrong_field_is_named_without_quoting_the_answer():
    with pytest.raises(ValueError, match=r"\(name: ") as caught:
        parse(said('{"name": 7, "secret": "s3cret"}'), Animal)

    assert "s3cret" not in str(caught.value)


def test_refusal_is_told():
    with pytest.raises(ValueError, match="refused to give a Animal: No way"):
        parse(said(None, refusal="No way."), Animal)


def test_object_is_read_while_it_grows():
    reader = PartialReader(Animal)

    seen = [reader.read(said(text)) for text in ("", "{", '{"name": "Al"', '{"name": "Al"}')]

    assert seen[0] is None
    assert seen[1] is not None
    assert seen[2] == Animal(name="Al")
    assert seen[3] is None  # nothing new


def test_partial_object_that_is_not_valid_yet_is_lenient():
    partial = PartialReader(Animal).read(said('{"kind": "bird"'))

    assert partial is not None
    assert not isinstance(partial, Animal)
    assert partial.model_dump()["kind"] == "bird"


# ------------------------------------------------------------------ which way to ask


def able(*parameters: str) -> ModelFacts:
    return ModelFacts("x/y", supported_parameters=frozenset({"temperature", *parameters}))


MODES = {
    "e7 schema first": ({}, able("structured_outputs", "tools"), "json_schema"),
    "else tools": ({}, able("tools"), "tools"),
    "else the prompt": ({}, able(), "prompt"),
    "unknown model": ({}, None, "json_schema"),
    "as set": ({"structured_output_mode": "tools"}, able("structured_outputs"), "tools"),
    "as LlamaIndex says": (
        {"pydantic_program_mode": PydanticProgramMode.LLM},
        able("structured_outputs"),
        "prompt",
    ),
    "another program of LlamaIndex": (
        {"pydantic_program_mode": PydanticProgramMode.LM_FORMAT_ENFORCER},
        None,
        "core",
    ),
}


@pytest.mark.parametrize(("settings", "facts", "mode"), MODES.values(), ids=MODES.keys())
def test_way_of_asking(settings: dict[str, Any], facts: ModelFacts | None, mode: str):
    llm = OpenRouter("x/y", **settings)

    assert choose_mode(llm, llm.pydantic_program_mode, facts) == mode


def test_e1_only_providers_that_support_the_request_are_asked():
    llm = OpenRouter("x/y")

    assert call_options(llm, None) == {"provider": {"require_parameters": True}}
    assert call_options(llm, {"provider": {"zdr": True}})["provider"] == {
        "require_parameters": True,
        "zdr": True,
    }


def test_e1_the_user_decides():
    off = OpenRouter("x/y", require_parameters=False)
    own = OpenRouter("x/y", provider={"require_parameters": False})

    assert call_options(off, {"seed": 1}) == {"seed": 1}
    assert call_options(own, None)["provider"] == {}


def test_options_of_the_caller_are_not_changed():
    given: dict[str, Any] = {"provider": {"zdr": True}}

    call_options(OpenRouter("x/y"), given)

    assert given == {"provider": {"zdr": True}}
