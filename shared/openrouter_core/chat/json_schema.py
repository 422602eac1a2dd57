"""JSON Schema, read: references, what a schema allows, and whether a value is one of it. Pure.

A small part, for what models answer: kinds, keys and constants. Bounds, patterns and formats are left to
whoever validates the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

JsonSchema = dict[str, Any]

DEFINITIONS = ("$defs", "definitions")


def resolve(root: JsonSchema, reference: str) -> JsonSchema | None:
    """Return what a `$ref` points at inside the schema; None when there is nothing."""
    head, *steps = reference.split("/")
    node: Any = root if head == "#" else None
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def types_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the `type` of a schema, of which there may be several."""
    kind: Any = node.get("type") or ()
    return (kind,) if isinstance(kind, str) else tuple(kind)


def followed(node: object, root: JsonSchema) -> JsonSchema | None:
    """Return a schema behind its references; None when there is none."""
    for _ in range(32):
        if not isinstance(node, dict):
            return None
        fields = cast("JsonSchema", node)
        parts = fields.get("allOf")
        if "$ref" in fields:
            node = resolve(root, str(fields["$ref"]))
        elif isinstance(parts, list) and len(cast("list[object]", parts)) == 1:
            node = {**{k: v for k, v in fields.items() if k != "allOf"}, **parts[0]}
        else:
            return fields
    return None


def unions_of(schema: JsonSchema) -> list[Any]:
    """Return the branches of a union; none when it is none."""
    return [*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]


def allows_null(node: object, root: JsonSchema) -> bool:
    """Whether null is a value of the schema."""
    schema = followed(node, root)
    if schema is None:
        return False
    if "null" in types_of(schema) or None in (schema.get("enum") or ()):
        return True
    return any(allows_null(part, root) for part in unions_of(schema))


def is_recursive(schema: JsonSchema) -> bool:
    """Whether a definition of the schema holds itself."""
    named = [f"#/{key}/{name}" for key in DEFINITIONS for name in schema.get(key) or ()]
    return any(name in _reachable(name, schema) for name in named)


def _reachable(start: str, root: JsonSchema) -> set[str]:
    """The references that a definition leads to."""
    found: set[str] = set()
    ahead = list(_references(resolve(root, start)))
    while ahead:
        reference = ahead.pop()
        if reference not in found:
            found.add(reference)
            ahead += _references(resolve(root, reference))
    return found


def _references(node: object) -> Iterable[str]:
    """Every `$ref` inside a schema."""
    if isinstance(node, dict):
        fields = cast("JsonSchema", node)
        if isinstance(fields.get("$ref"), str):
            yield fields["$ref"]
        for value in fields.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in cast("list[object]", node):
            yield from _references(item)


# ---------------------------------------------------------------------------- values

_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def matches(value: Any, node: object, root: JsonSchema) -> bool:
    """Whether a value has the kind, the keys and the constants that a schema asks for."""
    schema = followed(node, root)
    if schema is None:
        return node is not False
    unions = unions_of(schema)
    if not _is_allowed(value, schema) or (
        unions and not any(matches(value, p, root) for p in unions)
    ):
        return False
    if isinstance(value, list):
        return all(matches(item, schema.get("items"), root) for item in value)
    return not isinstance(value, dict) or _matches_object(value, schema, root)


def _is_allowed(value: Any, schema: JsonSchema) -> bool:
    """By its own constants and kinds, without what is inside the value."""
    if "const" in schema and value != schema["const"]:
        return False
    types, constants = types_of(schema), schema.get("enum")
    return (not constants or value in constants) and (
        not types or any(_is_kind(value, kind) for kind in types)
    )


def _is_kind(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and kind == "integer":
        return value.is_integer()
    return isinstance(value, _KINDS.get(kind, object))


def _matches_object(value: JsonSchema, schema: JsonSchema, root: JsonSchema) -> bool:
    properties: JsonSchema = schema.get("properties") or {}
    if not value.keys() >= set(schema.get("required") or ()):
        return False
    if schema.get("additionalProperties") is False and not value.keys() <= properties.keys():
        return False
    return all(matches(item, properties.get(name), root) for name, item in value.items())


def drop_nulls(value: Any, schema: JsonSchema, *, fill_defaults: bool = False) -> Any:
    """Return an answer to the strict form of a schema as an answer to the schema itself.

    A null for an optional property that does not allow null means that the model left it out: the key is
    taken out, so that the class's own default holds.

    Args:
        fill_defaults: Put the schema's own `default` there instead, where it has one: for plain dicts.
    """
    return _Reader(schema, fill_defaults).read(value, schema)


@dataclass(frozen=True, slots=True)
class _Reader:
    root: JsonSchema
    fill_defaults: bool

    def read(self, value: Any, node: object) -> Any:
        schema = followed(node, self.root)
        if schema is None or not isinstance(value, dict | list):
            return value
        if unions := unions_of(schema):
            read = ((part, self.read(value, part)) for part in unions)
            return next((v for part, v in read if matches(v, part, self.root)), value)
        if isinstance(value, list):
            return [self.read(item, schema.get("items")) for item in value]
        return self._object(cast("JsonSchema", value), schema)

    def _object(self, value: JsonSchema, schema: JsonSchema) -> JsonSchema:
        properties: JsonSchema = schema.get("properties") or {}
        required: frozenset[str] = frozenset(schema.get("required") or ())
        kept: JsonSchema = {}
        for name, item in value.items():
            inner = properties.get(name)
            is_kept = item is not None or name in required or name not in properties
            if is_kept or allows_null(inner, self.root):
                kept[name] = self.read(item, inner)
            elif self.fill_defaults and isinstance(inner, dict) and "default" in inner:
                kept[name] = inner["default"]
        return kept
