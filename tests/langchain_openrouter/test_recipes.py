"""What people build, with the real libraries, end to end against the local emulator."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware, SummarizationMiddleware
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain.chat_models import init_chat_model
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from pydantic import BaseModel

from langchain_openrouter import (
    ChatOpenRouter,
    OpenRouterEmbeddings,
    OpenRouterRerank,
    track_openrouter_cost,
)
from langchain_openrouter.errors import PaymentRequiredError, RateLimitError
from openrouter_core import replayable
from openrouter_emulator import Emulator, Reply, ToolCall, faults
from tests.langchain_openrouter.agents import CLAUDE, GPT, get_weather, model, question


class Weather(BaseModel):
    """The weather."""

    city: str
    sunny: bool


# ------------------------------------------------------------------ agents


@pytest.mark.parametrize("strategy", [ProviderStrategy, ToolStrategy])
@pytest.mark.parametrize("name", [GPT, CLAUDE])
async def test_agent_with_tools_answers_in_a_schema(
    openrouter_emulator: Emulator, strategy: Any, name: str
):
    answer = (
        [ToolCall("Weather", {"city": "Paris", "sunny": True}, "c2")]
        if strategy is ToolStrategy
        else Reply('{"city": "Paris", "sunny": true}')
    )
    script = [[ToolCall("get_weather", {"city": "Paris"}, "c1")], answer]
    openrouter_emulator.script([*script, *script])
    agent = create_agent(model(name), tools=[get_weather], response_format=strategy(Weather))

    with track_openrouter_cost() as spent:
        state = agent.invoke(question())
        awaited = await agent.ainvoke(question())

    assert state["structured_response"] == Weather(city="Paris", sunny=True)
    assert awaited["structured_response"] == state["structured_response"]
    assert next(m.text for m in state["messages"] if isinstance(m, ToolMessage)) == "Sunny in Paris"
    assert len(openrouter_emulator.requests) == 4
    assert spent.total == openrouter_emulator.total_charged > 0


@pytest.mark.parametrize("name", [CLAUDE, "google/gemini-3-flash-preview", "openai/gpt-5.5"])
async def test_a2_reasoning_survives_the_checkpoints_of_a_graph(
    openrouter_emulator: Emulator, name: str
):
    """quirks.md A2: a graph made by hand, with interrupted turns."""
    thinking = model(name, reasoning={"effort": "high"}).bind_tools([get_weather])
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda state: {"messages": [thinking.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([get_weather]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition, {"tools": "tools", END: END})
    graph.add_edge("tools", "model")
    app = graph.compile(checkpointer=InMemorySaver(), interrupt_before=["tools"])
    thread: Any = {"configurable": {"thread_id": "t"}}

    paused = await asyncio.to_thread(app.invoke, question(), thread)
    state = await asyncio.to_thread(app.invoke, None, thread)

    received = paused["messages"][-1].additional_kwargs["reasoning_details"]
    [sent] = [m for m in openrouter_emulator.bodies[1]["messages"] if m["role"] == "assistant"]
    assert received
    assert sent["reasoning_details"] == replayable(received, "auto")
    assert state["messages"][-1].text


def test_h1_summarization_by_fraction_starts_by_itself(openrouter_emulator: Emulator):
    """quirks.md H1."""
    openrouter_emulator.script([Reply("They talked."), Reply("Answer")])
    summarize = SummarizationMiddleware(model(), trigger=("fraction", 0.0001), keep=("messages", 1))
    agent = create_agent(model(), middleware=[summarize])
    history = [HumanMessage("a " * 100), AIMessage("b " * 100), HumanMessage("And now?")]

    state = agent.invoke({"messages": history})

    assert "They talked." in state["messages"][0].text
    assert [m.text for m in state["messages"][1:]] == ["And now?", "Answer"]


@pytest.mark.parametrize(
    ("fault", "requests"), [(faults.payment_required(), 1), (faults.rate_limited(), 3)]
)
async def test_c4_retry_middleware_repeats_429_and_not_402(
    openrouter_emulator: Emulator, fault: Any, requests: int
):
    """quirks.md C4."""
    openrouter_emulator.fail_next(fault, times=2)
    retry = ModelRetryMiddleware(
        max_retries=2, initial_delay=0, backoff_factor=0, jitter=False, on_failure="error"
    )
    agent = create_agent(model(), middleware=[retry])

    if requests == 1:
        with pytest.raises(PaymentRequiredError):
            await agent.ainvoke(question("Hi"))
    else:
        assert (await agent.ainvoke(question("Hi")))["messages"][-1].text

    assert len(openrouter_emulator.requests) == requests


# ------------------------------------------------------------------ retrieval

DOCUMENTS = [
    Document("Bread is made of flour and water.", id="bread"),
    Document("The weather in Paris is mild in spring.", id="paris"),
    Document("The weather on Mars is harsh.", id="mars"),
    Document("Old shoes should be repaired.", id="shoes"),
    Document("Paris has many bakeries with bread.", id="bakeries"),
]


def best_of(rerank: OpenRouterRerank, retriever: Runnable[str, list[Document]]) -> Any:
    """Search, then rank what was found."""
    found = {"found": retriever, "query": RunnablePassthrough()}
    return found | RunnableLambda(
        lambda given: rerank.compress_documents(given["found"], given["query"]),
        afunc=lambda given: rerank.acompress_documents(given["found"], given["query"]),
    )


async def test_i1_i3_retrieval_chain_with_embeddings_and_rerank(openrouter_emulator: Emulator):
    """quirks.md I1 and I3: one tracker sees embeddings, rerank and chat."""
    embeddings = OpenRouterEmbeddings(model="openai/text-embedding-3-small", batch_size=2)
    rerank = OpenRouterRerank(model="cohere/rerank-v3.5", top_n=2)
    prompt = ChatPromptTemplate.from_template("Context: {context}\n\nQuestion: {question}")
    question = "weather in Paris"

    with track_openrouter_cost() as spent:
        store = await InMemoryVectorStore.afrom_documents(DOCUMENTS, embeddings)
        best = best_of(rerank, store.as_retriever(search_kwargs={"k": 3}))
        chain = (
            {"context": best, "question": RunnablePassthrough()}
            | prompt
            | model()
            | StrOutputParser()
        )
        documents = best.invoke(question)
        answer = await chain.ainvoke(question)

    assert documents[0].id == "paris"
    assert len(documents) == 2
    assert documents[0].metadata["relevance_score"] > documents[1].metadata["relevance_score"]
    assert documents[0].page_content in openrouter_emulator.last.json["messages"][0]["content"]
    assert answer
    assert set(spent.by("operation")) == {
        "createEmbeddings",
        "createRerank",
        "sendChatCompletionRequest",
    }
    assert spent.total == openrouter_emulator.total_charged


# ------------------------------------------------------------------ streams and batches


async def test_events_of_an_agent_tell_everything_once(openrouter_emulator: Emulator):
    openrouter_emulator.script(
        [[ToolCall("get_weather", {"city": "Rome"}, "c1")], Reply("It is sunny")]
    )
    agent = create_agent(model(), tools=[get_weather])
    texts: list[str] = []
    tools: list[Any] = []

    async for event in agent.astream_events(question(), version="v2"):
        if event["event"] == "on_chat_model_stream":
            texts.append(event["data"]["chunk"].text)
        if event["event"] == "on_tool_end":
            tools.append(event["data"]["output"].text)

    assert "".join(texts) == "It is sunny"
    assert tools == ["Sunny in Rome"]


@pytest.mark.filterwarnings("ignore:.*in beta")
async def test_v3_events_end_in_the_message_of_invoke(openrouter_emulator: Emulator):
    openrouter_emulator.script([Reply("Hello there"), Reply("Hello there")])

    message = model().stream_events("Hi", version="v3").output
    awaited = await (await model().astream_events("Hi", version="v3")).output

    assert message.text == awaited.text == "Hello there"
    assert message.response_metadata["cost"] > 0
    assert awaited.response_metadata["cost"] == message.response_metadata["cost"]


async def test_c4_fallbacks_are_chosen_by_the_error(openrouter_emulator: Emulator):
    """quirks.md C4: a rate limit moves on to the next model, an empty account does not."""
    openrouter_emulator.fail_sequence([faults.rate_limited(), None, faults.payment_required()])
    chain = ChatPromptTemplate.from_template("{text}") | model().with_fallbacks(
        [model(CLAUDE)], exceptions_to_handle=(RateLimitError,)
    )

    answer = chain.invoke({"text": "Hi"})
    with pytest.raises(PaymentRequiredError):
        await chain.ainvoke({"text": "Hi"})

    assert "claude" in answer.response_metadata["model_name"]


async def test_batches_of_200_keep_their_order_and_cost(openrouter_emulator: Emulator):
    texts = [f"Say the number {n}" for n in range(200)]
    openrouter_emulator.script([])
    made = model("emulator/echo")

    with track_openrouter_cost() as spent:
        answers = await asyncio.to_thread(made.batch, texts, {"max_concurrency": 8})
        awaited = await made.abatch(texts, {"max_concurrency": 50})

    assert all(text in answer.text for text, answer in zip(texts, answers, strict=True))
    assert [a.text for a in awaited] == [a.text for a in answers]
    assert len({a.response_metadata["generation_id"] for a in [*answers, *awaited]}) == 400
    assert len(spent.calls) == 400
    assert spent.total == openrouter_emulator.total_charged


async def test_init_chat_model_makes_a_model_for_agents(openrouter_emulator: Emulator):
    made = init_chat_model(f"openrouter:{CLAUDE}", temperature=0, max_retries=0)
    free = init_chat_model(configurable_fields=("model", "model_provider"))
    chosen: Any = {"configurable": {"model": GPT, "model_provider": "openrouter"}}

    state = await create_agent(made, tools=[get_weather]).ainvoke(question())
    answer = free.invoke("Hi", chosen)

    assert type(made) is ChatOpenRouter
    assert [m.type for m in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert "gpt-4o-mini" in answer.response_metadata["model_name"]
