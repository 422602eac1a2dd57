"""The whole road: documents, embeddings, index, rerank, answer, cost."""

from __future__ import annotations

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.chat_engine import ContextChatEngine
from llama_index.core.memory import ChatMemoryBuffer

from llama_index_openrouter import OpenRouterCostHandler, OpenRouterEmbedding, OpenRouterRerank
from openrouter_emulator import Emulator
from tests.llama_index_openrouter.factories import MakeLlm

# llama-index-core 0.14 itself uses what pydantic calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FACTS = ["Otters hold hands while they sleep.", "Bread needs flour.", "Rome was built on hills."]


@pytest.fixture
async def index(openrouter_emulator: Emulator) -> VectorStoreIndex:
    """Made inside a running loop: outside, LlamaIndex makes one and leaves it open."""
    embedding = OpenRouterEmbedding("openai/text-embedding-3-small")
    return VectorStoreIndex.from_documents([Document(text=t) for t in FACTS], embed_model=embedding)


@pytest.mark.parametrize("streaming", [False, True])
async def test_query_engine_answers_from_the_best_document(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex, *, streaming: bool
):
    openrouter_emulator.script(["They hold hands."])
    engine = index.as_query_engine(
        llm=make_llm(),
        similarity_top_k=3,
        node_postprocessors=[OpenRouterRerank("cohere/rerank-v3.5", top_n=1)],
        streaming=streaming,
    )

    with OpenRouterCostHandler() as costs:
        answer = str(engine.query("How do otters sleep?"))

    assert answer == "They hold hands."
    prompt = str(openrouter_emulator.last.json["messages"])
    assert sum(fact in prompt for fact in FACTS) == 1
    assert [r.operation for r in costs.calls] == [
        "createEmbeddings",
        "createRerank",
        "sendChatCompletionRequest",
    ]


async def test_chat_engine_remembers(
    openrouter_emulator: Emulator, make_llm: MakeLlm, index: VectorStoreIndex
):
    openrouter_emulator.script(["They hold hands.", "Otters do."])
    llm = make_llm()
    engine = ContextChatEngine.from_defaults(
        retriever=index.as_retriever(similarity_top_k=1),
        llm=llm,
        memory=ChatMemoryBuffer.from_defaults(token_limit=2000, tokenizer_fn=str.split),
    )

    first = await engine.achat("How do otters sleep?")
    second = await engine.astream_chat("Who?")
    text = "".join([token async for token in second.async_response_gen()])

    assert (str(first), text) == ("They hold hands.", "Otters do.")
    contents = [m["content"] for m in openrouter_emulator.last.json["messages"]]
    assert "They hold hands." in contents
