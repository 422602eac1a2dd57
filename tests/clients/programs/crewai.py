"""A crew of one answers a task; the call is ours, so its cost is known."""

from crewai import Agent, Crew, Task

from openrouter_core.costs import track_openrouter_cost

with track_openrouter_cost() as spent:
    writer = Agent(role="writer", goal="Say hello.", backstory="You are brief.", llm=llm)
    task = Task(description="Say hello.", expected_output="A greeting.", agent=writer)
    result = Crew(agents=[writer], tasks=[task]).kickoff()

assert result.raw
assert spent.total > 0
