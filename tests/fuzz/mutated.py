"""JSON that a sender got wrong: leaves dropped, null, of another type, doubled or added. A hypothesis strategy."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

Path = tuple[Any, ...]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 5, 2.5, 10**30, "", "x", "\u00b2", "\ud800", "9" * 50, "null"),
    *([], [None], ["a"], [[]], [{}], [5], {}, {"a": 1}, {"type": None}, {"error": None}),
]
OPERATIONS = ("drop", "odd", "double", "add")


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a document, the whole of it left out."""
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = [*value.items()]
    elif isinstance(value, list):
        items = [*enumerate(value)]
    for key, inner in items:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(value: Any, path: Path, operation: str, odd: Any) -> None:
    """Do one thing to a document, in place."""
    holder = at(value, path[:-1])
    if operation == "drop":
        del holder[path[-1]]
    elif operation == "double" and isinstance(holder, list):
        holder.insert(path[-1], copy.deepcopy(holder[path[-1]]))
    elif operation == "add" and isinstance(holder[path[-1]], dict):
        holder[path[-1]]["x_unknown"] = odd
    elif operation == "add" and isinstance(holder[path[-1]], list):
        holder[path[-1]].append(odd)
    else:
        holder[path[-1]] = odd


@st.composite
def mutated(
    draw: st.DrawFn,
    documents: Sequence[Any],
    spared: Callable[[Path], bool] = lambda path: False,
) -> Any:
    """Draw a document with one to three changes, at places that are not spared."""
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path in paths(document) if not spared(path)]
        if not places:
            break
        place, odd = draw(st.sampled_from(places)), copy.deepcopy(draw(st.sampled_from(ODD)))
        changed(document, place, draw(st.sampled_from(OPERATIONS)), odd)
    return document
