"""Both adapters keep `top_n`, also where the server does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.documents import Document
from llama_index.core.schema import NodeWithScore, TextNode

import langchain_openrouter
import llama_index_openrouter
from openrouter_core import ConfigurationError
from tests.openrouter_core.wire_server import WireServer, reply

TEXTS = ["a", "b", "c"]
RESULTS = [
    {"index": at, "relevance_score": score, "document": {"text": TEXTS[at]}}
    for at, score in ((1, 0.9), (0, 0.5), (2, 0.1))
]
DOCUMENTS = [Document(text) for text in TEXTS]
NODES = [NodeWithScore(node=TextNode(text=text)) for text in TEXTS]


@pytest.fixture
def server() -> Iterator[WireServer]:
    """Ranks all documents, whatever was asked."""
    server = WireServer(reply({"id": "gen-1", "model": "a/b", "results": RESULTS}))
    yield server
    server.stop()


def langchain(server: WireServer, **settings: Any) -> langchain_openrouter.OpenRouterRerank:
    url = server.base_url
    return langchain_openrouter.OpenRouterRerank(model="a/b", api_key="k", base_url=url, **settings)


def llama_index(server: WireServer, **settings: Any) -> llama_index_openrouter.OpenRouterRerank:
    url = server.base_url
    return llama_index_openrouter.OpenRouterRerank("a/b", api_key="k", api_base=url, **settings)


async def test_langchain_keeps_the_best(server: WireServer):
    of_object, plain = langchain(server, top_n=2), langchain(server)

    assert [d.page_content for d in of_object.compress_documents(DOCUMENTS, "q")] == ["b", "a"]
    assert len(await of_object.acompress_documents(DOCUMENTS, "q")) == 2
    assert [s["index"] for s in of_object.rerank(TEXTS, "q", top_n=1)] == [1]
    assert [s["index"] for s in await plain.arerank(TEXTS, "q", top_n=1)] == [1]
    assert len(plain.rerank(TEXTS, "q")) == 3


async def test_llama_index_keeps_the_best(server: WireServer):
    rerank = llama_index(server, top_n=2)

    ranked = rerank.postprocess_nodes(NODES, query_str="q")
    awaited = await rerank.apostprocess_nodes(NODES, query_str="q")

    assert [n.node.get_content() for n in ranked] == ["b", "a"]
    assert len(awaited) == 2
    assert len(llama_index(server).postprocess_nodes(NODES, query_str="q")) == 3


@pytest.mark.parametrize(
    ("made", "example"),
    [
        (langchain_openrouter.OpenRouterEmbeddings, "embedding"),
        (llama_index_openrouter.OpenRouterEmbedding, "embedding"),
        (langchain_openrouter.OpenRouterRerank, "rerank"),
        (llama_index_openrouter.OpenRouterRerank, "rerank"),
    ],
)
def test_a_missing_model_is_advised_by_one_of_its_kind(made: Any, example: str):
    with pytest.raises(ConfigurationError, match=f'model="[^"]*{example}[^"]*"'):
        made(api_key="k")
