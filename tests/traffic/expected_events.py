"""What a Responses or Messages stream adds up to, read straight off its events. No code is shared."""

from __future__ import annotations

import json
from typing import Any

JsonObject = dict[str, Any]


def problems_of(events: list[JsonObject], result: JsonObject) -> list[str]:
    """Compare what a client added up with the events."""
    wanted = _response(events) or _message(events)
    return [
        f"  {key} of the sum:\n    wire: {str(value)[:300]}\n    seen: {str(result.get(key))[:300]}"
        for key, value in wanted.items()
        if result.get(key) != value
    ]


def _response(events: list[JsonObject]) -> JsonObject:
    """The last word of a Responses stream: the snapshot that completes it."""
    return next((e["response"] for e in events if e.get("type") == "response.completed"), {})


def _message(events: list[JsonObject]) -> JsonObject:
    """A Messages stream: the start, its blocks filled by the deltas, the end's reason and usage."""
    message: JsonObject = {}
    blocks: list[JsonObject] = []
    for event in events:
        kind = event["type"]
        if kind == "message_start":
            message = dict(event["message"])
        elif kind == "content_block_start":
            blocks.append({**event["content_block"], "json": ""})
        elif kind == "content_block_delta":
            _fill(blocks[event["index"]], event["delta"])
        elif kind == "message_delta":
            usage = {
                **message["usage"],
                **{k: v for k, v in event["usage"].items() if v is not None},
            }
            message.update(event["delta"], usage=usage)
    return {**message, "content": [_finished(block) for block in blocks]}


def _fill(block: JsonObject, delta: JsonObject) -> None:
    for key in ("text", "thinking", "signature"):
        if key in delta:
            block[key] = (block.get(key) or "") + delta[key]
    block["json"] += delta.get("partial_json", "")


def _finished(block: JsonObject) -> JsonObject:
    text = block.pop("json")
    return {**block, "input": json.loads(text)} if text else block
