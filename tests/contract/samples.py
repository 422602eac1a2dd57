"""Made-up values: arguments from the types of the core, answers from the schemas of the documents."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from .declared import Declared

TEXT = "text"
NOTHING = object()
"""No value can be made of the type alone."""

FIELDS: Mapping[str, Any] = {
    "messages": [{"role": "user", "content": "Hi"}],
    "file": b"content",
    "body": {"model": "a/b", "messages": [{"role": "user", "content": "Hi"}]},
    "requests": [{"custom_id": "1", "body": {"input": "Hi"}}],
    "questions": {"safe": {"type": "noul", "instructions": "Is it safe?"}},
    "config": {"apiKey": "x", "projectId": "y"},
    "endpoint": "/v1/embeddings",
    "frame_images": [
        {"type": "image_url", "image_url": {"url": "https://x"}, "frame_type": "first_frame"}
    ],
    "previous_response_id": NOTHING,
    "store": False,
    "tool_choice": NOTHING,
    "max_price": {"prompt": "1"},
    "input_audio": {"data": "AAAA", "format": "mp3"},
    "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
    "type": "braintrust",
    "operator": "equals",
    "reasoning_effort": "high",
}
"""Values by field name, where the type is wider than what the API takes."""


def arguments(one: Declared, *, everything: bool = False) -> dict[str, Any]:
    """Arguments for a method: those it needs, or all that can be made."""
    found: dict[str, Any] = {}
    for name, (hint, needed) in one.parameters().items():
        if needed or everything:
            value = FIELDS[name] if name in FIELDS else of_type(hint)
            if value is not NOTHING:
                found[name] = value
    return found


def call(one: Declared, bound: Any, values: Mapping[str, Any]) -> Any:
    """Call a method by keyword; what can only stand by position is given by position."""
    kinds = inspect.signature(one.endpoint.describe).parameters
    positional = [
        values[n] for n, p in kinds.items() if p.kind is p.POSITIONAL_ONLY and n in values
    ]
    return bound(*positional, **values)


def of_type(hint: Any) -> Any:
    """A value of a type; NOTHING where the type is an open mapping or anything at all."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (typing.Required, typing.NotRequired, typing.Annotated):
        return of_type(args[0])
    if origin is Literal:
        return args[0]
    if origin in (Union, types.UnionType):
        values = [of_type(arg) for arg in args if arg is not type(None)]
        return next((value for value in values if value is not NOTHING), NOTHING)
    if is_typeddict(hint):
        made = {k: of_type(h) for k, h in get_type_hints(hint, include_extras=True).items()}
        return {k: FIELDS.get(k, v) for k, v in made.items() if FIELDS.get(k, v) is not NOTHING}
    if origin in (list, Sequence):
        item = of_type(args[0])
        return NOTHING if item is NOTHING else [item]
    return _PLAIN.get(hint, NOTHING)


_PLAIN: Mapping[Any, Any] = {
    str: TEXT,
    int: 1,
    float: 0.5,
    bool: True,
    Decimal: Decimal("0.5"),
    bytes: b"content",
    datetime: datetime(2030, 1, 1, tzinfo=UTC),
}


def of_schema(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int = 0) -> Any:
    """An answer with every property of a schema; deep inside only what is required."""
    if "$ref" in schema:
        return of_schema(definitions[schema["$ref"].rpartition("/")[2]], definitions, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            options = [s for s in schema[key] if s.get("type") != "null"]
            return of_schema(options[0], definitions, depth) if options else None
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _object(schema, definitions, depth)
    if kind == "array":
        return [of_schema(schema.get("items", {}), definitions, depth + 1)]
    if kind == "string":
        return "2026-01-02T03:04:05Z" if schema.get("format") == "date-time" else TEXT
    return {"integer": 3, "number": 0.25, "boolean": True, "null": None}.get(kind or "")


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Any:
    required = schema.get("required", ())
    names = [n for n in schema.get("properties", ()) if depth < 6 or n in required]
    made = {n: of_schema(schema["properties"][n], definitions, depth + 1) for n in names}
    return {name: _moment(name, value) for name, value in made.items()}


def _moment(name: str, value: Any) -> Any:
    """Times that the schema calls mere strings; amounts and counts that it calls strings."""
    if value != TEXT:
        return value
    if name.endswith(("_at", "_timestamp")) or name == "as_of":
        return "2026-01-02T03:04:05Z"
    return _DIGITS.get(name, value)


_PRICES = (
    "prompt",
    "completion",
    "request",
    "image",
    "image_token",
    "image_output",
    "audio",
    "audio_output",
    "input_audio_cache",
    "input_cache_read",
    "input_cache_write",
    "input_cache_write_1h",
    "internal_reasoning",
    "web_search",
    "cache_read",
    "cache_write",
    "price",
)
_DIGITS = dict.fromkeys(_PRICES, "0.5") | {"total_tokens": "7"}
