"""An agent is interrupted before its tool, written to PostgreSQL, and goes on in another object."""

import os

from langchain.agents import create_agent
from langgraph.checkpoint.postgres import PostgresSaver

from langchain_openrouter import ChatOpenRouter


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


def agent(saver):
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5", reasoning={"effort": "high"})
    return create_agent(model, tools=[population], checkpointer=saver, interrupt_before=["tools"])


URL = os.environ["POSTGRES_URL"].replace("+psycopg", "")
config = {"configurable": {"thread_id": "1"}}
with PostgresSaver.from_conn_string(URL) as saver:
    saver.setup()
    state = agent(saver).invoke(
        {"messages": [("user", "What is the population of the city Lisbon?")]}, config
    )
    details = state["messages"][-1].additional_kwargs["reasoning_details"]
    assert state["messages"][-1].tool_calls
with PostgresSaver.from_conn_string(URL) as saver:
    state = agent(saver).invoke(None, config)

assert "570,000" in state["messages"][-1].text, state
assert details
assert state["messages"][1].additional_kwargs["reasoning_details"] == details
