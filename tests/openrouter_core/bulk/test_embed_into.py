"""A corpus goes into a vector store, each chunk paid once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openrouter_core import ConfigurationError
from openrouter_core.bulk import aembed_into, embed_into
from openrouter_core.costs import Budget, observing, track_openrouter_cost
from openrouter_core.errors import BudgetExceededError
from tests.token_bucket import PRICE, TokenBucketServer

qdrant = pytest.importorskip("qdrant_client", reason="writes into Qdrant")
CHUNKS = [("x" * n, {"number": n}) for n in range(1, 251)]


@pytest.fixture
def server() -> Iterator[TokenBucketServer]:
    with TokenBucketServer(10_000, latency_s=0.002) as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Any]:
    # Else it asks SQLite by a connection that it leaves open (qdrant-client 1.20), of which Python 3.13 warns.
    client = qdrant.QdrantClient(
        path=str(tmp_path / "vectors"), force_disable_check_same_thread=True
    )
    client.create_collection(
        "facts", qdrant.models.VectorParams(size=2, distance=qdrant.models.Distance.EUCLID)
    )
    yield client
    client.close()


def _langchain(server: TokenBucketServer, database: Any) -> tuple[Any, Any]:
    ours = pytest.importorskip("langchain_openrouter", reason="needs the extra [langchain]")
    theirs = pytest.importorskip("langchain_qdrant", reason="writes into Qdrant")
    embeddings = ours.OpenRouterEmbeddings(model="a/b", api_key="sk-or-x", base_url=server.url)
    store = theirs.QdrantVectorStore(
        database, "facts", embedding=embeddings, distance=qdrant.models.Distance.EUCLID
    )
    server.answered.clear()  # it embeds a text to see how long vectors are
    return store, embeddings


def _llama_index(server: TokenBucketServer, database: Any) -> tuple[Any, Any]:
    ours = pytest.importorskip("llama_index_openrouter", reason="needs the extra [llama-index]")
    from llama_index.vector_stores.qdrant import QdrantVectorStore

    embeddings = ours.OpenRouterEmbedding("a/b", api_key="sk-or-x", base_url=server.url)
    return QdrantVectorStore("facts", client=database), embeddings


both = pytest.mark.parametrize("made", [_langchain, _llama_index])


def _paid(server: TokenBucketServer) -> list[str]:
    """Every text that was paid, as often as it was."""
    return [
        text
        for prompt, times in server.answered.items()
        for text in (json.loads(prompt) if prompt.startswith("[") else [prompt]) * times
    ]


@both
def test_each_chunk_is_paid_once(
    made: Any, server: TokenBucketServer, database: Any, tmp_path: Path
):
    store, embeddings = made(server, database)
    first = embed_into(store, embeddings, CHUNKS[:120], store=tmp_path / "job.db")
    whole = embed_into(store, embeddings, iter(CHUNKS), store=tmp_path / "job.db")

    assert (first.done, whole.done, whole.failed) == (120, 250, 0)
    assert sorted(_paid(server), key=len) == [text for text, _ in CHUNKS]
    assert server.answered.total() == 2 + 2  # batches of 96 or 100
    assert whole.spent_usd == 4 * Decimal(PRICE)
    assert database.count("facts").count == 250


@both
def test_a_changed_chunk_is_embedded_alone(
    made: Any, server: TokenBucketServer, database: Any, tmp_path: Path
):
    store, embeddings = made(server, database)
    embed_into(store, embeddings, CHUNKS, store=tmp_path / "job.db")
    server.answered.clear()
    changed = [("new", {}), *CHUNKS[1:], CHUNKS[2]]

    assert embed_into(store, embeddings, changed, store=tmp_path / "job.db").done == 251
    assert _paid(server) == ["new"]


@both
def test_what_is_found_is_what_was_written(
    made: Any, server: TokenBucketServer, database: Any, tmp_path: Path
):
    store, embeddings = made(server, database)
    embed_into(store, embeddings, CHUNKS, store=f"sqlite:///{tmp_path}/job.db")

    (point,) = database.query_points("facts", query=[17.0, 1.0], limit=1).points
    assert point.vector is None or point.vector[0] == 17.0
    assert "x" * 17 in json.dumps(point.payload)
    assert point.payload.get("number", point.payload.get("metadata", {}).get("number")) == 17


async def test_documents_in_asyncio(server: TokenBucketServer, database: Any, tmp_path: Path):
    store, embeddings = _langchain(server, database)
    from langchain_core.documents import Document

    documents = [Document(text, metadata=metadata) for text, metadata in CHUNKS]
    done = await aembed_into(store, embeddings, documents, store=tmp_path / "job.db")

    assert done.done == 250
    assert store.similarity_search("x" * 31, k=1)[0].metadata["number"] == 31


def test_a_store_that_cannot_delete_nodes(server: TokenBucketServer, tmp_path: Path):
    _, embeddings = _llama_index(server, qdrant.QdrantClient(":memory:"))
    from llama_index.core.vector_stores.simple import SimpleVectorStore
    from llama_index.core.vector_stores.types import BasePydanticVectorStore

    class CannotDelete(SimpleVectorStore):
        delete_nodes = BasePydanticVectorStore.delete_nodes

    for kind in (CannotDelete, SimpleVectorStore):
        job = tmp_path / f"{kind.__name__}.db"
        assert embed_into(kind(), embeddings, CHUNKS[:9], store=job).done == 9


def test_nodes_keep_their_ids(server: TokenBucketServer, database: Any, tmp_path: Path):
    store, embeddings = _llama_index(server, database)
    from llama_index.core.schema import TextNode

    node = TextNode(id_="5f0c6d0e-7a9e-4a53-b7a4-0a2b8d1f5c11", text="otters")
    embed_into(store, embeddings, [node], store=tmp_path / "job.db")

    assert [point.id for point in database.scroll("facts")[0]] == [node.node_id]


def test_a_batch_that_cannot_be_written_is_asked_again(
    server: TokenBucketServer, database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store, embeddings = _langchain(server, database)
    write = type(store).add_texts

    def add_texts(self: Any, texts: list[str], **more: Any) -> Any:
        if "x" * 150 in texts:
            raise OSError("disk full")
        return write(self, texts, **more)

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "add_texts", add_texts)
        half = embed_into(store, embeddings, CHUNKS, store=tmp_path / "job.db")
    whole = embed_into(store, embeddings, CHUNKS, store=tmp_path / "job.db")

    assert (half.done, half.failed) == (154, 96)
    assert (whole.done, whole.failed) == (250, 0)
    assert server.answered.total() == 4


def test_a_budget_stops_it(server: TokenBucketServer, database: Any, tmp_path: Path):
    store, embeddings = _langchain(server, database)

    with pytest.raises(BudgetExceededError):
        embed_into(store, embeddings, CHUNKS, store=tmp_path / "job.db", max_usd="0.000001")
    assert server.answered.total() == 0


@both
def test_who_watches_the_context_sees_its_calls(
    made: Any, server: TokenBucketServer, database: Any, tmp_path: Path
):
    store, embeddings = made(server, database)
    with track_openrouter_cost(run="corpus") as spent:
        embed_into(store, embeddings, CHUNKS[:5], store=tmp_path / "corpus.db")
    assert spent.total == Decimal(PRICE)
    assert {record.labels.run for record in spent.calls} == {"corpus"}

    with observing(Budget(0)), pytest.raises(BudgetExceededError):
        embed_into(store, embeddings, CHUNKS[5:9], store=tmp_path / "corpus.db")
    assert server.answered.total() == 1


def test_what_does_not_fit_is_refused(server: TokenBucketServer, database: Any, tmp_path: Path):
    store, embeddings = _langchain(server, database)
    job = tmp_path / "job.db"

    with pytest.raises(ConfigurationError, match="embeds its queries with another object"):
        embed_into(store, embeddings.model_copy(), CHUNKS, store=job)
    with pytest.raises(ConfigurationError, match="not a vector store"):
        embed_into(object(), embeddings, CHUNKS, store=job)
    with pytest.raises(ConfigurationError, match="chunks must be a list of chunks"):
        embed_into(store, embeddings, "one text", store=job)
    with pytest.raises(ConfigurationError, match="A chunk is a text"):
        embed_into(store, embeddings, [5], store=job)
