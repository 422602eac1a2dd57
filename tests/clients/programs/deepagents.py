"""A deep agent, by object and by string: it plans, and what it does is priced."""

from deepagents import create_deep_agent

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs import track_openrouter_cost


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


ask = {"messages": [("user", "Use population: what is the population of the city Lisbon?")]}
for model in (ChatOpenRouter(model="openai/gpt-4o-mini"), "openrouter:openai/gpt-4o-mini"):
    with track_openrouter_cost() as spent:
        state = create_deep_agent(model=model, tools=[population]).invoke(
            ask, {"recursion_limit": 40}
        )
    assert state["messages"][-1].text, state
    assert spent.total > 0
