"""Where a JSON Schema has enums and alternatives, and the least instances that reach them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

Json = dict[str, Any]
Make = Callable[[Any], Any]

_VALUES: Mapping[str, Any] = {
    "url": "https://example.com/a.png",
    "image_url": "https://example.com/a.png",
    "video_url": "https://example.com/a.mp4",
    "data": "QUJD",
    "file_data": "data:text/plain;base64,QUJD",
    "arguments": "{}",
    "name": "f",
    "parameters": {"type": "object"},
    "schema": {"type": "object"},
    "input_schema": {"type": "object"},
    "budget_tokens": 1024,
    "media_type": "image/png",
    "format": "wav",
}
"""By name of the field, where the type alone does not make a value that means something."""


@dataclass(frozen=True)
class Place:
    """A field of a body that holds one of some values."""

    path: str
    values: tuple[Any, ...]
    make: Make
    """An instance of the whole schema with a value at this place."""
    is_open: bool = False
    """Whether the document leaves room for other values."""
    is_alternative: bool = False

    def inside(self, path: str, make: Make) -> Place:
        """The same place, seen from the schema around it."""
        return replace(self, path=path + self.path, make=make)


def enums(schema: Json, definitions: Json) -> list[Place]:
    """Every enum of a schema, with the least instance around it."""
    return [p for p in places(schema, definitions) if not p.is_alternative]


def alternatives(schema: Json, definitions: Json) -> list[Place]:
    """Every tagged alternative of every union, whose one value is the least instance of it."""
    return [p for p in places(schema, definitions) if p.is_alternative]


def places(schema: Json, definitions: Json, seen: frozenset[str] = frozenset()) -> Iterator[Place]:
    """Every enum and every tagged alternative of a schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from places(definitions[name], definitions, seen | {name})
        return
    yield from _options(schema, definitions, seen)
    if "enum" in schema:
        yield Place("", tuple(schema["enum"]), _itself, is_open=bool(schema.get("x-open")))
    for place in places(schema["items"], definitions, seen) if "items" in schema else ():
        yield place.inside("[]", _listed(place.make))
    for name, inner in (schema.get("properties") or {}).items():
        for place in places(inner, definitions, seen):
            yield place.inside(f".{name}", _within(schema, name, place.make, definitions))


def _options(schema: Json, definitions: Json, seen: frozenset[str]) -> Iterator[Place]:
    options = [o for joint in ("anyOf", "oneOf") for o in schema.get(joint, ())]
    plain = any(o.get("type") == "string" and not {"enum", "const"} & set(o) for o in options)
    for option in options:
        tag = tag_of(option, definitions)
        if tag and tag != "<UNKNOWN>":  # how the SDK names what it does not know
            yield Place(tag, (least(option, definitions),), _itself, is_alternative=True)
        for place in places(option, definitions, seen):
            is_open = place.is_open or (plain and not place.path)
            yield replace(place, path=tag + place.path, is_open=is_open)


def _itself(value: Any) -> Any:
    return value


def _listed(make: Make) -> Make:
    return lambda value: [make(value)]


def _within(schema: Json, name: str, make: Make, definitions: Json) -> Make:
    return lambda value: {**least(schema, definitions), name: make(value)}


def tag_of(schema: Json, definitions: Json) -> str:
    """The value that tells an alternative from the others, e.g. "<image_url>"."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    inside = schema.get("properties") or {}
    for name in ("type", "id", "role"):
        kind = inside.get(name) or {}
        values = kind.get("enum", [kind["const"]] if "const" in kind else [])
        if len(values) == 1:
            return f"<{values[0]}>"
    return ""


def least(schema: Json, definitions: Json, name: str = "", depth: int = 0) -> Any:
    """An instance with what is required and nothing else."""
    if "$ref" in schema:
        return least(definitions[schema["$ref"].rpartition("/")[2]], definitions, name, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for joint in ("anyOf", "oneOf"):
        options = [o for o in schema.get(joint, ()) if o.get("type") != "null"]
        if options:
            plain = [o for o in options if o.get("type") == "string"] if name in _VALUES else []
            return least((plain or options)[0], definitions, name, depth)
    kind = schema.get("type")
    kind = next((k for k in kind if k != "null"), None) if isinstance(kind, list) else kind
    if name in _VALUES and kind in (type_of(_VALUES[name]), None):
        return _VALUES[name]
    if kind == "object" or "properties" in schema:
        needed = schema.get("required", ())
        inside = schema.get("properties") or {}
        return {k: least(inside[k], definitions, k, depth + 1) for k in inside if k in needed}
    if kind == "array":
        return [least(schema.get("items", {}), definitions, name, depth + 1)] if depth < 8 else []
    return {"string": "text", "integer": 1, "number": 0.5, "boolean": True}.get(kind or "")


def type_of(value: Any) -> str:
    """The JSON type of a value."""
    names = {str: "string", int: "integer", dict: "object", list: "array"}
    return names.get(type(value), "")
