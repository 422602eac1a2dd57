"""A supervisor hands a question to one of its agents, which calls a tool; the answer and its cost come back."""

from langchain.agents import create_agent
from langgraph_supervisor import create_supervisor

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs import track_openrouter_cost


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


model = ChatOpenRouter(model="openai/gpt-4o-mini")
expert = create_agent(model, tools=[population], name="population_expert")
graph = create_supervisor(
    [expert], model=model, prompt="Transfer questions of population to population_expert."
).compile()
question = "Transfer to population_expert: what is the population of the city Lisbon?"
with track_openrouter_cost() as spent:
    state = graph.invoke({"messages": [("user", question)]}, {"recursion_limit": 20})

messages = state["messages"]
called = [call["name"] for m in messages for call in getattr(m, "tool_calls", [])]
assert "transfer_to_population_expert" in called, called
assert messages[-1].text
assert spent.total > 0
