"""The fields of JSON bodies, kind by kind: which stand where, how often, and in which order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

_FREE = frozenset({"parameters", "arguments", "content_schema", "metadata", "input", "providers"})
"""Objects whose keys are data."""


@dataclass
class FieldSet:
    """What was seen in the bodies of one kind."""

    bodies: int = 0
    seen: Counter[str] = field(default_factory=Counter[str])
    """In how many bodies each place stands."""
    orders: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """(place, first, second) for every two fields of an object."""

    @classmethod
    def of(cls, bodies: Iterable[tuple[Any, str]]) -> FieldSet:
        """Read some bodies, each with its recording's id; a body may be a list of events."""
        found = cls()
        for body, id in bodies:
            found.bodies += 1
            found.seen.update({place for place, _ in _objects(body, "")} - {""})
            if not id.startswith("rig-"):  # its source has sorted all keys
                found.orders.update(_orders(body))
        return found

    def share(self, place: str) -> float:
        return self.seen[place] / max(1, self.bodies)


def _objects(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every value with its place; an object in a list is told by its `type`."""
    yield place, value
    if isinstance(value, dict) and place.rpartition(".")[2] not in _FREE:
        for key, inner in value.items():
            yield from _objects(inner, f"{place}{_tag(place, value)}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner, f"{place}[]")


def _tag(place: str, value: dict[str, Any]) -> str:
    kind = value.get("type")
    return f"<{kind}>" if isinstance(kind, str) and place.endswith("[]") else ""


def _orders(body: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(body, dict) and len(body) > 3 and list(body) == sorted(body):
        return  # its source has sorted it
    for place, value in _objects(body, ""):
        if isinstance(value, dict) and place.rpartition(".")[2] not in _FREE:
            named = place + _tag(place, value)
            yield from ((named, first, second) for first, second in combinations(value, 2))


def events(sse: str) -> list[Any]:
    """The JSON of the events of a stream."""
    frames = (line for frame in sse.split("\n\n") for line in frame.split("\n"))
    return [json.loads(line[6:]) for line in frames if line.startswith("data: {")]
