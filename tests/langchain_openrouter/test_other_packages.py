"""What other packages of LangChain's world do with the model: tools of MCP servers, and deepagents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage

from openrouter_emulator import Emulator, ToolCall
from tests.langchain_openrouter.call_styles import GPT, model

SERVER = str(Path(__file__).with_name("mcp_server.py"))
WEATHER: Any = {"weather": {"command": sys.executable, "args": [SERVER], "transport": "stdio"}}


async def mcp_tools() -> list[Any]:
    adapters = pytest.importorskip(
        "langchain_mcp_adapters.client", reason="langchain-mcp-adapters is not installed"
    )
    return await adapters.MultiServerMCPClient(WEATHER).get_tools()


async def test_tools_of_an_mcp_server_are_offered_and_called(openrouter_emulator: Emulator):
    tools = await mcp_tools()
    openrouter_emulator.script([ToolCall("get_weather", {"city": "Paris", "days": 2}, "c1"), "Go."])
    agent = create_agent(model(), tools)

    answer = await agent.ainvoke({"messages": [HumanMessage("What is the weather in Paris?")]})

    first, second = openrouter_emulator.bodies
    offered = {tool["function"]["name"]: tool["function"] for tool in first["tools"]}
    assert offered["get_weather"]["description"] == "Get the weather of a city."
    assert offered["get_weather"]["parameters"]["required"] == ["city"]
    assert "Sunny in Paris for 2 days" in str(second["messages"][-1]["content"])
    assert answer["messages"][-1].text == "Go."


async def test_d7_images_of_an_mcp_server_reach_the_model_as_images(openrouter_emulator: Emulator):
    """quirks.md D7."""
    tools = await mcp_tools()
    openrouter_emulator.script([ToolCall("get_map", {"city": "Rome"}, "c1"), "There."])
    agent = create_agent(model(), tools)

    await agent.ainvoke({"messages": [HumanMessage("Show me Rome")]})

    text, image = openrouter_emulator.bodies[1]["messages"][-1]["content"]
    assert text["text"] == "A map of Rome"
    assert image == {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="},
    }


def test_a_deep_agent_writes_a_file_asks_a_subagent_and_answers(openrouter_emulator: Emulator):
    deepagents = pytest.importorskip("deepagents", reason="deepagents is not installed")
    note = {"file_path": "/note.md", "content": "Capitals"}
    task = {"description": "Look it up", "subagent_type": "general-purpose"}
    openrouter_emulator.script(
        [ToolCall("write_file", note, "c1"), ToolCall("task", task, "c2"), "It is Paris.", "Paris."]
    )
    agent = deepagents.create_deep_agent(model=model())

    state = agent.invoke({"messages": [HumanMessage("What is the capital of France?")]})

    assert "/note.md" in state["files"]
    assert openrouter_emulator.bodies[3]["messages"][-1]["content"] == "It is Paris."
    assert state["messages"][-1].text == "Paris."
    assert state["messages"][-1].response_metadata["cost"] > 0


def test_a_deep_agent_finds_the_class_by_its_name(openrouter_emulator: Emulator):
    deepagents = pytest.importorskip("deepagents", reason="deepagents is not installed")
    openrouter_emulator.script(["Hello."])
    agent = deepagents.create_deep_agent(model=f"openrouter:{GPT}")

    state = agent.invoke({"messages": [HumanMessage("Hi")]})

    assert state["messages"][-1].text == "Hello."
    assert openrouter_emulator.bodies[0]["model"] == GPT
