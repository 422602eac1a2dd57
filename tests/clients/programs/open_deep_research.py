"""A research from question to report, every model of it ours, named by a string."""

import asyncio

from open_deep_research.deep_researcher import deep_researcher

from openrouter_core.costs import track_openrouter_cost

MODEL = "openrouter:openai/gpt-4o-mini"
kinds = ("research", "summarization", "compression", "final_report")
settings = {f"{kind}_model": MODEL for kind in kinds} | {
    "search_api": "none",
    "allow_clarification": False,
    "max_researcher_iterations": 1,
    "max_react_tool_calls": 1,
}


async def main():
    return await deep_researcher.ainvoke(
        {"messages": [{"role": "user", "content": "How many people live in Lisbon?"}]},
        {"configurable": settings, "recursion_limit": 60},
    )


with track_openrouter_cost() as spent:
    state = asyncio.run(main())

assert state["final_report"], state
assert "Error" not in state["final_report"], state["final_report"]
assert spent.total > 0
