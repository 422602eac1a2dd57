"""Spans of OpenInference carry tokens and the price of their call, in every way of calling."""

import asyncio

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from openinference.instrumentation.llama_index import LlamaIndexInstrumentor
from priced_spans import Traced
from pydantic import BaseModel

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding, OpenRouterRerank
from openrouter_core import OpenRouterClient

MODEL = "openai/gpt-4o-mini"
ASK = [ChatMessage("Hello")]
METHODS = ("chat", "complete", "achat", "acomplete")
STREAMS = ("stream_chat", "stream_complete", "astream_chat", "astream_complete")


def of_call(span):
    return span.name.partition(".")[2] in METHODS + STREAMS


traced = Traced()
LlamaIndexInstrumentor().instrument(tracer_provider=traced.provider)
llm = OpenRouter(MODEL, observers=traced.observers)


def blocking():
    answer = llm.chat(ASK)
    (span,) = traced.check("chat", 1, of_call)
    usage = answer.raw["usage"]
    assert span.attributes["llm.token_count.prompt"] == usage["prompt_tokens"]
    list(llm.stream_chat(ASK))
    traced.check("stream_chat", 1, of_call)
    llm.complete("Hello")
    traced.check("complete", 1, of_call)
    list(llm.stream_complete("Hello"))
    traced.check("stream_complete", 1, of_call)
    one, another = llm.stream_chat(ASK), llm.stream_chat(ASK)
    for _ in zip(one, another, strict=False):
        pass
    list(one), list(another)
    traced.check("interleaved streams", 2, of_call)
    left = llm.stream_chat([ChatMessage("Count to a hundred")])
    next(left)
    left.close()
    traced.check("left stream", 1, of_call, late=1)
    query()
    llm.structured_predict(City, PromptTemplate("Name a city"))
    traced.check("structured_predict", 1, of_call)


class City(BaseModel):
    """A city."""

    name: str


def query():
    embedding = OpenRouterEmbedding("openai/text-embedding-3-small", observers=traced.observers)
    rerank = OpenRouterRerank("cohere/rerank-v3.5", top_n=1, observers=traced.observers)
    facts = ["Otters hold hands.", "Bread needs flour.", "Rome was built on hills."]
    index = VectorStoreIndex.from_documents(
        [Document(text=t) for t in facts], embed_model=embedding
    )
    traced.check("index", 1, lambda span: "Embedding" in span.name)
    for streaming in (False, True):
        engine = index.as_query_engine(
            llm=llm, node_postprocessors=[rerank], similarity_top_k=3, streaming=streaming
        )
        assert str(engine.query("How do otters sleep?"))
        names = [span.name for span in traced.check("query engine", 3, lambda span: True)]
        assert sorted(name.partition(".")[0] for name in names) == [
            "OpenRouter",
            "OpenRouterEmbedding",
            "OpenRouterRerank",
        ], names


async def awaited():
    await llm.achat(ASK)
    traced.check("achat", 1, of_call)
    _ = [answer async for answer in await llm.astream_chat(ASK)]
    traced.check("astream_chat", 1, of_call)
    _ = [answer async for answer in await llm.astream_complete("Hello")]
    traced.check("astream_complete", 1, of_call)
    await asyncio.gather(*(llm.acomplete(word) for word in ("one", "two", "three")))
    traced.check("gathered", 3, of_call)
    await asyncio.gather(*(read(word) for word in ("one", "two", "three")))
    traced.check("gathered streams", 3, of_call)
    left = await llm.astream_chat([ChatMessage("Count to a hundred")])
    await anext(left)
    await left.aclose()
    del left  # LlamaIndex leaves what it wraps to the collector, which ends it in the loop
    for _ in range(400):
        if not traced.is_booked(1):
            await asyncio.sleep(0.05)
    traced.check("left astream", 1, of_call, late=1)
    for streaming in (False, True):
        agent = FunctionAgent(tools=[weather, clock], llm=llm, streaming=streaming)
        await agent.run("get_weather and get_time of Oslo, Bergen")
        traced.check("agent with parallel tools", 2, of_call)
    client = OpenRouterClient(observers=traced.observers)

    def ask_another(question: str) -> str:
        """Ask another model."""
        return client.chat.send([{"role": "user", "content": question}], model=MODEL).text

    agent = FunctionAgent(tools=[FunctionTool.from_defaults(ask_another)], llm=llm)
    await agent.run("ask_another about Oslo")
    traced.check("calls in a tool", 3, lambda span: True)


async def read(word):
    return [answer async for answer in await llm.astream_chat([ChatMessage(word)])]


def get_weather(city: str) -> str:
    """Say how the weather is."""
    return f"It snows in {city}."


def get_time(city: str) -> str:
    """Say what time it is."""
    return f"It is noon in {city}."


weather, clock = FunctionTool.from_defaults(get_weather), FunctionTool.from_defaults(get_time)
blocking()
asyncio.run(awaited())
traced.check_total()
