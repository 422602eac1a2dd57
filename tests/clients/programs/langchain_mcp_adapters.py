"""Tools of an MCP server on standard input and output: bound, called by an agent, answered."""

import asyncio
import sys
import tempfile
from pathlib import Path

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient

from langchain_openrouter import ChatOpenRouter

SERVER = '''
from mcp.server.fastmcp import FastMCP

server = FastMCP("cities")


@server.tool()
def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


server.run()
'''


async def main():
    path = Path(tempfile.mkdtemp()) / "server.py"
    path.write_text(SERVER)
    server = {"transport": "stdio", "command": sys.executable, "args": [str(path)]}
    tools = await MultiServerMCPClient({"cities": server}).get_tools()
    agent = create_agent(ChatOpenRouter(model="openai/gpt-4o-mini"), tools=tools)
    return await agent.ainvoke(
        {"messages": [("user", "What is the population of the city Lisbon?")]}
    )


state = asyncio.run(main())
assert "570,000" in state["messages"][-1].text, state
