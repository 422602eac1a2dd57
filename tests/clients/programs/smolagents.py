"""A tool-calling agent calls a tool."""

from smolagents import ToolCallingAgent, tool


@tool
def population(city: str) -> str:
    """Look up how many people live in a city.

    Args:
        city: The name of the city.
    """
    return f"{city} has 570,000 inhabitants."


message = model.generate([{"role": "user", "content": [{"type": "text", "text": "Hello"}]}])
assert message.content
agent = ToolCallingAgent(tools=[population], model=model, max_steps=2)
agent.run("What is the population of the city Lisbon?")
calls = [call for step in agent.memory.steps for call in getattr(step, "tool_calls", None) or []]
assert calls
