"""Reading JSON, also where a sender cut an escaped character in half. Pure; called for every answer and event."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json


def parse_json(data: bytes) -> Any:
    """Return what `data` says.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        return from_json(data)
    except ValueError:
        if b"\\u" not in data:
            raise
        return json.loads(data)  # half a surrogate pair, which the fast parser refuses


def whole_characters(text: str) -> str:
    """Join the halves of characters that were cut between two pieces of `text`."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text
