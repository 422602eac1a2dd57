"""An agent workflow of two agents: a tool is called, the events and the answer are ours."""

import asyncio

from llama_index.core.agent.workflow import (
    AgentStream,
    AgentWorkflow,
    FunctionAgent,
    ToolCallResult,
)

from llama_index_openrouter import OpenRouter


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


llm = OpenRouter("openai/gpt-4o-mini")
expert = FunctionAgent(name="expert", description="Knows populations.", tools=[population], llm=llm)
writer = FunctionAgent(name="writer", description="Writes.", tools=[], llm=llm)


async def main():
    workflow = AgentWorkflow(agents=[expert, writer], root_agent="expert")
    handler = workflow.run(user_msg="What is the population of the city Lisbon?")
    events = [event async for event in handler.stream_events()]
    return str(await handler), events


answer, events = asyncio.run(main())
assert any(isinstance(event, ToolCallResult) for event in events)
assert any(isinstance(event, AgentStream) for event in events)
assert "570,000" in answer, answer
