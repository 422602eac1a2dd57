"""`create_agent` with ChatOpenRouter: tools, server tools, structured answers, fallbacks, memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware, SummarizationMiddleware
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain.chat_models import init_chat_model
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    ToolMessage,
    messages_from_dict,
    messages_to_dict,
)
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter
from openrouter_emulator import Emulator, Reply, ToolCall, faults

CLAUDE = "anthropic/claude-sonnet-4.5"


class Weather(BaseModel):
    """The weather."""

    city: str
    sunny: bool


@tool
def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}"


@tool
def get_time() -> str:
    """Get the time."""
    return "12:00"


def model(name: str = CLAUDE, **settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(model=name, max_retries=0, **settings)


def ask(agent: Any, text: str = "What is the weather in Paris?", **config: Any) -> list[Any]:
    return agent.invoke({"messages": [HumanMessage(text)]}, **config)["messages"]


@pytest.mark.parametrize(
    "name",
    [
        CLAUDE,
        "google/gemini-3-flash-preview",
        "openai/gpt-5.5",
        "deepseek/deepseek-v3.2",
        "qwen/qwen3-max",
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
def test_a1_tool_loop_with_reasoning_ends_in_an_answer(
    openrouter_emulator: Emulator, name: str, streaming: bool
):
    """quirks.md A1: whatever the format of the reasoning, the second request is accepted."""
    extra = {"streaming": True} if streaming else {}
    agent = create_agent(model(name, reasoning={"effort": "high"}, **extra), tools=[get_weather])

    question, call, result, answer = ask(agent)

    assert [type(m) for m in (question, call, result, answer)] == [
        HumanMessage,
        AIMessage,
        ToolMessage,
        AIMessage,
    ]
    assert call.tool_calls[0]["args"] == {"city": "Paris"}
    assert answer.text
    assert not answer.tool_calls


def test_parallel_calls_are_answered_one_by_one(openrouter_emulator: Emulator):
    calls = [ToolCall("get_weather", {"city": "Rome"}, "c1"), ToolCall("get_time", "", "c2")]
    openrouter_emulator.script([calls, "Done"])

    messages = ask(create_agent(model(), tools=[get_weather, get_time]))

    sent = openrouter_emulator.bodies[1]["messages"]
    assert [(m["tool_call_id"], m["name"]) for m in sent if m["role"] == "tool"] == [
        ("c1", "get_weather"),
        ("c2", "get_time"),
    ]
    assert messages[-1].text == "Done"


@pytest.mark.parametrize(
    "how",
    [Weather, ProviderStrategy(Weather), ToolStrategy(Weather)],
    ids=["schema", "provider", "tool"],
)
def test_e2_d5_tool_round_then_structured_answer(openrouter_emulator: Emulator, how: Any):
    """quirks.md E2 and D5."""
    agent = create_agent(model("openai/gpt-4o-mini"), tools=[get_weather], response_format=how)

    state = agent.invoke({"messages": [HumanMessage("What is the weather in Paris?")]})

    assert isinstance(state["structured_response"], Weather)


def test_d8_provider_strategy_without_tools_sends_none(openrouter_emulator: Emulator):
    """quirks.md D8: `tools: []` was sent, and refused."""
    agent = create_agent(model("openai/gpt-4o-mini"), response_format=ProviderStrategy(Weather))

    agent.invoke({"messages": [HumanMessage("What is the weather in Paris?")]})

    assert "tools" not in openrouter_emulator.bodies[0]
    assert openrouter_emulator.bodies[0]["response_format"]["type"] == "json_schema"


def test_d1_g1_server_tool_beside_functions_brings_citations(openrouter_emulator: Emulator):
    """quirks.md D1 and G1."""
    agent = create_agent(model(), tools=[get_time, {"type": "openrouter:web_search"}])

    answer = ask(agent, "Search the web for the news of today")[-1]

    (body, *_) = openrouter_emulator.bodies
    assert [t["type"] for t in body["tools"]] == ["function", "openrouter:web_search"]
    cited = [a for b in answer.content_blocks for a in b.get("annotations", [])]
    assert cited
    assert cited[0]["type"] == "citation"


def test_a2_checkpoints_keep_what_must_go_back(openrouter_emulator: Emulator):
    """quirks.md A2: LangGraph stores the thread between turns."""
    thread = {"configurable": {"thread_id": "t"}}
    agent = create_agent(
        model(reasoning={"effort": "high"}), tools=[get_weather], checkpointer=InMemorySaver()
    )

    first = ask(agent, config=thread)
    ask(agent, "And now?", config=thread)

    sent = [m for m in openrouter_emulator.bodies[-1]["messages"] if m["role"] == "assistant"]
    received = [m for m in first if isinstance(m, AIMessage)]
    assert sent[0]["reasoning_details"] == received[0].additional_kwargs["reasoning_details"]


def test_a2_stored_as_json_the_thread_goes_on(openrouter_emulator: Emulator):
    """quirks.md A2."""
    agent = create_agent(model(reasoning={"effort": "high"}), tools=[get_weather])
    stored = json.loads(json.dumps(messages_to_dict(ask(agent))))

    again = agent.invoke({"messages": [*messages_from_dict(stored), HumanMessage("And Rome?")]})

    assert again["messages"][-1].text


def test_fallback_middleware_asks_the_next_model(openrouter_emulator: Emulator):
    """quirks.md C4."""
    openrouter_emulator.fail_next(faults.overloaded())
    agent = create_agent(model(), middleware=[ModelFallbackMiddleware(model("openai/gpt-4o-mini"))])

    answer = ask(agent, "Hi")[-1]

    assert "gpt-4o-mini" in answer.response_metadata["model_name"]


def test_summarization_by_fraction_knows_the_context(openrouter_emulator: Emulator):
    """quirks.md H1: it raises without a profile; a suffix does not hide it."""
    openrouter_emulator.script([Reply("Summary"), Reply("Answer")])
    summarize = SummarizationMiddleware(
        model(CLAUDE + ":nitro"), trigger=("fraction", 0.00001), keep=("messages", 1)
    )
    agent = create_agent(model(), middleware=[summarize])
    history = [HumanMessage("a " * 50), AIMessage("b " * 50), HumanMessage("c")]

    answer = agent.invoke({"messages": history})["messages"][-1]

    assert answer.text == "Answer"


@pytest.mark.parametrize("mode", ["messages", "updates"])
async def test_streamed_graph_shows_each_answer_once(openrouter_emulator: Emulator, mode: Any):
    openrouter_emulator.script([Reply("Hello there")])
    agent = create_agent(model())
    texts: list[str] = []

    async for part in agent.astream({"messages": [HumanMessage("Hi")]}, stream_mode=mode):
        message = part[0] if mode == "messages" else part["model"]["messages"][0]
        texts.append(message.text)

    assert "".join(texts) == "Hello there"


def test_init_chat_model_finds_the_class(openrouter_emulator: Emulator):
    made = init_chat_model(
        f"openrouter:{CLAUDE}", openrouter_provider={"ignore": ["azure"]}, app_title="A"
    )

    assert type(made) is ChatOpenRouter
    assert made.invoke("Hi").text


def test_configurable_fields_change_the_call(openrouter_emulator: Emulator):
    made = init_chat_model(
        f"openrouter:{CLAUDE}", configurable_fields=["temperature", "max_tokens"]
    )

    made.invoke("Hi", config={"configurable": {"temperature": 0.3, "max_tokens": 50}})

    (body,) = openrouter_emulator.bodies
    assert (body["temperature"], body["max_tokens"]) == (0.3, 50)
