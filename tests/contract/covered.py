"""What a document has of an operation that no declared method takes, and which of it is known and explained."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .declared import by_operation
from .spec import Operation

_KNOWN = tomllib.loads((Path(__file__).parent / "known_gaps.toml").read_text("utf-8"))
GAPS, ABSENT = _KNOWN["gap"], _KNOWN["absent"]


def path_shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def lacking(operation: Operation) -> Iterator[str]:
    """What a document has of an operation that no declared method takes."""
    methods = by_operation()[operation.id]
    names = {name for one in methods for name in one.parameters()}
    yield from (f"query {name}" for name in operation.query if name not in names)
    taken = names | {name.replace("_", "-") for name in names}
    yield from (f"header {name}" for name in operation.headers if name not in taken)
    handled = {"stream"} if any(one.streams for one in methods) else set()
    yield from (f"body {name}" for name in operation.body_fields() - names - handled)


def is_known(operation: str, what: str) -> bool:
    return any(
        re.fullmatch(gap["operation"], operation) and re.fullmatch(gap["what"], what)
        for gap in GAPS
    )


def is_absent(operation: str) -> bool:
    """Whether documents are known to leave an operation out."""
    return any(re.fullmatch(one["operation"], operation) for one in ABSENT)
