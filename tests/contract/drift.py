"""What a document of the API says, as flat facts, and how two documents differ.

A fact stands under its place ("body.provider.sort.by"). References are followed until they repeat, so the names of
definitions mean nothing and a change in a shared one shows at every operation that it touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from .spec import Json, Operation, reachable

Facts = dict[str, str]


def differences(before: tuple[Operation, ...], after: tuple[Operation, ...]) -> list[str]:
    """What is new, what has changed and what is gone, a line each; equal lines of operations are joined."""
    old, new = ({o.id: o for o in operations} for operations in (before, after))
    lines: dict[str, list[str]] = {}
    for id in old.keys() & new.keys():
        for line in _changes(facts(old[id]), facts(new[id])):
            lines.setdefault(line, []).append(id)
    apart = _changes(_apart(before), _apart(after))
    joined = [f"{_named(ids)}: {line}" for line, ids in sorted(lines.items())]
    return [*joined, *(f"definition {line}" for line in apart)]


def _named(ids: list[str]) -> str:
    first, *more = sorted(ids)
    return f"{first} and {len(more)} more" if more else first


def _changes(old: Facts, new: Facts) -> Iterator[str]:
    added, gone = new.keys() - old.keys(), old.keys() - new.keys()
    for place in _tops(added):
        yield f"{place} is new" + (f" ({new[place]})" if new[place] else "")
    for place in _tops(gone):
        yield f"{place} is gone"
    for place in sorted(new.keys() & old.keys()):
        if new[place] != old[place]:
            yield f"{place} was {old[place] or 'optional'} and is {new[place] or 'optional'}"


def _tops(places: Iterable[str]) -> list[str]:
    """Places that do not lie below another one of them."""
    kept: list[str] = []
    for place in sorted(places):
        if not any(place.startswith((f"{top}.", f"{top}[", f"{top}<", f"{top} ")) for top in kept):
            kept.append(place)
    return kept


@cache
def facts(operation: Operation) -> Facts:
    """Everything that a document says of an operation."""
    found: Facts = {
        "method": operation.method,
        "path": re.sub(r"\{[^}]*\}", "{}", operation.path),
        "server": operation.server,
        "streams": str(operation.streams),
        "deprecated": str(operation.deprecated),
        "security": operation.security or "as everywhere",
    }
    for kind, named in (("query", operation.query), ("header", operation.headers)):
        for name, schema in named.items():
            found[f"{kind} {name}"] = "required" if name in operation.required else ""
            found |= shape(schema, f"{kind} {name}", operation.definitions)
    found |= {f"status {status}": "" for status in operation.statuses}
    if operation.body is not None:
        found["body"] = operation.media or ""
        found |= shape(operation.body, "body", operation.definitions)
    for answer in operation.answers:
        place = "answer" + _tag(answer, operation.definitions)
        found |= {place: ""} | shape(answer, place, operation.definitions)
    return found


def _apart(operations: tuple[Operation, ...]) -> Facts:
    """Definitions that no operation refers to: the errors, mostly."""
    if not operations:
        return {}
    definitions = operations[0].definitions
    shapes = [
        part
        for o in operations
        for part in (o.body, *o.answers, *o.query.values(), *o.headers.values())
    ]
    found: Facts = {}
    for name in definitions.keys() - reachable(shapes, definitions):
        found[name] = ""
        found |= shape(definitions[name], name, definitions)
    return found


def shape(schema: Json, place: str, definitions: Json, seen: frozenset[str] = frozenset()) -> Facts:
    """The facts of a JSON Schema below a place."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return {}
        return shape(definitions[name], place, definitions, seen | {name})
    found: Facts = {}
    for joint in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(joint, ()):
            found |= shape(option, place + _tag(option, definitions), definitions, seen)
    for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]:
        found[f"{place} = {value}"] = ""
    if schema.get("deprecated"):
        found[f"{place} (deprecated)"] = ""
    kind = schema.get("type")
    if kind == "array":
        return (
            found
            | {f"{place}[]": ""}
            | shape(schema.get("items", {}), f"{place}[]", definitions, seen)
        )
    if "properties" in schema or kind == "object":
        return found | _object(schema, place, definitions, seen)
    if isinstance(kind, str) and kind != "null" and "enum" not in schema and "const" not in schema:
        form = f" {schema['format']}" if "format" in schema else ""
        found[f"{place} : {kind}{form}"] = ""
    return found


def _object(schema: Json, place: str, definitions: Json, seen: frozenset[str]) -> Facts:
    found: Facts = {}
    for name, inner in (schema.get("properties") or {}).items():
        found[f"{place}.{name}"] = "required" if name in schema.get("required", ()) else ""
        found |= shape(inner, f"{place}.{name}", definitions, seen)
    free = schema.get("additionalProperties")
    if isinstance(free, dict):
        found |= shape(free, f"{place}.*", definitions, seen)
    return found


def _tag(schema: Json, definitions: Json) -> str:
    """The `type` (or `id`, `role`) of an alternative, e.g. "<image_url>"; empty when it has none."""
    for _ in range(len(definitions)):
        if "$ref" not in schema:
            break
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    inside = schema.get("properties") or {}
    kind = inside.get("type") or inside.get("id") or inside.get("role") or {}
    values = [kind["const"]] if "const" in kind else kind.get("enum", ())
    return f"<{'|'.join(map(str, values))}>" if values else ""
