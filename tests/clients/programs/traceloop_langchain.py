"""Spans of Traceloop's instrumentation carry tokens and the price of their call, in every way of calling."""

from langchain_calls import call_all
from opentelemetry.instrumentation.langchain import LangchainInstrumentor
from priced_spans import Traced

from langchain_openrouter import ChatOpenRouter


def of_call(span):
    return span.name == "ChatOpenRouter.chat"


traced = Traced()
LangchainInstrumentor().instrument(tracer_provider=traced.provider)
answer = ChatOpenRouter(model="openai/gpt-4o-mini", observers=traced.observers).invoke("Hello")
(span,) = traced.check("invoke", 1, of_call)
shown = str(dict(span.attributes))
assert "openai/gpt-4o-mini" in shown, shown
assert answer.usage_metadata["input_tokens"] in span.attributes.values(), shown

call_all(traced, of_call)
