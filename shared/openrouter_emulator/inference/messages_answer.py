"""A turn in the shape of Anthropic's Messages API: the whole message, or its events. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.inference import chat_answer
from openrouter_emulator.inference.turn import Turn
from openrouter_emulator.planned_response import JsonObject

_PIECE = 16
"""Characters in one delta of a tool's input."""
_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def result(turn: Turn) -> JsonObject:
    """The whole message."""
    return {
        **_shell(turn),
        "content": blocks(turn),
        "stop_reason": _stop_reason(turn),
        "usage": _usage(turn),
    }


def _shell(turn: Turn) -> JsonObject:
    return {
        "id": turn.envelope.id,
        "type": "message",
        "role": "assistant",
        "container": None,
        "content": [],
        "model": turn.envelope.model,
        "stop_reason": None,
        "stop_details": None,
        "stop_sequence": None,
        "usage": _counts(0, 0),
        "provider": turn.envelope.provider,
    }


def _stop_reason(turn: Turn) -> str:
    if turn.reply.refusal is not None:
        return "refusal"
    return _REASONS.get(turn.finish[0] or "stop", "end_turn")


def _counts(
    prompt: int, completion: int, *, usage: Usage | None = None, tier: str | None = None
) -> JsonObject:
    """Tokens; what a cache gave or took is not among the input's."""
    read, written = (usage.cached, usage.cache_write) if usage else (0, 0)
    thought = {"thinking_tokens": usage.reasoning} if usage and usage.reasoning else None
    return {
        "input_tokens": prompt - read - written,
        "output_tokens": completion,
        "output_tokens_details": thought,
        "cache_creation_input_tokens": written or None,
        "cache_read_input_tokens": read or None,
        "cache_creation": None,
        "inference_geo": None,
        "server_tool_use": None,
        "service_tier": tier,
        "speed": "standard",
    }


def _usage(turn: Turn) -> JsonObject:
    usage, bill = turn.usage, turn.bill
    tier = {"default": "standard"}.get(str(turn.envelope.service_tier), turn.envelope.service_tier)
    details = {
        "upstream_inference_cost": bill.total,
        "upstream_inference_prompt_cost": bill.prompt_cost,
        "upstream_inference_completions_cost": bill.completion_cost,
    }
    counts = _counts(usage.prompt, usage.completion, usage=usage, tier=tier)
    return {**counts, "cost": bill.cost, "is_byok": bill.is_byok, "cost_details": details}


def blocks(turn: Turn) -> list[JsonObject]:
    """The content: thinking, then text, then uses of tools."""
    reply = turn.reply
    found = list(_thinking(turn))
    text = reply.refusal if reply.refusal is not None else reply.full_text
    if text is not None:
        found.append({"type": "text", "text": text, "citations": None})
    for call in chat_answer.call_objects(reply):
        named = {"type": "tool_use", "id": call["id"], "caller": {"type": "direct"}}
        named["name"] = call["function"]["name"]
        found.append({**named, "input": _parsed(call["function"]["arguments"])})
    return found


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return {}


def _thinking(turn: Turn) -> Iterator[JsonObject]:
    for detail in chat_answer.details(turn.reply, turn.envelope.style):
        text = detail.get("text") or detail.get("summary")
        if text:
            signature = detail.get("signature") or ""
            yield {"type": "thinking", "thinking": text, "signature": signature}
        elif detail["type"] == "reasoning.encrypted":
            yield {"type": "redacted_thinking", "data": detail["data"]}


# ---------------------------------------------------------------- events


def events(turn: Turn) -> list[JsonObject]:
    """The events of a streamed message."""
    return list(_events(turn))


def _events(turn: Turn) -> Iterator[JsonObject]:
    whole = result(turn)
    yield {"type": "message_start", "message": _shell(turn)}
    yield {"type": "ping"}
    for at, block in enumerate(whole["content"]):
        yield from _block_events(block, at)
    ended = ("container", "stop_details", "stop_reason", "stop_sequence")
    delta = {name: whole[name] for name in ended}
    usage = {k: v for k, v in whole["usage"].items() if k != "inference_geo"}
    yield {"type": "message_delta", "delta": delta, "usage": usage, "context_management": None}
    yield {"type": "message_stop"}


def _block_events(block: JsonObject, at: int) -> Iterator[JsonObject]:
    emptied, deltas = _BLOCKS.get(block["type"], ({}, _none))
    begun = {**block, **emptied}
    yield {"type": "content_block_start", "index": at, "content_block": begun}
    for delta in deltas(block):
        yield {"type": "content_block_delta", "index": at, "delta": delta}
    yield {"type": "content_block_stop", "index": at}


def _none(_block: JsonObject) -> Iterator[JsonObject]:
    yield from ()


def _text_deltas(block: JsonObject) -> Iterator[JsonObject]:
    for piece in chat_answer.words(block["text"]):
        yield {"type": "text_delta", "text": piece}


def _thinking_deltas(block: JsonObject) -> Iterator[JsonObject]:
    for piece in chat_answer.words(block["thinking"]):
        yield {"type": "thinking_delta", "thinking": piece}
    yield {"type": "signature_delta", "signature": block["signature"]}


def _input_deltas(block: JsonObject) -> Iterator[JsonObject]:
    text = json.dumps(block["input"], ensure_ascii=False)
    for at in range(0, len(text), _PIECE):
        yield {"type": "input_json_delta", "partial_json": text[at : at + _PIECE]}


_BLOCKS: dict[str, tuple[JsonObject, Any]] = {
    "text": ({"text": ""}, _text_deltas),
    "thinking": ({"thinking": "", "signature": ""}, _thinking_deltas),
    "tool_use": ({"input": {}}, _input_deltas),
}
"""By type: what a block has not yet when it starts, and its deltas."""
