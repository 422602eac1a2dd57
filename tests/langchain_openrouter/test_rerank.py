"""Reranking against the local emulator."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_core.exceptions import ModelError
from langchain_core.load import dumps
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from langchain_openrouter import OpenRouterRerank, track_openrouter_cost
from langchain_openrouter.errors import (
    ConfigurationError,
    PaymentRequiredError,
    ResponseShapeError,
)
from openrouter_emulator import Emulator, Fault, faults

MODEL = "cohere/rerank-v3.5"
TEXTS = ["bread and butter", "the weather in Paris", "old shoes"]
QUERY = "weather in Paris"


def made(**settings: Any) -> OpenRouterRerank:
    return OpenRouterRerank(**{"model": MODEL, "max_retries": 0, **settings})


def documents() -> list[Document]:
    return [Document(text, id=f"d{at}", metadata={"source": at}) for at, text in enumerate(TEXTS)]


async def test_i3_best_document_comes_first_with_its_score(openrouter_emulator: Emulator):
    """quirks.md I3: ids and metadata are kept."""
    ranked = made().compress_documents(documents(), QUERY)
    awaited = await made().acompress_documents(documents(), QUERY)

    assert ranked[0].id == "d1"
    assert ranked[0].metadata["source"] == 1
    scores = [d.metadata["relevance_score"] for d in ranked]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert awaited == ranked


def test_given_documents_are_not_changed(openrouter_emulator: Emulator):
    given = documents()

    made().compress_documents(given, QUERY)

    assert given == documents()


async def test_no_documents_send_nothing(openrouter_emulator: Emulator):
    assert made().compress_documents([], QUERY) == []
    assert await made().acompress_documents([], QUERY) == []
    assert made().rerank([], QUERY) == []
    assert openrouter_emulator.requests == []


def test_settings_are_sent(openrouter_emulator: Emulator):
    rerank = made(
        top_n=1, provider={"zdr": False}, user="u", session_id="s", extra_body={"novel": 1}
    )

    ranked = rerank.compress_documents(documents(), QUERY)

    body = openrouter_emulator.last.json
    assert [d.id for d in ranked] == ["d1"]
    assert (body["query"], body["documents"]) == (QUERY, TEXTS)
    assert (body["top_n"], body["provider"], body["user"]) == (1, {"zdr": False}, "u")
    assert body["novel"] == 1
    assert openrouter_emulator.last.headers["x-session-id"] == "s"


async def test_raw_scores_name_places_in_what_was_given(openrouter_emulator: Emulator):
    mixed = ["old shoes", Document("bread"), {"text": "weather in Paris", "image": "https://a.b/c"}]

    scores = made(top_n=3).rerank(mixed, QUERY, top_n=2)
    awaited = await made().arerank(mixed, QUERY, top_n=2)

    assert openrouter_emulator.bodies[0]["documents"] == [
        "old shoes",
        "bread",
        {"text": "weather in Paris", "image": "https://a.b/c"},
    ]
    assert scores[0]["index"] == 2
    assert len(scores) == 2
    assert awaited == scores


def test_what_is_no_document_is_refused(openrouter_emulator: Emulator):
    with pytest.raises(ConfigurationError, match="type int cannot be ranked"):
        made().rerank([1], QUERY)  # type: ignore[list-item]  # on purpose
    assert openrouter_emulator.requests == []


async def test_it_works_as_a_step_of_a_chain(openrouter_emulator: Emulator):
    chain = RunnablePassthrough.assign(
        best=RunnableLambda(
            lambda given: made(top_n=1).compress_documents(given["found"], given["query"])
        )
    )

    answer = await chain.ainvoke({"found": documents(), "query": QUERY})

    assert isinstance(made(), BaseDocumentCompressor)
    assert [d.id for d in answer["best"]] == ["d1"]


async def test_c4_failures_are_typed_in_both_vocabularies(openrouter_emulator: Emulator):
    """quirks.md C4."""
    openrouter_emulator.fail_next(faults.payment_required(), times=2)

    with pytest.raises(PaymentRequiredError) as raised:
        made().compress_documents(documents(), QUERY)
    with pytest.raises(ModelError):
        await made().acompress_documents(documents(), QUERY)

    assert isinstance(raised.value, ModelError)


def test_ranking_of_a_document_that_was_not_sent_is_an_error(openrouter_emulator: Emulator):
    def rewrite(planned: Any) -> Any:
        [shown] = planned.parts
        return planned.replace(
            parts=[{**shown, "results": [{"index": 9, "relevance_score": 1.0, "document": {}}]}]
        )

    openrouter_emulator.fail_next(Fault("index", rewrite))

    with pytest.raises(ResponseShapeError, match="not sent"):
        made().compress_documents(documents(), QUERY)


def test_i3_b13_cost_is_counted(openrouter_emulator: Emulator):
    """quirks.md I3 and B13."""
    with track_openrouter_cost() as spent:
        made().compress_documents(documents(), QUERY)

    assert spent.total == openrouter_emulator.total_charged > 0


def test_settings_are_checked(openrouter_emulator: Emulator):
    with pytest.raises(ConfigurationError, match="no setting 'top_k'"):
        made(top_k=3)
    with pytest.raises(ConfigurationError, match="top_n"):
        made(top_n=0)


def test_copies_work_and_no_dump_holds_the_key(openrouter_emulator: Emulator):
    rerank = made()
    rerank.rerank(TEXTS, QUERY)

    stored = pickle.dumps(rerank)

    assert copy.deepcopy(rerank).rerank(TEXTS, QUERY) == rerank.rerank(TEXTS, QUERY)
    assert openrouter_emulator.api_key.encode() not in stored
    assert openrouter_emulator.api_key not in repr(rerank) + dumps(rerank)
    assert pickle.loads(stored).model == MODEL
