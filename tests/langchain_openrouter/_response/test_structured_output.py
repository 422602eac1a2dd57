"""How structured answers are read: whole, and while they grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration
from pydantic import BaseModel, Field
from pydantic.v1 import BaseModel as BaseModelV1

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._request.response_format import to_answer_schema
from langchain_openrouter._response.structured_output import AnswerModelParser, AnswerParser
from langchain_openrouter.errors import RefusalError
from openrouter_emulator import Emulator, Reply, ToolCall


class Joke(BaseModel):
    """A joke."""

    setup: str
    punchline: str


class JokeV1(BaseModelV1):
    """A joke."""

    setup: str
    punchline: str


ANSWER = '{"setup": "a", "punchline": "b"}'
RIGHT = Joke(setup="a", punchline="b")


def parse(parser: Any, content: Any = "", **more: Any) -> Any:
    return parser.parse_result([ChatGeneration(message=AIMessage(content, **more))])


TEXT = AnswerParser()
JOKE = AnswerModelParser(pydantic_object=Joke)
TOOL = AnswerModelParser(pydantic_object=Joke, tool_name="Joke")
CALL = {"name": "Joke", "args": {"setup": "a", "punchline": "b"}, "id": "c"}


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"```json\n{ANSWER}\n```",
        f"Sure! Here is it:\n{ANSWER}\nHope you like it {{smile}}.",
        f"[1] first\n{ANSWER}",
        f"<think>{{}}</think>{ANSWER}",
        [{"type": "text", "text": ANSWER}],
    ],
    ids=["bare", "fenced", "prose", "other-json-first", "empty-object-first", "blocks"],
)
def test_e3_json_is_found_in_what_surrounds_it(text: Any):
    """quirks.md E3."""
    assert parse(JOKE, text) == Joke(setup="a", punchline="b")
    assert parse(TEXT, text) == {"setup": "a", "punchline": "b"}


def test_pydantic_v1_classes_are_filled():
    parser = AnswerModelParser(pydantic_object=JokeV1)

    assert parse(parser, ANSWER) == JokeV1(setup="a", punchline="b")


def test_tool_call_is_the_answer():
    assert parse(TOOL, tool_calls=[CALL]) == Joke(setup="a", punchline="b")


def test_e3_text_is_read_where_the_tool_was_not_called():
    """quirks.md E3."""
    assert parse(TOOL, ANSWER) == Joke(setup="a", punchline="b")


def test_calls_of_other_tools_are_no_answer_yet():
    other = {"name": "look_up", "args": {}, "id": "c"}

    before = AnswerModelParser(pydantic_object=Joke, tool_name="Joke", other_tools=True)
    assert parse(before, tool_calls=[other]) is None
    assert parse(TEXT, tool_calls=[other]) is None


def test_call_of_a_tool_that_nobody_gave_is_an_error():
    with pytest.raises(OutputParserException, match=r"called look_up, which is not .* Joke"):
        parse(TOOL, tool_calls=[{"name": "look_up", "args": {}, "id": "c"}])


@pytest.mark.parametrize("parser", [TEXT, JOKE, TOOL])
def test_refusal_is_an_error_of_its_own(parser: Any):
    with pytest.raises(RefusalError, match="refused to answer: I cannot") as raised:
        parse(parser, additional_kwargs={"refusal": "I cannot."})

    assert raised.value.raw == "I cannot."
    assert (
        raised.value.raw_message.additional_kwargs["refusal"] == "I cannot."
    )  # LangChain's contract


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"content": "Just prose."}, "no JSON.*require_parameters"),
        ({"content": ""}, "no JSON"),
        (
            {"content": '{"setup": "a', "response_metadata": {"finish_reason": "length"}},
            "token limit.*Raise max_tokens",
        ),
        (
            {
                "content": "",
                "invalid_tool_calls": [{"name": "Joke", "args": "{", "id": "c", "error": None}],
            },
            "called Joke with arguments.*not JSON: Expecting",
        ),
        (
            {
                "content": "",
                "invalid_tool_calls": [{"name": "Joke", "args": "{", "id": "c", "error": "x"}],
                "response_metadata": {"finish_reason": "length"},
            },
            "token limit",
        ),
        ({"content": "", "response_metadata": {"finish_reason": "content_filter"}}, "filter"),
        (
            {
                "content": '{"jokes": [{"setup": "a", "punchline": "b"}, {"setup',
                "response_metadata": {"finish_reason": "length"},
            },
            "token limit",
        ),
    ],
    ids=["prose", "empty", "cut", "call", "call-cut", "filter", "inner-object"],
)
def test_e2_answer_without_json_says_why(message: dict[str, Any], says: str):
    """quirks.md E2."""
    with pytest.raises(OutputParserException, match=says):
        parse(TOOL, **message)


def test_answer_of_another_shape_is_an_error():
    with pytest.raises(OutputParserException, match="Joke"):
        parse(JOKE, '{"setup": "a"}')


@pytest.mark.parametrize(
    "text",
    [
        f'<think>Perhaps {{"setup": "a much longer first draft", "punchline": "x"}}?</think>{ANSWER}',
        f'Draft: {{"setup": "a much longer first draft"}}. Final: {ANSWER}',
        f"{Joke.model_json_schema()!r}".replace("'", '"') + f" {ANSWER}",
    ],
    ids=["thinking", "draft", "echoed-schema"],
)
@pytest.mark.parametrize("schema", [Joke, Joke.model_json_schema()], ids=["class", "dict"])
def test_answer_is_what_matches_and_not_what_is_longest(text: str, schema: Any):
    answer = to_answer_schema(schema)
    if schema is Joke:
        assert parse(AnswerModelParser(pydantic_object=Joke, answer=answer), text) == RIGHT
    else:
        assert parse(AnswerParser(answer=answer), text) == RIGHT.model_dump()


def test_dict_that_matches_no_schema_is_given_all_the_same():
    assert parse(AnswerParser(answer=to_answer_schema(Joke)), '{"x": 1}') == {"x": 1}


def test_first_call_that_is_an_answer_counts():
    wrong = {**CALL, "args": {"setup": "a"}}

    assert parse(TOOL, tool_calls=[wrong, CALL]) == RIGHT
    assert parse(TOOL, tool_calls=[CALL, wrong]) == RIGHT


class Meal(BaseModel):
    """Defaults of every kind."""

    dish: str
    plates: int = 2
    sides: list[str] = Field(default_factory=lambda: ["rice"])
    note: str | None = "none"


NULLS = '{"dish": "soup", "plates": null, "sides": null, "note": null}'


def test_null_is_read_back_as_the_default():
    parser = AnswerModelParser(pydantic_object=Meal, answer=to_answer_schema(Meal))

    assert parse(parser, NULLS) == Meal(dish="soup", note=None)


def test_null_of_a_dict_schema_is_read_back_as_its_default():
    answer = to_answer_schema(Meal.model_json_schema(), strict=True)

    assert parse(AnswerParser(answer=answer), NULLS) == {"dish": "soup", "plates": 2, "note": None}


def test_null_stays_where_the_schema_went_as_it_was():
    answer = to_answer_schema(Meal.model_json_schema())

    assert parse(AnswerParser(answer=answer), NULLS)["plates"] is None


# ------------------------------------------------------------------ streams end as calls do

REPLIES: dict[str, Any] = {
    "bare": ANSWER,
    "prose": f"Here you are: {ANSWER} Bye {{smile}}.",
    "thinking": f'<think>{{"setup": "draft", "punchline": "x"}}</think>{ANSWER}',
    "two": f'{{"setup": "x", "punchline": "y", "z": 1}} or {ANSWER}',
    "call": ToolCall("Joke", ANSWER),
    "other call": ToolCall("look_up", "{}"),
    "broken call": ToolCall("Joke", '{"setup": '),
    "no JSON": "I cannot do that.",
    "nothing": "",
    "cut": Reply(text='{"setup": "a", "punchline": "b', finish_reason="length"),
    "cut with an inner object": Reply(
        text='{"jokes": [{"setup": "a", "punchline": "b"}, {"set', finish_reason="length"
    ),
    "another shape": '{"setup": "a"}',
    "refusal": Reply(text=None, refusal="I cannot."),
    "filtered": Reply(text="", finish_reason="content_filter"),
}
METHODS = ["json_schema", "function_calling", "json_mode"]
SCHEMAS: list[Any] = [Joke, Joke.model_json_schema()]


def last_of(items: list[Any]) -> Any:
    return items[-1] if items else None


def outcome(run: Callable[[], Any]) -> Any:
    """What came, or what was raised."""
    try:
        return run()
    except (OutputParserException, RefusalError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("schema", SCHEMAS, ids=["class", "dict"])
@pytest.mark.parametrize("method", METHODS)
async def test_last_item_of_a_stream_is_what_invoke_gives(
    openrouter_emulator: Emulator, method: Any, schema: Any, reply: Any
):
    openrouter_emulator.script([reply] * 4)
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(schema, method=method)

    called = outcome(lambda: chain.invoke("Tell a joke as JSON."))
    streamed = outcome(lambda: last_of(list(chain.stream("Tell a joke as JSON."))))
    try:
        awaited = await chain.ainvoke("Tell a joke as JSON.")
    except (OutputParserException, RefusalError) as error:
        awaited = type(error), str(error)
    try:
        astreamed = last_of([x async for x in chain.astream("Tell a joke as JSON.")])
    except (OutputParserException, RefusalError) as error:
        astreamed = type(error), str(error)

    assert streamed == awaited == astreamed == called


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("method", METHODS)
async def test_stream_with_the_raw_message_ends_as_invoke_does(
    openrouter_emulator: Emulator, method: Any, reply: Any
):
    openrouter_emulator.script([reply] * 4)
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(
        Joke, method=method, include_raw=True
    )

    whole = [chain.invoke("Tell a joke as JSON."), await chain.ainvoke("Tell a joke as JSON.")]
    streams = [
        list(chain.stream("Tell a joke as JSON.")),
        [x async for x in chain.astream("Tell a joke as JSON.")],
    ]

    called = shown(whole[0])
    assert shown(whole[1]) == called
    for items in streams:
        assert shown(items[-1]) == called
        pieces = [x["raw"] for x in items if "raw" in x]
        message = pieces[0]
        for piece in pieces[1:]:
            message += piece
        assert message.content == whole[0]["raw"].content


def shown(result: Any) -> Any:
    error = result["parsing_error"]
    return result["parsed"], type(error), str(error)


def test_message_that_is_no_chunk_is_whole(openrouter_emulator: Emulator):
    openrouter_emulator.script([ANSWER, ToolCall("Joke", ANSWER)])
    made = ChatOpenRouter(model="openai/gpt-4o-mini", disable_streaming=True)

    for method in ("json_schema", "function_calling"):
        assert list(made.with_structured_output(Joke, method=method).stream("x")) == [RIGHT]


def test_chunks_of_text_are_read_too():
    assert list(JOKE.transform(iter([ANSWER[:9], ANSWER[9:]]))) == [RIGHT]
    chunks = iter([AIMessageChunk(ANSWER[:30]), AIMessageChunk(ANSWER[30:])])
    assert list(TEXT.transform(chunks))[-1] == RIGHT.model_dump()
    assert list(TEXT.transform(iter([]))) == []
