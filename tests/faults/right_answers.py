"""What a well-behaved server answers to each kind of call: the body that the faults are done to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

TEXT = "What the model said, in a few words."
_WORDS = re.findall(r"\S+ ?", TEXT)
SOUND = b"RIFF" + bytes(range(256)) * 40
SSE, JSON = "text/event-stream", "application/json"


@dataclass(frozen=True)
class RightAnswer:
    """A body and its type; `events` are the pieces of a stream."""

    kind: str
    body: bytes
    events: tuple[bytes, ...] = ()

    @property
    def is_stream(self) -> bool:
        return bool(self.events)


def right_answer(path: str, sent: bytes) -> RightAnswer:
    """Return what belongs to a request; `path` is below `/api/v1`."""
    if path.endswith("/content") or path == "/audio/speech":
        return RightAnswer("audio/mpeg" if "audio" in path else "video/mp4", SOUND)
    if path == "/audio/transcriptions":
        return _json({"text": TEXT})
    if path.startswith("/videos"):
        return _json({"id": "job", "status": "completed", "generation_id": TEXT})
    if path.startswith("/files"):
        return _json({"id": "file_1", "filename": TEXT, "size_bytes": 3})
    if b'"stream":true' not in sent and b'"stream": true' not in sent:
        return _json(_WHOLE)
    events, marked = _STREAMS[path]
    pieces = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
    if marked:
        pieces.append(b"data: [DONE]\n\n")
    return RightAnswer(SSE, b"".join(pieces), tuple(pieces))


def _json(body: Any) -> RightAnswer:
    return RightAnswer(JSON, json.dumps(body).encode())


USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.0001}
_WHOLE = {
    "id": "gen-1-abc",
    "model": "m",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": TEXT}}
    ],
    "usage": USAGE,
}


def _chat_events() -> list[dict[str, Any]]:
    def chunk(text: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
        delta = {"role": "assistant", "content": text}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "gen-1-abc", "model": "m", "choices": [choice], **more}

    return [*map(chunk, _WORDS), chunk("", "stop"), chunk("", "stop", usage=USAGE)]


def _response_events() -> list[dict[str, Any]]:
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    message = {"type": "message", "id": "m", "role": "assistant", "content": [part]}
    whole = {"id": "gen-1", "object": "response", "status": "completed", "model": "m"}
    delta = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0}
    return [
        {"type": "response.created", "response": {**whole, "status": "in_progress"}},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**message, "content": []},
        },
        *({**delta, "item_id": "m", "delta": text} for text in _WORDS),
        {"type": "response.completed", "response": {**whole, "output": [message]}},
    ]


def _message_events() -> list[dict[str, Any]]:
    start = {"id": "gen-1", "type": "message", "role": "assistant", "model": "m", "content": []}
    return [
        {"type": "message_start", "message": {**start, "usage": {"input_tokens": 3}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": text},
            }
            for text in _WORDS
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    ]


def _image_events() -> list[dict[str, Any]]:
    preview = {"type": "image_generation.partial_image", "b64_json": "eA=="}
    completed = [
        {"type": "image_generation.text_chunk", "phase": "content", "text": text} for text in _WORDS
    ]
    return [preview, *completed, {"type": "image_generation.completed", "b64_json": "eA=="}]


def _completion_events() -> list[dict[str, Any]]:
    def chunk(text: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
        choice = {"index": 0, "text": text, "finish_reason": finish}
        return {"id": "gen-1-abc", "model": "m", "choices": [choice], **more}

    return [*map(chunk, _WORDS), chunk("", "stop", usage=USAGE)]


_STREAMS = {
    "/completions": (_completion_events(), True),
    "/chat/completions": (_chat_events(), True),
    "/responses": (_response_events(), True),
    "/messages": (_message_events(), False),
    "/images": (_image_events(), True),
}
