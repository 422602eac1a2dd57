"""agno's own OpenRouter model: an agent calls a tool."""

import os

from agno.agent import Agent
from agno.models.openrouter import OpenRouter


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


model = OpenRouter(
    id="openai/gpt-4o-mini",
    base_url=os.environ["OPENROUTER_BASE_URL"],
    api_key=os.environ["OPENROUTER_API_KEY"],
)
run = Agent(model=model, tools=[population], telemetry=False).run(
    "What is the population of the city Lisbon?"
)
assert "570,000" in run.content, run.content
