"""Options of a call that are not body fields: sessions, the response cache, and `stream`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import ConfigurationError, OpenRouterClient
from openrouter_core.costs import track_openrouter_cost
from openrouter_emulator import Emulator, RecordedRequest

Ask = Callable[..., Any]
HI = [{"role": "user", "content": "Hi"}]
BESIDE_CHAT: dict[str, Callable[[OpenRouterClient], Ask]] = {
    "embeddings": lambda c: lambda **o: c.embeddings.create(["a"], model="openai/text-embedding-3-small", **o),
    "rerank": lambda c: lambda **o: c.rerank.create("q", ["a"], model="cohere/rerank-v3.5", **o),
    "speech": lambda c: lambda **o: c.audio.speak("Hi", model="openai/gpt-4o-mini-tts", voice="alloy", **o),
    "transcription": lambda c: lambda **o: c.audio.transcribe(SOUND, model="openai/gpt-4o-mini-transcribe", **o),
    "transcribed file": lambda c: lambda **o: c.audio.transcribe_file(b"RIFF", model="openai/gpt-4o-mini-transcribe", filename="a.wav", **o),
    "images": lambda c: lambda **o: c.images.create("A cat", model="google/gemini-2.5-flash-image", **o),
    "streamed images": lambda c: lambda **o: [*c.images.stream("A cat", model="google/gemini-2.5-flash-image", **o)],
    "videos": lambda c: lambda **o: c.videos.create(model="google/veo-3.1-fast", prompt="A cat", **o),
}  # fmt: skip
SOUND: Any = {"data": "UklGRg==", "format": "wav"}
CHAT: dict[str, Callable[[OpenRouterClient], Ask]] = {
    "chat": lambda c: lambda **o: c.chat.send(HI, model="openai/gpt-4o-mini", **o),
    "responses": lambda c: lambda **o: c.responses.create("Hi", model="openai/gpt-4o-mini", **o),
    "messages": lambda c: lambda **o: c.messages.create(HI, model="anthropic/claude-haiku-4.5", max_tokens=9, **o),
}  # fmt: skip


def last(emulator: Emulator) -> RecordedRequest:
    """The last request of ours; a job's price may be looked up beside it."""
    return [request for request in emulator.requests if request.method == "POST"][-1]


@pytest.fixture
def client(openrouter_emulator: Emulator) -> OpenRouterClient:
    return OpenRouterClient(openrouter_emulator.api_key, base_url=openrouter_emulator.base_url)


@pytest.mark.parametrize("ask", BESIDE_CHAT.values(), ids=BESIDE_CHAT.keys())
def test_beside_chat_the_session_goes_as_a_header(
    ask: Callable[[OpenRouterClient], Ask], client: OpenRouterClient, openrouter_emulator: Emulator
):
    with track_openrouter_cost() as spent:
        ask(client)(session_id="s-1")

    request = last(openrouter_emulator)
    assert request.headers["x-session-id"] == "s-1"
    assert b"session_id" not in request.content
    assert [call.labels.session for call in spent.calls] in (
        ["s-1"],
        [],
    )  # a video costs at its end


@pytest.mark.parametrize("ask", BESIDE_CHAT.values(), ids=BESIDE_CHAT.keys())
def test_no_session_and_a_header_of_ones_own(
    ask: Callable[[OpenRouterClient], Ask], client: OpenRouterClient, openrouter_emulator: Emulator
):
    ask(client)(session_id=None)
    assert "x-session-id" not in last(openrouter_emulator).headers

    ask(client)(session_id="s-1", extra_headers={"X-Session-Id": "s-2"})
    assert last(openrouter_emulator).headers["x-session-id"] == "s-2"


@pytest.mark.parametrize("ask", CHAT.values(), ids=CHAT.keys())
def test_chat_sends_the_session_in_its_body(
    ask: Callable[[OpenRouterClient], Ask], client: OpenRouterClient, openrouter_emulator: Emulator
):
    ask(client)(session_id="s-1")

    assert openrouter_emulator.bodies[-1]["session_id"] == "s-1"
    assert "x-session-id" not in last(openrouter_emulator).headers


def test_the_emulator_reads_a_session_where_openrouter_does(
    client: OpenRouterClient, openrouter_emulator: Emulator
):
    model = "openai/text-embedding-3-small"
    lost = client.embeddings.create(["a"], model=model, extra_body={"session_id": "s-1"})
    kept = client.embeddings.create(["a"], model=model, session_id="s-2")

    sessions = [client.generations.get(str(a.id)).session_id for a in (lost, kept)]
    assert sessions == [None, "s-2"]


@pytest.mark.parametrize(
    "ask", [*CHAT.values(), BESIDE_CHAT["embeddings"]], ids=[*CHAT, "embeddings"]
)
def test_the_response_cache_is_asked_for_by_headers(
    ask: Callable[[OpenRouterClient], Ask], client: OpenRouterClient, openrouter_emulator: Emulator
):
    ask(client)(response_cache=True, response_cache_ttl_s=60, response_cache_clear=False)

    request = last(openrouter_emulator)
    assert {k: v for k, v in request.headers.items() if "openrouter-cache" in k} == {
        "x-openrouter-cache": "true",
        "x-openrouter-cache-ttl": "60",
        "x-openrouter-cache-clear": "false",
    }
    assert b"response_cache" not in request.content


@pytest.mark.parametrize(
    "options", [{"stream": True}, {"extra_body": {"stream": False}}], ids=["option", "extra_body"]
)
@pytest.mark.parametrize("method", ["send", "stream"])
def test_the_method_decides_whether_an_answer_is_streamed(
    method: str, options: Any, client: OpenRouterClient, openrouter_emulator: Emulator
):
    with pytest.raises(ConfigurationError, match=r"Use chat.stream\(...\) to stream"):
        getattr(client.chat, method)(HI, model="openai/gpt-4o-mini", **options)

    assert openrouter_emulator.requests == []
