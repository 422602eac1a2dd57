"""An agent that searches the web for its answer and may spend ten cents: `python examples/web_agent.py`.

OpenRouter runs the search; the tool beside it is Python of your own. The budget is asked before each call, so a loop
that goes wrong ends with a sentence and not with a bill.
"""

from __future__ import annotations

import sys

import replies
from api import an_api
from langchain.agents import create_agent
from langchain_core.messages import AIMessage

from langchain_openrouter import BudgetMiddleware, ChatOpenRouter, server_tool
from openrouter_core.costs import track_openrouter_cost

MODEL = "openai/gpt-4o-mini"
QUESTION = "Which ferry line from Lisbon is the longest, and how many minutes is that per 10 km?"


def minutes_per_10_km(minutes: float, km: float) -> str:
    """Return how many minutes a vehicle takes for 10 km."""
    return f"{minutes / km * 10:.1f} minutes"


def main(question: str) -> None:
    """Ask, and show the answer with its sources and its price."""
    agent = create_agent(
        ChatOpenRouter(model=MODEL, max_tokens=600),
        tools=[server_tool("web_search", max_results=3), minutes_per_10_km],
        middleware=[BudgetMiddleware(limit_usd="0.10")],
        system_prompt="Search before you answer. Name what you found in one sentence.",
    )
    with track_openrouter_cost() as spent:
        state = agent.invoke({"messages": [("user", question)]})
    for message in state["messages"][1:]:
        for call in getattr(message, "tool_calls", ()):
            print(f"  calls {call['name']}{call['args']}")
    answer = state["messages"][-1]
    print(f"\n{answer.text}\n")
    for url in sources_of(answer):
        print(f"  {url}")
    print(f"\n{spent.totals.calls} calls, ${spent.total:.6f} of $0.10")


def sources_of(answer: AIMessage) -> list[str]:
    """The pages that an answer names, each once."""
    cited = [a for b in answer.content_blocks for a in b.get("annotations") or ()]
    return list(dict.fromkeys(str(one["url"]) for one in cited if one.get("url")))


if __name__ == "__main__":
    with an_api(replies.web_agent):
        main(" ".join(sys.argv[1:]) or QUESTION)
