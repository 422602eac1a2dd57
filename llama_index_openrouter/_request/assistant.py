"""What the assistant said before, as a wire message: some blocks are parts of the content, others fields of the message.

Called by `build`; pure, apart from reading files. The caller's messages are never changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llama_index.core.base.llms.types import (
    AudioBlock,
    CachePoint,
    ChatMessage,
    CitationBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_openrouter._request.content_parts import (
    audio_data,
    block_parts,
    content_of,
    image_parts,
    mark,
    marked,
)
from llama_index_openrouter._response.reasoning import base64_text, details_of
from llama_index_openrouter.wire_block import wire_part
from openrouter_core.chat.content_parts import Part
from openrouter_core.chat.reasoning import GOOGLE, encrypted
from openrouter_core.chat.tool_turns import WireMessage, arguments_text

_ASSISTANT_FIELDS = ("name", "model", "refusal", "annotations", "audio", "function_call")
"""Keys of `additional_kwargs` that are fields of an assistant message on the wire."""


def to_assistant(message: ChatMessage) -> WireMessage:
    """Return the assistant's message as the wire has it.

    Raises:
        ConfigurationError: A block cannot be carried.
    """
    notes = message.additional_kwargs
    fields = {key: notes[key] for key in _ASSISTANT_FIELDS if notes.get(key) is not None}
    entry: WireMessage = {"role": "assistant", "content": None, **fields}
    parts: list[Part] = []
    thoughts: list[ThinkingBlock] = []
    for block in message.blocks:
        if isinstance(block, ThinkingBlock) and wire_part(block) is None:
            thoughts.append(block)
        elif isinstance(block, CachePoint):
            mark(_last_markable(entry, parts), block)
        else:
            _place(block, entry, parts, notes)
    if not entry.get("tool_calls") and notes.get("tool_calls"):
        entry["tool_calls"] = [_call_of_note(call) for call in notes["tool_calls"]]
    entry["content"] = notes.get("content") or content_of(marked(parts, notes))
    if entry["content"] == entry.get("refusal"):  # a refusal is shown as text, too
        entry["content"] = None
    details = [detail for block in thoughts for detail in details_of(block)]
    return entry | _reasoning(thoughts, details + _google_signatures(message), notes)


def _place(block: Any, entry: WireMessage, parts: list[Part], notes: dict[str, Any]) -> None:
    """Put a block where it belongs in an assistant message."""
    place = _ASSISTANT_BLOCKS.get(type(block))
    if place is None:
        parts.extend(block_parts(block, "assistant"))
    else:
        place(block, entry, notes)


def _place_image(block: ImageBlock, entry: WireMessage, _notes: dict[str, Any]) -> None:
    entry.setdefault("images", []).extend(image_parts(block))


def _place_audio(block: AudioBlock, entry: WireMessage, notes: dict[str, Any]) -> None:
    entry["audio"] = {**(notes.get("audio") or {}), "data": audio_data(block)}


def _place_citation(block: CitationBlock, entry: WireMessage, notes: dict[str, Any]) -> None:
    if notes.get("annotations") is not None:
        return  # the annotations themselves are sent; this block is the readable form of one
    citation = {"url": block.source, "title": block.title, **block.additional_location_info}
    if isinstance(block.cited_content, TextBlock) and block.cited_content.text:
        citation["content"] = block.cited_content.text
    entry.setdefault("annotations", []).append({"type": "url_citation", "url_citation": citation})


def _place_call(block: ToolCallBlock, entry: WireMessage, notes: dict[str, Any]) -> None:
    original = _original_call(block, notes.get("tool_calls"))
    call: dict[str, Any] = {
        **original,
        "id": block.tool_call_id,
        "type": original.get("type") or "function",
        "function": {
            **(original.get("function") or {}),
            "name": block.tool_name,
            "arguments": arguments_text(block.tool_kwargs),
        },
    }
    call.pop("index", None)  # the place in the stream it came from
    entry.setdefault("tool_calls", []).append(call)


_ASSISTANT_BLOCKS: dict[type, Callable[[Any, WireMessage, dict[str, Any]], None]] = {
    ImageBlock: _place_image,
    AudioBlock: _place_audio,
    CitationBlock: _place_citation,
    ToolCallBlock: _place_call,
}


def _original_call(block: ToolCallBlock, calls: object) -> dict[str, Any]:
    """The call as it was received, for fields that a ToolCallBlock has no room for."""
    for call in cast("list[object]", calls) if isinstance(calls, list) else []:
        if isinstance(call, dict):
            known = cast("dict[str, Any]", call)
            if known.get("id") == block.tool_call_id:
                return known
    return {}


def _call_of_note(call: Any) -> dict[str, Any]:
    """A call that a history holds in `additional_kwargs` alone: OpenAI's, as a dict or object, or another's."""
    plain = dict(call if isinstance(call, dict) else call.model_dump(exclude_none=True))
    # llms-anthropic keeps name and input, llms-google-genai name and args.
    if "function" not in plain:
        given = plain.get("input", plain.get("args"))
        plain = {"id": plain.get("id"), "function": {"name": plain.get("name"), "arguments": given}}
    function = dict(plain.get("function") or {})
    plain["function"] = {**function, "arguments": arguments_text(function.get("arguments"))}
    plain.pop("index", None)
    return {"type": "function", **plain}


def _reasoning(
    thoughts: list[ThinkingBlock], details: list[dict[str, Any]], notes: dict[str, Any]
) -> dict[str, Any]:
    """The details as received, and the plain text; the core chooses which of them go along."""
    text = "".join(block.content or "" for block in thoughts)
    received = details or notes.get("reasoning_details")
    fields: dict[str, Any] = {"reasoning": text} if text else {}
    return fields if received is None else {**fields, "reasoning_details": received}


def _google_signatures(message: ChatMessage) -> list[dict[str, Any]]:
    """What llms-google-genai keeps of signatures: one for each block, by its place."""
    signatures = message.additional_kwargs.get("thought_signatures") or ()
    return [
        encrypted(base64_text(signature), GOOGLE, getattr(block, "tool_call_id", None))
        for block, signature in zip(message.blocks, signatures, strict=False)
        if signature and not isinstance(block, ThinkingBlock)
    ]


def _last_markable(entry: WireMessage, parts: list[Part]) -> dict[str, Any] | None:
    calls = entry.get("tool_calls")
    return calls[-1] if calls else parts[-1] if parts else None
