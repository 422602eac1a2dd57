"""An assistant calls a tool and answers."""

import asyncio

from autogen_agentchat.agents import AssistantAgent


async def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


agent = AssistantAgent("expert", client, tools=[population], reflect_on_tool_use=True)
result = asyncio.run(agent.run(task="What is the population of the city Lisbon?"))
assert "570,000" in str(result.messages[-1].content), result.messages
