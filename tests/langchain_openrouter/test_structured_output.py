"""Structured output: what is asked for, and how answers are read."""

from __future__ import annotations

from typing import Any, Generic, TypedDict, TypeVar

import pytest
from langchain.agents import create_agent
from langchain_core.exceptions import OutputParserException
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel
from pydantic.v1 import BaseModel as BaseModelV1

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter.errors import ConfigurationError, NoEndpointsError, RefusalError
from openrouter_core._logging import warn_once
from openrouter_emulator import Emulator, Reply
from openrouter_emulator.dialects.openai_schemas import strict_complaint


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


class Tree(BaseModel):
    """A tree."""

    name: str
    children: list["Tree"] = []  # noqa: UP037  # a recursive class is written so


class Scores(BaseModel):
    scores: dict[str, int]


def model(**settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(**{"model": "openai/gpt-4o-mini", "api_key": "sk-or-test", **settings})


def bound(schema: Any = Joke, made: ChatOpenRouter | None = None, /, **how: Any) -> dict[str, Any]:
    return (made or model()).with_structured_output(schema, **how).first.kwargs  # type: ignore[attr-defined]


# ------------------------------------------------------------------ what is bound


@SCHEMAS
def test_json_schema_asks_for_the_schema_by_name(schema: Any):
    spec = bound(schema, method="json_schema")["response_format"]["json_schema"]

    assert spec["name"] in {"Joke", "JokeV1", "JokeDict"}
    assert spec["schema"]["properties"].keys() == {"setup", "punchline"}
    assert spec["description"] == "A joke."


@SCHEMAS
def test_classes_are_strict_unless_told_otherwise_and_dicts_go_as_they_are(schema: Any):
    spec = bound(schema, method="json_schema")["response_format"]["json_schema"]
    loose = bound(schema, method="json_schema", strict=False)["response_format"]["json_schema"]

    if schema is SCHEMA:
        assert (spec["schema"], spec.get("strict")) == (SCHEMA, None)
    else:
        assert spec["strict"] is True
        assert strict_complaint(spec["schema"]) is None
    assert loose["strict"] is False
    assert "additionalProperties" not in loose["schema"]


@pytest.mark.parametrize("strict", [None, True, False])
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_recursive_class_keeps_its_definition(method: Any, strict: bool | None):
    kwargs = bound(Tree, method=method, strict=strict)

    spec = kwargs.get("response_format", {}).get("json_schema") or kwargs["tools"][0]["function"]
    schema = spec.get("schema") or spec["parameters"]
    assert schema["$defs"]["Tree"]["properties"]["children"]
    by_default = True if method == "json_schema" else None
    assert spec.get("strict") is (by_default if strict is None else strict)


def test_class_that_cannot_be_strict_goes_unchanged(caplog: pytest.LogCaptureFixture):
    warn_once.cache_clear()

    spec = bound(Scores, method="json_schema")["response_format"]["json_schema"]
    bound(Scores, method="json_schema")

    assert (spec["schema"], spec["strict"]) == (Scores.model_json_schema(), False)
    assert [m for m in caplog.messages if "#/properties/scores" in m] == caplog.messages[-1:]


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_class_that_cannot_be_strict_but_must_is_refused_with_its_place(method: Any):
    with pytest.raises(ConfigurationError, match="#/properties/scores"):
        bound(Scores, method=method, strict=True)


FORMS: dict[str, Any] = {
    "without its envelope": {"name": "Joke", "schema": SCHEMA, "strict": True},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "Joke", "schema": SCHEMA, "strict": True},
    },
    "function": {"name": "Joke", "parameters": SCHEMA, "strict": True},
    "tool": {
        "type": "function",
        "function": {"name": "Joke", "parameters": SCHEMA, "strict": True},
    },
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_forms_with_a_name_and_a_schema_are_read(form: Any, method: Any):
    kwargs = bound(form, method=method)

    spec = kwargs.get("response_format", {}).get("json_schema") or kwargs["tools"][0]["function"]
    schema = spec.get("schema") or spec["parameters"]
    assert (spec["name"], spec["strict"]) == ("Joke", True)
    assert schema["properties"].keys() == {"setup", "punchline"}
    assert schema["additionalProperties"] is False


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
@pytest.mark.parametrize(
    ("schema", "name"), [(Page[int], "Page_int_"), ({**SCHEMA, "title": "js thing"}, "js_thing")]
)
def test_names_are_cleaned_in_both_methods(schema: Any, name: str, method: Any):
    kwargs = bound(schema, method=method)

    spec = kwargs.get("response_format", {}).get("json_schema") or kwargs["tools"][0]["function"]
    assert spec["name"] == name
    if method == "function_calling":
        assert kwargs["tool_choice"]["function"]["name"] == name


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
    """quirks.md E5: json_schema where the model promises it, else a tool."""
    assert "response_format" in bound(Joke, model(profile={"structured_output": True}))
    assert "tools" in bound(Joke, model(profile={"structured_output": False}))
    assert "tools" in bound(Joke, model(model="unknown/model"))


@pytest.mark.parametrize(
    ("name", "profile", "schema", "method"),
    [
        ("openai/gpt-4o-mini", None, Joke, "json_schema"),
        ("meta-llama/llama-3.2-3b-instruct", None, Joke, "function_calling"),
        ("anthropic/claude-opus-4", None, Joke, "function_calling"),
        ("openai/gpt-5.5", None, Joke, "json_schema"),
        ("openai/gpt-5.5", None, "Scores", "function_calling"),
        ("openai/gpt-4o-mini", None, "Scores", "json_schema"),
        ("unknown/model", {"structured_output": True}, Joke, "json_schema"),
    ],
)
def test_method_is_one_that_the_model_and_its_vendor_take(
    name: str, profile: Any, schema: Any, method: str
):
    """Llama lists structured_outputs without response_format; GPT-5 refuses open schemas."""
    made = model(model=name, **({"profile": profile} if profile else {}))
    kwargs = bound(Scores if schema == "Scores" else schema, made)

    assert kwargs["ls_structured_output_format"]["kwargs"]["method"] == method


# ------------------------------------------------------------------ who may answer

REQUIRED = {"require_parameters": True}


def provider_of(made: ChatOpenRouter, /, **how: Any) -> Any:
    """The `provider` of a structured request."""
    how = {"method": "json_schema", **how}
    return made.build_request("Hi", **bound(Joke, made, **how)).get("provider")


@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
def test_e1_providers_must_enforce_the_format_unless_told_otherwise(method: Any):
    """quirks.md E1."""
    chosen = model(openrouter_provider={"require_parameters": False, "zdr": True})

    assert provider_of(model(), method=method) == REQUIRED
    assert provider_of(model(), method=method, provider={"order": ["x"]}) == {
        "order": ["x"],
        **REQUIRED,
    }
    assert provider_of(model(openrouter_provider={"zdr": True}), method=method) == {
        "zdr": True,
        **REQUIRED,
    }
    assert provider_of(model(), method=method, require_parameters=False) is None
    assert provider_of(chosen, method=method) == {"require_parameters": False, "zdr": True}
    assert provider_of(model(), method="function_calling") is None


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"model": "openai/gpt-5.5", "temperature": 0}, "temperature"),
        ({"model": "anthropic/claude-sonnet-4.5", "seed": 1}, "seed"),
        ({"model": "deepseek/deepseek-v3.2", "max_completion_tokens": 9}, "max_completion_tokens"),
        ({"model": "openai/gpt-5.5", "model_kwargs": {"top_k": 3}}, "top_k"),
        ({"model": "meta-llama/llama-3.2-3b-instruct"}, "response_format"),
        ({"model": "openai/gpt-4o-mini", "models": ["openai/gpt-5.5"], "top_p": 1}, "top_p"),
        ({"model": "unknown/model"}, "unknown/model"),
    ],
)
def test_requirement_that_would_leave_nobody_is_left_out_and_logged_once(
    settings: Any, reason: str, caplog: pytest.LogCaptureFixture
):
    warn_once.cache_clear()
    made = model(**settings)

    assert [provider_of(made) for _ in range(3)] == [None] * 3
    assert len(caplog.messages) == 1
    assert reason in caplog.text


def test_what_a_later_call_sets_counts():
    made = model(model="openai/gpt-5.5")
    kwargs = bound(Joke, made, method="json_schema")

    assert "provider" not in made.build_request("Hi", **{**kwargs, "temperature": 0})


def test_users_requirement_is_always_sent():
    made = model(model="openai/gpt-5.5", temperature=0, openrouter_provider=REQUIRED)

    assert provider_of(made) == REQUIRED


@pytest.mark.parametrize(
    "how",
    [{"temperature": 0}, {"temperature": 0, "streaming": True}, {"seed": 1, "max_tokens": 99}],
)
@pytest.mark.parametrize("name", ["openai/gpt-5.5", "anthropic/claude-sonnet-4.5"])
def test_settings_that_a_model_does_not_list_cost_no_answer(
    openrouter_emulator: Emulator, name: str, how: Any
):
    made = ChatOpenRouter(model=name, **how)

    assert isinstance(made.with_structured_output(Joke).invoke("Tell a joke."), Joke)


def test_error_says_who_demanded_and_what_is_not_listed(openrouter_emulator: Emulator):
    """DeepSeek's list says yes, and Chutes takes no format; temperature is not on GPT-5's list."""
    chutes = ChatOpenRouter(
        model="deepseek/deepseek-v3.2", openrouter_provider={"only": ["chutes"]}
    )
    mine = ChatOpenRouter(model="openai/gpt-5.5", temperature=0, openrouter_provider=REQUIRED)

    with pytest.raises(NoEndpointsError, match="require_parameters=False leaves it out"):
        chutes.with_structured_output(Joke).invoke("Tell a joke.")
    for run in (mine.with_structured_output(Joke).invoke, lambda text: list(mine.stream(text))):
        with pytest.raises(
            NoEndpointsError, match=r"not list .*temperature.*that you set"
        ) as raised:
            run("Tell a joke.")
        assert raised.value.unlisted == ["temperature"]


def test_agents_native_output_asks_only_providers_that_enforce_it(openrouter_emulator: Emulator):
    def look_up(word: str) -> str:
        """Look a word up."""
        return word

    for name in ("openai/gpt-4o-mini", "openai/gpt-5.5"):
        agent = create_agent(ChatOpenRouter(model=name), [look_up], response_format=Joke)
        answer = agent.invoke({"messages": [("user", "Look up a word and joke.")]})

        assert isinstance(answer["structured_response"], Joke)
        assert openrouter_emulator.last.json["provider"] == REQUIRED


def test_open_schema_of_an_agent_is_closed_where_the_model_refuses_it(
    openrouter_emulator: Emulator, caplog: pytest.LogCaptureFixture
):
    """getzep/graphiti#1751: GPT-5 and later refuse open schemas even without `strict`."""
    warn_once.cache_clear()
    for name in ("openai/gpt-5.5", "openai/gpt-4o-mini"):
        agent = create_agent(ChatOpenRouter(model=name), [], response_format=Joke)
        agent.invoke({"messages": [("user", "Tell a joke.")]})

    closed, open_ = (
        b["response_format"]["json_schema"]["schema"] for b in openrouter_emulator.bodies
    )
    assert closed["additionalProperties"] is False
    assert "additionalProperties" not in open_
    assert len(caplog.messages) == 1


def test_reasoning_that_a_forced_tool_costs_is_logged(caplog: pytest.LogCaptureFixture):
    warn_once.cache_clear()
    made = model(model="anthropic/claude-opus-4", reasoning={"effort": "low"})

    made.build_request("Hi", **bound(Joke, made))

    assert "does not reason" in caplog.text


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
    described = bound(method=method)["ls_structured_output_format"]

    assert described["kwargs"]["method"] == method
    assert convert_to_json_schema(described["schema"])["title"] == "Joke"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"method": "magic"}, "none of json_schema, function_calling, json_mode"),
        ({"schema": None, "method": "json_schema"}, "schema is needed"),
        ({"schema": {"properties": {}}, "method": "json_schema"}, 'no name.*"title"'),
    ],
)
def test_what_cannot_be_asked_for_is_refused(how: dict[str, Any], says: str):
    with pytest.raises(ConfigurationError, match=says):
        model().with_structured_output(**{"schema": Joke, **how})


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
    """quirks.md E3."""
    openrouter_emulator.script(["Just prose."])
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(
        Joke, method=method, include_raw=True
    )

    result = chain.invoke("Tell a joke as JSON.")

    assert result["raw"].content == "Just prose."
    assert result["parsed"] is None
    assert isinstance(result["parsing_error"], OutputParserException)


def test_fallbacks_keep_tools_and_structured_output(openrouter_emulator: Emulator):
    """`RunnableWithFallbacks` reads the hints of the model's methods at run time."""

    def look_up(word: str) -> str:
        """Look a word up."""
        return word

    one = ChatOpenRouter(model="openai/gpt-4o-mini")
    made: Any = one.with_fallbacks([ChatOpenRouter(model="openai/gpt-5.5")])
    openrouter_emulator.down_models.add("openai/gpt-4o-mini")

    assert made.bind_tools([look_up]).invoke("Look up a word.").tool_calls
    assert isinstance(made.with_structured_output(Joke).invoke("Tell a joke."), Joke)
    state = create_agent(made, [look_up]).invoke({"messages": [("user", "Look up a word.")]})
    assert state["messages"][-2].type == "tool"


def test_refusal_reaches_the_caller(openrouter_emulator: Emulator):
    chain = ChatOpenRouter(model="emulator/refuser").with_structured_output(Joke)

    with pytest.raises(RefusalError):
        chain.invoke("Tell a joke.")


def test_e3_healing_plugin_is_sent_without_streaming_only(openrouter_emulator: Emulator):
    """quirks.md E3."""
    chain = ChatOpenRouter(model="openai/gpt-4o-mini").with_structured_output(
        Joke, method="json_schema", healing=True
    )

    chain.invoke("Tell a joke.")
    list(chain.stream("Tell a joke."))

    plain, streamed = openrouter_emulator.bodies
    assert plain["plugins"] == [{"id": "response-healing"}]
    assert "plugins" not in streamed
