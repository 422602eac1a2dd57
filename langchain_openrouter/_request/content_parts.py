"""LangChain content blocks to the content parts of the wire. Pure; called by `build`, `assistant` and
`embedding_inputs`.

One function per block type, found in `_CONVERTERS`; to support a new block, add one function and one
row. LangChain's standard blocks, its older `source_type` form, and OpenAI's and Anthropic's own dicts
are read. What is unknown goes through unchanged and is logged once per type.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import BaseMessage, HumanMessage

from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.content_parts import sniffed_type
from openrouter_core.media import audio_format

Block = Mapping[str, Any]
Part = dict[str, Any]

_log = logging.getLogger("openrouter")
_logged: set[str] = set()

_BOOKKEEPING = frozenset({"id", "index", "extras", "annotations", "citations", "metadata"})
"""Keys with which frameworks keep track of a block; they mean nothing on the wire."""
_MARKS = ("cache_control", "prompt_cache_breakpoint")
_FILE_NAMES = ("filename", "name", "title")


def to_part(block: str | Block) -> Part:
    """Return the content part for one block of a message's content.

    Raises:
        ConfigurationError: The block has no form on the wire, e.g. audio by URL.
    """
    if isinstance(block, str):
        return {"type": "text", "text": block}
    kind = block.get("type")
    convert = _CONVERTERS.get(kind) if isinstance(kind, str) else None
    if convert is None:
        return _unknown(block)
    return convert(block)


def knows(kind: object) -> bool:
    """Whether blocks of this type have a converter."""
    return kind in _CONVERTERS


def _text(block: Block) -> Part:
    kept = {k: v for k, v in block.items() if k not in _BOOKKEEPING}
    return {**kept, **_marks(block)}


def _image(block: Block) -> Part:
    source = _source(block)
    if "file_id" in source:
        return _file(block)
    image = {"url": _url_of(source, block)}
    detail = _extra(block, "detail")
    if detail is not None:
        image["detail"] = detail
    return {"type": "image_url", "image_url": image, **_marks(block)}


def _input_image(block: Block) -> Part:
    """OpenAI's Responses form: the address stands in the block itself."""
    return _image({**block, "url": block.get("image_url")})


def _input_file(block: Block) -> Part:
    """OpenAI's Responses form: data URL, address or id stand in the block itself."""
    return _file({**block, "url": block.get("file_data") or block.get("file_url")})


def _media(block: Block) -> Part:
    """Google's form: the MIME type says what it is."""
    kind = str(block.get("mime_type")).partition("/")[0]
    return {"image": _image, "audio": _audio, "video": _video}.get(kind, _file)(block)


def _image_url(block: Block) -> Part:
    image = block.get("image_url")
    part = _verbatim(block)
    return {**part, "image_url": {"url": image}} if isinstance(image, str) else part


def _audio(block: Block) -> Part:
    source = _source(block)
    data, mime = source.get("data"), source.get("mime_type")
    if data is None:
        raise ConfigurationError(
            "OpenRouter takes audio as base64 only. Download the audio and pass it as "
            '{"type": "audio", "base64": ..., "mime_type": "audio/mpeg"}.'
        )
    form = _extra(block, "format") or _audio_format(mime)
    audio = {**_nested(block, "audio_"), "data": data, "format": form}
    return {"type": "input_audio", "input_audio": audio, **_marks(block)}


def _audio_format(mime: str | None) -> str:
    if not mime:
        raise ConfigurationError('An audio block needs its "mime_type", e.g. "audio/wav".')
    return audio_format(mime)


def _video(block: Block) -> Part:
    source = _source(block)
    if "file_id" in source:
        return _file(block)
    url = _url_of(source, block, otherwise="video/mp4")
    return {"type": "video_url", "video_url": {"url": url}, **_marks(block)}


def _file(block: Block) -> Part:
    if isinstance(block.get("file"), Mapping):
        return _verbatim(block)
    source = _source(block)
    file = _nested(block, "file_")
    name = next((n for key in _FILE_NAMES if (n := _extra(block, key))), None)
    if name:
        file["filename"] = name
    if "file_id" in source:
        file["file_id"] = source["file_id"]
    else:
        file["file_data"] = _url_of(source, block, otherwise="application/octet-stream")
    return {"type": "file", "file": file, **_marks(block)}


def _plain_text(block: Block) -> Part:
    if block.get("text") is None:
        return _file({"mime_type": "text/plain", **block})
    shown = (block.get("title"), block.get("context"), block["text"])
    return {"type": "text", "text": "\n\n".join(s for s in shown if s), **_marks(block)}


def _document(block: Block) -> Part:
    """Anthropic's document: a file, or text that stands in the block itself."""
    source: Block = block.get("source") or {}
    if source.get("type") == "text":
        return _plain_text({**block, "text": source.get("data")})
    return _file(block)


def _search_result(block: Block) -> Part:
    """Anthropic's search result: a text under its title and address."""
    texts = [part.get("text", "") for part in block.get("content") or ()]
    shown = (block.get("title"), block.get("source"), *texts)
    return {"type": "text", "text": "\n\n".join(s for s in shown if s), **_marks(block)}


def _non_standard(block: Block) -> Part:
    value = block.get("value")
    return to_part(value) if isinstance(value, Mapping) else _unknown(block)


def _verbatim(block: Block) -> Part:
    return {k: v for k, v in block.items() if k not in _BOOKKEEPING} | _marks(block)


def _unknown(block: Block) -> Part:
    """A block in another package's form, which LangChain may know; else as it is."""
    for standard in standard_blocks(HumanMessage([dict(block)])):
        if knows(standard.get("type")) and standard.get("type") != "non_standard":
            return to_part(standard)
    log_once("Content block of type %r is not known here and is sent unchanged.", block)
    return dict(block)


def log_once(sentence: str, block: Block) -> None:
    """Log what becomes of a block, the first time that one of its type is met."""
    kind = str(block.get("type"))
    if kind not in _logged:
        _logged.add(kind)
        _log.warning(sentence, kind)


def standard_blocks(message: BaseMessage) -> Sequence[Block]:
    """Return the blocks of a message as LangChain's own translators read them; none where they fail."""
    try:
        return cast("Sequence[Block]", message.content_blocks)
    except (AttributeError, KeyError, TypeError, ValueError):
        return ()


def _marks(block: Block) -> Part:
    """Cache marks, from the block itself or from its `extras`."""
    found = {name: _extra(block, name) for name in _MARKS}
    return {name: mark for name, mark in found.items() if mark is not None}


def _extra(block: Block, name: str) -> Any:
    """A key of the block, of its `extras`, or of the older form's `metadata`."""
    for place in (block, block.get("extras"), block.get("metadata")):
        if isinstance(place, Mapping) and place.get(name) is not None:
            return place[name]
    return None


def _nested(block: Block, prefix: str) -> Part:
    """Keys of an OpenAI part that LangChain moved into `extras` under a prefix."""
    extras: Block = block.get("extras") or {}
    return {k.removeprefix(prefix): v for k, v in extras.items() if k.startswith(prefix)}


def _source(block: Block) -> dict[str, Any]:
    """Where the bytes are, whatever the dialect: `url`, `file_id`, or `data` with `mime_type`."""
    source = block.get("source")
    if not isinstance(source, Mapping):
        source = block
    mime = source.get("media_type") or source.get("mime_type")
    data = source.get("base64") or source.get("data")
    if isinstance(data, bytes):
        data = b64encode(data).decode("ascii")
    if isinstance(data, str) and data:
        return _of_data_url(data) or {"data": data, "mime_type": mime}
    url = source.get("url") or source.get("file_uri")
    if isinstance(url, str) and url:
        return _of_data_url(url) or {"url": url}
    by_id = block.get("source_type") == "id"
    file_id = source.get("file_id") or (source.get("id") if by_id else None)
    if file_id:
        return {"file_id": file_id}
    raise ConfigurationError(
        f"A content block of type {block.get('type')!r} needs one of url, base64 or file_id."
    )


def _of_data_url(url: str) -> dict[str, Any] | None:
    head, comma, data = url.partition(";base64,")
    if not comma or not head.startswith("data:"):
        return None
    return {"data": data, "mime_type": head.removeprefix("data:"), "url": url}


def _url_of(source: dict[str, Any], block: Block, *, otherwise: str | None = None) -> str:
    """The address, or the data URL of bytes; a missing MIME type is read off the bytes."""
    if "url" in source:
        return str(source["url"])
    data = source["data"]
    mime = source["mime_type"] or sniffed_type(data) or otherwise
    if mime is None:
        raise ConfigurationError(
            f'A base64 block of type {block.get("type")!r} needs its "mime_type", e.g. "image/png".'
        )
    return f"data:{mime};base64,{data}"


_CONVERTERS: dict[str, Callable[[Block], Part]] = {
    "text": _text,
    "input_text": lambda block: _text({**block, "type": "text"}),
    "output_text": lambda block: _text({**block, "type": "text"}),
    "text-plain": _plain_text,
    "image": _image,
    "image_url": _image_url,
    "audio": _audio,
    "input_audio": _verbatim,
    "input_image": _input_image,
    "input_file": _input_file,
    "media": _media,
    "video": _video,
    "video_url": _verbatim,
    "input_video": _verbatim,
    "file": _file,
    "document": _document,
    "search_result": _search_result,
    "non_standard": _non_standard,
}


def with_own_mime(message: BaseMessage) -> BaseMessage:
    """Return the message with OpenAI's file parts as standard blocks, where they are no PDF.

    LangChain rewrites such parts before a model sees them, and calls every data URL a PDF.
    """
    if isinstance(message.content, str):
        return message
    content = [_standard_file(block) for block in message.content]
    changed = any(new is not old for new, old in zip(content, message.content, strict=True))
    return message.model_copy(update={"content": content}) if changed else message


def _standard_file(block: Any) -> Any:
    file = block.get("file") if isinstance(block, dict) and block.get("type") == "file" else None
    head, comma, data = str((file or {}).get("file_data")).partition(";base64,")
    if not (file and comma and head.startswith("data:")) or head == "data:application/pdf":
        return block
    rest = {f"file_{k}": v for k, v in file.items() if k not in {"file_data", "filename"}}
    extras = {**(block.get("extras") or {}), **rest}
    kept = {k: v for k, v in block.items() if k not in {"file", "extras"}}
    source = {"base64": data, "mime_type": head.removeprefix("data:"), "extras": extras}
    return {**kept, **source, **({"filename": file["filename"]} if "filename" in file else {})}
