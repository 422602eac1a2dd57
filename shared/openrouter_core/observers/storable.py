"""Text that every place that keeps records can hold. Pure."""

from __future__ import annotations

from hashlib import sha256

LONGEST_TEXT = 500
"""PostgreSQL indexes no text of more than 2,704 bytes (its B-tree; a character takes up to 4)."""


def storable(text: str) -> str:
    """Return a text without what databases refuse.

    A lone surrogate (a name that was read with "surrogateescape") and NUL become U+FFFD; what is longer
    than 500 characters ends in a hash of the whole, so that different texts stay different.
    """
    if len(text) > LONGEST_TEXT:
        digest = sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        text = f"{text[: LONGEST_TEXT - 17]}…{digest}"
    if "\0" not in text and (text.isascii() or _is_encodable(text)):
        return text
    text = text.replace("\0", "\ufffd")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable_or_none(value: object) -> str | None:
    """Return a storable text; None for what is not a text."""
    return storable(value) if isinstance(value, str) else None


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
