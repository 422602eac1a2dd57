"""A turn in the shape of the Responses API: the whole result, or its events. Pure.

Every event carries a `sequence_number` from 0; the items of the events are those of the result.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from openrouter_emulator.inference import chat_answer
from openrouter_emulator.inference.turn import Turn
from openrouter_emulator.planned_response import JsonObject

_PIECE = 16
"""Characters in one delta of arguments."""


def result(turn: Turn) -> JsonObject:
    """The whole answer."""
    cut = turn.finish[0] == "length"
    status = "incomplete" if cut else "completed"
    details = {"reason": "max_output_tokens"} if cut else None
    tier = turn.envelope.service_tier or "default"
    shell = _shell(turn, status, output=items(turn), incomplete=details, tier=tier)
    return {**shell, "usage": _usage(turn)}


def _shell(
    turn: Turn,
    status: str,
    *,
    output: Sequence[JsonObject] = (),
    incomplete: JsonObject | None = None,
    tier: str = "auto",
) -> JsonObject:
    """The response object without its usage, in the recorded order of its fields."""
    body = turn.request.body

    def echoed(name: str, otherwise: Any = None) -> Any:
        return otherwise if body.get(name) is None else body[name]

    return {
        "id": turn.envelope.id,
        "object": "response",
        "created_at": turn.envelope.created,
        "model": turn.envelope.model,
        "status": status,
        "completed_at": None if status == "in_progress" else turn.envelope.created,
        "output": list(output),
        "error": None,
        "incomplete_details": incomplete,
        "tools": [_tool(tool) for tool in echoed("tools", [])],
        "tool_choice": echoed("tool_choice", "auto"),
        "parallel_tool_calls": echoed("parallel_tool_calls", True),  # a JSON value
        "max_output_tokens": echoed("max_output_tokens"),
        "temperature": echoed("temperature", 1),
        "top_p": echoed("top_p", 1),
        "presence_penalty": echoed("presence_penalty", 0),
        "frequency_penalty": echoed("frequency_penalty", 0),
        "top_logprobs": echoed("top_logprobs", 0),
        "max_tool_calls": echoed("max_tool_calls"),
        "metadata": echoed("metadata", {}),
        "background": echoed("background", False),  # a JSON value
        "previous_response_id": None,
        "service_tier": tier if tier != "auto" else echoed("service_tier", "auto"),
        "truncation": echoed("truncation", "disabled"),
        "store": False,
        "instructions": echoed("instructions"),
        "text": echoed("text", {"format": {"type": "text"}}),
        "reasoning": echoed("reasoning"),
        "safety_identifier": echoed("safety_identifier"),
        "prompt_cache_key": echoed("prompt_cache_key"),
        "prompt_cache_options": echoed("prompt_cache_options"),
        "usage": None,
    }


def _tool(tool: JsonObject) -> JsonObject:
    """A tool as it is echoed: a function says that it is not strict by null."""
    if tool.get("type") != "function":
        return tool
    first = {name: tool.get(name) for name in ("type", "name", "description", "strict")}
    return {**first, **tool}


def _usage(turn: Turn) -> JsonObject:
    usage, bill = turn.usage, turn.bill
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.cache_write,
        },
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.prompt + usage.completion,
        "cost": bill.cost,
        "is_byok": bill.is_byok,
        "cost_details": {
            "upstream_inference_cost": bill.total,
            "upstream_inference_input_cost": bill.prompt_cost,
            "upstream_inference_output_cost": bill.completion_cost,
        },
    }


# ---------------------------------------------------------------- items


def items(turn: Turn) -> list[JsonObject]:
    """The output items: reasoning, then the message or the calls, then pictures."""
    reply = turn.reply
    found = [*_reasoning(turn), *_message(turn)]
    for call in chat_answer.call_objects(reply):
        function = call["function"]
        named = {"call_id": call["id"], "name": function["name"]}
        item = {"id": _id(turn, "fc", call["id"]), "type": "function_call", "status": "completed"}
        found.append({**item, **named, "arguments": function["arguments"]})
    for at, url in enumerate(reply.images):
        item = {"id": _id(turn, "ig", str(at)), "type": "image_generation_call"}
        found.append({**item, "status": "completed", "result": url.partition(",")[2]})
    return found


def _id(turn: Turn, prefix: str, seed: str = "") -> str:
    digest = hashlib.sha256(f"{turn.envelope.id}{prefix}{seed}".encode()).hexdigest()
    return f"{prefix}_{digest[:32]}"


def _reasoning(turn: Turn) -> Iterator[JsonObject]:
    details = chat_answer.details(turn.reply, turn.envelope.style)
    if not details:
        return
    first = details[0]
    item: JsonObject = {"id": _id(turn, "rs"), "type": "reasoning", "status": "completed"}
    item["summary"] = []
    for detail in details:
        if detail["type"] == "reasoning.summary":
            item["summary"].append({"type": "summary_text", "text": detail["summary"]})
        elif detail["type"] == "reasoning.encrypted":
            item["encrypted_content"] = detail["data"]
        elif detail.get("text"):
            text = {"type": "reasoning_text", "text": detail["text"]}
            item.setdefault("content", []).append(text)
            item["signature"] = detail.get("signature")
    item["format"] = first.get("format") or "unknown"
    yield item


def _message(turn: Turn) -> Iterator[JsonObject]:
    reply = turn.reply
    content: list[JsonObject] = []
    if reply.refusal is not None:
        content.append({"type": "refusal", "refusal": reply.refusal})
    elif reply.full_text is not None:
        notes = [_annotation(a) for a in reply.annotations if a["type"] == "url_citation"]
        text = {"type": "output_text", "text": reply.full_text, "annotations": notes}
        content.append({**text, "logprobs": list(reply.logprobs or ())})
    if content:
        item = {"id": _id(turn, "msg"), "type": "message", "status": "completed"}
        yield {**item, "role": "assistant", "content": content}


def _annotation(note: JsonObject) -> JsonObject:
    cited: JsonObject = note["url_citation"]
    return {"type": "url_citation", **cited}


# ---------------------------------------------------------------- events


def events(turn: Turn) -> list[JsonObject]:
    """The events of a streamed answer, numbered."""
    return [{**event, "sequence_number": at} for at, event in enumerate(_events(turn))]


def _events(turn: Turn) -> Iterator[JsonObject]:
    final = result(turn)
    started = _shell(turn, "in_progress")
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    for at, item in enumerate(final["output"]):
        yield from _item_events(item, at)
    yield {"type": f"response.{final['status']}", "response": final}


_FIRST = ("type", "output_index", "item_id", "summary_index", "content_index")
"""The fields that every event inside an item begins with."""


def _item_events(item: JsonObject, at: int) -> Iterator[JsonObject]:
    place = {"item_id": item["id"], "output_index": at}
    inside, emptied = _INSIDE[item["type"]]
    begun = {**item, **emptied, "status": "in_progress"}
    yield {"type": "response.output_item.added", "output_index": at, "item": begun}
    for event in inside(item):
        whole = {**event, **place}
        yield {**{name: whole[name] for name in _FIRST if name in whole}, **whole}
    yield {"type": "response.output_item.done", "output_index": at, "item": item}


def _parts(item: JsonObject) -> Iterator[JsonObject]:
    for at, part in enumerate(item["content"]):
        place = {"content_index": at}
        kind = part["type"]
        field = "refusal" if kind == "refusal" else "text"
        empty = {**part, field: ""}
        if kind == "output_text":
            empty |= {"annotations": [], "logprobs": []}
        yield {"type": "response.content_part.added", "part": empty, **place}
        for event in _part_events(part, kind, field):
            yield {**event, **place}
        yield {"type": "response.content_part.done", "part": part, **place}


def _part_events(part: JsonObject, kind: str, field: str) -> Iterator[JsonObject]:
    extra: JsonObject = {"logprobs": []} if kind == "output_text" else {}
    for piece in chat_answer.words(part[field]):
        yield {"type": f"response.{kind}.delta", "delta": piece, **extra}
    for number, note in enumerate(part.get("annotations") or ()):
        named = {"annotation": note, "annotation_index": number}
        yield {"type": "response.output_text.annotation.added", **named}
    yield {"type": f"response.{kind}.done", field: part[field], **extra}


def _thoughts(item: JsonObject) -> Iterator[JsonObject]:
    for at, part in enumerate(item["summary"]):
        place, prefix = {"summary_index": at}, "response.reasoning_summary"
        yield {"type": f"{prefix}_part.added", "part": {**part, "text": ""}, **place}
        for piece in chat_answer.words(part["text"]):
            yield {"type": f"{prefix}_text.delta", "delta": piece, **place}
        yield {"type": f"{prefix}_text.done", "text": part["text"], **place}
        yield {"type": f"{prefix}_part.done", "part": part, **place}
    for at, part in enumerate(item.get("content") or ()):
        place = {"content_index": at}
        yield {"type": "response.content_part.added", "part": {**part, "text": ""}, **place}
        for piece in chat_answer.words(part["text"]):
            yield {"type": "response.reasoning_text.delta", "delta": piece, **place}
        yield {"type": "response.reasoning_text.done", "text": part["text"], **place}
        yield {"type": "response.content_part.done", "part": part, **place}


def _arguments(item: JsonObject) -> Iterator[JsonObject]:
    text, kind = item["arguments"], "response.function_call_arguments"
    for at in range(0, len(text), _PIECE):
        yield {"type": f"{kind}.delta", "delta": text[at : at + _PIECE]}
    yield {"type": f"{kind}.done", "name": item["name"], "arguments": text}


def _picture(item: JsonObject) -> Iterator[JsonObject]:
    kind = "response.image_generation_call"
    yield {"type": f"{kind}.in_progress"}
    yield {"type": f"{kind}.generating"}
    small = base64.b64encode(base64.b64decode(item["result"])).decode()
    yield {"type": f"{kind}.partial_image", "partial_image_b64": small, "partial_image_index": 0}
    yield {"type": f"{kind}.completed"}


_INSIDE: dict[str, tuple[Any, JsonObject]] = {
    "message": (_parts, {"content": []}),
    "reasoning": (_thoughts, {"summary": []}),
    "function_call": (_arguments, {"arguments": ""}),
    "image_generation_call": (_picture, {"result": None}),
}
"""By type: the events inside an item, and what it has not yet when it is added."""
