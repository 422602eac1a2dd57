"""Langfuse's handler and our exporter: each call is one generation with its price, called, awaited, in an agent."""

import asyncio
import json

from langchain.agents import create_agent
from langfuse import Langfuse
from langfuse.langchain import CallbackHandler
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs.exporters import LangfuseCostExporter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
client = Langfuse(
    public_key="pk-lf-1",
    secret_key="sk-lf-1",
    base_url="http://127.0.0.1:9",
    tracer_provider=provider,
    span_exporter=InMemorySpanExporter(),
)
exporter = LangfuseCostExporter(client)
handler = CallbackHandler(public_key="pk-lf-1")
model = ChatOpenRouter(model="openai/gpt-4o-mini", observers=[exporter])
config = {"callbacks": [handler]}


def generations():
    exporter.flush()
    found = [
        s
        for s in spans.get_finished_spans()
        if s.attributes.get("langfuse.observation.type") == "generation"
    ]
    spans.clear()
    return [(s.name, s.attributes.get("langfuse.observation.cost_details")) for s in found]


def check(kind, count=1):
    made = generations()
    assert len(made) == count, (kind, made)
    assert all(json.loads(cost)["total"] > 0 for _, cost in made), (kind, made)


async def awaited():
    await model.ainvoke("Hello", config)
    check("ainvoke")
    _ = [chunk async for chunk in model.astream("Hello", config)]
    check("astream")
    await agent.ainvoke({"messages": [("user", "Hello")]}, config)
    check("async agent")


agent = create_agent(model, tools=[])
model.invoke("Hello", config)
check("invoke")
list(model.stream("Hello", config))
check("stream")
agent.invoke({"messages": [("user", "Hello")]}, config)
check("agent")
asyncio.run(awaited())
