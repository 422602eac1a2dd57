"""Every endpoint that costs, over a real socket: what a ledger books is what the emulator's books say."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from openrouter_core import OpenRouterClient
from openrouter_core.costs import CostLedger, CostRecord, Tokens
from openrouter_core.costs.records.export import row_of
from openrouter_core.resources import _waiting
from openrouter_emulator.billing.charges import Charge
from tests.openrouter_core.costs.exporting import ASK, MODEL

EMBEDDER = "openai/text-embedding-3-small"
RANKER = "cohere/rerank-v3.5"
PAINTER = "google/gemini-2.5-flash-image"
SPEAKER = "openai/gpt-4o-mini-tts"
WRITER = "openai/gpt-4o-mini-transcribe"
FILMER = "google/veo-3.1-fast"
SOUND = b"RIFF" + b"\0" * 40_000


class Way(NamedTuple):
    """A call, and what the wire says about it."""

    call: Callable[[OpenRouterClient], object]
    operation: str
    requested_model: str
    prefix: str
    """Of the id under which it is booked."""
    says_model: bool = True
    says_usage: bool = True
    says_tokens: bool = True
    streamed: bool = False


def film(client: OpenRouterClient) -> object:
    return client.videos.wait(client.videos.create(model=FILMER, prompt="A boat").id)


def batch_of(endpoint: str, model: str, **body: Any) -> Callable[[OpenRouterClient], object]:
    def hand_in(client: OpenRouterClient) -> object:
        requests = [{"custom_id": str(n), "body": body} for n in range(3)]
        return client.batches.wait(
            client.batches.create(requests, endpoint=endpoint, model=model).id
        )

    return hand_in


def inline_sound() -> dict[str, str]:
    return {"data": base64.b64encode(SOUND).decode(), "format": "wav"}


CHAT, COMPLETION, RESPONSE, MESSAGE = (
    "sendChatCompletionRequest",
    "createCompletions",
    "createResponses",
    "createMessages",
)
WAYS = {
    "chat": Way(lambda c: c.chat.send(ASK, model=MODEL), CHAT, MODEL, "gen-"),
    "chat stream": Way(
        lambda c: c.chat.stream(ASK, model=MODEL).until_done(), CHAT, MODEL, "gen-", streamed=True
    ),
    "completions": Way(
        lambda c: c.completions.create("Hi", model=MODEL), COMPLETION, MODEL, "gen-"
    ),
    "completions stream": Way(
        lambda c: c.completions.stream("Hi", model=MODEL).until_done(),
        COMPLETION,
        MODEL,
        "gen-",
        streamed=True,
    ),
    "responses": Way(lambda c: c.responses.create("Hi", model=MODEL), RESPONSE, MODEL, "gen-"),
    "responses stream": Way(
        lambda c: c.responses.stream("Hi", model=MODEL).until_done(),
        RESPONSE,
        MODEL,
        "gen-",
        streamed=True,
    ),
    "messages": Way(
        lambda c: c.messages.create(ASK, model=MODEL, max_tokens=50), MESSAGE, MODEL, "gen-"
    ),
    "messages stream": Way(
        lambda c: c.messages.stream(ASK, model=MODEL, max_tokens=50).until_done(),
        MESSAGE,
        MODEL,
        "gen-",
        streamed=True,
    ),
    "embeddings": Way(
        lambda c: c.embeddings.create(["one", "two"], model=EMBEDDER),
        "createEmbeddings",
        EMBEDDER,
        "gen-emb-",
    ),
    "rerank": Way(
        lambda c: c.rerank.create("q", documents=["a", "b"], model=RANKER),
        "createRerank",
        RANKER,
        "gen-rerank-",
        says_tokens=False,
    ),
    "images": Way(
        lambda c: c.images.create("A boat", model=PAINTER),
        "createImages",
        PAINTER,
        "gen-img-",
        says_model=False,
    ),
    "images stream": Way(
        lambda c: c.images.stream("A boat", model=PAINTER).until_done(),
        "createImages",
        PAINTER,
        "gen-img-",
        says_model=False,
        streamed=True,
    ),
    "speech": Way(
        lambda c: c.audio.speak("Hello", model=SPEAKER),
        "createAudioSpeech",
        SPEAKER,
        "gen-tts-",
        says_usage=False,
    ),
    "speech, piece by piece": Way(
        lambda c: c.audio.stream_speech("Hello", model=SPEAKER).read(),
        "createAudioSpeech",
        SPEAKER,
        "gen-tts-",
        says_usage=False,
    ),
    "transcriptions": Way(
        lambda c: c.audio.transcribe(inline_sound(), model=WRITER),
        "createAudioTranscriptions",
        WRITER,
        "gen-stt-",
        says_model=False,
    ),
    "transcriptions of a file": Way(
        lambda c: c.audio.transcribe_file(SOUND, filename="talk.wav", model=WRITER),
        "createAudioTranscriptions",
        WRITER,
        "gen-stt-",
        says_model=False,
    ),
    "videos": Way(film, "getVideos", FILMER, "gen-vid-", says_model=False, says_tokens=False),
    "batches of chat": Way(
        batch_of("/v1/chat/completions", MODEL, messages=ASK), "getBatches", MODEL, "batch_"
    ),
    "batches of responses": Way(
        batch_of("/v1/responses", MODEL, input="Hi"), "getBatches", MODEL, "batch_"
    ),
    "batches of messages": Way(
        batch_of("/v1/messages", MODEL, messages=ASK, max_tokens=50), "getBatches", MODEL, "batch_"
    ),
    "batches of embeddings": Way(
        batch_of("/v1/embeddings", EMBEDDER, input="Hi"), "getBatches", EMBEDDER, "batch_"
    ),
}


@pytest.fixture
def ledger(reconciler) -> CostLedger:
    return CostLedger(reconciler=reconciler)


@pytest.fixture
def booked(emulator, ledger, monkeypatch) -> Callable[[Way], CostRecord]:
    """Make a call; return the one record that the ledger has of it when all is settled."""
    monkeypatch.setattr(_waiting, "_FIRST_S", 0.01)
    client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[ledger])

    def make(way: Way) -> CostRecord:
        way.call(client)
        assert emulator.wait_idle()
        assert ledger.flush(20) == ()
        (record,) = ledger.records()
        return record

    return make


def check_tokens(tokens: Tokens, books: list[Charge], way: Way) -> None:
    if not way.says_tokens:
        assert (tokens.prompt, tokens.completion, tokens.total) == (None, None, None)
        return
    assert tokens.prompt == sum(booking.prompt_tokens for booking in books) > 0
    assert (tokens.completion or 0) == sum(booking.completion_tokens for booking in books)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_endpoint_is_booked_as_the_emulator_booked_it(emulator, ledger, booked, way):
    """The model asked for stands in only where the answer names none, and only in what is shown."""
    record = booked(way)

    assert (record.operation, record.outcome, record.streamed) == (
        way.operation,
        "ok",
        way.streamed,
    )
    assert record.cost.total == emulator.total_charged > 0
    assert record.requested_model == way.requested_model
    assert record.id.startswith(way.prefix)
    assert record.id.startswith("batch_") or record.id == emulator.charges[0].generation_id
    assert (record.lookup, record.cost.source) == (
        ("none", "response") if way.says_usage else ("found", "generation")
    )
    check_tokens(record.cost.tokens, emulator.charges, way)

    assert (record.model is not None) == way.says_model
    assert record.model_name in (way.requested_model, emulator.charges[0].model)
    assert list(ledger.by("model")) == [record.requested_model or record.model or ""]
    assert (row_of(record)["model"], row_of(record)["requested_model"]) == (
        record.model_name,
        way.requested_model,
    )
