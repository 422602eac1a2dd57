"""Tools of a real MCP server, started here, in the hands of an agent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from llama_index.core.agent.workflow import FunctionAgent, ToolCallResult
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

from openrouter_emulator import Emulator, ToolCall
from tests.llama_index_openrouter.factories import MakeLlm

SERVER = Path(__file__).with_name("mcp_server.py")

# llama-index-core 0.14 itself uses what pydantic calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def mcp_tools() -> McpToolSpec:
    return McpToolSpec(client=BasicMCPClient(sys.executable, args=[str(SERVER)]))


async def test_agent_calls_the_tools_of_an_mcp_server(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mcp_tools: McpToolSpec
):
    tools = await mcp_tools.to_tool_list_async()
    openrouter_emulator.script(
        [[ToolCall("temperature", {"city": "Lisbon"}), ToolCall("stations", "")], "Warm enough."]
    )
    handler = FunctionAgent(tools=tools, llm=make_llm()).run("How warm is it?")

    results = [e async for e in handler.stream_events() if isinstance(e, ToolCallResult)]

    assert str(await handler) == "Warm enough."
    assert not any(r.tool_output.is_error for r in results)
    outputs = {r.tool_name: r.tool_output.content for r in results}
    assert "21 C in Lisbon" in outputs["temperature"]
    assert "Oslo" in outputs["stations"]
    sent = [m for m in openrouter_emulator.last.json["messages"] if m["role"] == "tool"]
    assert {m["name"]: outputs[m["name"]] in str(m["content"]) for m in sent} == {
        "temperature": True,
        "stations": True,
    }


async def test_d15_schemas_of_mcp_tools_go_out_whole(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mcp_tools: McpToolSpec
):
    tools = await mcp_tools.to_tool_list_async()

    await make_llm().achat_with_tools(tools, "Hi")

    sent = {t["function"]["name"]: t["function"] for t in openrouter_emulator.last.json["tools"]}
    assert sent["temperature"]["parameters"]["required"] == ["city"]
    assert set(sent["temperature"]["parameters"]["properties"]) == {"city", "unit"}
    assert sent["stations"]["parameters"]["type"] == "object"
    assert sent["stations"]["parameters"]["properties"] == {}
    assert "temperature of a city" in sent["temperature"]["description"]
