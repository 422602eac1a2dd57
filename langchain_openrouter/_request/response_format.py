"""Schemas of answers as `response_format`. Pure; called by `bind_tools`, structured output and requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.utils.function_calling import convert_to_json_schema

from langchain_openrouter.errors import ConfigurationError

Schema = Mapping[str, Any] | type | Callable[..., Any]
JsonSchema = dict[str, Any]


def to_json_schema(schema: Schema, *, strict: bool | None = None) -> JsonSchema:
    """Return the JSON schema of a pydantic class, a TypedDict, a function or a JSON schema.

    Args:
        strict: True also closes every object against further properties, as strict mode demands.
    """
    source: Any = dict(schema) if isinstance(schema, Mapping) else schema
    try:
        return convert_to_json_schema(source, strict=strict)
    except (ValueError, KeyError) as error:
        raise ConfigurationError(
            "This is no schema. Give a pydantic class, a TypedDict, or a JSON schema with a "
            '"title" for its name.'
        ) from error


def to_response_format(schema: Schema, *, strict: bool | None = None) -> dict[str, Any]:
    """Return the `response_format` that asks for an answer of this schema.

    A dict that already is one, by its `type`, is returned as it stands.
    """
    if isinstance(schema, Mapping) and schema.get("type") in _FORMAT_TYPES:
        return dict(schema)
    json_schema = to_json_schema(schema, strict=strict)
    spec: dict[str, Any] = {"name": schema_name(json_schema), "schema": json_schema}
    if json_schema.get("description"):
        spec["description"] = json_schema["description"]
    if strict is not None:
        spec["strict"] = strict
    return {"type": "json_schema", "json_schema": spec}


def schema_name(json_schema: Mapping[str, Any]) -> str:
    """A name that the API takes: at most 64 letters, digits, "_" and "-", never empty."""
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", str(json_schema.get("title") or ""))[:64] or "answer"


_FORMAT_TYPES = frozenset({"json_schema", "json_object", "text", "grammar", "python"})
