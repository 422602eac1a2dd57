"""Answers played from cassettes, with the network blocked: every method reads what was once recorded."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, CitationBlock, ImageBlock, ThinkingBlock
from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.prompts import PromptTemplate
from llama_index.core.schema import NodeWithScore, TextNode

from llama_index_openrouter import OpenRouterEmbedding, OpenRouterRerank
from openrouter_core.costs import track_openrouter_cost
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.test_chat import Ask, four_ways

pytestmark = [
    pytest.mark.vcr,
    pytest.mark.block_network,
    # llama-index-core 0.14 itself uses what pydantic calls deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

HI = ChatMessage(content="Hi")
AND_NOW = ChatMessage(content="And now?")
THINKERS = ["anthropic/claude-sonnet-4.5", "openai/gpt-5.5", "google/gemini-3-flash-preview"]


@four_ways
async def test_answer_and_its_cost(make_recorded_llm: MakeLlm, ask: Ask):
    response = await ask(make_recorded_llm(), [HI])

    assert response.message.content == "You said: Hi."
    assert response.raw["usage"]["cost"] == response.additional_kwargs["cost"] > 0
    assert response.additional_kwargs["generation_id"].startswith("gen-")


@four_ways
@pytest.mark.parametrize("model", THINKERS)
async def test_a1_second_turn_asks_with_the_recorded_reasoning(
    make_recorded_llm: MakeLlm, ask: Ask, model: str
):
    """The cassette holds the second request too: reasoning sent back otherwise finds no reply."""
    llm = make_recorded_llm(model, reasoning={"effort": "low"})

    first = await ask(llm, [HI])
    stored = ChatMessage.model_validate_json(first.message.model_dump_json())
    second = await ask(llm, [HI, stored, AND_NOW])

    assert [b for b in first.message.blocks if isinstance(b, ThinkingBlock)]
    assert second.message.content == "You said: And now?."


@four_ways
async def test_g1_citations(make_recorded_llm: MakeLlm, ask: Ask):
    response = await ask(make_recorded_llm("perplexity/sonar"), [HI])

    cited = [b.source for b in response.message.blocks if isinstance(b, CitationBlock)]
    assert cited == ["https://example.com/source-1", "https://example.com/source-2"]


@four_ways
async def test_g4_pictures(make_recorded_llm: MakeLlm, ask: Ask):
    llm = make_recorded_llm("google/gemini-2.5-flash-image", modalities=["image", "text"])

    response = await ask(llm, [ChatMessage(content="Draw a cat")])

    [image] = [b for b in response.message.blocks if isinstance(b, ImageBlock)]
    assert image.resolve_image().read().startswith(b"\x89PNG")


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


@pytest.mark.parametrize("model", THINKERS)
async def test_agent_loop(make_recorded_llm: MakeLlm, model: str):
    agent = FunctionAgent(tools=[get_weather], llm=make_recorded_llm(model))

    answer = await agent.run("What is the weather in Paris?")

    assert "sunny in Paris" in str(answer)


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@pytest.mark.parametrize("mode", ["json_schema", "tools"])
async def test_structured_prediction(make_recorded_llm: MakeLlm, mode: str):
    llm = make_recorded_llm(structured_output_mode=mode)
    prompt = PromptTemplate("'Ada' is {age} years old.")

    person = await llm.astructured_predict(Person, prompt, age=36)

    assert person == Person(name="Ada", age=36)


def cost_of(*records: Any) -> float:
    return float(sum(record.cost.total for record in records))


@pytest.mark.usefixtures("make_recorded_llm")
async def test_embeddings_and_rerank():
    embedding = OpenRouterEmbedding("openai/text-embedding-3-small", dimensions=8)
    rerank: BaseNodePostprocessor = OpenRouterRerank("cohere/rerank-v3.5", top_n=1)
    texts = ["Bread needs flour.", "Otters hold hands."]
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in texts]

    with track_openrouter_cost(reconcile="never") as spent:
        vectors = await embedding.aget_text_embedding_batch(texts)
        [best] = await rerank.apostprocess_nodes(nodes, query_str="Otters hold hands")

    assert [len(vector) for vector in vectors] == [8, 8]
    assert best.node.get_content() == texts[1]
    assert cost_of(*spent.calls) > 0
