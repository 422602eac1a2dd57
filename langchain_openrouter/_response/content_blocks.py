"""Messages of OpenRouter as LangChain's standard content blocks. Pure; behind `message.content_blocks`.

LangChain finds the translator by `response_metadata["model_provider"]`; `register()` is called when
the chat model is imported. A reasoning block keeps the rest of its detail in `extras`, so that
`_request.assistant` can put the detail together again. What has no standard block becomes `non_standard`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages import content as standard
from langchain_core.messages.block_translators import register_translator

from langchain_openrouter._response.message import PROVIDER, invalid_call_block
from openrouter_core.media import audio_mime_type

Block = dict[str, Any]

TEXT_KEYS = {"reasoning.text": "text", "reasoning.summary": "summary", "reasoning.encrypted": ""}
"""The kinds of reasoning detail that are shown as reasoning, and where their text is."""
_CITATION = {
    "url": "url",
    "title": "title",
    "start_index": "start_index",
    "end_index": "end_index",
    "content": "cited_text",
}
_KNOWS_REFUSAL = "refusal" in standard.KNOWN_BLOCK_TYPES


def register() -> None:
    """Make LangChain translate messages whose model provider is OpenRouter."""
    register_translator(PROVIDER, translate, translate_chunk)


def translate(message: AIMessage) -> list[standard.ContentBlock]:
    """Return the standard blocks of a whole message."""
    extra = message.additional_kwargs
    blocks = reasoning_blocks(extra)
    blocks += text_blocks(message.content, extra.get("annotations"))
    blocks += output_blocks(extra)
    blocks += _call_blocks(message)
    return cast("list[standard.ContentBlock]", blocks)


def translate_chunk(chunk: AIMessageChunk) -> list[standard.ContentBlock]:
    """Return the standard blocks of one chunk, or of chunks added up."""
    extra = chunk.additional_kwargs
    reasoning = reasoning_blocks(extra)
    if "reasoning_content" not in extra:
        reasoning = [_without_text(block) for block in reasoning]
    blocks = reasoning + text_blocks(chunk.content, extra.get("annotations"))
    blocks += output_blocks(extra)
    if chunk.chunk_position == "last":
        blocks += _call_blocks(chunk)
    else:
        blocks += [{**piece, "type": "tool_call_chunk"} for piece in chunk.tool_call_chunks]
    return cast("list[standard.ContentBlock]", blocks)


def _without_text(block: Block) -> Block:
    """A reasoning block of the last chunk: its text went before it."""
    return {k: v for k, v in block.items() if k != "reasoning"}


def _call_blocks(message: AIMessage) -> list[Block]:
    valid = [
        {"type": "tool_call", "id": call.get("id"), "name": call["name"], "args": call["args"]}
        for call in message.tool_calls
    ]
    return valid + [invalid_call_block(call) for call in message.invalid_tool_calls]


# ---------------------------------------------------------------------------- reasoning


def reasoning_blocks(extra: Mapping[str, Any]) -> list[Block]:
    """One block per reasoning detail; the plain text where there are no details."""
    details = extra.get("reasoning_details")
    text = extra.get("reasoning_content")
    if not details:
        return [{"type": "reasoning", "reasoning": text}] if text else []
    return [block for detail in details for block in detail_blocks(detail)]


def detail_blocks(detail: Mapping[str, Any]) -> list[Block]:
    """The blocks that stand for one reasoning detail. Encrypted data is carried, never shown."""
    kind = str(detail.get("type"))
    if kind == "reasoning.server_tool_call":
        return _server_tool_blocks(detail)
    key = TEXT_KEYS.get(kind)
    if key is None:
        return [{"type": "non_standard", "value": dict(detail)}]
    block: Block = {"type": "reasoning", "reasoning": detail.get(key) or ""}
    shown = {key}
    if detail.get("id"):
        shown.add("id")
        block["id"] = detail["id"]
    return [{**block, "extras": {k: v for k, v in detail.items() if k not in shown}}]


def _server_tool_blocks(detail: Mapping[str, Any]) -> list[Block]:
    identity = detail.get("tool_call_id") or detail.get("id") or ""
    call = {
        "type": "server_tool_call",
        "id": identity,
        "name": detail.get("tool_name") or "",
        "args": _object(detail.get("arguments")),
    }
    result = {
        "type": "server_tool_result",
        "tool_call_id": identity,
        "status": "error" if _object(detail.get("result")).get("status") == "error" else "success",
        "output": detail.get("result"),
        "extras": {k: v for k, v in detail.items() if k != "result"},
    }
    return [call, result]


def _object(text: Any) -> Block:
    """JSON text as an object; empty when it is none. The text itself stays in `extras`."""
    if isinstance(text, dict):
        return text
    try:
        value = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


# ---------------------------------------------------------------------------- text and other output


def text_blocks(content: Any, annotations: Iterable[Mapping[str, Any]] | None) -> list[Block]:
    """The text with its citations; parts of other types as their standard blocks."""
    parts = [content] if isinstance(content, str) else content
    blocks = [block for part in parts for block in _part_blocks(part)]
    cited = [to_annotation(a) for a in annotations or ()]
    first = next((b for b in blocks if b["type"] == "text"), None)
    if cited and first is not None:
        first["annotations"] = [*first.get("annotations", []), *cited]
        return blocks
    return blocks + [{"type": "non_standard", "value": dict(a)} for a in annotations or ()]


def _part_blocks(part: str | Block) -> list[Block]:
    if isinstance(part, str):
        return [{"type": "text", "text": part}] if part else []
    kind = part.get("type")
    if kind in {"tool_call", "tool_call_chunk", "invalid_tool_call"}:
        return []  # the message's own lists have them
    if kind == "image_url":
        return [_image_block(part)]
    if kind in standard.KNOWN_BLOCK_TYPES:
        return [dict(part)]
    return [{"type": "non_standard", "value": dict(part)}]


def to_annotation(annotation: Mapping[str, Any]) -> Block:
    """A citation where it is one; else the annotation as it came."""
    cited = annotation.get("url_citation")
    if annotation.get("type") != "url_citation" or not isinstance(cited, Mapping):
        return {"type": "non_standard_annotation", "value": dict(annotation)}
    citation: Block = {"type": "citation"}
    citation |= {ours: cited[k] for k, ours in _CITATION.items() if cited.get(k) is not None}
    rest = {k: v for k, v in cited.items() if k not in _CITATION}
    return {**citation, "extras": rest} if rest else citation


def output_blocks(extra: Mapping[str, Any]) -> list[Block]:
    """Images, audio and a refusal."""
    blocks = [_image_block(image) for image in extra.get("images") or ()]
    audio = extra.get("audio")
    if isinstance(audio, Mapping) and audio:
        blocks.append(_audio_block(audio))
    refusal = extra.get("refusal")
    if refusal:
        block = {"type": "refusal", "refusal": refusal}
        blocks.append(block if _KNOWS_REFUSAL else {"type": "non_standard", "value": block})
    return blocks


def _image_block(image: Mapping[str, Any]) -> Block:
    inner = image.get("image_url")
    url = inner.get("url") if isinstance(inner, Mapping) else inner
    if not isinstance(url, str):
        return {"type": "non_standard", "value": dict(image)}
    head, comma, data = url.partition(";base64,")
    if not (comma and head.startswith("data:")):
        return {"type": "image", "url": url}
    return {"type": "image", "base64": data, "mime_type": head.removeprefix("data:")}


def _audio_block(audio: Mapping[str, Any]) -> Block:
    block: Block = {"type": "audio", "base64": audio.get("data") or ""}
    if audio.get("id"):
        block["id"] = audio["id"]
    if isinstance(audio.get("format"), str):
        block["mime_type"] = audio_mime_type(audio["format"])
    return {**block, "extras": {k: v for k, v in audio.items() if k not in {"id", "data"}}}
