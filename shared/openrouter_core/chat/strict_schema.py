"""The strict form of a JSON Schema. Pure; used by `schema`, and through it by `tools`.

Strict mode knows a part of JSON Schema only. The rules are OpenAI's, which others have taken over: every
object closed and all its properties required, `anyOf` as the only union, no keyword beside a `$ref`. What
can be said within the rules is rewritten; what cannot be said is refused with its place in the schema.
Sources: openai-node 7.4 `lib/transform`, OpenAI's guide to structured outputs (2026-02).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from openrouter_core.chat.json_schema import (
    DEFINITIONS,
    JsonSchema,
    allows_null,
    resolve,
    types_of,
)

Path = tuple[str, ...]

_NOT_SAYABLE = frozenset(
    {
        "allOf", "not", "if", "then", "else", "dependencies", "dependentRequired", "dependentSchemas",
        "patternProperties", "propertyNames", "unevaluatedProperties", "minProperties", "maxProperties",
        "prefixItems", "additionalItems", "unevaluatedItems", "contains", "minContains", "maxContains",
        "uniqueItems", "contentSchema",
    }
)  # fmt: skip
_DOUBTFUL = frozenset({"minLength", "maxLength"})
"""Refused in 2025 (jina-ai/node-DeepResearch#79), no longer on OpenAI's own list of what it refuses."""
_IN_WORDS = {"prefixItems": "a tuple", "uniqueItems": "a set", "patternProperties": "free keys"}
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_LOOKAROUNDS = ("(?=", "(?!", "(?<=", "(?<!")
_ANNOTATIONS = frozenset(
    {"title", "description", "examples", "deprecated", "readOnly", "writeOnly", "$comment"}
)
_TYPED_BY = ("type", "anyOf", "enum", "const")
_NULL: JsonSchema = {"type": "null"}


class NotStrictError(ValueError):
    """A schema holds something that strict mode cannot say.

    Attributes:
        pointer: Where, as a JSON pointer, e.g. "#/properties/scores".
        reason: What it is, e.g. "an object with free keys".
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.pointer = "/".join(("#", *path))
        self.reason = reason
        super().__init__(f"{self.pointer}: {reason}")


def to_strict(schema: Mapping[str, Any], *, nullable: bool, cautious: bool = True) -> JsonSchema:
    """Return the schema in strict form; the given one stays as it is.

    Args:
        nullable: Whether optional properties may be answered by null, which `drop_nulls` takes out again.
            False makes them required as they are, for answers that somebody else reads.
        cautious: Whether to refuse what is not refused everywhere, too.

    Raises:
        NotStrictError: Strict mode cannot say it.
    """
    root = dict(schema)
    refused = _NOT_SAYABLE | _DOUBTFUL if cautious else _NOT_SAYABLE
    strict = _Closer(root, nullable, refused).close(root, (), frozenset())
    if strict.get("type") != "object" or "anyOf" in strict:
        raise NotStrictError((), "the answer itself must be an object, and not a union")
    return strict


@dataclass(frozen=True, slots=True)
class _Closer:
    root: JsonSchema
    nullable: bool
    refused: frozenset[str]

    def close(self, given: object, path: Path, inside: frozenset[str]) -> JsonSchema:
        """Return one node in strict form.

        Args:
            inside: The references that are being inlined around this node.
        """
        if not isinstance(given, dict):
            _refuse(path, "a schema that allows anything, or nothing")
        node = _unwrapped(cast("JsonSchema", given))
        if "$ref" in node:
            return self._reference(node, path, inside)
        if "oneOf" in node and "anyOf" not in node:
            node = {"anyOf" if key == "oneOf" else key: value for key, value in node.items()}
            node.pop("discriminator", None)
        _check_keywords(node, path, self.refused)
        return self._closed(node, path, inside)

    def _reference(self, node: JsonSchema, path: Path, inside: frozenset[str]) -> JsonSchema:
        """A `$ref`: bare it stays; at the root, or with keywords beside it, its target is put in its place."""
        reference = str(node["$ref"])
        target = resolve(self.root, reference)
        if target is None:
            _refuse(path, f"the reference {reference!r} leads out of the schema")
        beside: JsonSchema = {key: value for key, value in node.items() if key != "$ref"}
        if path and not beside:
            return {"$ref": reference}
        if reference in inside:  # a class that describes a field of its own kind: not without end
            return {"anyOf": [{"$ref": reference}], **beside}
        if clash := sorted(target.keys() & beside.keys() - _ANNOTATIONS):
            _refuse(path, f"{', '.join(clash)} beside a reference that has it too")
        return self.close({**target, **beside}, path, inside | {reference})

    def _closed(self, node: JsonSchema, path: Path, inside: frozenset[str]) -> JsonSchema:
        closed: JsonSchema = {}
        for key, value in node.items():
            if key in DEFINITIONS:
                closed[key] = {
                    name: self.close(inner, (*path, key, name), frozenset({f"#/{key}/{name}"}))
                    for name, inner in value.items()
                }
            elif key == "anyOf":
                places = enumerate(value)
                closed[key] = [self.close(v, (*path, key, str(at)), inside) for at, v in places]
            elif key == "items":
                closed[key] = self.close(value, (*path, key), inside)
            elif key != "properties":
                closed[key] = value
        if _is_object(node):
            closed |= self._object(node, path, inside)
        return closed

    def _object(self, node: JsonSchema, path: Path, inside: frozenset[str]) -> JsonSchema:
        properties = _properties(node, path)
        required: list[str] = list(node.get("required") or ())
        if undeclared := [name for name in required if name not in properties]:
            _refuse(path, f"required properties that are not listed: {', '.join(undeclared)}")
        closed = {
            name: self._property(
                inner, (*path, "properties", name), inside, is_required=name in required
            )
            for name, inner in properties.items()
        }
        return {
            "type": node.get("type", "object"),
            "properties": closed,
            "required": required if len(required) == len(properties) else list(properties),
            "additionalProperties": False,
        }

    def _property(
        self, node: object, path: Path, inside: frozenset[str], *, is_required: bool
    ) -> JsonSchema:
        closed = self.close(node, path, inside)
        if is_required or not self.nullable or allows_null(node, self.root):
            return closed
        return _or_null(closed)


def _unwrapped(node: JsonSchema) -> JsonSchema:
    """Without `default`, which strict mode refuses, and without an `allOf` around a single schema."""
    plain = {key: value for key, value in node.items() if key != "default"}
    parts = plain.get("allOf")
    if isinstance(parts, list) and len(cast("list[object]", parts)) == 1:
        part: object = parts[0]
        rest = {key: value for key, value in plain.items() if key != "allOf"}
        if isinstance(part, dict) and not part.keys() & rest.keys() - _ANNOTATIONS:
            return _unwrapped({**part, **rest})
    return plain


def _check_keywords(node: JsonSchema, path: Path, refused: frozenset[str]) -> None:
    for key in node:
        if key in refused or key == "oneOf":
            _refuse(path, _IN_WORDS.get(key) or f"the keyword {key}")
    if node.get("format") is not None and node["format"] not in _FORMATS:
        _refuse(path, f"the format {node['format']!r}")
    if any(mark in str(node.get("pattern") or "") for mark in _LOOKAROUNDS):
        _refuse(path, "a pattern that looks ahead or behind")
    if not any(key in node for key in (*_TYPED_BY, "properties")):
        _refuse(path, "a value of any type")
    if "array" in types_of(node) and not isinstance(node.get("items"), dict):
        _refuse(path, "an array whose items have no schema, or one each")


def _properties(node: JsonSchema, path: Path) -> JsonSchema:
    more = node.get("additionalProperties")
    properties = node.get("properties")
    if more not in (None, False) or (properties is None and more is None):
        _refuse(path, "an object with free keys")
    return properties or {}


def _is_object(node: JsonSchema) -> bool:
    return "object" in types_of(node) or ("properties" in node and "type" not in node)


def _or_null(node: JsonSchema) -> JsonSchema:
    """Allow null in the way that OpenAI and Google document: by a second type, else in a union."""
    if "anyOf" in node:
        return {**node, "anyOf": [*node["anyOf"], _NULL]}
    if types_of(node) and not node.keys() & {"enum", "const"}:
        return {**node, "type": [*types_of(node), "null"]}
    notes = {key: value for key, value in node.items() if key in _ANNOTATIONS}
    return {"anyOf": [{k: v for k, v in node.items() if k not in notes}, _NULL], **notes}


def _refuse(path: Path, reason: str) -> NoReturn:
    raise NotStrictError(path, reason)
