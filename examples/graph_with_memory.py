"""A graph that waits for a person, and goes on in another process: `python examples/graph_with_memory.py`.

An assistant drafts a refund; money moves only after somebody agreed. The conversation lives in an SQLite file, so the program that asks
and the one that goes on need not be the same. Thinking and its signatures survive it. Needs `pip install langgraph-checkpoint-sqlite`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import replies
from api import an_api
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from langchain_openrouter import BudgetMiddleware, ChatOpenRouter

THREAD: RunnableConfig = {"configurable": {"thread_id": "order-4711"}}


def refund(order: str, usd: float) -> str:
    """Pay money back for an order."""
    return f"${usd:.2f} were paid back for order {order}."


def the_agent(checkpointer: SqliteSaver) -> Any:
    """The same agent in both processes."""
    return create_agent(
        ChatOpenRouter(
            model="anthropic/claude-haiku-4.5",
            max_tokens=1500,
            reasoning={"max_tokens": 1024},
            session_from_thread=True,
        ),
        tools=[refund],
        middleware=[
            HumanInTheLoopMiddleware(interrupt_on={"refund": True}),
            BudgetMiddleware(limit_usd="0.20", per="thread"),
        ],
        checkpointer=checkpointer,
    )


def first_process(file: Path) -> None:
    """A customer writes, the agent wants to pay, and stops."""
    with SqliteSaver.from_conn_string(str(file)) as checkpointer:
        state = the_agent(checkpointer).invoke(
            {"messages": [("user", "Order 4711 came broken. Please pay back the $25.")]}, THREAD
        )
    (stop,) = state["__interrupt__"]
    for action in stop.value["action_requests"]:
        print(f"waits for a person: {action['name']}{action['args']}")


def second_process(file: Path) -> None:
    """Perhaps a day later somebody agrees, and the agent goes on."""
    with SqliteSaver.from_conn_string(str(file)) as checkpointer:
        agent = the_agent(checkpointer)
        state = agent.invoke(Command(resume={"decisions": [{"type": "approve"}]}), THREAD)
        for message in state["messages"]:
            print(f"{message.type:<6} {message.text or message.tool_calls}")
        print(f"\n{len(list(checkpointer.list(THREAD)))} checkpoints in {file.name}")


if __name__ == "__main__":
    with an_api(replies.graph_with_memory), tempfile.TemporaryDirectory() as folder:
        first_process(Path(folder) / "threads.sqlite")
        second_process(Path(folder) / "threads.sqlite")
