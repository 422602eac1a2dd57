"""LlamaIndex's agents and tool helpers on top of the model object, against the local emulator."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from llama_index.core.agent.workflow import (
    AgentStream,
    AgentWorkflow,
    FunctionAgent,
    ReActAgent,
    ToolCallResult,
)
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool

from llama_index_openrouter import server_tool
from openrouter_emulator import Emulator, Reply, ToolCall
from tests.llama_index_openrouter.factories import MakeLlm

# llama-index-core 0.14 itself uses what pydantic and its workflows call deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


def now() -> str:
    """Tell the time."""
    return "noon"


def photo(city: str) -> list[Any]:
    """Take a photo of a city."""
    return [TextBlock(text=city), ImageBlock(image=PNG)]


WEATHER = FunctionTool.from_defaults(weather)
NOW = FunctionTool.from_defaults(now)


@pytest.mark.parametrize("streaming", [True, False])
async def test_function_agent_calls_a_tool_and_answers(
    openrouter_emulator: Emulator, make_llm: MakeLlm, *, streaming: bool
):
    openrouter_emulator.script([ToolCall("weather", {"city": "Paris"}), "It is sunny in Paris."])
    agent = FunctionAgent(tools=[weather], llm=make_llm(), streaming=streaming)

    answer = await agent.run("How is Paris?")

    assert str(answer) == "It is sunny in Paris."
    messages = openrouter_emulator.last.json["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant", "tool"]
    assert messages[2] == {
        "role": "tool",
        "content": "sunny in Paris",
        "tool_call_id": messages[1]["tool_calls"][0]["id"],
        "name": "weather",
    }


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4.5", "google/gemini-3-flash-preview"])
async def test_a1_reasoning_goes_back_inside_an_agents_tool_loop(
    openrouter_emulator: Emulator, make_llm: MakeLlm, model: str
):
    """The emulator refuses a tool loop whose signed reasoning does not come back, as Gemini does."""
    llm = make_llm(model, reasoning={"effort": "low"})
    agent = FunctionAgent(tools=[weather], llm=llm)
    handler = agent.run("What is the weather in Paris?")

    thoughts = [
        e.thinking_delta async for e in handler.stream_events() if isinstance(e, AgentStream)
    ]
    answer = await handler

    assert "".join(filter(None, thoughts))
    assert str(answer)
    second = openrouter_emulator.last.json["messages"][1]
    assert any(d.get("signature") or d.get("data") for d in second["reasoning_details"])


async def test_parallel_calls_are_all_answered(openrouter_emulator: Emulator, make_llm: MakeLlm):
    calls = [ToolCall("weather", {"city": city}) for city in ("Paris", "Rome")]
    openrouter_emulator.script([calls, "Both are sunny."])
    agent = FunctionAgent(tools=[weather], llm=make_llm())

    assert str(await agent.run("How are Paris and Rome?")) == "Both are sunny."

    roles = [m["role"] for m in openrouter_emulator.last.json["messages"]]
    assert roles == ["user", "assistant", "tool", "tool"]


async def test_d2_d15_tool_without_parameters_is_called(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script([ToolCall("now", ""), "It is noon."])
    agent = FunctionAgent(tools=[now], llm=make_llm())

    assert str(await agent.run("What time is it?")) == "It is noon."

    body = openrouter_emulator.last.json
    assert body["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}
    assert body["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"


async def test_d7_gap_41_image_of_a_tool_reaches_the_model(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script([ToolCall("photo", {"city": "Paris"}), "A tower."])
    agent = FunctionAgent(tools=[photo], llm=make_llm())

    await agent.run("Show Paris")

    result = openrouter_emulator.last.json["messages"][2]["content"]
    assert [part["type"] for part in result] == ["text", "image_url"]
    encoded = result[1]["image_url"]["url"].split(",")[1]
    assert base64.b64decode(encoded) == PNG


@pytest.mark.parametrize("arguments", ['{"text": "half a sen', "INVALID JSON"])
@pytest.mark.parametrize("streaming", [True, False])
async def test_c11_agent_never_runs_arguments_that_cannot_be_used(
    openrouter_emulator: Emulator, make_llm: MakeLlm, arguments: str, streaming: bool
):
    """The model learns what was wrong and asks again; earlier results are kept."""
    ran: list[str] = []

    def note(text: str) -> str:
        """Note a text."""
        ran.append(text)
        return "ok"

    broken = ToolCall("note", arguments)
    openrouter_emulator.script([broken, ToolCall("note", {"text": "all of it"}), "Noted."])
    agent = FunctionAgent(tools=[note], llm=make_llm(), streaming=streaming)

    assert str(await agent.run("Note something")) == "Noted."

    assert ran == ["all of it"]
    answered = openrouter_emulator.requests[-2].json["messages"][-1]
    assert answered["role"] == "tool"
    assert "not run: The arguments are" in answered["content"]


async def test_an_agent_ends_with_an_error_when_its_answer_was_cut_off(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script(
        [Reply(tool_calls=[ToolCall("now", '{"a": "half')], finish_reason="length")]
    )

    with pytest.raises(Exception, match="which was not run"):
        await FunctionAgent(tools=[now], llm=make_llm()).run("What time is it?")


async def test_d1_server_tools_go_with_an_agents_tools(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm(server_tools=[server_tool("web_search", max_results=2)])
    openrouter_emulator.script("Found it.")

    await FunctionAgent(tools=[weather], llm=llm).run("Search")

    kinds = [tool["type"] for tool in openrouter_emulator.last.json["tools"]]
    assert kinds == ["function", "openrouter:web_search"]


async def test_initial_tool_choice_forces_the_function(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    agent = FunctionAgent(tools=[weather, now], llm=make_llm(), initial_tool_choice="now")

    await agent.run("Hello")

    first, second = openrouter_emulator.bodies[:2]
    assert first["tool_choice"] == {"type": "function", "function": {"name": "now"}}
    assert "tool_choice" not in second


async def test_agents_hand_over(openrouter_emulator: Emulator, make_llm: MakeLlm):
    llm = make_llm()
    first = FunctionAgent(
        name="first", description="Starts.", tools=[], llm=llm, can_handoff_to=["second"]
    )
    second = FunctionAgent(name="second", description="Ends.", tools=[weather], llm=llm)
    openrouter_emulator.script(
        [ToolCall("handoff", {"to_agent": "second", "reason": "knows"}), "Done by the second."]
    )

    answer = await AgentWorkflow(agents=[first, second], root_agent="first").run("Go")

    assert str(answer) == "Done by the second."


async def test_react_agent_works_with_a_model_without_tools(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script(
        [
            'Thought: I need the weather.\nAction: weather\nAction Input: {"city": "Paris"}',
            "Thought: I can answer.\nAnswer: Sunny.",
        ]
    )
    agent = ReActAgent(tools=[weather], llm=make_llm(is_function_calling_model=False))
    handler = agent.run("How is Paris?")

    results = [e async for e in handler.stream_events() if isinstance(e, ToolCallResult)]

    assert str(await handler) == "Sunny."
    assert [r.tool_output.content for r in results] == ["sunny in Paris"]


def test_predict_and_call_runs_the_tool(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script([ToolCall("weather", {"city": "Oslo"})])

    response = make_llm().predict_and_call([WEATHER, NOW], "How is Oslo?")

    assert response.response == "sunny in Oslo"


async def test_apredict_and_call_runs_parallel_calls(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    calls = [ToolCall("weather", {"city": city}) for city in ("Oslo", "Bern")]
    openrouter_emulator.script([calls])

    response = await make_llm().apredict_and_call(
        [WEATHER], "How are they?", allow_parallel_tool_calls=True
    )

    assert response.response == "sunny in Oslo\n\nsunny in Bern"


def test_one_of_several_calls_is_kept_where_only_one_is_allowed(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    calls = [ToolCall("weather", {"city": city}) for city in ("Oslo", "Bern")]
    openrouter_emulator.script([calls])

    response = make_llm().predict_and_call([WEATHER], "How are they?")

    assert response.response == "sunny in Oslo"


def test_d10_streamed_arguments_grow_towards_the_call(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm()
    openrouter_emulator.script([ToolCall("weather", {"city": "Llanfairpwllgwyngyll"})])

    seen = [
        llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
        for response in llm.stream_chat_with_tools([WEATHER], "How is it there?")
    ]

    assert all(len(selections) <= 1 for selections in seen)
    assert seen[-1][0].tool_kwargs == {"city": "Llanfairpwllgwyngyll"}
    cities = [s[0].tool_kwargs.get("city", "") for s in seen if s]
    assert all("Llanfairpwllgwyngyll".startswith(city) for city in cities)


def test_memory_of_an_agent_is_left_alone(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script([Reply("fine")])
    history = [ChatMessage(content="Hi"), ChatMessage(role="assistant", content="Hello")]
    before = [m.model_copy(deep=True) for m in history]

    make_llm().chat_with_tools([WEATHER], "And now?", chat_history=history)

    assert history == before
