"""Content parts that every provider takes: texts that say something, images of their true type, cache marks.

Called by `history` for every part of a conversation, and by both adapters. Pure: parts are never changed in
place, and what needs no repair is returned as it is.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openrouter_core._json import as_dict

Part = dict[str, Any]

MARKS = frozenset({"cache_control", "prompt_cache_breakpoint"})
"""Keys that mark a part as the end of what is cached; OpenRouter turns one into the other."""

# ---------------------------------------------------------------------------- texts and cache marks


def mark_last_part(parts: Sequence[Part], marks: Mapping[str, Any]) -> list[Part]:
    """Return the parts with cache marks on the last one that may carry them, never on empty text.

    That is the last text, for OpenRouter documents marks on text; where there is none, the last part.
    """
    texts = [at for at, part in enumerate(parts) if part.get("type") == "text" and part.get("text")]
    others = [at for at, part in enumerate(parts) if not is_empty_text(part)]
    best = (texts or others or [-1])[-1]
    return [{**part, **marks} if at == best else part for at, part in enumerate(parts)]


def without_empty_text(parts: Sequence[Part], *, blank: bool = False) -> list[Part]:
    """Leave out texts that are empty; their cache marks go to what stands before them.

    Claude refuses both: "text content blocks must be non-empty", "cache_control cannot be set for empty text
    blocks". Where nothing else is there the parts stay, without the marks of empty ones.

    Args:
        blank: Leave out texts of blanks alone too. Claude: "... must contain non-whitespace text".
    """
    if not any(is_empty_text(part, blank=blank) for part in parts):
        return list(parts)
    kept: list[Part] = []
    for part in parts:
        if not is_empty_text(part, blank=blank):
            kept.append(part)
        elif marks := marks_of(part):
            kept = mark_last_part(kept, marks)
    return kept or [_unmarked(part) if part.get("text") == "" else part for part in parts]


def is_empty_text(part: object, *, blank: bool = False) -> bool:
    """Whether a part is a text of no characters, or with `blank` of blanks alone."""
    fields = as_dict(part)
    text = fields.get("text")
    if fields.get("type") != "text" or not isinstance(text, str):
        return False
    return not (text.strip() if blank else text)


def marks_of(part: Mapping[str, Any]) -> Part:
    """Return the cache marks that a part carries."""
    return {name: part[name] for name in part.keys() & MARKS if part[name]}


def _unmarked(part: Part) -> Part:
    return {key: value for key, value in part.items() if key not in MARKS}


# ---------------------------------------------------------------------------- images

_BASE64 = ";base64,"
_HEAD = 80  # the type stands in the first characters; data of megabytes is never searched or copied
_ENCODED_DATA = "ZGF0YTp"  # "data:" in base64
_SHOWN = 16  # characters of base64, 12 bytes
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def sniffed_type(data: str) -> str | None:
    """Return the MIME type that the first bytes of a base64 text show; None when they show none."""
    try:
        head = b64decode(data[:_SHOWN])
    except ValueError:
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in _MAGIC if head.startswith(magic)), None)


def data_url_in(text: str, start: int = 0) -> str | None:
    """Return the data URL that stands where base64 text belongs, itself or in base64; None if there is none."""
    if text.startswith("data:", start):
        return text[start:]
    if not text.startswith(_ENCODED_DATA, start):
        return None
    try:
        return b64decode(text[start:]).decode("ascii")
    except ValueError:
        return None


def with_true_type(url: str) -> str:
    """Return the data URL of an image with the type of its bytes; any other URL as it is.

    Claude compares the two and refuses a PNG that is called a JPEG; `image/jpg` is not a registered type;
    and some clients put a whole data URL where its base64 text belongs.
    """
    end = url.find(_BASE64, 0, _HEAD) if url.startswith("data:") else -1
    if end < 0:
        return url
    data = end + len(_BASE64)
    if (inner := data_url_in(url, data)) is not None:
        return with_true_type(inner)
    declared = url[len("data:") : end]
    known = "image/jpeg" if declared == "image/jpg" else declared
    shown = sniffed_type(url[data : data + _SHOWN]) or known
    true = shown if shown.startswith("image/") else known
    return url if true == declared else f"data:{true}{url[end:]}"


def bare_base64(data: str) -> str:
    """Return base64 text without the data URL that some clients put around it."""
    url = data_url_in(data)
    end = url.find(_BASE64, 0, _HEAD) if url is not None else -1
    return data if url is None or end < 0 else bare_base64(url[end + len(_BASE64) :])


_MEDIA: dict[str, tuple[str, Callable[[str], str]]] = {
    "image_url": ("url", with_true_type),
    "input_audio": ("data", bare_base64),
}
"""For a type of part, where under that name its data stands, and what makes them true."""


def with_true_media(part: Part) -> Part:
    """Return an image with the type of its bytes, and sound as bare base64 text; any other part as it is."""
    kind = as_dict(part).get("type")
    if not isinstance(kind, str) or kind not in _MEDIA:
        return part
    key, repair = _MEDIA[kind]
    media = as_dict(part.get(kind))
    value = media.get(key)
    if not isinstance(value, str) or (true := repair(value)) is value:
        return part
    return {**part, kind: {**media, key: true}}
