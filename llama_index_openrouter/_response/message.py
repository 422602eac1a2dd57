"""Replies and chunks to LlamaIndex responses. Called by `llm` for every reply and chunk; no I/O.

A streamed answer ends in a response made from the whole reply by the same converter as one that was
not streamed, so both carry the same blocks, notes and usage.
"""

from __future__ import annotations

import logging
from typing import Any, cast

from llama_index.core.base.llms.types import (
    AudioBlock,
    ChatMessage,
    ChatResponse,
    CitationBlock,
    ImageBlock,
    LogProb,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_openrouter._response.reasoning import plain_thinking, thinking_block
from openrouter_core import ResponseShapeError
from openrouter_core._fast import copy_unchecked

Reply = dict[str, Any]
log = logging.getLogger(__name__)

_CALL = ToolCallBlock(tool_name="")
_MESSAGE = ChatMessage(role=MessageRole.ASSISTANT)
_RESPONSE = ChatResponse(message=_MESSAGE)
_CUT_SHORT = frozenset({"length", "content_filter", "error"})
_FROM_REPLY = ("model", "provider", "service_tier", "system_fingerprint", "openrouter_metadata")
_FROM_USAGE = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cost",
    "cost_details",
    "is_byok",
)
_MESSAGE_NOTES = ("refusal", "annotations", "tool_calls")
"""Message fields kept as received in `additional_kwargs`, for readers and for the next request."""


def to_chat_response(
    reply: Reply, *, generation_id: str | None = None, delta: str | None = None
) -> ChatResponse:
    """Convert a whole reply.

    Args:
        generation_id: The id from the response headers, which wins over the body's.
        delta: The last text of a stream; None for a reply that was not streamed.

    Raises:
        ResponseShapeError: The reply has no choice.
    """
    choices = reply.get("choices")
    if not choices:
        raise ResponseShapeError(
            "OpenRouter's reply holds no choices. The body is in .raw.", raw=reply
        )
    choice = cast("dict[str, Any]", choices[0])
    message = to_chat_message(choice.get("message") or {}, reply_id=reply.get("id"))
    notes = _notes(reply, choice, generation_id)
    _warn_when_cut(message, notes)
    said = {
        "message": message,
        "raw": reply,
        "delta": delta,
        "logprobs": _logprobs(choice.get("logprobs")),
        "additional_kwargs": notes,
    }
    return copy_unchecked(_RESPONSE, said)


def to_chat_message(message: dict[str, Any], *, reply_id: str | None = None) -> ChatMessage:
    """Convert the assistant's message; fields without a block of their own go to `additional_kwargs`."""
    calls = with_ids(message.get("tool_calls") or [], reply_id)
    blocks: list[Any] = [
        *_thinking(message),
        *_content_blocks(message.get("content"), bare=not calls),
        *(_image_block(image) for image in message.get("images") or []),
        *_audio_blocks(message.get("audio")),
        *_citation_blocks(message),
        *map(tool_call_block, calls),
    ]
    said = {"blocks": blocks, "additional_kwargs": _message_notes(message, calls)}
    return copy_unchecked(_MESSAGE, said)


def _message_notes(message: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any]:
    said = {**message, "tool_calls": calls}
    notes = {key: said[key] for key in _MESSAGE_NOTES if said.get(key)}
    if message.get("reasoning_details") is not None:
        # Also []: some models want it back. LlamaIndex's streamed chat engine keeps notes, not blocks.
        notes["reasoning_details"] = message["reasoning_details"]
    audio = message.get("audio")
    if isinstance(audio, dict):
        fields = cast("dict[str, Any]", audio)
        notes["audio"] = {key: value for key, value in fields.items() if key != "data"}
    content = message.get("content")
    if isinstance(content, list) and not all(map(_is_text, content)):
        notes["content"] = content  # parts that no block stands for
    return notes


def _notes(reply: Reply, choice: dict[str, Any], generation_id: str | None) -> dict[str, Any]:
    """What a ChatResponse says about the answer. Keys that the reply lacks are left out."""
    usage = reply.get("usage") or {}
    ended = choice.get("finish_reason")
    if (choice.get("message") or {}).get("tool_calls") and ended not in _CUT_SHORT:
        ended = "tool_calls"  # some providers say "stop" or nothing beside their calls
    said = {
        "generation_id": generation_id or reply.get("id"),
        "finish_reason": ended,
        "native_finish_reason": choice.get("native_finish_reason"),
        **{key: reply.get(key) for key in _FROM_REPLY},
        **{key: usage.get(key) for key in _FROM_USAGE},
    }
    notes = {key: value for key, value in said.items() if value is not None}
    notes.setdefault("finish_reason", None)  # its presence tells a whole answer from a partial one
    return notes


def _warn_when_cut(message: ChatMessage, notes: dict[str, Any]) -> None:
    if notes["finish_reason"] == "length" and not message.content:
        log.warning(
            "The answer %s was cut off before any text came (finish_reason 'length'). "
            "Reasoning may have used it all: raise max_tokens or lower reasoning effort.",
            notes.get("generation_id"),
        )


# Blocks


def _thinking(message: dict[str, Any]) -> list[ThinkingBlock]:
    blocks = [thinking_block(detail) for detail in message.get("reasoning_details") or []]
    text = message.get("reasoning") or message.get("reasoning_content")
    if text and not any(block.content for block in blocks):
        blocks.insert(0, plain_thinking(text))
    return blocks


def _content_blocks(content: Any, *, bare: bool) -> list[Any]:
    """The text, as one block, for LlamaIndex joins text blocks with line breaks."""
    if isinstance(content, str):
        return [TextBlock(text=content)] if content or bare else []
    blocks: list[Any] = []
    for part in cast("list[dict[str, Any]]", content or []):
        if not _is_text(part):
            continue
        text = part.get("text") or ""
        if blocks:
            blocks[-1] = TextBlock(text=blocks[-1].text + text)
        else:
            blocks.append(TextBlock(text=text))
    return blocks


def _is_text(part: dict[str, Any]) -> bool:
    return part.get("type") == "text"


def _image_block(image: dict[str, Any]) -> ImageBlock:
    place = image.get("image_url") or {}
    url = place.get("url") or ""
    detail = place.get("detail")
    header, comma, data = url.partition(";base64,")
    if comma and header.startswith("data:") and _is_base64(data):
        mimetype = header.removeprefix("data:")
        return ImageBlock(image=data.encode(), image_mimetype=mimetype, detail=detail)
    return ImageBlock(url=url, detail=detail)


def _is_base64(data: str) -> bool:
    """Whether a block would keep the data as it is; it encodes again what it cannot decode."""
    import base64
    import binascii

    try:
        return base64.b64encode(base64.b64decode(data, validate=True)).decode() == data
    except (binascii.Error, ValueError):
        return False


def _audio_blocks(audio: Any) -> list[AudioBlock]:
    data = audio.get("data") if isinstance(audio, dict) else None
    return [AudioBlock(audio=str(data).encode(), format=audio.get("format"))] if data else []


def _citation_blocks(message: dict[str, Any]) -> list[CitationBlock]:
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    citations = (
        entry.get("url_citation")
        for entry in message.get("annotations") or []
        if entry.get("type") == "url_citation"
    )
    return [_citation_block(citation, text) for citation in citations if citation]


def _citation_block(citation: dict[str, Any], text: str) -> CitationBlock:
    ends = {key: citation.get(key) for key in ("start_index", "end_index")}
    place = {key: value for key, value in ends.items() if isinstance(value, int)}
    marked = text[place.get("start_index", 0) : place.get("end_index", 0)]
    return CitationBlock(
        cited_content=TextBlock(text=citation.get("content") or marked),
        source=citation.get("url") or "",
        title=citation.get("title") or "",
        additional_location_info=place,
    )


def with_ids(calls: list[dict[str, Any]], reply_id: str | None) -> list[dict[str, Any]]:
    """Give an id to every call that has none, or one that an earlier call has; the rest stay as they are."""
    if not calls or (len(calls) == 1 and calls[0].get("id")):
        return [*calls]
    seen: set[str] = set()
    identified: list[dict[str, Any]] = []
    for at, call in enumerate(calls):
        identity = call.get("id")
        if not identity or identity in seen:
            identity = f"call_{(reply_id or 'openrouter')[-20:]}_{at}"
        seen.add(identity)
        identified.append(call if identity == call.get("id") else {**call, "id": identity})
    return identified


def tool_call_block(call: dict[str, Any]) -> ToolCallBlock:
    """Convert a call; the argument text stays as it came, for the next request sends it again."""
    function = call.get("function") or {}
    said = {
        "tool_call_id": call.get("id"),
        "tool_name": function.get("name") or "",
        "tool_kwargs": function.get("arguments") or {},
    }
    return copy_unchecked(_CALL, said)


def _logprobs(logprobs: Any) -> list[list[LogProb]] | None:
    """Per token its alternatives, or itself where none were asked for."""
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(tokens, list):
        return None
    entries = cast("list[dict[str, Any]]", tokens)
    return [[_logprob(top) for top in entry.get("top_logprobs") or [entry]] for entry in entries]


def _logprob(entry: dict[str, Any]) -> LogProb:
    return LogProb(
        token=entry.get("token") or "",
        logprob=entry.get("logprob") or 0.0,
        bytes=entry.get("bytes") or [],
    )
