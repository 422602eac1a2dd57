"""Structured prediction against the local emulator: by schema, by tool, in the prompt."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from openrouter_core import NoEndpointsError
from openrouter_emulator import Emulator, Reply, ToolCall
from tests.llama_index_openrouter.making import MakeLlm

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


@pytest.mark.parametrize("mode", MODES)
def test_e1_providers_must_support_the_request(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mode: str
):
    openrouter_emulator.script([scripted(mode)] * 2)

    make_llm(structured_output_mode=mode, provider={"zdr": False}).structured_predict(
        Song, PROMPT, topic="rain"
    )
    make_llm(structured_output_mode=mode, require_parameters=False).structured_predict(
        Song, PROMPT, topic="rain"
    )

    first, second = openrouter_emulator.bodies
    assert first["provider"] == {"zdr": False, "require_parameters": True}
    assert "provider" not in second


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
    assert body["tool_choice"] == "required"
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

    with pytest.raises(ValueError, match="is not a Song"):
        list(make_llm().stream_structured_predict(Song, PROMPT, topic="rain"))


def test_structured_llm_answers_and_streams(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script([JSON, JSON])
    structured = make_llm().as_structured_llm(Song)
    message = ChatMessage(content="A song about {rain}, please")

    assert structured.chat([message]).raw == RAIN
    assert list(structured.stream_chat([message]))[-1].raw == RAIN


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
