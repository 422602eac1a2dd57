"""Whether every field of a JSON body can be reached through a typed answer, with its value.

Amounts may have become `Decimal`, times aware `datetime`s, secrets `Secret`s: the value must be the
same. A field may be renamed by an alias; unknown ones must be attributes too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from openrouter_core import Secret


def lost(wire: Any, shown: Any, path: str = "$") -> Iterator[str]:
    """Yield the path of every field that the typed answer lacks or shows with another value."""
    if isinstance(wire, dict):
        yield from _lost_in_object(wire, shown, path)
    elif isinstance(wire, list) and isinstance(shown, (list, tuple)):
        if len(wire) != len(shown):
            yield f"{path}: {len(wire)} items on the wire, {len(shown)} shown"
        for at, (one, other) in enumerate(zip(wire, shown, strict=False)):
            yield from lost(one, other, f"{path}[{at}]")
    elif not same(wire, shown):
        yield f"{path}: {str(wire)[:120]!r} on the wire, {str(shown)[:120]!r} shown"


def _lost_in_object(wire: dict[str, Any], shown: Any, path: str) -> Iterator[str]:
    fields = _fields(shown)
    if fields is None:
        yield f"{path}: an object on the wire, {type(shown).__name__} shown"
        return
    for key, value in wire.items():
        if key in fields:
            yield from lost(value, fields[key], f"{path}.{key}")
        else:
            yield f"{path}.{key} cannot be reached"


def _fields(shown: Any) -> dict[str, Any] | None:
    if isinstance(shown, dict):
        return shown
    if not isinstance(shown, BaseModel):
        return None
    declared = type(shown).model_fields
    named = {(field.alias or name): getattr(shown, name) for name, field in declared.items()}
    return {**named, **(shown.model_extra or {})}


def same(wire: Any, shown: Any) -> bool:
    """Whether a leaf has the same value, whatever its Python type."""
    if type(wire) is type(shown):
        return wire == shown
    if isinstance(shown, Secret):
        return shown.get_secret_value() == wire
    if isinstance(shown, datetime):
        return shown == _moment(wire)
    if isinstance(shown, Decimal):
        return shown == Decimal(str(wire))
    return not isinstance(wire, (bool, str)) and bool(wire == shown)


def _moment(wire: Any) -> datetime | None:
    if isinstance(wire, (int, float)):
        return datetime.fromtimestamp(wire, UTC)
    moment = datetime.fromisoformat(wire)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
