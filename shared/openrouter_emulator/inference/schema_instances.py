"""Draw an instance from a JSON Schema, with values that a prompt offers. Pure.

Handles what tools and response formats use: types and type lists, enums, const, `$ref` into `$defs`,
anyOf/oneOf/allOf, nested objects and arrays, bounds, lengths and the common string formats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from openrouter_emulator.inference.prompts import Hints

Schema = Mapping[str, Any]
_DEEP = 12
_PLACE_NAMES = re.compile(r"city|cities|location|place|town|destination|region", re.IGNORECASE)
_PERSON_NAMES = re.compile(r"^(first|last|full)?_?name$|person|author|customer|user", re.IGNORECASE)
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "uuid": "6f1f64a0-6a43-4b52-9a0b-0f6a2f8f9c11",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "binary": "",
}
_CANNED = {
    "setup": "Why did the cat sit on the keyboard?",
    "punchline": "It wanted to keep an eye on the mouse.",
    "joke": "A cat sat on the keyboard to keep an eye on the mouse.",
}


def instance(schema: Schema, hints: Hints) -> Any:
    """Return a value that the schema accepts."""
    return _Drawing(schema, hints).draw(schema, "", 0)


class _Drawing:
    """One drawing: the root schema (for `$ref`) and the prompt's values, used up in order."""

    def __init__(self, root: Schema, hints: Hints) -> None:
        self.root = root
        self.hints = hints

    def draw(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping) or depth > _DEEP:
            return None
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._enum(schema["enum"])
        for joint in ("anyOf", "oneOf"):
            if schema.get(joint):
                return self._either(schema, joint, name, depth)
        return self._typed(schema, name, depth)

    def _resolved(self, schema: Schema) -> Schema:
        """Follow `$ref` and merge `allOf`; siblings of a reference win over it."""
        for _ in range(_DEEP):
            if "$ref" not in schema:
                break
            rest = {k: v for k, v in schema.items() if k != "$ref"}
            schema = {**self._target(str(schema["$ref"])), **rest}
        if schema.get("allOf"):
            schema = self._merged(schema)
        return schema

    def _merged(self, schema: Schema) -> Schema:
        merged: dict[str, Any] = {k: v for k, v in schema.items() if k != "allOf"}
        for part in schema["allOf"]:
            for key, value in self._resolved(part).items():
                if key == "properties":
                    merged["properties"] = {**merged.get("properties", {}), **value}
                elif key == "required":
                    merged["required"] = [*merged.get("required", []), *value]
                else:
                    merged.setdefault(key, value)
        return merged

    def _target(self, reference: str) -> Schema:
        at: Any = self.root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step and isinstance(at, Mapping):
                at = at.get(step.replace("~1", "/").replace("~0", "~"), {})
        return at if isinstance(at, Mapping) else {}

    def _enum(self, values: Sequence[Any]) -> Any:
        """The value that the prompt names, else the first."""
        text = self.hints.text.lower()
        named = [v for v in values if isinstance(v, str) and v and v.lower() in text]
        return max(named, key=len) if named else values[0]

    def _either(self, schema: Schema, joint: str, name: str, depth: int) -> Any:
        """The first option that is not null."""
        rest = {k: v for k, v in schema.items() if k != joint}
        options = [self._resolved(o) for o in schema[joint] if isinstance(o, Mapping)]
        real = [o for o in options if o.get("type") != "null"]
        if not real or depth > _DEEP - 2:
            return None
        return self.draw({**rest, **real[0]}, name, depth + 1)

    def _typed(self, schema: Schema, name: str, depth: int) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        if kind is None:
            kind = (
                "object" if "properties" in schema else "array" if "items" in schema else "string"
            )
        nested = {"object": self._object, "array": self._array}
        if kind in nested:
            return nested[kind](schema, name, depth)
        plain = {"integer": self._integer, "number": self._number, "boolean": self._boolean}
        if kind in plain:
            return plain[kind](schema)
        return self._string(schema, name) if kind == "string" else None

    def _object(self, schema: Schema, _name: str, depth: int) -> dict[str, Any]:
        required = set(schema.get("required") or ())
        drawn: dict[str, Any] = {}
        for key, part in (schema.get("properties") or {}).items():
            if key in required or (depth < _DEEP // 2 and self._speaks_of(key)):
                drawn[key] = self.draw(part, key, depth + 1)
        return drawn

    def _speaks_of(self, key: str) -> bool:
        """An optional property is filled when the prompt mentions it or it is a joke's."""
        words = [w for w in re.split(r"[_\W]+", key.lower()) if len(w) > 2]
        text = self.hints.text.lower()
        return key in _CANNED or any(re.search(rf"\b{re.escape(w)}", text) for w in words)

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        items = schema.get("items") or schema.get("prefixItems")
        least, most = int(schema.get("minItems", 0)), schema.get("maxItems")
        if isinstance(items, list):
            return [self.draw(part, name, depth + 1) for part in items]
        wanted = max(least, 0 if depth > _DEEP // 2 else self._natural_length(items))
        wanted = wanted if most is None else min(wanted, int(most))
        drawn = [self.draw(items or {}, name, depth + 1) for _ in range(wanted)]
        return _distinct(drawn) if schema.get("uniqueItems") else drawn

    def _natural_length(self, items: Any) -> int:
        """As many as the prompt offers: places or quoted strings for strings, numbers for numbers."""
        kind = self._resolved(items).get("type") if isinstance(items, Mapping) else None
        if kind == "string":
            return max(1, len(self.hints.quoted), len(self.hints.places))
        if kind in {"integer", "number"}:
            return max(1, len(self.hints.numbers))
        return 1

    def _string(self, schema: Schema, name: str) -> str:
        hints, form = self.hints, schema.get("format")
        offered = {"email": hints.emails, "uri": hints.urls, "url": hints.urls, "date": hints.dates}
        if form in _FORMATS:
            return str(hints.take(offered.get(str(form), []), _FORMATS[str(form)]))
        if schema.get("pattern"):
            return _matching(str(schema["pattern"]), self._text(name))
        return _sized(self._text(name), schema)

    def _text(self, name: str) -> str:
        hints = self.hints
        if name in _CANNED:
            return _CANNED[name]
        if _PLACE_NAMES.search(name) and hints.places:
            return str(hints.take(hints.places, ""))
        if hints.quoted:
            return str(hints.take(hints.quoted, ""))
        if _PERSON_NAMES.search(name) and hints.names:
            return str(hints.take(hints.names, ""))
        return (hints.text.strip() or name or "text")[:120]

    def _integer(self, schema: Schema) -> int:
        whole = [int(n) for n in self.hints.numbers if float(n).is_integer()]
        drawn = int(self.hints.take(self.hints.numbers, 1)) if whole else 1
        return int(_bounded(drawn, schema, 1))

    def _number(self, schema: Schema) -> float | int:
        return _bounded(self.hints.take(self.hints.numbers, 1), schema, 0.5)

    def _boolean(self, _schema: Schema) -> bool:
        return not re.search(r"\b(no|not|false|never|without)\b", self.hints.text, re.IGNORECASE)


def _bounded(value: float, schema: Schema, step: float) -> float | int:
    """Move a number into its bounds, and onto a multiple when one is asked for."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(schema.get("exclusiveMinimum"), int | float):
        low = schema["exclusiveMinimum"] + step
    if isinstance(schema.get("exclusiveMaximum"), int | float):
        high = schema["exclusiveMaximum"] - step
    if low is not None and value < low:
        value = low
    if high is not None and value > high:
        value = high
    multiple = schema.get("multipleOf")
    if multiple:
        value = math.floor(value / multiple) * multiple
        value = value + multiple if low is not None and value < low else value
    return value


def _sized(text: str, schema: Schema) -> str:
    least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
    if len(text) < least:
        text = text.ljust(least, ".")
    return text if most is None else text[: int(most)]


def _matching(pattern: str, text: str) -> str:
    r"""A string of a simple pattern: literals, classes, `\d`, `\w` and counts."""
    if re.search(pattern, text):
        return text
    out: list[str] = []
    atoms = re.finditer(r"(\\d|\\w|\\.|\[[^\]]+\]|[^\\^$])(\{(\d+)(?:,\d*)?\}|[+*?])?", pattern)
    for atom in atoms:
        token, count = atom.group(1), atom.group(2)
        times = int(atom.group(3)) if atom.group(3) else 0 if count in {"*", "?"} else 1
        out.append(_one_of(token) * times)
    return "".join(out)


def _one_of(token: str) -> str:
    if token in {"\\d", "\\w"}:
        return "1"
    if token.startswith("["):
        return token[1]
    return token[-1]


def _distinct(values: list[Any]) -> list[Any]:
    seen: list[Any] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen
