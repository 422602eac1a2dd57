"""What `embed_content` takes, as multimodal inputs of the wire; and inputs in batches. Pure.

Parts of the API's own shape go through unchanged. Of LangChain's blocks, text and images are as in chat;
audio, video and files have a shape of their own in embeddings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from langchain_openrouter._request.content_parts import Block, Part, to_part
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.media import audio_format
from openrouter_core.wire.embeddings import MultimodalInput

ContentInput = str | Mapping[str, Any]
"""A text, or `{"content": [part, ...]}` where a part is a text, a LangChain block or a wire part."""

Input = TypeVar("Input", str, MultimodalInput)
_MEDIA = ("audio", "video", "file")


def to_input(given: ContentInput) -> MultimodalInput:
    """Return one multimodal input of the wire.

    Raises:
        ConfigurationError: It has no content, or a part that embeddings cannot carry.
    """
    if isinstance(given, str):
        return {"content": [to_part(given)]}
    content = given.get("content")
    if not content:
        raise ConfigurationError('A multimodal input is a text or {"content": [part, ...]}.')
    parts: Sequence[Any] = [content] if isinstance(content, str) else content
    return cast("MultimodalInput", {**given, "content": [_part(part) for part in parts]})


def _part(block: str | Block) -> Part:
    if isinstance(block, str):
        return to_part(block)
    kind = str(block.get("type"))
    if kind.startswith("input_") and isinstance(block.get(kind), Mapping):
        return dict(block)
    return _media(kind, block) if kind in _MEDIA else to_part(block)


def _media(kind: str, block: Block) -> Part:
    data, mime = block.get("base64") or block.get("data"), block.get("mime_type")
    if not (data and mime):
        raise ConfigurationError(
            f"OpenRouter embeds {kind} as base64 only. Download it and pass "
            f'{{"type": "{kind}", "base64": ..., "mime_type": ...}}.'
        )
    form = audio_format(str(mime)) if kind == "audio" else str(mime).rpartition("/")[2]
    media = {"data": f"data:{mime};base64,{data}", "format": form}
    return {"type": f"input_{kind}", f"input_{kind}": media}


def in_batches(inputs: Iterable[Input], *, most: int, most_bytes: int) -> Iterator[list[Input]]:
    """Yield the inputs in lists that are neither too long nor too large; none is cut.

    Args:
        most: Inputs in a list.
        most_bytes: UTF-8 bytes of a list. An input that is larger is alone in its list.
    """
    batch: list[Input] = []
    filled = 0
    for item in inputs:
        size = _bytes_of(item)
        if batch and (len(batch) == most or filled + size > most_bytes):
            yield batch
            batch, filled = [], 0
        batch.append(item)
        filled += size
    if batch:
        yield batch


def _bytes_of(item: str | MultimodalInput) -> int:
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
