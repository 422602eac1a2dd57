"""POST /rerank: order, limits, the two kinds of usage."""

from __future__ import annotations

import pytest

DOCS = ["Paris is in France", "Ruby was made by Matz", "Tokyo is in Japan"]


def _rerank(wire, model="cohere/rerank-v3.5", **body):
    sent = {"model": model, "query": "who made Ruby", "documents": DOCS, **body}
    return wire.post("/rerank", sent)


def test_the_most_relevant_comes_first_with_its_place_in_the_input(wire):
    body = _rerank(wire).json()
    results = body["results"]

    assert results[0]["index"] == 1
    assert sorted(r["index"] for r in results) == [0, 1, 2]
    scores = [r["relevance_score"] for r in results]
    assert scores == sorted(scores, reverse=True)
    assert results[0]["document"] == {"text": DOCS[1]}
    assert body["id"].startswith("gen-rerank-")
    assert body["model"] == "rerank-v3.5"


def test_top_n_limits(wire):
    assert len(_rerank(wire, top_n=1).json()["results"]) == 1


def test_documents_may_be_objects(wire):
    documents = [{"text": "x"}, {"text": "Ruby", "image": "https://a.b/c.png"}]
    results = _rerank(wire, documents=documents).json()["results"]

    assert results[0]["document"] == documents[1]


def test_usage_is_search_units_or_tokens(wire):
    assert _rerank(wire).json()["usage"] == {"search_units": 1, "cost": 0.002}
    tokens = _rerank(wire, "voyageai/rerank-2.5-lite").json()["usage"]
    assert set(tokens) == {"total_tokens", "cost"}


@pytest.mark.parametrize(
    "body",
    [{"documents": []}, {"documents": [{}]}, {"documents": [3]}, {"query": ""}, {"top_n": 0}],
)
def test_junk_is_refused(wire, body):
    assert _rerank(wire, **body).status_code == 400
