"""Schemas that stand in the prompt instead of in the request: what instructor and DSPy ask for in words. Pure.

Called by `default_model` for JSON that no `response_format` describes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from openrouter_emulator.inference.prompts import text_of

_DECODER = json.JSONDecoder()
_BLOCK = "```json\n{}\n```"
_CODE_BLOCK = re.compile(r"code ?block", re.IGNORECASE)
_FIELD = re.compile(r"`(\w+)`(?: \(must be formatted as a valid Python ([\w\[\], |]+)\))?")
"""A field and its type in the words of DSPy's JSONAdapter."""
_ORDER = re.compile(r"JSON object in the following order of fields: (.*)", re.DOTALL)
_KINDS = {"int": "integer", "float": "number", "bool": "boolean", "dict": "object"}


class Prompted(NamedTuple):
    """What a prompt asks for in words."""

    schema: Mapping[str, Any]
    text: str
    """The prompt without the schema."""
    frame: str | None
    """How the words want the JSON written: "{}" as it is, or in a code block; None when they do not say."""


def prompted_schema(messages: Sequence[Mapping[str, Any]]) -> Prompted | None:
    """Return the schema that the instructions or the prompt hold; None when there is none."""
    parts = [text_of(m.get("content")) or "" for m in messages if m["role"] != "assistant"]
    for at, part in enumerate(parts):
        found = _written_out(part)
        if found is not None:
            schema, rest = found
            text = "\n".join([*parts[:at], rest, *parts[at + 1 :]])
            return Prompted(schema, text, _BLOCK if _CODE_BLOCK.search(text) else None)
    order = _ORDER.search(parts[-1]) if parts else None
    if order is None:
        return None
    return Prompted(_of_fields(order[1]), parts[-1][: order.start()], "{}")


def _written_out(text: str) -> tuple[Mapping[str, Any], str] | None:
    """A JSON Schema of an object, and the text without it."""
    last = max(0, text.rfind('"properties"'))  # spares reading any other JSON, which may be hostile
    start = text.find("{", 0, last)
    while start >= 0:
        try:
            value, end = _DECODER.raw_decode(text, start)
        except ValueError:
            start = text.find("{", start + 1, last)
            continue
        except RecursionError:
            return None
        if isinstance(value, dict) and isinstance(value.get("properties"), dict):
            return value, text[:start] + text[end:]
        start = text.find("{", end, last)
    return None


def _of_fields(text: str) -> Mapping[str, Any]:
    kinds = {m[1]: _of_kind(m[2] or "str") for m in _FIELD.finditer(text)}
    return {"type": "object", "properties": kinds, "required": list(kinds)}


def _of_kind(kind: str) -> Mapping[str, Any]:
    outer, _, inner = kind.partition("[")
    if outer == "list":
        return {"type": "array", "items": _of_kind(inner.rstrip("]"))}
    return {"type": _KINDS.get(outer, "string")}
