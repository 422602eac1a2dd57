"""Two agents, one hands over to the other; the second turn is answered by the one that is active."""

from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_swarm import create_handoff_tool, create_swarm

from langchain_openrouter import ChatOpenRouter

model = ChatOpenRouter(model="openai/gpt-4o-mini")
alice = create_agent(model, tools=[create_handoff_tool(agent_name="Bob")], name="Alice")
bob = create_agent(model, tools=[], name="Bob")
graph = create_swarm([alice, bob], default_active_agent="Alice").compile(
    checkpointer=InMemorySaver()
)
config = {"configurable": {"thread_id": "1"}}

first = graph.invoke({"messages": [("user", "Transfer me to Bob, please.")]}, config)
second = graph.invoke({"messages": [("user", "Who are you?")]}, config)

assert first["active_agent"] == "Bob", first
assert second["active_agent"] == "Bob"
assert second["messages"][-1].name == "Bob"
assert second["messages"][-1].response_metadata["model_provider"] == "openrouter"
