"""An agent calls a tool."""


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


assert agent.run("Hello").content
run = Agent(model=model, tools=[population], telemetry=False).run(
    "What is the population of the city Lisbon?"
)
assert "570,000" in run.content, run.content
