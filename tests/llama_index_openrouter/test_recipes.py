"""What people build with LlamaIndex, with its real engines, agents and pipelines, against the emulator.

Documents are embedded, found and reranked by the emulator's models; answers are scripted only where an
engine reads a plan out of them.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.agent.workflow import (
    AgentOutput,
    AgentStream,
    AgentWorkflow,
    FunctionAgent,
    ReActAgent,
    ToolCall,
    ToolCallResult,
)
from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.memory import Memory
from llama_index.core.node_parser import TokenTextSplitter
from llama_index.core.prompts import PromptTemplate
from llama_index.core.query_engine import (
    CitationQueryEngine,
    RouterQueryEngine,
    SubQuestionQueryEngine,
)
from llama_index.core.question_gen import LLMQuestionGenerator
from llama_index.core.schema import TextNode
from llama_index.core.tools import QueryEngineTool
from llama_index.core.workflow import Context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from llama_index_openrouter import OpenRouterCostHandler, OpenRouterEmbedding, OpenRouterRerank
from openrouter_core.costs import track_openrouter_cost
from openrouter_emulator import Emulator, Reply
from openrouter_emulator import ToolCall as Call
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.pdf import pdf_of

# llama-index-core 0.14 itself uses what pydantic calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FACTS = [
    "Otters hold hands while they sleep.",
    "Bread needs flour, water and salt.",
    "Rome was built on seven hills.",
    "A sonnet has fourteen lines.",
]


def embedder(**settings: Any) -> OpenRouterEmbedding:
    return OpenRouterEmbedding("openai/text-embedding-3-small", **settings)


def paths(emulator: Emulator) -> list[str]:
    return [request.path for request in emulator.requests]


@pytest.fixture
async def index(openrouter_emulator: Emulator) -> VectorStoreIndex:
    """Made inside a running loop: outside, LlamaIndex makes one and leaves it open."""
    documents = [Document(text=text) for text in FACTS]
    return VectorStoreIndex.from_documents(documents, embed_model=embedder())


@pytest.fixture
async def memory() -> AsyncIterator[Memory]:
    engine = create_async_engine("sqlite+aiosqlite:///:memory:", poolclass=StaticPool)
    yield Memory.from_defaults(
        session_id="s", token_limit=50_000, tokenizer_fn=str.split, async_engine=engine
    )
    await engine.dispose()


async def test_query_engine_with_embeddings_and_rerank_knows_its_cost(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex
):
    before = len(openrouter_emulator.charges)
    rerank = OpenRouterRerank("cohere/rerank-v3.5", top_n=1)
    engine = index.as_query_engine(llm=make_llm(), similarity_top_k=4, node_postprocessors=[rerank])

    with track_openrouter_cost() as spent:
        answer = await engine.aquery("How do otters sleep, hand in hand?")

    assert [n.text for n in answer.source_nodes] == [FACTS[0]]
    assert FACTS[0] in str(openrouter_emulator.last.json["messages"])
    assert paths(openrouter_emulator) == [
        "/embeddings",
        "/embeddings",
        "/rerank",
        "/chat/completions",
    ]
    assert spent.total == sum(b.cost for b in openrouter_emulator.charges[before:])
    assert spent.total > 0


async def test_router_chooses_the_engine_by_a_tool_call(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex
):
    llm = make_llm()
    engine = index.as_query_engine(llm=llm, similarity_top_k=1)
    tools = [
        QueryEngineTool.from_defaults(engine, name=name, description=f"About {name}.")
        for name in ("animals", "food")
    ]
    openrouter_emulator.script(
        [Call("SingleSelection", {"index": 2, "reason": "It is about bread."}), "Flour."]
    )

    answer = await RouterQueryEngine.from_defaults(tools, llm=llm).aquery("What is in bread?")

    assert str(answer) == "Flour."
    assert answer.metadata["selector_result"].ind == 1
    [choosing, _] = [b for b in openrouter_emulator.bodies if "messages" in b]
    assert choosing["tools"][0]["function"]["name"] == "SingleSelection"
    assert choosing["tool_choice"] == "required"


async def test_sub_questions_are_asked_apart_and_put_together(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex
):
    llm = make_llm()
    engine = index.as_query_engine(llm=llm, similarity_top_k=1)
    tool = QueryEngineTool.from_defaults(engine, name="facts", description="Facts.")
    wanted = ["How do otters sleep?", "What does bread need?"]
    plan = {"items": [{"sub_question": q, "tool_name": "facts"} for q in wanted]}
    openrouter_emulator.script([f"```json\n{json.dumps(plan)}\n```"])
    questions = LLMQuestionGenerator.from_defaults(llm=llm)
    sub_questions = SubQuestionQueryEngine.from_defaults(
        [tool], llm=llm, question_gen=questions, verbose=False
    )

    answer = await sub_questions.aquery("Compare otters and bread.")

    chats = [str(b["messages"]) for b in openrouter_emulator.bodies if "messages" in b]
    assert len(chats) == 4
    assert all(any(q in chat for chat in chats[1:3]) for q in wanted)
    assert all(q in chats[3] for q in wanted)
    assert len(answer.source_nodes) >= 2


@pytest.mark.parametrize("streaming", [False, True])
async def test_citation_engine_numbers_its_sources(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex, *, streaming: bool
):
    openrouter_emulator.script(["They hold hands [1]."])
    engine = CitationQueryEngine.from_args(
        index, llm=make_llm(), similarity_top_k=2, citation_chunk_size=64, streaming=streaming
    )

    answer = engine.query("How do otters sleep?")

    assert str(answer) == "They hold hands [1]."
    assert answer.source_nodes[0].node.get_content().startswith("Source 1:")
    assert "Source 2:" in str(openrouter_emulator.last.json["messages"])


async def test_chat_engine_with_documents_remembers(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex, memory: Memory
):
    engine = index.as_chat_engine(
        chat_mode="condense_plus_context", llm=make_llm(), memory=memory, similarity_top_k=1
    )
    openrouter_emulator.script(["They hold hands.", "Who holds hands?", "Otters do."])

    first = await engine.achat("How do otters sleep?")
    second = await engine.astream_chat("Who does?")
    text = "".join([token async for token in second.async_response_gen()])

    assert (str(first), text) == ("They hold hands.", "Otters do.")
    condensing = openrouter_emulator.bodies[-3]["messages"][-1]["content"]
    assert "They hold hands." in condensing
    assert [m.role.value for m in await memory.aget()] == ["user", "assistant"] * 2


async def test_a1_chat_engine_sends_back_what_was_thought(
    openrouter_emulator: Emulator, make_llm: MakeLlm, memory: Memory
):
    """LlamaIndex's streamed chat puts text alone into its memory; the notes beside it are kept."""
    llm = make_llm("anthropic/claude-sonnet-4.5", reasoning={"effort": "low"})
    engine = SimpleChatEngine.from_defaults(llm=llm, memory=memory)

    first = await engine.achat("How do otters sleep?")
    second = await engine.astream_chat("Who does?")
    text = "".join([token async for token in second.async_response_gen()])
    await engine.achat("Why?")

    sent = [m for m in openrouter_emulator.last.json["messages"] if m["role"] == "assistant"]
    assert [m["content"] for m in sent] == [str(first), text]
    assert all(m["reasoning_details"][0]["signature"] for m in sent)


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


async def test_function_agent_streams_what_it_does(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm("anthropic/claude-sonnet-4.5", reasoning={"effort": "low"})
    agent = FunctionAgent(tools=[get_weather], llm=llm, system_prompt="Use the tools.")
    handler = agent.run("What is the weather in Paris and in Oslo?")

    with OpenRouterCostHandler() as costs:
        events = [event async for event in handler.stream_events()]
        answer = str(await handler)

    pieces = [e for e in events if isinstance(e, AgentStream)]
    assert "".join(e.thinking_delta or "" for e in pieces)
    assert answer.endswith("".join(e.delta for e in pieces if not e.tool_calls)[-20:])
    assert sorted(e.tool_kwargs["city"] for e in events if type(e) is ToolCall) == ["Oslo", "Paris"]
    results = [e.tool_output.content for e in events if isinstance(e, ToolCallResult)]
    assert sorted(results) == ["sunny in Oslo", "sunny in Paris"]
    assert costs.total == sum(b.cost for b in openrouter_emulator.charges)
    assert len(costs.calls) == 2


async def test_agents_of_a_workflow_hand_over_and_share_state(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm()

    async def note(ctx: Context, text: str) -> str:
        """Note a finding."""
        async with ctx.store.edit_state() as state:
            state["state"]["notes"] = [*state["state"].get("notes", []), text]
        return "Noted."

    finder = FunctionAgent(
        name="finder", description="Finds.", tools=[note], llm=llm, can_handoff_to=["writer"]
    )
    writer = FunctionAgent(name="writer", description="Writes.", tools=[get_weather], llm=llm)
    openrouter_emulator.script(
        [
            Call("note", {"text": "otters sleep"}),
            Call("handoff", {"to_agent": "writer", "reason": "found it"}),
            "Otters sleep, says the writer.",
        ]
    )
    team = AgentWorkflow(agents=[finder, writer], root_agent="finder", initial_state={"notes": []})
    handler = team.run("Write about otters.")

    outputs = [e async for e in handler.stream_events() if isinstance(e, AgentOutput)]

    assert str(await handler) == "Otters sleep, says the writer."
    assert [e.current_agent_name for e in outputs] == ["finder", "finder", "writer"]
    assert (await handler.ctx.store.get("state"))["notes"] == ["otters sleep"]
    names = [t["function"]["name"] for t in openrouter_emulator.last.json["tools"]]
    assert "get_weather" in names
    assert "note" not in names


async def test_react_agent_works_by_text_alone(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script(
        [
            'Thought: I need a tool.\nAction: get_weather\nAction Input: {"city": "Paris"}',
            "Thought: I can answer.\nAnswer: Sunny.",
        ]
    )
    agent = ReActAgent(tools=[get_weather], llm=make_llm("openai/gpt-4o-mini"))
    handler = agent.run("How is Paris?")

    deltas = [e.delta async for e in handler.stream_events() if isinstance(e, AgentStream)]

    assert str(await handler) == "Sunny."
    assert "".join(deltas).count("Thought:") == 2
    assert "Observation: sunny in Paris" in str(openrouter_emulator.last.json["messages"])
    assert all("tools" not in body for body in openrouter_emulator.bodies)


class Invoice(BaseModel):
    """What an invoice says."""

    number: int
    customer: str
    city: str


@pytest.mark.parametrize("mode", ["json_schema", "tools", "prompt"])
async def test_fields_are_read_out_of_a_pdfs_text(
    openrouter_emulator: Emulator, make_llm: MakeLlm, mode: str
):
    from io import BytesIO

    from pypdf import PdfReader

    pdf = pdf_of(["Invoice 4711", 'for "Acme Ltd"', "City: Paris"])
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert "Invoice 4711" in text
    llm = make_llm("openai/gpt-4o-mini", structured_output_mode=mode)
    if mode == "prompt":
        openrouter_emulator.script(
            Reply('Here:\n{"number": 4711, "customer": "Acme Ltd", "city": "Paris"}')
        )

    invoice = await llm.astructured_predict(
        Invoice, PromptTemplate("Read this invoice:\n{text}"), text=text
    )

    assert invoice == Invoice(number=4711, customer="Acme Ltd", city="Paris")
    assert "Acme Ltd" in str(openrouter_emulator.last.json["messages"])


@pytest.mark.parametrize("way", ["run", "arun"])
async def test_i1_pipeline_of_a_thousand_nodes_sends_one_request_per_batch(
    openrouter_emulator: Emulator, way: str
):
    nodes = [TextNode(text=f"Fact {n}: otters slept for {n} hours.") for n in range(1000)]
    pipeline = IngestionPipeline(transformations=[embedder(embed_batch_size=100, dimensions=32)])

    done = await pipeline.arun(nodes=nodes) if way == "arun" else pipeline.run(nodes=nodes)

    assert paths(openrouter_emulator) == ["/embeddings"] * 10
    assert {len(body["input"]) for body in openrouter_emulator.bodies} == {100}
    assert [node.text for node in done] == [node.text for node in nodes]
    again = embedder(dimensions=32)._get_text_embedding(
        nodes[517].get_content(metadata_mode="embed")
    )
    assert done[517].embedding == pytest.approx(again, abs=1e-6)


async def test_pipeline_splits_embeds_and_fills_an_index(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    text = " ".join(FACTS * 20)
    splitter = TokenTextSplitter(chunk_size=64, chunk_overlap=0)
    pipeline = IngestionPipeline(transformations=[splitter, embedder(embed_batch_size=2048)])

    nodes = await pipeline.arun(documents=[Document(text=text)])
    index = VectorStoreIndex(nodes, embed_model=embedder())

    assert len(nodes) > 5
    assert paths(openrouter_emulator) == ["/embeddings"]  # the index embeds nothing anew
    found = await index.as_retriever(similarity_top_k=3).aretrieve("seven hills of Rome")
    assert len(found) == 3
