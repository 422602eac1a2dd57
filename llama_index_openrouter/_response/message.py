"""Replies and chunks to LlamaIndex responses. Called by `llm` for every reply and chunk; no I/O.

A streamed answer ends in a response made from the whole reply by the same converter as one that was
not streamed, so both carry the same blocks, notes and usage.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
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
from llama_index.core.bridge.pydantic import ValidationError

from llama_index_openrouter._response.reasoning import plain_thinking, thinking_block
from openrouter_core import ReplyInfo
from openrouter_core._fast import copy_unchecked
from openrouter_core.chat.answer import (
    finish_reason_of,
    name_and_arguments,
    reasoning_text,
    refusal_of,
    text_of,
    tool_calls_of,
)
from openrouter_core.chat.clean import readable_logprobs
from openrouter_core.chat.reply import ReplyReader
from openrouter_core.chat.response_cache import cache_status

Reply = dict[str, Any]
_log = logging.getLogger("openrouter")

_CALL = ToolCallBlock(tool_name="")
_TEXT = TextBlock(text="")
_MESSAGE = ChatMessage(role=MessageRole.ASSISTANT)
_RESPONSE = ChatResponse(message=_MESSAGE)
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
_PLAIN = ReplyReader()
_NO_HTTP = ReplyInfo()


def to_chat_response(
    reply: Reply,
    *,
    http: ReplyInfo = _NO_HTTP,
    delta: str | None = None,
    reader: ReplyReader = _PLAIN,
) -> ChatResponse:
    """Convert a whole reply.

    Args:
        http: How it came: its generation id wins over the body's, and its headers tell of the response cache.
        delta: The last text of a stream; None for a reply that was not streamed.
        reader: Knows what was asked for.

    Raises:
        ResponseShapeError: The reply has no choice.
    """
    read = reader.read(reply, generation_id=http.generation_id)
    choice = cast("dict[str, Any]", read["choices"][0])
    fields = {
        "message": to_chat_message(_message_of(choice), reply_id=read.get("id")),
        "raw": reply,
        "delta": delta,
        "logprobs": _logprobs(choice.get("logprobs")),
        "additional_kwargs": _notes(read, choice, http),
    }
    return copy_unchecked(_RESPONSE, fields)


def _message_of(choice: dict[str, Any]) -> dict[str, Any]:
    """The message of a choice; a text completion has its text beside it."""
    message: dict[str, Any] = choice.get("message") or {}
    text = choice.get("text")
    return {**message, "content": text} if text and not message.get("content") else message


def to_chat_message(message: dict[str, Any], *, reply_id: str | None = None) -> ChatMessage:
    """Convert the assistant's message; fields without a block of their own go to `additional_kwargs`.

    A refusal is also the text, where there is no other: LlamaIndex shows nothing else.
    """
    calls = tool_calls_of(message, reply_id=reply_id)
    content = message.get("content")
    text = refusal_of(message) or text_of(content)
    blocks: list[Any] = [
        *_thinking(message),
        *_text_blocks(text, bare=isinstance(content, str) and not calls),
        *_image_blocks(message.get("images") or []),
        *_audio_blocks(message.get("audio")),
        *_citation_blocks(message),
        *map(tool_call_block, calls),
    ]
    fields = {"blocks": blocks, "additional_kwargs": _message_notes(message, calls)}
    return copy_unchecked(_MESSAGE, fields)


def _message_notes(message: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any]:
    fields = {**message, "tool_calls": calls}
    notes = {key: fields[key] for key in _MESSAGE_NOTES if fields.get(key)}
    if message.get("reasoning_details") is not None:
        # Also []: some models want it back. LlamaIndex's streamed chat engine keeps notes, not blocks.
        notes["reasoning_details"] = message["reasoning_details"]
    audio = message.get("audio")
    if isinstance(audio, dict):
        audio_fields = cast("dict[str, Any]", audio)
        notes["audio"] = {key: value for key, value in audio_fields.items() if key != "data"}
    if isinstance(content := message.get("content"), list) and not all(map(_is_text, content)):
        notes["content"] = content  # parts that no block stands for
    return notes


def _notes(reply: Reply, choice: dict[str, Any], http: ReplyInfo) -> dict[str, Any]:
    """What a ChatResponse says about the answer. Keys that the reply lacks are left out."""
    usage: dict[str, Any] = reply.get("usage") or {}
    calls = (choice.get("message") or {}).get("tool_calls")
    notes = {
        "generation_id": http.generation_id or reply.get("id"),
        "attempts": http.attempts if http.attempts > 1 else None,
        "response_cache": cache_status(http.headers),
        "finish_reason": finish_reason_of(choice, has_calls=bool(calls)),
        "native_finish_reason": choice.get("native_finish_reason"),
    }
    for key in _FROM_REPLY:
        notes[key] = reply.get(key)
    for key in _FROM_USAGE:
        notes[key] = usage.get(key)
    # Not so the finish reason: its presence tells a whole answer from a partial one.
    return {k: v for k, v in notes.items() if v is not None or k == "finish_reason"}


# Blocks


def _thinking(message: dict[str, Any]) -> list[ThinkingBlock]:
    details = message.get("reasoning_details")
    blocks = list(map(thinking_block, details)) if details else []
    if not (blocks and any(block.content for block in blocks)) and (
        text := reasoning_text(message)
    ):
        blocks.insert(0, plain_thinking(text))
    return blocks


def _text_blocks(text: str, *, bare: bool) -> list[TextBlock]:
    """The text as one block, for LlamaIndex joins text blocks with line breaks."""
    return [copy_unchecked(_TEXT, {"text": text})] if text or bare else []


def _is_text(part: Any) -> bool:
    return isinstance(part, str) or part.get("type") == "text"


def _image_blocks(images: list[dict[str, Any]]) -> Iterator[ImageBlock]:
    for image in images:
        try:
            yield _image_block(image)
        except ValidationError:
            _log.warning("Left out an image whose URL is not valid; see .raw.")


def _image_block(image: dict[str, Any]) -> ImageBlock:
    place = image["image_url"]
    if isinstance(place, str):
        place = {"url": place}
    url: str = place["url"]
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
    if not isinstance(data, str) or not data or not data.isascii():
        return []
    return [AudioBlock(audio=data.encode(), format=_text(audio.get("format")) or None)]


def _citation_blocks(message: dict[str, Any]) -> list[CitationBlock]:
    annotations = message.get("annotations")
    if not annotations:
        return []
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    citations = (a.get("url_citation") for a in annotations if a.get("type") == "url_citation")
    return [_citation_block(citation, text) for citation in citations if citation]


def _citation_block(citation: dict[str, Any], text: str) -> CitationBlock:
    ends = {key: citation.get(key) for key in ("start_index", "end_index")}
    place = {key: value for key, value in ends.items() if isinstance(value, int)}
    marked = text[place.get("start_index", 0) : place.get("end_index", 0)]
    content, source, title = (_text(citation.get(key)) for key in ("content", "url", "title"))
    return CitationBlock(
        cited_content=TextBlock(text=content or marked),
        source=source,
        title=title,
        additional_location_info=place,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def tool_call_block(call: dict[str, Any]) -> ToolCallBlock:
    """Convert a call; the argument text stays as it came, for the next request sends it again."""
    name, arguments = name_and_arguments(call)
    fields = {"tool_call_id": call.get("id"), "tool_name": name, "tool_kwargs": arguments or {}}
    return copy_unchecked(_CALL, fields)


def _logprobs(logprobs: Any) -> list[list[LogProb]] | None:
    """Per token its alternatives, or itself where none were asked for."""
    if logprobs is None:
        return None
    entries: list[dict[str, Any]] | None = readable_logprobs(logprobs).get("content")
    if entries is None:
        return None
    return [[_logprob(top) for top in entry.get("top_logprobs") or [entry]] for entry in entries]


def _logprob(entry: dict[str, Any]) -> LogProb:
    return LogProb(
        token=entry.get("token") or "",
        logprob=entry.get("logprob") or 0.0,
        bytes=entry.get("bytes") or [],
    )
