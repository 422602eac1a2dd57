"""Spans of OpenInference carry the price of their call, called, awaited and streamed."""

import asyncio

from langchain.agents import create_agent
from openinference.instrumentation.langchain import LangChainInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from langchain_openrouter import ChatOpenRouter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
LangChainInstrumentor().instrument(tracer_provider=provider)
model = ChatOpenRouter(model="openai/gpt-4o-mini")


async def awaited():
    await model.ainvoke("Hello")
    return [chunk async for chunk in model.astream("Hello")]


answer = model.invoke("Hello")
asyncio.run(awaited())
create_agent(model, tools=[]).invoke({"messages": [("user", "Hello")]})

found = [s for s in spans.get_finished_spans() if s.name == "ChatOpenRouter"]
assert len(found) == 4, [s.name for s in spans.get_finished_spans()]
for span in found:
    total = span.attributes["llm.token_count.total"]
    assert total == answer.usage_metadata["total_tokens"], dict(span.attributes)
    assert span.attributes["llm.model_name"] == "openai/gpt-4o-mini"
