"""The recordings as judge: per kind of answer, the emulator's fields, their order and its headers are the recorded ones.

The recordings live outside the project; without them these tests skip. What differs stands below with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from openrouter_emulator import Reply, ToolCall
from tests.traffic.recordings import ABSENT, Recording, folder, load_all

from .field_sets import FieldSet, events

pytestmark = pytest.mark.skipif(folder() is None, reason=ABSENT)

SINCE_S = 1_772_323_200
"""March 2026: before, chunks had another order of keys."""
RARE = 0.1
"""A field in fewer of the recordings of a kind may be missing."""

NOT_RECORDED: dict[str, str] = {
    r"chat.*\.images(\b.*)?": "documented; no recording has pictures inside a chat",
    r"chat.*\.audio(\b.*)?": "documented; no recording has sound inside a chat",
    r"chat.*\.citations(\[\])?": "older recordings of Perplexity have it on plain answers",
    r"chat.*\.logprobs.*|chat.*annotations.*|chat.*\.refusal": "recorded before March 2026 alone",
    r"chat.*reasoning_details\[\]<reasoning\.(encrypted|summary|text)>.*": "recorded, under models that differ",
    r"responses.*summary.*": "documented; the recorded reasoning was encrypted or in the open",
    r"responses.*<(reasoning|function_call|response.reasoning_text.*)>.*|responses.*\.item\..*|responses.*\.reasoning\.effort": (
        "recorded, but not together in one shape of the body"
    ),
    r"messages stream: \.(usage|message\.usage)\.inference_geo": "documented as always there",
    r"messages stream: .*<ping>.*": "documented as an event of the stream",
    r"messages stream: .*\.(content_block|delta)\.(text|citations|signature)": "documented; the recording has no text",
    r"(key|generation|keys|models|endpoints|transcription).*": "older recordings: the document of October 2026 has these fields",
    r"images: .*audio_tokens": "as in the usage of every other endpoint",
    r"endpoints: .*": "the recordings are of 2025",
}
"""Fields of the emulator that no recording has, as regular expressions of "kind: place"."""
NOT_EMULATED: dict[str, str] = {
    r"models: .*benchmarks.*": "scores of others; the bundled list leaves them out",
    r"models: .*pricing\..*": "models differ in what they price",
    r"models: .*default_parameters\.\w+": "the bundled list leaves them out",
    r"endpoints: \.data\.(?!endpoints).*": "one recording repeats the whole model; the document does not",
    r"endpoints: .*pricing\.\w+": "recordings of 2025 price everything with 0",
    r"responses: \.(output_text|user)": "they belong to the shape of 2025",
    r"keys: \.deleted": "of DELETE, among the recordings of the same path",
}
"""Fields of the recordings that the emulator leaves out."""
OTHER_ORDER: dict[str, str] = {
    r"(key|generation|keys|models|endpoints|transcription).*": "older recordings, or edited by their sources",
    r"responses stream: .*output\[\]<message>: status, role": "recorded in both orders",
    r"responses: .*": "the plain bodies are of 2025; the streams have the order of 2026",
}


def _recent(recording: Recording) -> bool:
    """Whether a recording is of 2026-03 or later, by its generation id, and has its keys in their order."""
    stamp = re.search(r"gen-(?:\w+-)?(\d{10})-", recording.sse or str(recording.body))
    return not recording.id.startswith("rig-") and stamp is not None and int(stamp[1]) >= SINCE_S


@cache
def recorded(kind: str) -> FieldSet:
    path, streamed, wanted = KINDS[kind]
    found = [
        r
        for r in load_all()
        if r.status == 200
        and re.fullmatch(path, r.path)
        and r.is_streamed == streamed
        and wanted(r)
    ]
    return FieldSet.of((events(r.sse or "") if streamed else r.body, r.id) for r in found)


def _any(_recording: Recording) -> bool:
    return True


def _whole(recording: Recording) -> bool:
    return _recent(recording) and "choices" in (recording.body or {})


def _stream(recording: Recording) -> bool:
    return _recent(recording) and '"error"' not in (recording.sse or "")


def _new_responses(recording: Recording) -> bool:
    """The shape of 2026: it has a status, and no `user`."""
    return _recent(recording) and '"sequence_number"' in (recording.sse or '"sequence_number"')


Kind = tuple[str, bool, Callable[[Recording], bool]]
KINDS: dict[str, Kind] = {
    "chat": ("/chat/completions", False, _whole),
    "chat stream": ("/chat/completions", True, _stream),
    "responses": ("/responses", False, _any),
    "responses stream": ("/responses", True, _new_responses),
    "messages stream": ("/messages", True, _any),
    "embeddings": ("/embeddings", False, _any),
    "rerank": ("/rerank", False, _any),
    "images": ("/images", False, _any),
    "key": ("/key", False, _any),
    "generation": ("/generation", False, _any),
    "models": ("/models", False, _any),
    "endpoints": ("/models/.*/endpoints", False, _any),
    "transcription": ("/audio/transcriptions", False, _any),
}

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
FLAT_TOOL = {"type": "function", **TOOL["function"]}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:a/b;base64,QUJD"}}
SEARCH = {"type": "openrouter:web_search"}
GPT, CLAUDE = "openai/gpt-4o-mini", "anthropic/claude-haiku-4.5"
CHATS: dict[str, dict[str, Any]] = {
    "text": {},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "tools": {"tools": [TOOL]},
    "claude": {"model": CLAUDE, "reasoning": {"effort": "low"}},
    "gpt": {"model": "openai/gpt-5.5"},
    "grok": {"model": "x-ai/grok-4.3"},
    "gemini": {"model": "google/gemini-3-flash-preview", "tools": [TOOL]},
    "open": {"model": "minimax/minimax-m2"},
    "search": {"model": "perplexity/sonar"},
    "search tool": {"tools": [SEARCH]},
    "azure": {"provider": {"only": ["azure"]}},
    "file": {"messages": [{"role": "user", "content": [FILE]}]},
    "refusal": {"model": "emulator/refuser"},
    "image": {"model": "google/gemini-2.5-flash-image"},
    "tier": {"service_tier": "priority"},
}


def _chats(wire: Any, *, stream: bool) -> list[Any]:
    answers = [
        wire.chat("Weather in Paris?", stream=stream, **case)
        if "messages" not in case
        else wire.post("/chat/completions", {"model": GPT, "stream": stream, **case})
        for case in CHATS.values()
    ]
    assert all(a.status_code == 200 for a in answers), [
        a.text for a in answers if a.status_code != 200
    ]
    return [events(a.text) if stream else a.json() for a in answers]


def _posted(path: str, *bodies: dict[str, Any]) -> Callable[[Any], list[Any]]:
    def send(wire: Any) -> list[Any]:
        answers = [wire.post(path, body) for body in bodies]
        assert all(a.status_code < 300 for a in answers), [a.text for a in answers]
        return [
            events(a.text) if body.get("stream") else a.json()
            for a, body in zip(answers, bodies, strict=True)
        ]

    return send


def _generation(wire: Any) -> list[Any]:
    return [wire.get("/generation", id=wire.ok()["id"]).json()]


RESPONSES = [
    {"model": GPT, "input": "Hi"},
    {"model": GPT, "input": "Weather in Paris?", "tools": [FLAT_TOOL]},
    {"model": "google/gemini-3-flash-preview", "input": "Hi", "reasoning": {"effort": "low"}},
    {"model": "deepseek/deepseek-v3.2", "input": "Hi", "reasoning": {"effort": "low"}},
]
MESSAGES = {
    "model": CLAUDE,
    "max_tokens": 4000,
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "messages": [{"role": "user", "content": "Weather in Paris?"}],
    "tools": [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}],
}
SOUND = {"model": "openai/gpt-4o-mini-transcribe", "input_audio": {"data": "QUJD", "format": "mp3"}}
SENT: dict[str, Callable[[Any], list[Any]]] = {
    "chat": lambda wire: _chats(wire, stream=False),
    "chat stream": lambda wire: _chats(wire, stream=True),
    "responses": _posted("/responses", *RESPONSES),
    "responses stream": _posted("/responses", *({**body, "stream": True} for body in RESPONSES)),
    "messages stream": _posted("/messages", {**MESSAGES, "stream": True}),
    "embeddings": _posted("/embeddings", {"model": "openai/text-embedding-3-small", "input": "a"}),
    "rerank": _posted(
        "/rerank", {"model": "voyageai/rerank-2.5-lite", "query": "a", "documents": ["a"]}
    ),
    "images": _posted("/images", {"model": "google/gemini-2.5-flash-image", "prompt": "A cat"}),
    "key": lambda wire: [wire.get("/key").json()],
    "generation": _generation,
    "models": lambda wire: [wire.get("/models").json()],
    "endpoints": lambda wire: [wire.get("/models/deepseek/deepseek-v3.2/endpoints").json()],
    "transcription": _posted("/audio/transcriptions", SOUND),
}


def _unexplained(kind: str, places: set[str], known: dict[str, str]) -> list[str]:
    named = (f"{kind}: {place}" for place in places)
    return sorted(n for n in named if not any(re.fullmatch(words, n) for words in known))


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_was_made_up_and_none_is_missing(wire: Any, kind: str):
    real, ours = recorded(kind), FieldSet.of((body, "") for body in SENT[kind](wire))
    assert real.bodies, kind
    made_up = ours.seen.keys() - real.seen.keys()
    missing = {p for p in real.seen if real.share(p) >= RARE and p not in ours.seen}

    assert _unexplained(kind, made_up, NOT_RECORDED) == []
    assert _unexplained(kind, missing, NOT_EMULATED) == []


@pytest.mark.parametrize("kind", KINDS)
def test_fields_stand_in_the_recorded_order(wire: Any, kind: str):
    real, ours = recorded(kind), FieldSet.of((body, "") for body in SENT[kind](wire))
    swapped = {
        f"{place}: {first}, {second}"
        for place, first, second in ours.orders - real.orders
        if (place, second, first) in real.orders
    }

    assert _unexplained(kind, swapped, OTHER_ORDER) == []


HEADERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "chat": ("/chat/completions", lambda wire: wire.chat()),
    "chat stream": ("/chat/completions", lambda wire: wire.chat(stream=True)),
    "responses": ("/responses", lambda wire: wire.post("/responses", RESPONSES[0])),
    "responses stream": ("/responses", lambda wire: wire.post("/responses", {**RESPONSES[0], "stream": True})),
    "embeddings": ("/embeddings", lambda wire: wire.post("/embeddings", {"model": "openai/text-embedding-3-small", "input": "a"})),
    "rerank": ("/rerank", lambda wire: wire.post("/rerank", {"model": "cohere/rerank-v3.5", "query": "a", "documents": ["a"]})),
    "images": ("/images", lambda wire: wire.post("/images", {"model": "google/gemini-2.5-flash-image", "prompt": "A"})),
    "speech": ("/audio/speech", lambda wire: wire.post("/audio/speech", {"model": "openai/gpt-4o-mini-tts", "input": "A"})),
}  # fmt: skip
OF_THE_TRANSPORT = {"content-length", "transfer-encoding", "connection"}


@pytest.mark.parametrize("kind", HEADERS)
def test_headers_are_the_recorded_ones(wire: Any, kind: str):
    path, send = HEADERS[kind]
    whole = [
        r
        for r in load_all()
        if r.path == path and r.status == 200 and r.is_streamed == kind.endswith("stream")
        if "x-content-type-options" in r.headers and _recent_or_without_id(r)
    ]
    real = {name for r in whole for name in r.headers if not name.startswith("x-clerk")}

    assert set(send(wire).headers) - OF_THE_TRANSPORT == real


def _recent_or_without_id(recording: Recording) -> bool:
    return _recent(recording) or not recording.is_chat


def test_tool_call_streams_have_the_recorded_sequence_of_deltas(wire: Any):
    wire.emulator.script(Reply(tool_calls=[ToolCall("weather", {"location": "Florence, Italy"})]))
    deltas = [set(d) for d in wire.stream().deltas]

    assert deltas[:3] == [{"content", "role", "tool_calls"}] * 3
    assert deltas[-2:] == [{"content", "role"}] * 2


def test_events_of_responses_come_in_the_recorded_order(wire: Any):
    """Of a text, of a call, and of reasoning before a text."""
    real = {
        tuple(dict.fromkeys(e["type"] for e in events(r.sse or "")))
        for r in load_all()
        if r.path == "/responses" and r.is_streamed and '"sequence_number"' in (r.sse or "")
    }
    for body in RESPONSES[:2]:
        answer = wire.post("/responses", {**body, "stream": True})
        assert tuple(dict.fromkeys(e["type"] for e in events(answer.text))) in real


def test_every_difference_has_a_reason():
    assert all(
        len(r) > 20 for r in (*NOT_RECORDED.values(), *NOT_EMULATED.values(), *OTHER_ORDER.values())
    )
