"""Objects out of answers: from calls and from text, whole and growing."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, TextBlock, ToolCallBlock
from pydantic import BaseModel, Field

from llama_index_openrouter._request.response_format import to_answer_schema
from llama_index_openrouter._response.structured_output import AnswerReader, PartialReader


class Leg(BaseModel):
    long: bool = False


class Animal(BaseModel):
    """An animal."""

    name: str
    legs: list[Leg] = Field(default_factory=lambda: [Leg()])
    default: int = 3


AL = Animal(name="Al")


def response_of(text: str | None, *calls: Any, **notes: Any) -> ChatResponse:
    refusal = notes.pop("refusal", None)
    blocks: list[Any] = [TextBlock(text=text)] if text is not None else []
    blocks += [ToolCallBlock(tool_name=name, tool_kwargs=kwargs) for name, kwargs in calls]
    extra = {"refusal": refusal} if refusal else {}
    return ChatResponse(
        message=ChatMessage(role="assistant", blocks=blocks, additional_kwargs=extra),
        delta=text,
        additional_kwargs=notes,
    )


def reader(*, by_tool: bool = False, cls: Any = Animal) -> AnswerReader[Any]:
    return AnswerReader(cls, to_answer_schema(cls, strict=None), by_tool=by_tool)


TEXTS = {
    "plain": '{"name": "Al"}',
    "e3 fenced": 'Sure!\n```json\n{"name": "Al"}\n```\nAnything else?',
    "e3 prose around": 'Here you are: {"name": "Al"} Bye.',
    "prose with braces": 'Use {curly} braces: {"name": "Al"} Hope {that} helps.',
    "thinking": '<think>{"name": "A much longer draft", "default": 1}</think>{"name": "Al"}',
    "a draft before": '{"nam": "A much longer draft"} {"name": "Al"}',
    "a line break in a string": '{"name": "Al",\n"default": 3}',
    "nulls": '{"name": "Al", "legs": null, "default": null}',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_object_is_found_in_the_text(text: str):
    assert reader().read(response_of(text)) == AL
    assert reader(by_tool=True).read(response_of(text)) == AL


def test_raw_line_breaks_inside_strings_are_taken():
    assert reader().read(response_of('{"name": "A\nl"}')) == Animal(name="A\nl")


CALLS: dict[str, list[Any]] = {
    "text": [("Animal", '{"name": "Al"}')],
    "dict": [("Animal", {"name": "Al"})],
    "encoded twice": [("Animal", '"{\\"name\\": \\"Al\\"}"')],
    "placeholder before": [("Animal", '{}{"name": "Al"}')],
    "beside another": [("look", "{}"), ("Animal", '{"name": "Al"}')],
    "second is right": [("Animal", "{"), ("Animal", '{"name": "Al"}')],
    "first is right": [("Animal", '{"name": "Al"}'), ("Animal", '{"name": "B"}')],
}


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS.keys())
def test_object_is_found_in_the_call(calls: list[Any]):
    assert reader(by_tool=True).read(response_of(None, *calls)) == AL


WRONG: dict[str, tuple[ChatResponse, bool, str]] = {
    "cut": (
        response_of('{"name": "A', finish_reason="length"),
        False,
        "not a Animal.*cut off.*max_tokens",
    ),
    "cut with an inner object": (
        response_of('{"animals": [{"name": "Al"}, {"na', finish_reason="length"),
        False,
        "cut off",
    ),
    "wrong field": (response_of('{"name": 7}', finish_reason="stop"), False, r"\(name: .*'stop'"),
    "prose": (response_of("No way."), False, "no JSON"),
    "nothing": (response_of(None), False, "no JSON"),
    "filtered": (response_of("", finish_reason="content_filter"), False, "content filter"),
    "refused": (response_of(None, refusal="No way."), False, "refused to give a Animal: No way"),
    "refused, told as text": (response_of("No way.", refusal="No way."), False, "refused to give"),
    "refused, by tool": (
        response_of(None, refusal="No way."),
        True,
        "refused to give a Animal: No way",
    ),
    "no call": (response_of("No way."), True, "no JSON"),
    "another tool": (response_of(None, ("look", "{}")), True, "called look, which is not the tool"),
    "broken call": (response_of(None, ("Animal", '{"na')), True, "arguments are not JSON"),
    "a list": (response_of(None, ("Animal", "[1]")), True, "JSON array"),
    "cut call": (response_of(None, ("Animal", '{"na'), finish_reason="length"), True, "cut off"),
    "wrong field in a call": (response_of(None, ("Animal", "{}")), True, r"\(name: Field required"),
}


@pytest.mark.parametrize(("response", "by_tool", "says"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said(response: ChatResponse, by_tool: bool, says: str):
    with pytest.raises(ValueError, match=says):
        reader(by_tool=by_tool).read(response)


def test_wrong_field_is_named_without_quoting_the_answer():
    with pytest.raises(ValueError, match=r"\(name: ") as caught:
        reader().read(response_of('{"name": 7, "secret": "s3cret"}'))

    assert "s3cret" not in str(caught.value)


# ------------------------------------------------------------------ growing


def test_object_is_read_while_it_grows():
    partial = PartialReader(reader())

    seen = [
        partial.read(response_of(text)) for text in ("", "{", '{"name": "Al"', '{"name": "Al"}')
    ]

    assert seen[0] is None
    assert seen[1] is not None
    assert seen[2] == AL
    assert seen[3] is None  # nothing new


def test_object_in_a_call_is_read_while_it_grows():
    partial = PartialReader(reader(by_tool=True))

    assert partial.read(response_of(None, ("Animal", ""))) is None
    assert partial.read(response_of(None, ("Animal", '{"name": "Al"'))) == AL


def test_object_after_prose_and_thinking_is_read_while_it_grows():
    partial = PartialReader(reader())

    assert partial.read(response_of('<think>{"name": "no"')) is None
    assert partial.read(response_of('<think>{"name": "no"}</think> So: {"name": "Al')) == AL


def test_partial_object_that_is_not_valid_yet_is_lenient():
    partial = PartialReader(reader()).read(response_of('{"default": 7'))

    assert partial is not None
    assert not isinstance(partial, Animal)
    assert partial.model_dump()["default"] == 7
