"""Content parts that every provider takes: texts that say something, images of their true type, cache marks.

Called by `history` for every part of a conversation, and by both adapters. Pure: parts are never changed in
place, and what needs no repair is returned as it is.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, cast

Part = dict[str, Any]

MARKS = ("cache_control", "prompt_cache_breakpoint")
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


def without_empty_text(parts: Sequence[Part]) -> list[Part]:
    """Leave out texts that are empty; their cache marks go to what stands before them.

    Claude refuses both: "text content blocks must be non-empty", "cache_control cannot be set for empty text
    blocks". Where nothing else is there the parts stay, without their marks.
    """
    if not any(map(is_empty_text, parts)):
        return list(parts)
    kept: list[Part] = []
    for part in parts:
        if not is_empty_text(part):
            kept.append(part)
        elif marks := marks_of(part):
            kept = mark_last_part(kept, marks)
    return kept or [_unmarked(part) for part in parts]


def is_empty_text(part: object) -> bool:
    """Whether a part is a text of no characters."""
    if not isinstance(part, dict):
        return False
    fields = cast("Part", part)
    return fields.get("type") == "text" and fields.get("text") == ""


def marks_of(part: Mapping[str, Any]) -> Part:
    """Return the cache marks that a part carries."""
    return {name: part[name] for name in MARKS if part.get(name)}


def _unmarked(part: Part) -> Part:
    return {key: value for key, value in part.items() if key not in MARKS}


# ---------------------------------------------------------------------------- images

_BASE64 = ";base64,"
_HEAD = 80  # the type stands in the first characters; data of megabytes is never searched or copied
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


def with_true_type(url: str) -> str:
    """Return the data URL of an image with the type of its bytes; any other URL as it is.

    Claude compares the two and refuses a PNG that is called a JPEG; `image/jpg` is not a registered type;
    and some clients put a whole data URL where its base64 text belongs.
    """
    end = url.find(_BASE64, 0, _HEAD) if url.startswith("data:") else -1
    if end < 0:
        return url
    data = end + len(_BASE64)
    if url.startswith("data:", data):
        return with_true_type(url[data:])
    declared = url[len("data:") : end]
    known = "image/jpeg" if declared == "image/jpg" else declared
    shown = sniffed_type(url[data : data + _SHOWN]) or known
    true = shown if shown.startswith("image/") else known
    return url if true == declared else f"data:{true}{url[end:]}"


def with_true_image(part: Part) -> Part:
    """Return an `image_url` part with the type of its bytes; any other part as it is."""
    image = part.get("image_url") if part.get("type") == "image_url" else None
    url = cast("Part", image).get("url") if isinstance(image, dict) else None
    if not isinstance(url, str) or (true := with_true_type(url)) == url:
        return part
    return {**part, "image_url": {**cast("Part", image), "url": true}}
