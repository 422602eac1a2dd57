"""A batch that a model refuses for its size is halved once; what it takes is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from openrouter_core.chat import embedding_batches
from openrouter_core.errors import ApiStatusError, BadRequestError
from tests.token_bucket import TokenBucketServer, _response

TEXTS = [f"text {n}" for n in range(250)]


class _TakesForty(TokenBucketServer):
    """An embedding model of a provider that takes 40 texts, and says so in its own words."""

    status, words = 400, "Cohere: total number of texts must be at most 40"

    def __init__(self) -> None:
        super().__init__(10_000)
        self.sizes: list[int] = []

    async def _answer(self, body: dict[str, Any]) -> bytes:
        self.sizes.append(len(body["input"]))
        if len(body["input"]) > 40:
            message = f"number of texts: {self.words}"
            return _response(self.status, {"error": {"code": self.status, "message": message}})
        return await super()._answer(body)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[_TakesForty]:
    monkeypatch.setattr(embedding_batches, "_most", {})
    with _TakesForty() as server:
        yield server


def _llama_index(server: TokenBucketServer) -> Any:
    ours = pytest.importorskip("llama_index_openrouter", reason="needs the extra [llama-index]")
    return ours.OpenRouterEmbedding("a/b", api_key="sk-or-x", base_url=server.url)


def _langchain(server: TokenBucketServer) -> Any:
    ours = pytest.importorskip("langchain_openrouter", reason="needs the extra [langchain]")
    return ours.OpenRouterEmbeddings(model="a/b", api_key="sk-or-x", base_url=server.url)


def test_llama_index_sends_a_hundred_and_halves_once(model: _TakesForty):
    vectors = _llama_index(model).get_text_embedding_batch(TEXTS)

    assert [vector[0] for vector in vectors] == [float(len(text)) for text in TEXTS]
    assert model.sizes[:6] == [100, 50, 25, 25, 25, 25]
    assert model.sizes.count(100) == model.sizes.count(50) == 1
    model.sizes.clear()
    _llama_index(model).get_text_embedding_batch(TEXTS[:100])  # another object of the same model
    assert model.sizes == [25] * 4


async def test_llama_index_in_asyncio(model: _TakesForty):
    vectors = await _llama_index(model).aget_text_embedding_batch(TEXTS)

    assert len(vectors) == 250
    assert max(model.sizes[-4:]) == 25


def test_langchain_halves_too(model: _TakesForty):
    assert len(_langchain(model).embed_documents(TEXTS)) == 250
    assert model.sizes[:3] == [96, 48, 24]


async def test_langchain_in_asyncio(model: _TakesForty):
    vectors = await _langchain(model).aembed_documents(TEXTS)

    assert [vector[0] for vector in vectors] == [float(len(text)) for text in TEXTS]


def test_another_refusal_is_passed_on(model: _TakesForty, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_TakesForty, "_answer", _refuse)

    with pytest.raises(BadRequestError, match="maximum context length"):
        _llama_index(model).get_text_embedding_batch(TEXTS[:50])
    assert model.sizes == [50]


async def _refuse(self: _TakesForty, body: dict[str, Any]) -> bytes:
    self.sizes.append(len(body["input"]))
    return _response(400, {"error": {"code": 400, "message": "maximum context length is 8192"}})


@pytest.mark.parametrize(
    "sentence",
    [
        "Invalid 'input': array too long. Expected an array with maximum length 2048",
        "Invalid 'input': maximum request size is 300000 tokens per request.",
        "BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch",
        "invalid request: total number of texts must be at most 96 - received 97",
        "Too many inputs in request. Max is 512.",
        "Too many tokens overall, split into more batches.",
        "The batch size limit is 128.",
    ],
)
def test_the_providers_sentences(sentence: str):
    body = json.dumps({"error": {"code": 400, "message": sentence}})
    batches = embedding_batches.Batches("u", sentence, range(10))
    error = BadRequestError(json.loads(body)["error"]["message"], status_code=400)

    sizes: list[int] = []
    for batch in batches:
        sizes.append(len(batch))
        with batches:
            if len(batch) > 5:
                raise error
    assert sizes == [10, 5, 5]
    assert isinstance(error, ApiStatusError)
