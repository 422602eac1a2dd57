"""Reading JSON, also where a sender cut an escaped character in half. Pure; called for every answer and event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

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
        return _slowly(data)  # half a surrogate pair, which the fast parser refuses


def _slowly(data: bytes) -> Any:
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("The JSON is nested too deeply.") from error


def as_dict(value: object) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_mapping(value: object) -> Mapping[str, Any] | None:
    """Return `value` if it is a JSON object: a dict is told at once, another mapping slowly."""
    if type(value) is dict or isinstance(value, Mapping):  # pyright: ignore[reportUnknownArgumentType]  # JSON
        return cast("Mapping[str, Any]", value)
    return None


def whole_characters(text: str) -> str:
    """Join the halves of characters that were cut between two pieces of `text`."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text
