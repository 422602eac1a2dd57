"""Spans of Traceloop's instrumentation have model and tokens."""

import asyncio

from opentelemetry.instrumentation.langchain import LangchainInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from langchain_openrouter import ChatOpenRouter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
LangchainInstrumentor().instrument(tracer_provider=provider)
model = ChatOpenRouter(model="openai/gpt-4o-mini")
answer = model.invoke("Hello")
asyncio.run(model.ainvoke("Hello"))

found = [s for s in spans.get_finished_spans() if "ChatOpenRouter" in s.name]
assert len(found) == 2, [s.name for s in spans.get_finished_spans()]
for span in found:
    said = str(dict(span.attributes))
    assert "openai/gpt-4o-mini" in said, said
    assert answer.usage_metadata["input_tokens"] in span.attributes.values(), said
