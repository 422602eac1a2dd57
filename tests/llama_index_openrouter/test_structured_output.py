"""Structured prediction against the local emulator: by schema, by tool, in the prompt."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel

from llama_index_openrouter import OpenRouter
from llama_index_openrouter._structured_output import choose_mode
from openrouter_core import ModelFacts, NoEndpointsError
from openrouter_core._logging import warn_once
from openrouter_emulator import Emulator, Reply, ToolCall
from tests.llama_index_openrouter.factories import MakeLlm

# llama-index-core 0.14 itself uses what pydantic and its workflows call deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Song(BaseModel):
    """A song."""

    title: str
    seconds: int = 60


PROMPT = PromptTemplate("Write a song about {topic}.")
JSON = '{"title": "Rain", "seconds": 90}'
RAIN = Song(title="Rain", seconds=90)
MODES = ["json_schema", "tools", "prompt"]


def scripted(mode: str) -> Any:
    return ToolCall("Song", JSON) if mode == "tools" else JSON


@pytest.mark.parametrize("mode", MODES)
async def test_e7_all_four_forms_give_the_object(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mode: str
):
    llm = make_llm(structured_output_mode=mode)
    openrouter_emulator.script([scripted(mode)] * 4)

    once = llm.structured_predict(Song, PROMPT, topic="rain")
    awaited = await llm.astructured_predict(Song, PROMPT, llm_kwargs={"seed": 1}, topic="rain")
    grown = list(llm.stream_structured_predict(Song, PROMPT, topic="rain"))
    agrown = [x async for x in await llm.astream_structured_predict(Song, PROMPT, topic="rain")]

    assert [once, awaited, grown[-1], agrown[-1]] == [RAIN] * 4
    assert openrouter_emulator.bodies[1]["seed"] == 1


def test_e1_providers_must_support_what_is_asked(openrouter_emulator: Emulator, make_llm: MakeLlm):
    """By schema only: a tool is a preference of OpenRouter's, and a prompt needs nothing."""
    for mode in MODES:
        openrouter_emulator.script([scripted(mode)] * 2)
        for how in ({"provider": {"zdr": False}}, {"require_parameters": False}):
            made = make_llm(structured_output_mode=mode, **how)
            made.structured_predict(Song, PROMPT, topic="rain")

    schema, off, *others = openrouter_emulator.bodies
    assert schema["provider"] == {"zdr": False, "require_parameters": True}
    assert "provider" not in off
    assert [b.get("provider") for b in others] == [{"zdr": False}, None] * 2


@pytest.mark.parametrize(
    ("model", "how", "reason"),
    [
        ("openai/gpt-5.5", {"temperature": 0}, "temperature"),
        ("anthropic/claude-sonnet-4.5", {"seed": 1}, "seed"),
        ("openai/gpt-5.5", {"additional_kwargs": {"top_k": 3}}, "top_k"),
        ("openai/gpt-5.5", {"extra_body": {"top_k": 3}}, "top_k"),
    ],
)
def test_settings_that_a_model_does_not_list_cost_no_answer(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    caplog: pytest.LogCaptureFixture,
    model: str,
    how: Any,
    reason: str,
):
    warn_once.cache_clear()
    openrouter_emulator.script([JSON] * 2)
    llm = make_llm(model, **how)

    assert [llm.structured_predict(Song, PROMPT, topic="rain") for _ in range(2)] == [RAIN] * 2

    assert len([m for m in caplog.messages if reason in m]) == 1
    assert "provider" not in openrouter_emulator.last.json


def test_users_requirement_is_always_sent(openrouter_emulator: Emulator, make_llm: MakeLlm):
    required = {"require_parameters": True}
    llm = make_llm("openai/gpt-5.5", temperature=0, provider=required)

    with pytest.raises(NoEndpointsError, match=r"not list .*temperature.*that you set"):
        llm.structured_predict(Song, PROMPT, topic="rain")

    assert openrouter_emulator.last.json["provider"] == required


def test_error_says_that_the_requirement_was_added(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm("deepseek/deepseek-v3.2", provider={"only": ["chutes"]})

    with pytest.raises(NoEndpointsError, match="require_parameters=False leaves it out"):
        list(llm.stream_structured_predict(Song, PROMPT, topic="rain"))


class Scores(BaseModel):
    scores: dict[str, int]


@pytest.mark.parametrize(
    ("model", "wanted", "asks_by"),
    [
        ("openai/gpt-4o-mini", Song, "response_format"),
        ("openai/gpt-4o-mini", Scores, "response_format"),
        ("openai/gpt-5.5", Song, "response_format"),
        ("openai/gpt-5.5", Scores, "tools"),
    ],
)
def test_way_of_asking_is_one_that_the_vendor_takes(
    openrouter_emulator: Emulator, make_llm: MakeLlm, model: str, wanted: Any, asks_by: str
):
    """GPT-5 and later refuse open schemas (getzep/graphiti#1751)."""
    assert isinstance(make_llm(model).structured_predict(wanted, PROMPT, topic="x"), wanted)

    assert asks_by in openrouter_emulator.last.json


@pytest.mark.parametrize(
    ("model", "how", "sent"),
    [
        ("openai/gpt-4o-mini", {}, None),
        ("unknown/model", {}, None),
        ("z-ai/glm-5.2", {}, False),
        ("openai/gpt-4o-mini", {"parallel_tool_calls": False}, False),
    ],
)
def test_parallel_calls_are_only_switched_off_where_the_model_lists_that(
    model: str, how: Any, sent: Any
):
    """6 of 413 models list parallel_tool_calls; LlamaIndex's default of False is no wish of the user's."""
    llm = OpenRouter(model, **how)
    tool = FunctionTool.from_defaults(fn=lambda: "wet", name="rain", description="Tell.")
    kwargs = llm._prepare_chat_with_tools([tool], "Rain?")

    assert llm.build_request(kwargs.pop("messages"), **kwargs).get("parallel_tool_calls") is sent


def test_reasoning_that_a_forced_tool_costs_is_logged(
    openrouter_emulator: Emulator, make_llm: MakeLlm, caplog: pytest.LogCaptureFixture
):
    warn_once.cache_clear()
    openrouter_emulator.script(ToolCall("Song", JSON))
    how: Any = {"structured_output_mode": "tools", "reasoning": {"max_tokens": 2000}}

    make_llm("anthropic/claude-haiku-4.5", **how).structured_predict(Song, PROMPT, topic="rain")

    assert "does not reason" in caplog.text


def test_schema_is_asked_for_where_the_model_knows_it(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script([JSON])

    make_llm("openai/gpt-4o-mini").structured_predict(Song, PROMPT, topic="rain")

    body = openrouter_emulator.last.json
    assert body["response_format"]["json_schema"]["name"] == "Song"
    assert "tools" not in body
    assert body["messages"] == [{"role": "user", "content": "Write a song about rain."}]


def test_tool_is_forced_where_the_model_knows_no_schema(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script([ToolCall("Song", JSON)])

    make_llm(structured_output_mode="tools").structured_predict(Song, PROMPT, topic="rain")

    body = openrouter_emulator.last.json
    assert body["tool_choice"] == {"type": "function", "function": {"name": "Song"}}
    assert "response_format" not in body


def test_e3_healing_is_asked_for_where_it_can_help(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script([JSON, JSON])
    llm = make_llm(response_healing=True, plugins=[{"id": "web"}])

    llm.structured_predict(Song, PROMPT, topic="rain")
    list(llm.stream_structured_predict(Song, PROMPT, topic="rain"))

    whole, streamed = openrouter_emulator.bodies
    assert whole["plugins"] == [{"id": "web"}, {"id": "response-healing"}]
    assert streamed["plugins"] == [{"id": "web"}]


def test_stream_shows_the_object_while_it_grows(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script(Reply(pieces=['{"title": "Rain"', ', "seconds": ', "90}"]))

    seen = list(make_llm().stream_structured_predict(Song, PROMPT, topic="rain"))

    assert seen[0] == Song(title="Rain")
    assert seen[-1] == RAIN


def test_stream_that_ends_short_of_the_object_raises(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script(Reply(text='{"seconds": 9', finish_reason="length"))

    with pytest.raises(ValueError, match=r"is not a Song.*cut off"):
        list(make_llm().stream_structured_predict(Song, PROMPT, topic="rain"))


REPLIES: dict[str, Any] = {
    "bare": JSON,
    "prose": f"Here you are: {JSON} Bye {{smile}}.",
    "thinking": f'<think>{{"title": "draft", "seconds": 1}}</think>{JSON}',
    "call": ToolCall("Song", JSON),
    "other call": ToolCall("look_up", "{}"),
    "broken call": ToolCall("Song", '{"title": '),
    "null": '{"title": "Rain", "seconds": null}',
    "no JSON": "I cannot do that.",
    "nothing": "",
    "cut": Reply(text='{"title": "Ra', finish_reason="length"),
    "cut with an inner object": Reply(text=f'{{"songs": [{JSON}, {{"ti', finish_reason="length"),
    "another shape": '{"seconds": 3}',
    "refusal": Reply(text=None, refusal="I cannot."),
    "filtered": Reply(text="", finish_reason="content_filter"),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("mode", MODES)
async def test_last_item_of_a_stream_is_what_a_call_gives(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mode: str, reply: Any
):
    openrouter_emulator.script([reply] * 4)
    llm = make_llm(structured_output_mode=mode)

    async def called() -> Any:
        return llm.structured_predict(Song, PROMPT, topic="rain")

    async def streamed() -> Any:
        return list(llm.stream_structured_predict(Song, PROMPT, topic="rain"))[-1]

    async def astreamed() -> Any:
        stream = await llm.astream_structured_predict(Song, PROMPT, topic="rain")
        return [x async for x in stream][-1]

    awaited = llm.astructured_predict(Song, PROMPT, topic="rain")
    outcomes = [await outcome(run) for run in (called(), streamed(), awaited, astreamed())]

    assert outcomes == [outcomes[0]] * 4


async def outcome(run: Any) -> Any:
    """What came, or what was raised."""
    try:
        return await run
    except ValueError as error:
        return type(error), str(error)


def test_structured_llm_answers_and_streams(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script([JSON, JSON])
    structured = make_llm().as_structured_llm(Song)
    message = ChatMessage(content="A song about {rain}, please")

    assert structured.chat([message]).raw == RAIN
    assert list(structured.stream_chat([message]))[-1].raw == RAIN


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []  # noqa: UP037  # a recursive class is written so


TREE = '{"name": "a", "children": [{"name": "b", "children": []}]}'


@pytest.mark.parametrize("mode", MODES)
def test_recursive_classes_are_filled_in_every_mode(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mode: str
):
    openrouter_emulator.script([ToolCall("Tree", TREE) if mode == "tools" else TREE] * 2)
    llm = make_llm(structured_output_mode=mode)

    assert llm.structured_predict(Tree, PROMPT, topic="x").children[0].name == "b"
    grown = list(llm.stream_structured_predict(Tree, PROMPT, topic="x"))
    assert grown[-1] == Tree(name="a", children=[Tree(name="b")])


def test_the_callers_template_is_not_changed(openrouter_emulator: Emulator, make_llm: MakeLlm):
    prompt = PromptTemplate("A song about {topic}.")
    openrouter_emulator.script([JSON])

    make_llm(structured_output_mode="prompt").structured_predict(Song, prompt, topic="rain")

    assert prompt.output_parser is None


def test_system_prompt_comes_first(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script([JSON])

    make_llm(system_prompt="Sing.").structured_predict(Song, PROMPT, topic="rain")

    assert openrouter_emulator.last.json["messages"][0] == {"role": "system", "content": "Sing."}


def test_e4_no_provider_for_the_request_is_told(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.denied_models.add("openai/gpt-4o-mini")

    with pytest.raises(NoEndpointsError):
        make_llm().structured_predict(Song, PROMPT, topic="rain")


async def test_d5_agent_uses_tools_and_ends_in_an_object(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    def rain() -> str:
        """Tell about rain."""
        return "wet"

    openrouter_emulator.script([ToolCall("rain"), "It is wet.", JSON])
    agent = FunctionAgent(tools=[rain], llm=make_llm(), output_cls=Song)

    answer = await agent.run("Sing of rain")

    assert answer.structured_response == RAIN.model_dump()


# ------------------------------------------------------------------ which way to ask


def able(*parameters: str) -> ModelFacts:
    return ModelFacts("x/y", supported_parameters=frozenset({"temperature", *parameters}))


SCHEMAS = ("structured_outputs", "response_format")
WAYS = {
    "e7 schema first": ({}, able(*SCHEMAS, "tools"), "json_schema"),
    "not without the format": ({}, able("structured_outputs", "tools"), "tools"),
    "else tools": ({}, able("tools"), "tools"),
    "else the prompt": ({}, able(), "prompt"),
    "unknown model": ({}, None, "json_schema"),
    "as set": ({"structured_output_mode": "tools"}, able(*SCHEMAS), "tools"),
    "as LlamaIndex says": (
        {"pydantic_program_mode": PydanticProgramMode.LLM},
        able(*SCHEMAS),
        "prompt",
    ),
    "another program of LlamaIndex": (
        {"pydantic_program_mode": PydanticProgramMode.LM_FORMAT_ENFORCER},
        None,
        "core",
    ),
}


@pytest.mark.parametrize(("settings", "facts", "mode"), WAYS.values(), ids=WAYS.keys())
def test_way_of_asking(settings: dict[str, Any], facts: ModelFacts | None, mode: str):
    llm = OpenRouter("x/y", **settings)

    assert choose_mode(llm, llm.pydantic_program_mode, facts) == mode
