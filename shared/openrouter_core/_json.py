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


LENIENT = json.JSONDecoder(strict=False)
"""Takes line breaks and tabs inside strings as they are: models write them."""


def lenient_json(text: str) -> Any:
    """Return the value of a JSON text that a model wrote.

    Raises:
        ValueError: It is not JSON, or nested too deeply to be read.
    """
    try:
        return LENIENT.decode(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def decoded_again(text: str) -> object:
    """Return the object inside a string; the string itself when there is none."""
    try:
        value = lenient_json(text)
    except ValueError:
        return text
    return cast("object", value) if isinstance(value, dict) else text


def as_dict(value: object) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_mapping(value: object) -> Mapping[str, Any] | None:
    """Return `value` if it is a JSON object: a dict is recognised at once, another mapping slowly."""
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


def join_halves(half: str, piece: str) -> tuple[str, str]:
    """Return a piece of text with the half character that came before it, and the one that it ends in.

    Some providers cut a character outside the basic plane between two chunks.
    """
    text = whole_characters(half + piece)
    return (text[:-1], text[-1]) if "\ud800" <= text[-1:] <= "\udbff" else (text, "")
