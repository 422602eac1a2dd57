"""Structured output: what is asked for, and how answers are read."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel
from pydantic.v1 import BaseModel as BaseModelV1

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._request.response_format import schema_name, to_response_format
from langchain_openrouter._structured_output import AnswerModelParser, AnswerParser, json_in
from langchain_openrouter.errors import ConfigurationError, RefusalError
from openrouter_emulator import Emulator, Reply


class Joke(BaseModel):
    """A joke."""

    setup: str
    punchline: str


class JokeV1(BaseModelV1):
    """A joke."""

    setup: str
    punchline: str


class JokeDict(TypedDict):
    """A joke."""

    setup: str
    punchline: str


SCHEMA = {
    "title": "Joke",
    "description": "A joke.",
    "type": "object",
    "properties": {"setup": {"type": "string"}, "punchline": {"type": "string"}},
    "required": ["setup", "punchline"],
}
SCHEMAS = pytest.mark.parametrize(
    "schema", [Joke, JokeV1, JokeDict, SCHEMA], ids=["pydantic", "v1", "typeddict", "json-schema"]
)
METHODS = pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
ANSWER = '{"setup": "a", "punchline": "b"}'


def model(**settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(**{"model": "openai/gpt-4o-mini", "api_key": "sk-or-test", **settings})


def bound(schema: Any = Joke, /, made: ChatOpenRouter | None = None, **how: Any) -> dict[str, Any]:
    return (made or model()).with_structured_output(schema, **how).first.kwargs  # type: ignore[attr-defined]


# ------------------------------------------------------------------ what is bound


@SCHEMAS
def test_json_schema_asks_for_the_schema_by_name(schema: Any):
    spec = bound(schema, method="json_schema")["response_format"]["json_schema"]

    assert spec["name"] in {"Joke", "JokeV1", "JokeDict"}
    assert spec["schema"]["properties"].keys() == {"setup", "punchline"}
    assert "strict" not in spec


@SCHEMAS
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_strict_closes_the_schema(schema: Any, method: Any):
    kwargs = bound(schema, method=method, strict=True)

    if method == "json_schema":
        spec = kwargs["response_format"]["json_schema"]
    else:
        spec = {**kwargs["tools"][0]["function"]}
        spec["schema"] = spec["parameters"]
    assert spec["strict"] is True
    assert spec["schema"]["additionalProperties"] is False


def test_e5_method_follows_the_profile():
    """Field note E5: json_schema where the model promises it, else a tool."""
    assert "response_format" in bound(made=model(profile={"structured_output": True}))
    assert "tools" in bound(made=model(profile={"structured_output": False}))
    assert "tools" in bound(made=model(model="unknown/model"))


@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
def test_e1_providers_must_enforce_the_format_unless_told_otherwise(method: Any):
    """Field note E1."""
    chosen = model(openrouter_provider={"require_parameters": False})

    assert bound(method=method)["provider"] == {"require_parameters": True}
    assert bound(method=method, provider={"order": ["x"]})["provider"] == {
        "order": ["x"],
        "require_parameters": True,
    }
    assert "provider" not in bound(method=method, require_parameters=False)
    assert "provider" not in bound(made=chosen, method=method)
    assert "provider" not in bound(method="function_calling")


def test_e1_the_users_provider_settings_stay():
    """Field note E1."""
    made = model(openrouter_provider={"zdr": True})
    kwargs = bound(made=made, method="json_schema")

    assert made.build_request("Hi", **kwargs)["provider"] == {
        "zdr": True,
        "require_parameters": True,
    }


def test_function_calling_forces_the_schemas_tool():
    kwargs = bound(method="function_calling")

    assert kwargs["tool_choice"] == {"type": "function", "function": {"name": "Joke"}}


@METHODS
def test_tools_of_ones_own_may_be_called_first(method: Any):
    def look_up(word: str) -> str:
        """Look a word up."""
        return word

    kwargs = bound(method=method, tools=[look_up, {"type": "openrouter:datetime"}])

    names = [t.get("function", t).get("name", t["type"]) for t in kwargs["tools"]]
    assert names[:2] == ["look_up", "openrouter:datetime"]
    assert kwargs.get("tool_choice") == ("required" if method == "function_calling" else None)


@METHODS
def test_tracers_learn_the_format(method: Any):
    told = bound(method=method)["ls_structured_output_format"]

    assert told["kwargs"]["method"] == method
    assert convert_to_json_schema(told["schema"])["title"] == "Joke"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"method": "magic"}, "none of json_schema, function_calling, json_mode"),
        ({"schema": None, "method": "json_schema"}, "schema is needed"),
        ({"schema": {"properties": {}}, "method": "json_schema"}, '"title" for its name'),
    ],
)
def test_what_cannot_be_asked_for_is_refused(how: dict[str, Any], says: str):
    with pytest.raises(ConfigurationError, match=says):
        model().with_structured_output(**{"schema": Joke, **how})


@pytest.mark.parametrize(
    ("title", "name"),
    [("Joke", "Joke"), ("A joke!", "A_joke_"), ("", "answer"), ("x" * 80, "x" * 64), ("ü", "_")],
)
def test_schema_name_is_one_that_the_api_takes(title: str, name: str):
    assert schema_name({"title": title}) == name


def test_description_is_sent():
    assert to_response_format(Joke)["json_schema"]["description"] == "A joke."


# ------------------------------------------------------------------ how answers are read


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
    """Field note E3."""
    assert parse(JOKE, text) == Joke(setup="a", punchline="b")
    assert parse(TEXT, text) == {"setup": "a", "punchline": "b"}


def test_pydantic_v1_classes_are_filled():
    parser = AnswerModelParser(pydantic_object=JokeV1)

    assert parse(parser, ANSWER) == JokeV1(setup="a", punchline="b")


def test_tool_call_is_the_answer():
    assert parse(TOOL, tool_calls=[CALL]) == Joke(setup="a", punchline="b")


def test_e3_text_is_read_where_the_tool_was_not_called():
    """Field note E3."""
    assert parse(TOOL, ANSWER) == Joke(setup="a", punchline="b")


def test_calls_of_other_tools_are_no_answer_yet():
    other = {"name": "look_up", "args": {}, "id": "c"}

    assert parse(TOOL, tool_calls=[other]) is None
    assert parse(TEXT, tool_calls=[other]) is None


@pytest.mark.parametrize("parser", [TEXT, JOKE, TOOL])
def test_refusal_is_an_error_of_its_own(parser: Any):
    with pytest.raises(RefusalError, match="refused") as raised:
        parse(parser, additional_kwargs={"refusal": "I cannot."})

    assert raised.value.raw == "I cannot."


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
            "not JSON",
        ),
    ],
    ids=["prose", "empty", "cut", "broken-call"],
)
def test_e2_answer_without_json_says_why(message: dict[str, Any], says: str):
    """Field note E2."""
    with pytest.raises(OutputParserException, match=says):
        parse(TOOL, **message)


def test_answer_of_another_shape_is_an_error():
    with pytest.raises(OutputParserException, match="Joke"):
        parse(JOKE, '{"setup": "a"}')


def test_json_in_text_is_found_longest_first():
    assert json_in('x [1] {"a": {"b": 2}} {broken') == [{"a": {"b": 2}}, [1]]
    assert json_in("none") == []


# ------------------------------------------------------------------ against the emulator


@SCHEMAS
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_answer_is_an_instance_of_the_schema(
    openrouter_emulator: Emulator, schema: Any, method: Any
):
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(schema, method=method)

    answer = chain.invoke("Tell a joke about cats.")

    fields = answer if isinstance(answer, dict) else dict(answer)
    assert fields.keys() == {"setup", "punchline"}
    assert isinstance(answer, dict if schema in (JokeDict, SCHEMA) else schema)


async def test_answer_streams_as_it_grows(openrouter_emulator: Emulator):
    openrouter_emulator.script([Reply(pieces=['{"setup": "a"', ', "punchline"', ': "b"}'])])
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(
        SCHEMA, method="json_schema"
    )

    seen = [part async for part in chain.astream("Tell a joke.")]

    assert seen[0] == {"setup": "a"}
    assert seen[-1] == {"setup": "a", "punchline": "b"}


@METHODS
def test_e3_include_raw_gives_the_failure_instead_of_raising(
    openrouter_emulator: Emulator, method: Any
):
    """Field note E3."""
    openrouter_emulator.script(["Just prose."])
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(
        Joke, method=method, include_raw=True
    )

    told = chain.invoke("Tell a joke as JSON.")

    assert told["raw"].content == "Just prose."
    assert told["parsed"] is None
    assert isinstance(told["parsing_error"], OutputParserException)


def test_refusal_reaches_the_caller(openrouter_emulator: Emulator):
    chain = ChatOpenRouter(model="emulator/refuser").with_structured_output(Joke)

    with pytest.raises(RefusalError):
        chain.invoke("Tell a joke.")


def test_e3_healing_plugin_is_sent_without_streaming_only(openrouter_emulator: Emulator):
    """Field note E3."""
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(
        Joke, method="json_schema", healing=True
    )

    chain.invoke("Tell a joke.")
    list(chain.stream("Tell a joke."))

    plain, streamed = openrouter_emulator.bodies
    assert plain["plugins"] == [{"id": "response-healing"}]
    assert "plugins" not in streamed
