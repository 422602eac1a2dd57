"""Embeddings against the local emulator: batches, order, settings, failures, copies."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from langchain_core.exceptions import ModelInvalidRequestError, ModelRateLimitError
from langchain_core.load import dumps
from langchain_core.runnables import RunnableLambda
from langchain_core.vectorstores import InMemoryVectorStore

from langchain_openrouter import OpenRouterEmbeddings, track_openrouter_cost
from langchain_openrouter._request.embedding_inputs import in_batches, to_input
from langchain_openrouter.errors import (
    BudgetExceededError,
    ConfigurationError,
    PaymentRequiredError,
    RateLimitError,
    ResponseShapeError,
)
from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import Budget
from openrouter_emulator import Emulator, Fault, faults

MODEL = "openai/text-embedding-3-small"
MULTIMODAL = "google/gemini-embedding-2"
TEXTS = [f"text number {n}" for n in range(7)]


def made(**settings: Any) -> OpenRouterEmbeddings:
    return OpenRouterEmbeddings(**{"model": MODEL, "max_retries": 0, **settings})


def inputs(emulator: Emulator) -> list[Any]:
    return [body["input"] for body in emulator.bodies]


def with_data(change: Any) -> Fault:
    """An answer whose list of vectors is another."""

    def rewrite(planned: Any) -> Any:
        [shown] = planned.parts
        return planned.replace(parts=[{**shown, "data": change(shown["data"])}])

    return Fault("other vectors", rewrite)


# ------------------------------------------------------------------ batches and order


def test_i1_one_request_per_batch(openrouter_emulator: Emulator):
    """quirks.md I1."""
    vectors = made(batch_size=3).embed_documents(TEXTS)

    assert inputs(openrouter_emulator) == [TEXTS[:3], TEXTS[3:6], TEXTS[6:]]
    assert vectors == [made().embed_query(text) for text in TEXTS]
    assert len({tuple(v) for v in vectors}) == 7


async def test_i1_async_batches_give_the_same_vectors_in_order(openrouter_emulator: Emulator):
    """quirks.md I1."""
    vectors = await made(batch_size=2, max_concurrency=3).aembed_documents(TEXTS)

    assert vectors == made().embed_documents(TEXTS)
    assert sorted(inputs(openrouter_emulator)[:-1]) == [
        TEXTS[0:2],
        TEXTS[2:4],
        TEXTS[4:6],
        TEXTS[6:],
    ]


def test_i1_vectors_follow_their_index(openrouter_emulator: Emulator):
    """quirks.md I1: providers may answer in another order."""
    straight = made().embed_documents(TEXTS)
    openrouter_emulator.fail_next(with_data(lambda data: data[::-1]))

    assert made().embed_documents(TEXTS) == straight


@pytest.mark.parametrize(
    ("texts", "batches"),
    [
        (["aa", "bb", "cc"], [["aa", "bb"], ["cc"]]),
        (["aaaaaaaa", "b"], [["aaaaaaaa"], ["b"]]),
        (["ääb", "c"], [["ääb"], ["c"]]),
        (["", "", ""], [["", "", ""]]),
        ([], []),
    ],
    ids=["full", "one too large", "bytes, not characters", "empty texts", "none"],
)
def test_batches_are_bounded_by_bytes(texts: list[str], batches: list[list[str]]):
    assert list(in_batches(texts, most=10, most_bytes=5)) == batches


def test_no_batch_is_longer_than_asked():
    assert [len(b) for b in in_batches(TEXTS, most=3, most_bytes=10**6)] == [3, 3, 1]


def test_a_long_text_is_sent_uncut(openrouter_emulator: Emulator):
    long = "word " * 1000

    made(batch_bytes=100).embed_documents(["a", long, "b"])

    assert inputs(openrouter_emulator) == [["a"], [long], ["b"]]


async def test_no_texts_send_nothing(openrouter_emulator: Emulator):
    embeddings = made()

    assert embeddings.embed_documents([]) == []
    assert await embeddings.aembed_documents([]) == []
    assert embeddings.embed_content([]) == []
    assert openrouter_emulator.requests == []


class Crowd:
    """Counts how many requests are under way."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def admit(self, intent: Any, /) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    def completed(self, call: Any, ticket: object, /) -> None:
        self.now -= 1


async def test_async_requests_are_bounded(openrouter_emulator: Emulator):
    crowd = Crowd()

    await made(batch_size=1, max_concurrency=2, observers=[crowd]).aembed_documents(TEXTS)

    assert (crowd.most, crowd.now) == (2, 0)


# ------------------------------------------------------------------ what is sent


def test_i2_text_is_sent_and_vectors_travel_as_base64(openrouter_emulator: Emulator):
    """quirks.md I2."""
    [vector] = made().embed_documents(["one"])

    assert openrouter_emulator.last.json == {
        "model": MODEL,
        "input": ["one"],
        "encoding_format": "base64",
    }
    assert all(type(x) is float for x in vector)


def test_float_transport_gives_the_same_vector(openrouter_emulator: Emulator):
    plain = made(encoding_format="float").embed_query("one")

    assert plain == pytest.approx(made().embed_query("one"), rel=1e-6)
    assert openrouter_emulator.bodies[0]["encoding_format"] == "float"


async def test_i5_settings_are_sent(openrouter_emulator: Emulator):
    """quirks.md I5."""
    embeddings = made(
        dimensions=8,
        input_type="search_document",
        query_input_type="search_query",
        provider={"zdr": True},
        user="u",
        session_id="s",
        extra_body={"novel": 1},
    )

    [vector] = embeddings.embed_documents(["one"])
    await embeddings.aembed_query("one")

    document, query = openrouter_emulator.bodies
    assert len(vector) == 8
    assert (document["input_type"], query["input_type"]) == ("search_document", "search_query")
    assert (document["provider"], document["user"], document["novel"]) == ({"zdr": True}, "u", 1)
    assert openrouter_emulator.last.headers["x-session-id"] == "s"


def test_h2_attribution_and_headers_are_sent(openrouter_emulator: Emulator):
    """quirks.md H2."""
    made(app_url="https://a.b", app_title="A", default_headers={"X-Mine": "1"}).embed_query("one")

    sent = {k.lower(): v for k, v in openrouter_emulator.last.headers.items()}
    assert (sent["http-referer"], sent["x-mine"]) == ("https://a.b", "1")


def test_h8_prefix_of_other_libraries_is_stripped(openrouter_emulator: Emulator):
    """quirks.md H8."""
    made(model=f"openrouter/{MODEL}").embed_query("one")

    assert openrouter_emulator.last.json["model"] == MODEL


# ------------------------------------------------------------------ multimodal


async def test_parts_of_one_input_become_one_vector(openrouter_emulator: Emulator):
    embeddings = made(model=MULTIMODAL)
    both = {"content": ["a cat", {"type": "image", "url": "https://a.example/cat.png"}]}

    vectors = embeddings.embed_content(["a dog", both], input_type="search_document")

    assert len(vectors) == 2
    assert openrouter_emulator.last.json["input_type"] == "search_document"
    assert openrouter_emulator.last.json["input"] == [
        {"content": [{"type": "text", "text": "a dog"}]},
        {
            "content": [
                {"type": "text", "text": "a cat"},
                {"type": "image_url", "image_url": {"url": "https://a.example/cat.png"}},
            ]
        },
    ]
    assert await embeddings.aembed_content(["a dog", both]) == vectors


@pytest.mark.parametrize(
    ("kind", "mime", "form"),
    [
        ("audio", "audio/wav", "wav"),
        ("video", "video/mp4", "mp4"),
        ("file", "application/pdf", "pdf"),
    ],
)
def test_media_blocks_take_the_shape_of_embeddings(
    openrouter_emulator: Emulator, kind: str, mime: str, form: str
):
    block = {"type": kind, "base64": "aGk=", "mime_type": mime}

    made(model=MULTIMODAL).embed_content([{"content": [block]}])

    [sent] = openrouter_emulator.last.json["input"]
    media = {"data": f"data:{mime};base64,aGk=", "format": form}
    assert sent == {"content": [{"type": f"input_{kind}", f"input_{kind}": media}]}


def test_parts_of_the_api_go_unchanged():
    part = {"type": "input_file", "input_file": {"data": "aGk=", "novel": 1}}

    assert to_input({"content": [part], "weight": 2}) == {"content": [part], "weight": 2}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"content": [{"type": "video", "url": "https://a.example/v.mp4"}]}, "base64 only"),
        ({"text": "a"}, "multimodal input"),
    ],
)
def test_what_cannot_be_carried_is_refused(given: Any, says: str):
    with pytest.raises(ConfigurationError, match=says):
        to_input(given)


# ------------------------------------------------------------------ failures and cost


async def test_c4_failures_are_typed_in_both_vocabularies(openrouter_emulator: Emulator):
    """quirks.md C4."""
    openrouter_emulator.fail_next(faults.rate_limited(), times=2)

    with pytest.raises(RateLimitError) as raised:
        made().embed_query("one")
    with pytest.raises(ModelRateLimitError):
        await made().aembed_query("one")

    assert isinstance(raised.value, ModelRateLimitError)


def test_c6_retries_are_counted_exactly(openrouter_emulator: Emulator):
    """quirks.md C6."""
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0), times=1)

    assert made(max_retries=1).embed_query("one")
    assert len(openrouter_emulator.requests) == 2


async def test_a_failed_batch_stops_the_others(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.payment_required())

    with pytest.raises(PaymentRequiredError):
        await made(batch_size=1, max_concurrency=1).aembed_documents(TEXTS)

    assert len(openrouter_emulator.requests) == 1


def test_i2_no_vectors_is_an_error_that_names_the_model(openrouter_emulator: Emulator):
    """quirks.md I2: neither to base64 nor to floats."""
    openrouter_emulator.fail_next(with_data(lambda data: []), times=2)

    with pytest.raises(ResponseShapeError, match="text-embedding-3-small"):
        made().embed_query("one")
    assert [r.json["encoding_format"] for r in openrouter_emulator.requests] == ["base64", "float"]


async def test_missing_vectors_are_an_error(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(with_data(lambda data: data[1:]), times=2)

    with pytest.raises(ResponseShapeError, match="7 inputs were sent, but 6 vectors"):
        made().embed_documents(TEXTS)
    with pytest.raises(ResponseShapeError, match="7 inputs were sent, but 6 vectors"):
        await made().aembed_documents(TEXTS)


async def test_i4_b13_cost_is_counted_in_any_context(openrouter_emulator: Emulator):
    """quirks.md I4 and B13: parallel batches too."""
    with track_openrouter_cost() as spent:
        await made(batch_size=2).aembed_documents(TEXTS)
        RunnableLambda(made().embed_query).batch(["a", "b"])

    assert spent.total == openrouter_emulator.total_charged > 0
    assert len(spent.calls) == 6


def test_budget_refuses_before_anything_is_sent(openrouter_emulator: Emulator):
    with pytest.raises(BudgetExceededError):
        made(observers=[Budget(Decimal(0), reserve_usd=1, price_of=lambda _: None)]).embed_query(
            "a"
        )

    assert openrouter_emulator.requests == []


# ------------------------------------------------------------------ the object


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"dimension": 3}, "no setting 'dimension'"),
        ({"model": " "}, "model is empty"),
        ({"client": object()}, "http_client"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_settings_are_checked(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], says: str):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-made-up")

    with pytest.raises(ConfigurationError, match=says):
        made(**settings)


def test_a_key_is_needed():
    with pytest.raises(ConfigurationError, match="OPENROUTER_API_KEY must be set"):
        made()


def test_both_names_of_a_setting_work():
    ours = made(api_key="sk-or-1", base_url="https://or.example", timeout=3, provider={"zdr": True})
    long = made(
        openrouter_api_key="sk-or-1",
        openrouter_api_base="https://or.example",
        request_timeout=3,
        openrouter_provider={"zdr": True},
    )

    assert ours == long


async def test_clients_can_be_given(openrouter_emulator: Emulator):
    key, url = openrouter_emulator.api_key, openrouter_emulator.base_url
    embeddings = made(
        api_key=None,
        client=OpenRouterClient(key, base_url=url),
        async_client=AsyncOpenRouterClient(key, base_url=url),
    )

    assert embeddings.embed_query("one") == await embeddings.aembed_query("one")


def test_no_dump_holds_the_key():
    embeddings = made(
        api_key="sk-or-secret",
        default_headers={"X-Api-Key": "sk-or-secret", "X-Mine": "1"},
        proxy="http://u:sk-or-secret@proxy.example",
    )
    retriever = InMemoryVectorStore(embeddings).as_retriever()

    loaded = pickle.loads(pickle.dumps(embeddings))

    shown = [repr(embeddings), str(embeddings.model_dump()), dumps(embeddings), dumps(retriever)]
    assert not any("sk-or-secret" in text for text in shown)
    assert b"sk-or-secret" not in pickle.dumps(embeddings)
    assert loaded.openrouter_api_key is None
    assert loaded.default_headers is None


def test_row50_copies_and_pickles_of_a_used_object_work(openrouter_emulator: Emulator):
    """Row 50."""
    embeddings = made()
    vector = embeddings.embed_query("one")

    loaded = pickle.loads(pickle.dumps(embeddings))
    loaded.openrouter_api_key = embeddings.openrouter_api_key

    assert copy.deepcopy(embeddings).embed_query("one") == vector
    assert copy.copy(embeddings).embed_query("one") == vector
    assert loaded.embed_query("one") == vector


def test_row51_c5_several_event_loops_in_turn(openrouter_emulator: Emulator):
    """Row 51; quirks.md C5."""
    embeddings = made()

    for _ in range(3):
        assert asyncio.run(embeddings.aembed_documents(TEXTS))


async def test_closed_object_can_be_used_again(openrouter_emulator: Emulator):
    embeddings = made()
    embeddings.embed_query("one")
    await embeddings.aembed_query("one")

    await embeddings.aclose()

    assert embeddings.embed_query("one") == await embeddings.aembed_query("one")


def test_server_refusals_keep_their_words(openrouter_emulator: Emulator):
    with pytest.raises(ModelInvalidRequestError):
        made().embed_query("")


def test_importing_embeddings_does_not_import_the_chat_model():
    """A worker that only embeds starts without it."""
    code = (
        "import sys; from langchain_openrouter import OpenRouterEmbeddings; "
        "sys.exit('langchain_openrouter.chat_models' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
