"""A research agent with two helpers of its own, and what each of them cost: `python examples/deep_research.py`.

deepagents plans, keeps notes and hands work to sub-agents; each has a model that fits its task. One budget holds for all of them.
Needs `pip install deepagents`.
"""

from __future__ import annotations

import sys
from typing import Any

import replies
from api import an_api
from deepagents import create_deep_agent

from langchain_openrouter import BudgetMiddleware, ChatOpenRouter, server_tool
from openrouter_core.costs import CostTracker, track_openrouter_cost
from openrouter_core.errors import BudgetExceededError

LEAD, READER, CRITIC = "anthropic/claude-sonnet-4.5", "openai/gpt-4o-mini", "deepseek/deepseek-v3.2"
QUESTION = "Is tidal power cheaper than offshore wind in Europe today?"
PROMPT = (
    "You lead a small research team. Let the reader find facts, let the critic look for what is wrong with them, "
    "then write a report of five sentences with the figures and where they come from."
)


def the_agent() -> Any:
    """The lead and its two helpers."""
    helpers: list[Any] = [
        {
            "name": "reader",
            "description": "Searches the web for facts and figures. Give it one question.",
            "system_prompt": "Search, then answer in three sentences with the addresses of the pages.",
            "model": ChatOpenRouter(model=READER, max_tokens=500),
            "tools": [server_tool("web_search", max_results=3)],
        },
        {
            "name": "critic",
            "description": "Looks for mistakes and gaps. Give it the facts that were found.",
            "system_prompt": "Name the weakest point of what you are given, in two sentences.",
            "model": ChatOpenRouter(model=CRITIC, max_tokens=300),
            "tools": [],
        },
    ]
    return create_deep_agent(
        model=ChatOpenRouter(model=LEAD, max_tokens=1500),
        subagents=helpers,
        system_prompt=PROMPT,
        middleware=[BudgetMiddleware(limit_usd="0.50")],
    )


def main(question: str) -> None:
    """Research, then the bill."""
    with track_openrouter_cost(run="research") as spent:
        try:
            state = the_agent().invoke({"messages": [("user", question)]})
            print(f"\n{state['messages'][-1].text}\n")
        except BudgetExceededError as refused:
            print(f"\nStopped: {refused}\n")
    show(spent)


def show(spent: CostTracker) -> None:
    """A line for each model: who it was, how often it was asked, what it cost."""
    roles = {LEAD: "lead", READER: "reader", CRITIC: "critic"}
    print(f"{'who':<8}{'model':<30}{'calls':>6}{'tokens':>9}{'USD':>12}")
    for model, figures in spent.by("model").items():
        tokens = figures.prompt_tokens + figures.completion_tokens
        print(
            f"{roles.get(model, ''):<8}{model:<30}{figures.calls:>6}{tokens:>9,}{figures.total:>12.6f}"
        )
    print(f"{'':<38}{spent.totals.calls:>6}{'':>9}{spent.total:>12.6f}")


if __name__ == "__main__":
    with an_api(replies.deep_research):
        main(" ".join(sys.argv[1:]) or QUESTION)
