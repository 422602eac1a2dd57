"""How JSON is found in what a model wrote."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from openrouter_core.chat import json_text


class Person(BaseModel):
    name: str
    age: int


def _person(value: Any) -> Person:
    return Person.model_validate(value)


_ADA = '{"name": "Ada", "age": 36}'
_ECHOED_SCHEMA = json.dumps(Person.model_json_schema())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_ADA, id="whole"),
        pytest.param(f"\n {_ADA}\n", id="blanks around"),
        pytest.param(json.dumps(_ADA), id="encoded twice"),
        pytest.param(f"Sure!\n```json\n{_ADA}\n```\nHope {{that}} helps.", id="fenced"),
        pytest.param(f"With {{curly}} braces: {_ADA} Hope {{that}} helps.", id="prose with braces"),
        pytest.param(f"Set [0, 1) and see [1]: {_ADA} [2]", id="prose with brackets"),
        pytest.param(f"{{{_ADA}}}", id="doubled braces of a template"),
        pytest.param(f'<think>Draft: {{"name": "X", "age": 1}}</think>{_ADA}', id="draft in think"),
        pytest.param(f"<Thinking>{{</Thinking>{_ADA}", id="open brace in thinking"),
        pytest.param(f'Draft {{"name": "X", "age": 1}}</think>{_ADA}', id="think opened by prompt"),
        pytest.param(f'◁think▷{{"name": "X", "age": 1}}◁/think▷{_ADA}', id="Kimi's think"),
        pytest.param(f"Schema: {_ECHOED_SCHEMA}\nAnswer: {_ADA}", id="echoed schema"),
        pytest.param(f"{_ADA}\nAs asked by {_ECHOED_SCHEMA}", id="schema after it"),
        pytest.param(f"{_ADA} and so on {{", id="brace after it"),
        pytest.param(
            f'{{"name": "broken" "x": {{"name": "X", "age": 1}}}} {_ADA}', id="after broken"
        ),
    ],
)
def test_the_answer_is_found_in_the_text(text: str) -> None:
    assert json_text.read_json(text, _person) == Person(name="Ada", age=36)


def test_raw_line_breaks_inside_strings_are_read() -> None:
    found = json_text.read_json('Here: {"name": "A\n\tB", "age": 1}', _person)

    assert found.name == "A\n\tB"


def test_think_inside_a_string_is_text() -> None:
    text = 'Look: {"name": "<think>x", "age": 1}'

    assert json_text.read_json(text, _person).name == "<think>x"


def test_of_several_the_first_that_is_accepted_wins() -> None:
    text = f'{{"name": "no age"}} {_ADA} {{"name": "Later", "age": 2}}'

    assert json_text.read_json(text, _person).name == "Ada"


def test_of_several_that_are_not_accepted_the_last_says_why() -> None:
    with pytest.raises(ValueError, match="last one"):
        json_text.read_json('{"name": "first one"} {"name": "last one"}', _person)


@pytest.mark.parametrize(
    "text",
    [
        '{"items": [{"name": "A", "age": 1}, {"name": "B", "ag',
        '{"items": [{"name": "A", "age": 1}, {"name": "B", "age": 2}',
        'Sure: {"items": [{"name": "A", "age": 1}, ',
        '[{"name": "A", "age": 1}, {"name": "B"',
        '{"name": "root", "kids": [{"name": "A", "age": 1}], "x": tru',
        '```json\n{"note": "say \\"hi\\"", "kid": {"name": "A", "age": 1}',
    ],
)
@pytest.mark.parametrize("reason", ["length", "stop", None])
def test_no_part_of_an_answer_that_never_closes_is_the_answer(text: str, reason: str) -> None:
    with pytest.raises(json_text.MissingJsonError) as caught:
        json_text.read_json(text, _person, finish_reason=reason)

    assert caught.value.is_cut == (reason == "length")
    assert ("max_tokens" in str(caught.value)) == (reason == "length")


def test_a_draft_before_an_answer_that_was_cut_off_is_not_the_answer() -> None:
    text = f'Draft: {_ADA}. Final: {{"name": "Ada Lovelace", "ag'

    with pytest.raises(json_text.MissingJsonError, match="cut off at its token limit"):
        json_text.read_json(text, _person, finish_reason="length")


def test_words_cut_off_behind_the_answer_do_no_harm() -> None:
    assert json_text.read_json(f"{_ADA} I hope th", _person, finish_reason="length").age == 36


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("I cannot do that.", "stop", "no JSON"),
        ("", None, "no JSON"),
        ("5", "stop", "no JSON"),
        (f"<think>{_ADA}", "stop", "no JSON"),
        (f"<think>{_ADA}", "length", "Raise max_tokens"),
        ("", "content_filter", "content filter"),
        ('{"name": "A', "stop", "never closes"),
    ],
)
def test_what_is_wrong_with_an_answer_without_json(text: str, reason: str, words: str) -> None:
    with pytest.raises(json_text.MissingJsonError, match=words):
        json_text.read_json(text, _person, finish_reason=reason)


def test_an_array_is_found_when_there_is_no_object() -> None:
    numbers = TypeAdapter(list[int]).validate_python

    assert json_text.read_json("Take [1, 2] then", numbers) == [1, 2]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("Sure", None),
        ("[1, 2", [1, 2]),
        ('<think>{"name": "X"', None),
        ('<think>{"name": "X"}</think>{"name": "A', {"name": "A"}),
        ('Sure: {"name": "Ada", "age": 3', {"name": "Ada", "age": 3}),
        ('{"name": "A\nB', {"name": "A\nB"}),
        (_ADA, {"name": "Ada", "age": 36}),
        (f"Here: {_ADA} I hope", {"name": "Ada", "age": 36}),
    ],
)
def test_a_growing_answer_is_read_as_far_as_it_goes(text: str, value: object) -> None:
    assert json_text.partial_json_in(text) == value


@pytest.mark.usefixtures("collector_waits")
@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "{" * 200_000,
        "{x" * 100_000,
        "[1," * 50_000,
        '{"a":' * 50_000,
        '"\\' * 100_000,
        '{"' * 100_000 + "\\",
        "<think>" * 20_000,
        "</think>" * 20_000,
        "{}{x" * 50_000,
        "[0) " * 20_000,
    ],
    ids=lambda text: text[:8],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    begun = time.thread_time()  # other work on the machine does not count

    json_text.json_in(text)

    assert time.thread_time() - begun < 2
