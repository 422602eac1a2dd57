"""LlamaIndex messages to wire messages. Called once per request by `llm`; pure, apart from reading files.

One function per block type, found in a table. Nothing is dropped: a `WireBlock` goes out as it is, a block
that OpenRouter has no place for raises. What of it the asked model takes is decided by the core. The caller's
messages are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from llama_index.core.base.llms.types import (
    AudioBlock,
    CachePoint,
    ChatMessage,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

from llama_index_openrouter._request import content_parts
from llama_index_openrouter._response.reasoning import base64_text, details_of
from llama_index_openrouter.wire_block import wire_part
from openrouter_core import ConfigurationError
from openrouter_core.chat.content_parts import Part, mark_last_part
from openrouter_core.chat.reasoning import GOOGLE, encrypted
from openrouter_core.chat.tool_turns import WireMessage, arguments_text

_ROLES: dict[Any, str] = {
    MessageRole.SYSTEM: "system",
    MessageRole.DEVELOPER: "developer",
    MessageRole.USER: "user",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.MODEL: "assistant",
    MessageRole.TOOL: "tool",
    MessageRole.FUNCTION: "tool",
}
_ASSISTANT_FIELDS = ("name", "model", "refusal", "annotations", "audio", "function_call")
"""Keys of `additional_kwargs` that are fields of an assistant message on the wire."""


def to_wire(message: ChatMessage) -> WireMessage:
    """Convert a message to its wire form.

    Raises:
        ConfigurationError: A message or block cannot be carried; the sentence says what to do.
    """
    role = _role(message)
    if role == "assistant":
        return _assistant(message)
    if role == "tool":
        call_id = message.additional_kwargs.get("tool_call_id")
        return {**_plain(message, "tool"), "tool_call_id": call_id}
    return _plain(message, role)


def _role(message: ChatMessage) -> str:
    role = _ROLES.get(message.role)
    if role is None:
        raise ConfigurationError(
            f"OpenRouter has no message role {message.role!r}. "
            "Use system, developer, user, assistant or tool."
        )
    return role


def _plain(message: ChatMessage, role: str) -> WireMessage:
    if (text := _only_text(message)) is not None:
        return {"role": role, "content": text}
    parts = _marked(_parts(message.blocks, role), message.additional_kwargs)
    entry: WireMessage = {"role": role, "content": _content(parts)}
    name = message.additional_kwargs.get("name")
    return {**entry, "name": name} if name else entry


def _only_text(message: ChatMessage) -> str | None:
    """The text of a message that is nothing else, as most are: 0.6 instead of 3.4 µs a message."""
    blocks = message.blocks
    alone = len(blocks) == 1 and not message.additional_kwargs
    return blocks[0].text if alone and type(blocks[0]) is TextBlock else None


# Assistant messages: some blocks are parts of the content, others fields of the message.


def _assistant(message: ChatMessage) -> WireMessage:
    notes = message.additional_kwargs
    fields = {key: notes[key] for key in _ASSISTANT_FIELDS if notes.get(key) is not None}
    entry: WireMessage = {"role": "assistant", "content": None, **fields}
    parts: list[Part] = []
    thoughts: list[ThinkingBlock] = []
    for block in message.blocks:
        if isinstance(block, ThinkingBlock) and wire_part(block) is None:
            thoughts.append(block)
        elif isinstance(block, CachePoint):
            _mark(_last_markable(entry, parts), block)
        else:
            _place(block, entry, parts, notes)
    if not entry.get("tool_calls") and notes.get("tool_calls"):
        entry["tool_calls"] = [_call_of_note(call) for call in notes["tool_calls"]]
    entry["content"] = notes.get("content") or _content(_marked(parts, notes))
    if entry["content"] == entry.get("refusal"):  # a refusal is shown as text, too
        entry["content"] = None
    details = [detail for block in thoughts for detail in details_of(block)]
    return entry | _reasoning(thoughts, details + _google_signatures(message), notes)


def _place(block: Any, entry: WireMessage, parts: list[Part], notes: dict[str, Any]) -> None:
    """Put a block where it belongs in an assistant message."""
    place = _ASSISTANT_BLOCKS.get(type(block))
    if place is None:
        parts.extend(_block_parts(block, "assistant"))
    else:
        place(block, entry, notes)


def _place_image(block: ImageBlock, entry: WireMessage, _notes: dict[str, Any]) -> None:
    entry.setdefault("images", []).extend(_image(block))


def _place_audio(block: AudioBlock, entry: WireMessage, notes: dict[str, Any]) -> None:
    entry["audio"] = {**(notes.get("audio") or {}), "data": content_parts.audio_data(block)}


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
    if (
        "function" not in plain
    ):  # llms-anthropic keeps name and input, llms-google-genai name and args
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


# Content parts


def _parts(blocks: Sequence[Any], role: str) -> list[Part]:
    parts: list[Part] = []
    for block in blocks:
        if isinstance(block, CachePoint):
            _mark(parts[-1] if parts else None, block)
        else:
            parts.extend(_block_parts(block, role))
    return parts


def _block_parts(block: Any, role: str) -> list[Part]:
    if isinstance(block, ThinkingBlock) and (part := wire_part(block)) is not None:
        return [part]
    for kind in type(block).__mro__:
        convert = _BLOCKS.get(kind)
        if convert is not None:
            return convert(block)
    raise ConfigurationError(
        f"A {role} message holds a {type(block).__name__}, which OpenRouter's chat API cannot carry "
        "there. Remove it, or give the part in its wire form as a WireBlock."
    )


def _text(block: TextBlock) -> list[Part]:
    return [{"type": "text", "text": block.text}]


def _image(block: ImageBlock) -> list[Part]:
    image = {"url": content_parts.image_url(block)}
    if block.detail is not None:
        image["detail"] = block.detail
    return [{"type": "image_url", "image_url": image}]


def _audio(block: AudioBlock) -> list[Part]:
    audio = {"data": content_parts.audio_data(block), "format": content_parts.audio_format(block)}
    return [{"type": "input_audio", "input_audio": audio}]


def _video(block: VideoBlock) -> list[Part]:
    extras = {"detail": block.detail, "fps": block.fps}
    video = {
        "url": content_parts.video_url(block),
        **{k: v for k, v in extras.items() if v is not None},
    }
    return [{"type": "video_url", "video_url": video}]


def _document(block: DocumentBlock) -> list[Part]:
    file = {"filename": content_parts.file_name(block), "file_data": content_parts.file_data(block)}
    return [{"type": "file", "file": file}]


def _cited(block: CitableBlock | CitationBlock) -> list[Part]:
    """Title and source as text, then the content: OpenRouter has no citable part."""
    inner = block.content if isinstance(block, CitableBlock) else [block.cited_content]
    heading = f"{block.title} ({block.source}):"
    return [{"type": "text", "text": heading}, *_parts(inner, "user")]


_BLOCKS: dict[type, Callable[[Any], list[Part]]] = {
    TextBlock: _text,
    ImageBlock: _image,
    AudioBlock: _audio,
    VideoBlock: _video,
    DocumentBlock: _document,
    CitableBlock: _cited,
    CitationBlock: _cited,
    dict: lambda part: [part],
}


def _content(parts: list[Part]) -> str | list[Part]:
    if not parts:
        return ""
    only = parts[0]
    plain = len(parts) == 1 and only.keys() == {"type", "text"} and only["type"] == "text"
    return cast("str", only["text"]) if plain else parts


# Cache marks


def _last_markable(entry: WireMessage, parts: list[Part]) -> dict[str, Any] | None:
    calls = entry.get("tool_calls")
    return calls[-1] if calls else parts[-1] if parts else None


def _mark(target: dict[str, Any] | None, point: CachePoint) -> None:
    if target is None:
        raise ConfigurationError(
            "A CachePoint marks the block before it, and this message has none there. "
            "Put it behind the last block to be cached."
        )
    target["cache_control"] = point.cache_control.model_dump(exclude_none=True)


def _marked(parts: list[Part], notes: dict[str, Any]) -> list[Part]:
    """Turn a message-level mark into a block-level one: OpenRouter ignores the former."""
    mark = notes.get("cache_control")
    return mark_last_part(parts, {"cache_control": mark}) if mark else parts
