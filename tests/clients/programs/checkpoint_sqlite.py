"""An agent is interrupted before its tool, written to SQLite, and goes on in another object."""

import tempfile
from pathlib import Path

from langchain.agents import create_agent
from langgraph.checkpoint.sqlite import SqliteSaver

from langchain_openrouter import ChatOpenRouter


def population(city: str) -> str:
    """Look up how many people live in a city."""
    return f"{city} has 570,000 inhabitants."


def agent(saver):
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5", reasoning={"effort": "high"})
    return create_agent(model, tools=[population], checkpointer=saver, interrupt_before=["tools"])


config = {"configurable": {"thread_id": "1"}}
with tempfile.TemporaryDirectory() as folder:
    path = str(Path(folder) / "checkpoints.db")
    with SqliteSaver.from_conn_string(path) as saver:
        state = agent(saver).invoke(
            {"messages": [("user", "What is the population of the city Lisbon?")]}, config
        )
        details = state["messages"][-1].additional_kwargs["reasoning_details"]
        assert state["messages"][-1].tool_calls
    with SqliteSaver.from_conn_string(path) as saver:
        state = agent(saver).invoke(None, config)

assert "570,000" in state["messages"][-1].text, state
assert details
assert state["messages"][1].additional_kwargs["reasoning_details"] == details
