"""Reranking against the local emulator."""

from __future__ import annotations

import pytest
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
from llama_index.core.schema import ImageNode, NodeWithScore, QueryBundle, TextNode

from llama_index_openrouter import OpenRouterRerank
from llama_index_openrouter.rerank import _document, _ranked
from openrouter_core import ConfigurationError, ResponseShapeError
from openrouter_core.wire.rerank import Ranking
from openrouter_emulator import Emulator
from tests.llama_index_openrouter.test_events import Recorder, recorder  # noqa: F401  # a fixture

MODEL = "cohere/rerank-v3.5"
TEXTS = ["bread and butter", "the weather in Paris", "old shoes"]


def nodes() -> list[NodeWithScore]:
    return [
        NodeWithScore(node=TextNode(text=text, id_=f"n{at}"), score=0.1)
        for at, text in enumerate(TEXTS)
    ]


@pytest.fixture
def rerank(openrouter_emulator: Emulator) -> OpenRouterRerank:
    return OpenRouterRerank(MODEL, max_retries=0)


async def test_i3_best_node_comes_first(rerank: OpenRouterRerank):
    ranked = rerank.postprocess_nodes(nodes(), query_str="weather in Paris")
    awaited = await rerank.apostprocess_nodes(nodes(), query_str="weather in Paris")

    assert ranked[0].node.node_id == "n1"
    assert len(ranked) == 3
    scores = [node.score or 0 for node in ranked]
    assert scores == sorted(scores, reverse=True)
    assert [n.node.node_id for n in awaited] == [n.node.node_id for n in ranked]


def test_given_nodes_are_not_changed(rerank: OpenRouterRerank):
    given = nodes()

    ranked = rerank.postprocess_nodes(given, query_str="weather")

    assert [node.score for node in given] == [0.1] * 3
    assert not {id(n) for n in ranked} & {id(n) for n in given}


def test_settings_are_sent(openrouter_emulator: Emulator):
    rerank = OpenRouterRerank(MODEL, top_n=1, provider={"zdr": False}, additional_kwargs={"x": 1})

    ranked = rerank.postprocess_nodes(nodes(), query_bundle=QueryBundle("weather"))

    body = openrouter_emulator.last.json
    assert len(ranked) == 1
    assert (body["query"], body["documents"]) == ("weather", TEXTS)
    assert (body["top_n"], body["provider"], body["x"]) == (1, {"zdr": False}, 1)


async def test_no_nodes_send_nothing(openrouter_emulator: Emulator, rerank: OpenRouterRerank):
    assert rerank.postprocess_nodes([], query_str="weather") == []
    assert await rerank.apostprocess_nodes([], query_str="weather") == []
    assert openrouter_emulator.requests == []


def test_query_is_required(rerank: OpenRouterRerank):
    with pytest.raises(ConfigurationError, match="needs a query"):
        rerank.postprocess_nodes(nodes())


async def test_events_and_callbacks_fire(rerank: OpenRouterRerank, recorder: Recorder):  # noqa: F811
    debug = LlamaDebugHandler(print_trace_on_end=False)
    rerank.callback_manager = CallbackManager([debug])

    rerank.postprocess_nodes(nodes(), query_str="weather")
    await rerank.apostprocess_nodes(nodes(), query_str="weather")

    starts, ends = recorder.of(ReRankStartEvent), recorder.of(ReRankEndEvent)
    assert [(e.model_name, e.top_n) for e in starts] == [(MODEL, 3)] * 2
    assert [len(e.nodes) for e in ends] == [3, 3]
    assert len(debug.get_event_pairs(CBEventType.RERANKING)) == 2


def test_image_nodes_go_out_as_images():
    by_url = ImageNode(image_url="https://a.example/cat.png", text="a cat")
    by_data = ImageNode(image="aGk=", image_mimetype="image/jpeg")

    assert _document(by_url) == {"text": "a cat", "image": "https://a.example/cat.png"}
    assert _document(by_data) == {"image": "data:image/jpeg;base64,aGk="}


def test_ranking_of_a_document_that_was_not_sent_is_an_error():
    answer = Ranking.model_validate({"results": [{"index": 9, "relevance_score": 1.0}]})

    with pytest.raises(ResponseShapeError, match="not sent"):
        _ranked(nodes(), answer)


def test_model_is_required():
    with pytest.raises(ConfigurationError, match="OpenRouterRerank needs a model"):
        OpenRouterRerank()
