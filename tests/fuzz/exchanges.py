"""Whole answers and streams to change: made ones that hold everything, and the recordings where they are at hand."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.faults.right_answers import TEXT, USAGE, right_answer
from tests.traffic import recordings

Events = list[dict[str, Any]]
_CALL = {
    "id": "call_1",
    "index": 0,
    "type": "function",
    "function": {"name": "look_up", "arguments": '{"city": "Rome"}'},
}
_MESSAGE = {
    "role": "assistant",
    "content": TEXT,
    "refusal": None,
    "reasoning": "Let me see.",
    "reasoning_details": [
        {"type": "reasoning.text", "text": "Let me see.", "signature": "c2ln", "index": 0},
        {"type": "reasoning.encrypted", "data": "ZGF0YQ==", "id": "rs_1", "index": 1},
    ],
    "tool_calls": [_CALL],
    "annotations": [
        {
            "type": "url_citation",
            "url_citation": {
                "url": "https://e.example",
                "title": "E",
                "start_index": 0,
                "end_index": 4,
            },
        }
    ],
    "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,eA=="}}],
    "audio": {"id": "a", "data": "eA==", "transcript": "x", "expires_at": 1},
}
_USAGE = {
    **USAGE,
    "cost_details": {"upstream_inference_cost": 0.1},
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
_TOP = {"id": "gen-1-abc", "provider": "P", "model": "a/b", "created": 1, "usage": _USAGE}
_LOGPROBS = {"content": [{"token": "W", "logprob": -0.1, "bytes": [87], "top_logprobs": []}]}


def _choice(**fields: Any) -> dict[str, Any]:
    return {
        "index": 0,
        "finish_reason": "stop",
        "native_finish_reason": "end_turn",
        "logprobs": _LOGPROBS,
        **fields,
    }


ANSWER = {**_TOP, "object": "chat.completion", "choices": [_choice(message=_MESSAGE)]}


def _rich_stream() -> Events:
    words = [TEXT[:10], TEXT[10:20], TEXT[20:]]
    first = {**_MESSAGE, "content": words[0]}
    events = [
        {**_TOP, "usage": None, "choices": [_choice(delta=first, finish_reason=None)]},
        *(
            {**_TOP, "choices": [_choice(delta={"content": word}, finish_reason=None)]}
            for word in words[1:]
        ),
        {**_TOP, "choices": [_choice(delta={"content": ""})]},
    ]
    return json.loads(json.dumps(events))


def _events_of(path: str) -> Events:
    pieces = right_answer(path, b'"stream":true').events
    return [json.loads(piece[6:]) for piece in pieces if b"[DONE]" not in piece]


STREAM = _rich_stream()
OTHER_STREAMS = {
    path: [_events_of(path)] for path in ("/responses", "/messages", "/completions", "/images")
}


@cache
def recorded_answers() -> list[Any]:
    """Whole chat answers of the real API; none where there are no recordings."""
    return [
        one.body
        for one in _recorded()
        if one.is_chat and not one.is_streamed and one.status == 200 and isinstance(one.body, dict)
    ]


@cache
def recorded_streams(path: str) -> list[Events]:
    """Streams of the real API, of at most 40 events."""
    found = [_parsed(one.sse or "") for one in _recorded() if one.path == path and one.is_streamed]
    return [events for events in found if 0 < len(events) <= 40]


def _recorded() -> list[Any]:
    return list(recordings.load_all())


def _parsed(sse: str) -> Events:
    lines = [line[6:] for line in sse.splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]
