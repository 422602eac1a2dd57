"""OpenAI's rules for JSON Schemas, as its refusals word them. Pure; used by `openai`.

Sources: openai-node 7.4 `lib/transform`, OpenAI's guide to structured outputs, and refusals quoted in
vectorize-io/hindsight#3944, moeru-ai/xsai#202, openai/openai-node#2602, can1357/oh-my-pi#206,
jina-ai/node-DeepResearch#79, anomalyco/opencode#32073, sherifkozman/the-llm-council#9.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]

_FORBIDDEN = (
    "oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "default",
    "patternProperties", "propertyNames", "unevaluatedProperties", "minProperties", "maxProperties",
    "prefixItems", "unevaluatedItems", "contains", "minContains", "maxContains", "uniqueItems",
    "minLength", "maxLength",
)  # fmt: skip
_FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
_TYPED_BY = ("type", "anyOf", "$ref", "enum", "const")
_LOOKAROUNDS = ("(?=", "(?!", "(?<=", "(?<!")


def function_complaint(schema: Any) -> str | None:
    """What is wrong with the parameters of any function, strict or not; None when nothing is."""
    if schema and schema.get("type") != "object":
        return _not_an_object(schema)
    for path, node in _nodes(schema, ()):
        if node.get("type") == "array" and "items" not in node and "prefixItems" not in node:
            return f"In context={_shown(path)}, array schema missing items."
    return None


def strict_complaint(schema: Any) -> str | None:
    """What is wrong with a schema by the rules of strict mode; None when nothing is."""
    if schema.get("type") != "object":
        return _not_an_object(schema)
    if "anyOf" in schema:
        return (
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at "
            "the top level."
        )
    return next((c for c in (_complaint(p, n) for p, n in _nodes(schema, ())) if c), None)


def _not_an_object(schema: Any) -> str:
    return (
        f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    )


def _complaint(path: Path, node: Any) -> str | None:
    place = f"In context={_shown(path)}"
    if "$ref" in node and len(node) > 1:
        return f"context={_shown(path)}, $ref cannot have keywords {set(node) - {'$ref'}}."
    for keyword in _FORBIDDEN:
        if keyword in node:
            return f"{place}, '{keyword}' is not permitted."
    if not any(key in node for key in _TYPED_BY):
        return f"{place}, schema must have a 'type' key."
    if node.get("format") is not None and node["format"] not in _FORMATS:
        return f"{place}, '{node['format']}' is not a valid format."
    if any(mark in str(node.get("pattern", "")) for mark in _LOOKAROUNDS):
        found = ".".join(("$", *path, "pattern"))
        return f"Invalid JSON schema: regex lookaround is not supported. Found at {found}."
    return _object_complaint(place, node) or _array_complaint(place, node)


def _object_complaint(place: str, node: Any) -> str | None:
    if "object" not in _types(node):
        return None
    if node.get("additionalProperties") is not False:
        return f"{place}, 'additionalProperties' is required to be supplied and to be false."
    properties, required = list(node.get("properties") or ()), list(node.get("required") or ())
    received = "'required' is required to be supplied and to be an array including every key in properties."
    for name in properties:
        if name not in required:
            return f"{place}, {received} Missing '{name}'."
    for name in required:
        if name not in properties:
            return f"{place}, {received} Extra required key '{name}' supplied."
    return None


def _array_complaint(place: str, node: Any) -> str | None:
    if "array" in _types(node) and not isinstance(node.get("items"), dict):
        return f"{place}, array schema missing items."
    return None


def _types(node: Any) -> Any:
    kind = node.get("type")
    return kind if isinstance(kind, list) else [kind]


def _nodes(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every schema inside a schema, with its path; names of properties are not keywords."""
    if not isinstance(node, dict):
        return
    yield path, node
    for key in ("properties", "$defs", "definitions"):
        for name, inner in (node.get(key) or {}).items():
            yield from _nodes(inner, (*path, key, name))
    for key in ("anyOf", "oneOf", "allOf"):
        for at, inner in enumerate(node.get(key) or ()):
            yield from _nodes(inner, (*path, key, str(at)))
    for key in ("items", "additionalProperties"):
        yield from _nodes(node.get(key), (*path, key))


def _shown(path: Path) -> str:
    return str(path)
