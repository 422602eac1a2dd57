"""Spans of OpenInference carry tokens and the price of their call, in every way of calling."""

from langchain_calls import call_all
from openinference.instrumentation.langchain import LangChainInstrumentor
from priced_spans import Traced

from langchain_openrouter import ChatOpenRouter

traced = Traced()
LangChainInstrumentor().instrument(tracer_provider=traced.provider)
answer = ChatOpenRouter(model="openai/gpt-4o-mini", observers=traced.observers).invoke("Hello")
(span,) = traced.check("invoke", 1, lambda span: span.name == "ChatOpenRouter")
assert span.attributes["llm.token_count.total"] == answer.usage_metadata["total_tokens"]
assert span.attributes["llm.model_name"] == "openai/gpt-4o-mini"

long = [("user" if n % 2 else "assistant", f"{n}") for n in range(1, 102)]
ChatOpenRouter(model="openai/gpt-4o-mini", observers=traced.observers).invoke(long)
traced.check(
    "a conversation that fills the span", 1, lambda span: span.name == "ChatOpenRouter", late=1
)

call_all(traced, lambda span: span.name == "ChatOpenRouter")
