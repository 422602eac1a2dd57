"""Spans of OpenInference have model and tokens, called, awaited and streamed."""

import asyncio

from llama_index.core.llms import ChatMessage
from openinference.instrumentation.llama_index import LlamaIndexInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from llama_index_openrouter import OpenRouter

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
LlamaIndexInstrumentor().instrument(tracer_provider=provider)
llm = OpenRouter("openai/gpt-4o-mini")
ask = [ChatMessage("Hello")]
answer = llm.chat(ask)
list(llm.stream_chat(ask))
asyncio.run(llm.achat(ask))

found = [s for s in spans.get_finished_spans() if s.name.startswith("OpenRouter.")]
assert len(found) >= 3, [s.name for s in spans.get_finished_spans()]
usage = answer.raw["usage"]
told = [s for s in found if s.attributes.get("llm.token_count.prompt") == usage["prompt_tokens"]]
assert len(told) >= 3, [(s.name, dict(s.attributes)) for s in found]
