"""smolagents: a tool-calling agent over the OpenAI protocol."""

import os

from smolagents import OpenAIServerModel, ToolCallingAgent, tool


@tool
def population(city: str) -> str:
    """Look up how many people live in a city.

    Args:
        city: The name of the city.
    """
    return f"{city} has 570,000 inhabitants."


model = OpenAIServerModel(
    model_id="openai/gpt-4o-mini",
    api_base=os.environ["OPENROUTER_BASE_URL"],
    api_key=os.environ["OPENROUTER_API_KEY"],
)
message = model.generate([{"role": "user", "content": [{"type": "text", "text": "Hello"}]}])
assert message.content
agent = ToolCallingAgent(tools=[population], model=model, max_steps=2)
agent.run("What is the population of the city Lisbon?")
used = [
    call.name for step in agent.memory.steps for call in getattr(step, "tool_calls", None) or []
]
assert used, used
