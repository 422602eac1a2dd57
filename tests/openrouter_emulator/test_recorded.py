"""An outside witness: what the emulator sends has no key that recorded traffic never had.

The recordings live outside the project; without them these tests skip. Keys that no recording shows stand
in `UNRECORDED` with where they come from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openrouter_emulator import Reply, ToolCall

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "traffic"
UNRECORDED = {
    "message.images": "documentation",
    "delta.images": "documentation",
    "delta.audio": "documentation",
    "message.audio": "documentation",
    "chunk.citations": "recorded on plain answers only",
}

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="needs the recorded traffic, which is not part of the project"
)


def _note(seen: dict[str, set[str]], place: str, thing: Any) -> None:
    if isinstance(thing, dict):
        seen.setdefault(place, set()).update(thing)


def _keys_of(body: dict[str, Any], seen: dict[str, set[str]]) -> None:
    kind = "chunk" if body.get("object") == "chat.completion.chunk" else "body"
    _note(seen, kind, body)
    _note(seen, "usage", body.get("usage"))
    for name in ("prompt_tokens_details", "completion_tokens_details", "cost_details"):
        _note(seen, name, (body.get("usage") or {}).get(name))
    for choice in body.get("choices") or []:
        _note(seen, f"{kind}.choice", choice)
        for name in ("message", "delta"):
            said = choice.get(name) or {}
            _note(seen, name, said)
            for call in said.get("tool_calls") or []:
                _note(seen, f"{name}.call", call)
            for detail in said.get("reasoning_details") or []:
                _note(seen, f"{name}.{detail.get('type')}", detail)
            for note in said.get("annotations") or []:
                _note(seen, f"annotation.{note.get('type')}", note.get(note.get("type")))


def _bodies(text: str) -> list[dict[str, Any]]:
    frames = [f[6:] for f in text.split("\n\n") if f.startswith("data: {")]
    return [json.loads(f) for f in frames]


@pytest.fixture(scope="module")
def recorded() -> dict[str, set[str]]:
    seen: dict[str, set[str]] = {}
    for path in RECORDINGS.glob("*.json"):
        exchange = json.loads(path.read_text())
        answer = exchange["response"]
        if "/chat/completions" not in exchange["request"]["url"] or answer["status"] != 200:
            continue
        if answer.get("sse"):
            for body in _bodies(answer["sse"]):
                _keys_of(body, seen)
        elif isinstance(answer.get("body"), dict):
            _keys_of(answer["body"], seen)
    return seen


TOOL = {
    "type": "function",
    "function": {
        "name": "w",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:a/b;base64,QUJD"}}
CASES = {
    "text": {},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "tools": {"tools": [TOOL]},
    "claude": {"model": "anthropic/claude-haiku-4.5", "reasoning": {"effort": "low"}},
    "gpt": {"model": "openai/gpt-5.5"},
    "grok": {"model": "x-ai/grok-4.3"},
    "gemini": {"model": "google/gemini-3-flash-preview", "tools": [TOOL]},
    "open": {"model": "minimax/minimax-m2"},
    "search": {"model": "perplexity/sonar"},
    "file": {"messages": [{"role": "user", "content": [FILE]}]},
    "refusal": {"model": "emulator/refuser"},
    "image": {"model": "google/gemini-2.5-flash-image"},
    "tier": {"service_tier": "priority"},
}


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("name", CASES)
def test_no_key_was_made_up(wire, recorded, name, streamed):
    body = {
        "model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "Weather in Paris?"}],
        "stream": streamed,
        **CASES[name],
    }
    answer = wire.post("/chat/completions", body)
    assert answer.status_code == 200, answer.text
    sent: dict[str, set[str]] = {}
    for one in _bodies(answer.text) if streamed else [answer.json()]:
        _keys_of(one, sent)

    made_up = {
        f"{place}.{key}"
        for place, keys in sent.items()
        for key in keys - recorded.get(place, set())
    }
    assert made_up <= set(UNRECORDED)


def test_tool_call_streams_have_the_recorded_sequence_of_deltas(wire, recorded):
    wire.emulator.script(Reply(tool_calls=[ToolCall("weather", {"location": "Florence, Italy"})]))
    deltas = [set(d) for d in wire.stream().deltas]

    assert deltas[:3] == [{"content", "role", "tool_calls"}] * 3
    assert deltas[-2:] == [{"content", "role"}] * 2
    assert deltas[0] <= recorded["delta"]
