"""Every way of calling a LangChain model, each checked for where a tracer shows its price."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from langchain.agents import create_agent
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableParallel
from langchain_core.tools import tool
from priced_spans import Traced

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings
from openrouter_core import OpenRouterClient, OpenRouterError

MODEL = "openai/gpt-4o-mini"
Check = Callable[..., Any]


@tool
def get_weather(city: str) -> str:
    """Say how the weather is."""
    return f"It snows in {city}."


@tool
def get_time(city: str) -> str:
    """Say what time it is."""
    return f"It is noon in {city}."


def call_all(traced: Traced, of_call: Callable[[Any], bool]) -> None:
    """Make the calls; `of_call` says whether a span is that of a model's run."""
    model = ChatOpenRouter(model=MODEL, observers=traced.observers)
    chain = ChatPromptTemplate.from_template("Say {word}") | model | StrOutputParser()
    agent = create_agent(model, tools=[get_weather, get_time])
    _blocking(traced, of_call, model, chain, agent)
    asyncio.run(_awaited(traced, of_call, model, chain, agent))
    _outside_of_models(traced, of_call, model)
    traced.check_total()


def _blocking(traced: Traced, of_call: Check, model: Any, chain: Any, agent: Any) -> None:
    model.invoke("Hello")
    traced.check("invoke", 1, of_call)
    list(model.stream("Hello"))
    traced.check("stream", 1, of_call)
    model.batch(["one", "two", "three"])
    traced.check("batch", 3, of_call)
    chain.invoke({"word": "hello"})
    traced.check("chain", 1, of_call)
    list(chain.stream({"word": "hello"}))
    traced.check("streamed chain", 1, of_call)
    RunnableParallel(a=chain, b=chain, c=chain).invoke({"word": "hello"})
    traced.check("parallel chains", 3, of_call)
    agent.invoke({"messages": [("user", "get_weather and get_time of Oslo, Bergen")]})
    traced.check("agent with parallel tools", 2, of_call)
    list(agent.stream({"messages": [("user", "get_weather of Oslo")]}, stream_mode="messages"))
    traced.check("streamed agent", 2, of_call)
    left = model.stream("Count to a hundred")
    next(left)
    left.close()
    traced.check("left stream", 1, of_call, late=1)


async def _awaited(traced: Traced, of_call: Check, model: Any, chain: Any, agent: Any) -> None:
    await model.ainvoke("Hello")
    traced.check("ainvoke", 1, of_call)
    _ = [chunk async for chunk in model.astream("Hello")]
    traced.check("astream", 1, of_call)
    await asyncio.gather(*(model.ainvoke(word) for word in ("one", "two", "three")))
    traced.check("gathered", 3, of_call)
    await chain.ainvoke({"word": "hello"})
    traced.check("awaited chain", 1, of_call)
    _ = [piece async for piece in chain.astream({"word": "hello"})]
    traced.check("astreamed chain", 1, of_call)
    await agent.ainvoke({"messages": [("user", "get_weather and get_time of Oslo, Bergen")]})
    traced.check("awaited agent", 2, of_call)
    ask = {"messages": [("user", "get_weather of Oslo")]}
    _ = [part async for part in agent.astream(ask, stream_mode="messages")]
    traced.check("astreamed agent", 2, of_call)
    left = model.astream("Count to a hundred")
    await anext(left)
    await left.aclose()
    traced.check("left astream", 1, of_call, late=1)
    await _cancelled(traced, model)


async def _cancelled(traced: Traced, model: Any) -> None:
    """Its run never ends, so its span may never: the price is on one of its own, wherever that is."""
    task = asyncio.ensure_future(model.ainvoke("Hello"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    traced.forget()


def _outside_of_models(traced: Traced, of_call: Check, model: Any) -> None:
    """Calls that are no run: below the span of the run that they are made in, if any."""
    client = OpenRouterClient(observers=traced.observers)
    embeddings = OpenRouterEmbeddings(
        model="openai/text-embedding-3-small", observers=traced.observers
    )

    @tool
    def ask_another(question: str) -> str:
        """Ask another model."""
        client.chat.send([{"role": "user", "content": question}], model=MODEL)
        embeddings.embed_query(question)
        return "asked"

    agent = create_agent(model, tools=[ask_another])
    agent.invoke({"messages": [("user", "ask_another about Oslo")]})
    traced.check("calls in a tool", 4, lambda span: True)
    try:
        ChatOpenRouter(model="nobody/nothing", observers=traced.observers).invoke("Hello")
    except OpenRouterError:
        traced.forget()
