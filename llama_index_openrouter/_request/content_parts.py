"""Content blocks to wire parts: one function per block type, found in a table, and what they hold.

Nothing is dropped: a `WireBlock` goes out as it is, a block that OpenRouter has no place for raises. URLs are passed
on, never fetched; files named by a path are read here. Called by `build` and `assistant`.
"""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Sequence
from io import IOBase
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from llama_index.core.base.llms.types import (
    AudioBlock,
    CachePoint,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    VideoBlock,
)

from llama_index_openrouter.wire_block import wire_part
from openrouter_core import ConfigurationError, media
from openrouter_core.chat.content_parts import Part, data_url_in, mark_last_part

_UNTITLED = "input_document"
"""The title that LlamaIndex gives a document that has none."""


def to_parts(blocks: Sequence[Any], role: str) -> list[Part]:
    """Return the parts of blocks; a `CachePoint` marks the part before it."""
    parts: list[Part] = []
    for block in blocks:
        if isinstance(block, CachePoint):
            mark(parts[-1] if parts else None, block)
        else:
            parts.extend(block_parts(block, role))
    return parts


def block_parts(block: Any, role: str) -> list[Part]:
    """Return the parts of one block of a message of `role`.

    Raises:
        ConfigurationError: OpenRouter has no place for it.
    """
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


def image_parts(block: ImageBlock) -> list[Part]:
    """Return the part of an image."""
    image = {"url": image_url(block)}
    if block.detail is not None:
        image["detail"] = block.detail
    return [{"type": "image_url", "image_url": image}]


def _audio(block: AudioBlock) -> list[Part]:
    audio = {"data": audio_data(block), "format": audio_format(block)}
    return [{"type": "input_audio", "input_audio": audio}]


def _video(block: VideoBlock) -> list[Part]:
    extras = {"detail": block.detail, "fps": block.fps}
    video = {
        "url": video_url(block),
        **{k: v for k, v in extras.items() if v is not None},
    }
    return [{"type": "video_url", "video_url": video}]


def _document(block: DocumentBlock) -> list[Part]:
    file = {"filename": file_name(block), "file_data": file_data(block)}
    return [{"type": "file", "file": file}]


def _cited(block: CitableBlock | CitationBlock) -> list[Part]:
    """Title and source as text, then the content: OpenRouter has no citable part."""
    inner = block.content if isinstance(block, CitableBlock) else [block.cited_content]
    heading = f"{block.title} ({block.source}):"
    return [{"type": "text", "text": heading}, *to_parts(inner, "user")]


_BLOCKS: dict[type, Callable[[Any], list[Part]]] = {
    TextBlock: _text,
    ImageBlock: image_parts,
    AudioBlock: _audio,
    VideoBlock: _video,
    DocumentBlock: _document,
    CitableBlock: _cited,
    CitationBlock: _cited,
    dict: lambda part: [part],
}


def content_of(parts: list[Part]) -> str | list[Part]:
    """Return the content of a message: a lone text is said as a string."""
    if not parts:
        return ""
    only = parts[0]
    plain = len(parts) == 1 and only.keys() == {"type", "text"} and only["type"] == "text"
    return cast("str", only["text"]) if plain else parts


def mark(target: dict[str, Any] | None, point: CachePoint) -> None:
    """Mark what stands before a `CachePoint`.

    Raises:
        ConfigurationError: There is nothing before it.
    """
    if target is None:
        raise ConfigurationError(
            "A CachePoint marks the block before it, and this message has none there. "
            "Put it behind the last block to be cached."
        )
    target["cache_control"] = point.cache_control.model_dump(exclude_none=True)


def marked(parts: list[Part], notes: dict[str, Any]) -> list[Part]:
    """Turn a message-level mark into a block-level one: OpenRouter ignores the former."""
    mark = notes.get("cache_control")
    return mark_last_part(parts, {"cache_control": mark}) if mark else parts


# ---------------------------------------------------------------------------- media


def image_url(block: ImageBlock) -> str:
    """Return the image's own URL, or a data URL of its bytes."""
    return _url_of(block.image, block, block.image_mimetype, "image")


def video_url(block: VideoBlock) -> str:
    """Return the video's own URL, or a data URL of its bytes."""
    return _url_of(block.video, block, block.video_mimetype, "video")


def _url_of(data: bytes | IOBase | None, block: Any, mimetype: str | None, kind: str) -> str:
    if not data and block.path is None and block.url is not None:
        return str(block.url)
    encoded = _base64_of(data, block.path, kind)
    if (url := data_url_in(encoded)) is not None:
        return url
    mimetype = mimetype or _guess(encoded, block.path)
    if mimetype is None:
        raise ConfigurationError(
            f"The type of {kind} in a block is unknown. Set its {kind}_mimetype, e.g. "
            f'"{kind}/{"png" if kind == "image" else "mp4"}".'
        )
    return f"data:{mimetype};base64,{encoded}"


def audio_data(block: AudioBlock) -> str:
    """Return the audio as base64 text.

    Raises:
        ConfigurationError: The audio is a web URL, which OpenRouter does not take.
    """
    url = str(block.url) if block.url else ""
    if block.audio or block.path is not None or not url:
        return _base64_of(block.audio, block.path, "audio")
    if url.startswith("data:") and ";base64," in url:
        return url.split(";base64,", 1)[1]
    raise ConfigurationError(
        "OpenRouter takes audio only as data, not as a URL. Download it and pass "
        "AudioBlock(audio=..., format=...) or AudioBlock(path=...)."
    )


def audio_format(block: AudioBlock) -> str:
    """Return the wire name of the audio format, e.g. "mp3" for "mpeg"."""
    named = block.format or _suffix(block.path) or _data_url_subtype(block.url)
    if not named:
        raise ConfigurationError(
            'The format of the audio in an AudioBlock is unknown. Set format, e.g. "wav" or "mp3".'
        )
    return media.audio_format(named)


def file_data(block: DocumentBlock) -> str:
    """Return the document's own URL, or a data URL of its bytes."""
    if not block.data and block.path is None and block.url is not None:
        return str(block.url)
    encoded = _base64_of(block.data, block.path, "document")
    mimetype = block.document_mimetype or _guess(encoded, block.path) or _text_or_bytes(encoded)
    return f"data:{mimetype};base64,{encoded}"


def file_name(block: DocumentBlock) -> str:
    """Return the document's title, or a file name made from its path, URL or type."""
    if block.title and block.title != _UNTITLED:
        return block.title
    place = str(block.path) if block.path is not None else urlsplit(block.url or "").path
    if place and not place.startswith("data:") and Path(place).suffix:
        return Path(place).name
    return _UNTITLED + (mimetypes.guess_extension(block.document_mimetype or "") or "")


def _base64_of(data: bytes | IOBase | None, path: object, kind: str) -> str:
    """The content as base64 text. Blocks keep their bytes in base64 already; open files do not."""
    if isinstance(data, bytes) and data:
        return data.decode("ascii")
    if isinstance(data, IOBase):
        data.seek(0)
        content = cast("bytes", data.read())
    elif path is not None:
        content = Path(str(path)).read_bytes()
    else:
        content = b""
    if not content:
        raise ConfigurationError(f"A block with {kind} is empty: give it data, a path or a URL.")
    return base64.b64encode(content).decode("ascii")


def _guess(encoded: str, path: object) -> str | None:
    import filetype  # type: ignore[import-untyped]  # llama-index-core brings it, without types

    named = mimetypes.guess_type(str(path))[0] if path is not None else None
    found = None if named else filetype.guess(base64.b64decode(encoded[:8192]))
    return named or (cast("str", found.mime) if found else None)


def _text_or_bytes(encoded: str) -> str:
    try:
        base64.b64decode(encoded).decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def _suffix(path: object) -> str | None:
    return Path(str(path)).suffix.lstrip(".") or None if path is not None else None


def _data_url_subtype(url: object) -> str | None:
    text = str(url or "")
    if not text.startswith("data:audio/"):
        return None
    return text.removeprefix("data:audio/").split(";", 1)[0]
