"""Prompts and results as JSON text, and back. Pydantic objects keep their class.

A class is looked up among the modules that are loaded, never imported because a file says so. Text that a
model wrote cannot name one: what looks like a class in it is escaped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, TypeAdapter

_CLASS, _VALUE, _ESCAPED = "$class", "$value", "$escaped"
_seen: dict[str, type[BaseModel]] = {}
"""Classes that cannot be found by their name, such as those of functions, while this process lives."""


def encode(value: Any) -> str:
    """Return a value as JSON text.

    Raises:
        TypeError: It holds something that is neither JSON nor a pydantic object.
    """
    tagged = _Tags()
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=tagged.of)
    if text.count(f'"{_CLASS}"') == tagged.count and f'"{_ESCAPED}"' not in text:
        return text
    return json.dumps(_escaped(value), ensure_ascii=False, separators=(",", ":"))


def canonical(value: Any) -> str:
    """Return JSON text that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_Tags().of)


def decode(text: str, kind: Any = None) -> Any:
    """Read what `encode` wrote.

    Args:
        kind: What the value is to be validated as, e.g. a pydantic class; None keeps what was written.
    """
    value = json.loads(text, object_hook=_read) if '"$' in text else json.loads(text)
    return value if kind is None else TypeAdapter(kind).validate_python(value)


class _Tags:
    """Turns pydantic objects into tagged dicts, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, value: Any) -> Any:
        if isinstance(value, BaseModel):
            self.count += 1
            return {_CLASS: _name(type(value)), _VALUE: value.model_dump(mode="json")}
        if isinstance(value, Mapping):
            return dict(cast("Mapping[str, Any]", value))
        if isinstance(value, (set, frozenset)):
            return sorted(cast("set[Any]", value))
        if isinstance(value, BaseException):
            return f"{type(value).__name__}: {value}"
        raise TypeError(
            f"{type(value).__name__} cannot be stored: JSON values and pydantic objects can."
        )


def _escaped(value: Any) -> Any:
    """The value as JSON, with every dict that could be taken for a tag written as pairs."""
    if isinstance(value, BaseModel):
        return {_CLASS: _name(type(value)), _VALUE: _escaped(value.model_dump(mode="json"))}
    if isinstance(value, Mapping):
        pairs = [(str(k), _escaped(v)) for k, v in value.items()]
        return {_ESCAPED: pairs} if any(k.startswith("$") for k, _ in pairs) else dict(pairs)
    if isinstance(value, (list, tuple)):
        return [_escaped(one) for one in cast("list[Any]", value)]
    return value if value is None or isinstance(value, (str, int, float)) else _Tags().of(value)


def _name(kind: type[BaseModel]) -> str:
    name = f"{kind.__module__}:{kind.__qualname__}"
    _seen[name] = kind
    return name


def _read(found: dict[str, Any]) -> Any:
    if found.keys() == {_ESCAPED}:
        return dict(found[_ESCAPED])
    if found.keys() != {_CLASS, _VALUE}:
        return found
    kind = _seen.get(found[_CLASS]) or _loaded(found[_CLASS])
    return found[_VALUE] if kind is None else kind.model_validate(found[_VALUE])


def _loaded(name: str) -> type[BaseModel] | None:
    """The pydantic class of that name in a loaded module; None when there is none."""
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None
