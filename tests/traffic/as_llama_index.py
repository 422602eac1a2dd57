"""Recorded requests as a LlamaIndex user would hold them: blocks and `additional_kwargs`.

Written from what LlamaIndex's blocks mean; the adapter under test is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llama_index.core.base.llms.types import (
    AudioBlock,
    CacheControl,
    CachePoint,
    ChatMessage,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

JsonObject = dict[str, Any]
_TEXT_OF = {"reasoning.text": "text", "reasoning.summary": "summary"}
_AS_BLOCKS = {"role", "content", "tool_calls", "reasoning", "reasoning_details"}


def messages(wire: list[JsonObject]) -> list[ChatMessage]:
    """Read a recorded conversation."""
    return [_message(m) for m in wire]


def _message(wire: JsonObject) -> ChatMessage:
    notes = {k: v for k, v in wire.items() if k not in _AS_BLOCKS and v is not None}
    blocks = [_thinking(d) for d in wire.get("reasoning_details") or []]
    if not blocks and wire.get("reasoning"):
        blocks.append(ThinkingBlock(content=wire["reasoning"]))
    blocks += _content(wire.get("content"))
    for call in wire.get("tool_calls") or []:
        function = call["function"]
        blocks.append(
            ToolCallBlock(
                tool_call_id=call["id"],
                tool_name=function["name"],
                tool_kwargs=function["arguments"],
            )
        )
        blocks += _cache_point(call)
    return ChatMessage(role=wire["role"], blocks=blocks, additional_kwargs=notes)


def _thinking(detail: JsonObject) -> ThinkingBlock:
    rest = dict(detail)
    text = rest.pop(_TEXT_OF.get(detail["type"], ""), None)
    return ThinkingBlock(content=text, additional_information=rest)


def _content(content: Any) -> list[Any]:
    if not content:
        return []
    if isinstance(content, str):
        return [TextBlock(text=content)]
    return [
        block for part in content for block in (_BLOCK[part["type"]](part), *_cache_point(part))
    ]


def _cache_point(holder: JsonObject) -> list[CachePoint]:
    mark = holder.get("cache_control")
    return [CachePoint(cache_control=CacheControl(**mark))] if mark else []


def _image(part: JsonObject) -> ImageBlock:
    url = part["image_url"]["url"]
    kind, data = _data_url(url)
    detail = part["image_url"].get("detail")
    if data:
        return ImageBlock(image=data, image_mimetype=kind, detail=detail)
    return ImageBlock(url=url, detail=detail)


def _video(part: JsonObject) -> VideoBlock:
    url = part["video_url"]["url"]
    kind, data = _data_url(url)
    return VideoBlock(video=data, video_mimetype=kind) if data else VideoBlock(url=url)


def _audio(part: JsonObject) -> AudioBlock:
    audio = part["input_audio"]
    return AudioBlock(audio=audio["data"].encode(), format=audio["format"])


def _document(part: JsonObject) -> DocumentBlock:
    file = part["file"]
    kind, data = _data_url(file["file_data"])
    title = file.get("filename")
    if data:
        return DocumentBlock(data=data, document_mimetype=kind, title=title)
    return DocumentBlock(url=file["file_data"], title=title)


def _data_url(url: str) -> tuple[str | None, bytes | None]:
    """The type and the base64 text of a data URL; nothing of a web URL."""
    if not url.startswith("data:"):
        return None, None
    head, _, data = url.partition(";base64,")
    return head.removeprefix("data:"), data.encode()


_BLOCK: dict[str, Callable[[JsonObject], Any]] = {
    "text": lambda part: TextBlock(text=part["text"]),
    "image_url": _image,
    "video_url": _video,
    "input_audio": _audio,
    "file": _document,
}
