"""Embeddings against the local emulator."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler

from llama_index_openrouter import OpenRouterEmbedding
from openrouter_core import ConfigurationError, ResponseShapeError
from openrouter_core.wire.embeddings import Embeddings
from openrouter_emulator import Emulator

MODEL = "openai/text-embedding-3-small"
TEXTS = [f"text number {n}" for n in range(7)]


@pytest.fixture
def embedding(openrouter_emulator: Emulator) -> OpenRouterEmbedding:
    return OpenRouterEmbedding(MODEL, max_retries=0, embed_batch_size=3)


def inputs(emulator: Emulator) -> list[Any]:
    return [body["input"] for body in emulator.bodies]


def test_i1_one_request_per_batch(openrouter_emulator: Emulator, embedding: OpenRouterEmbedding):
    vectors = embedding.get_text_embedding_batch(TEXTS)

    assert inputs(openrouter_emulator) == [TEXTS[:3], TEXTS[3:6], TEXTS[6:]]
    assert len(vectors) == 7
    assert len({tuple(v) for v in vectors}) == 7


async def test_i1_async_batches_give_the_same_vectors(
    openrouter_emulator: Emulator, embedding: OpenRouterEmbedding
):
    apart = [embedding.get_text_embedding(text) for text in TEXTS]

    assert await embedding.aget_text_embedding_batch(TEXTS) == apart


async def test_query_is_embedded_like_a_text(embedding: OpenRouterEmbedding):
    text = embedding.get_text_embedding("one")

    assert embedding.get_query_embedding("one") == text
    assert await embedding.aget_query_embedding("one") == text
    assert await embedding.aget_text_embedding("one") == text


def test_i2_texts_are_sent_and_vectors_travel_as_base64(
    openrouter_emulator: Emulator, embedding: OpenRouterEmbedding
):
    [vector] = embedding.get_text_embedding_batch(["one"])

    assert openrouter_emulator.last.json["encoding_format"] == "base64"
    assert all(isinstance(x, float) for x in vector)


def test_float_transport_gives_the_same_vector(embedding: OpenRouterEmbedding):
    plain = OpenRouterEmbedding(MODEL, encoding_format="float")

    assert plain.get_text_embedding("one") == pytest.approx(
        embedding.get_text_embedding("one"), rel=1e-6
    )


def test_i5_settings_are_sent(openrouter_emulator: Emulator):
    embedding = OpenRouterEmbedding(
        MODEL,
        dimensions=8,
        input_type="search_document",
        query_input_type="search_query",
        provider={"zdr": True},
        user="u",
        additional_kwargs={"novel": 1},
    )

    vector = embedding.get_text_embedding("one")
    embedding.get_query_embedding("one")

    document, query = openrouter_emulator.bodies
    assert len(vector) == 8
    assert (document["input_type"], query["input_type"]) == ("search_document", "search_query")
    assert (document["provider"], document["user"], document["novel"]) == ({"zdr": True}, "u", 1)


def test_events_carry_the_texts(openrouter_emulator: Emulator):
    counter = TokenCountingHandler(tokenizer=str.split)
    embedding = OpenRouterEmbedding(MODEL, callback_manager=CallbackManager([counter]))

    embedding.get_text_embedding_batch(["one two", "three"])

    assert counter.total_embedding_token_count == 3


def test_missing_vectors_are_an_error():
    answer = Embeddings.model_validate({"data": [{"index": 0, "embedding": [1.0]}], "model": "m"})

    with pytest.raises(ResponseShapeError, match="2 texts were sent, but 1 vectors"):
        OpenRouterEmbedding(MODEL)._vectors(answer, 2)


def test_no_texts_send_nothing(openrouter_emulator: Emulator, embedding: OpenRouterEmbedding):
    assert embedding.get_text_embedding_batch([]) == []
    assert openrouter_emulator.requests == []


def test_model_is_required_and_settings_are_checked():
    with pytest.raises(ConfigurationError, match="OpenRouterEmbedding needs a model"):
        OpenRouterEmbedding()
    with pytest.raises(ConfigurationError, match="no setting 'dimension'"):
        OpenRouterEmbedding(MODEL, dimension=3)
    assert OpenRouterEmbedding(model_name=MODEL).model_name == MODEL


def test_dict_round_trip():
    embedding = OpenRouterEmbedding(MODEL, dimensions=8)

    assert OpenRouterEmbedding.from_dict(embedding.to_dict()).dimensions == 8
