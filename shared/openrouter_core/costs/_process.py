"""For what belongs to one process: copies are the object itself, pickles are refused in words."""

from __future__ import annotations

from typing import Any, Self

from openrouter_core.config import not_picklable


class OnePerProcess:
    """A base for what every user of a process shares."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        shared = "; a ledger with a database URL, and a budget that has one, can be pickled"
        raise not_picklable(f"A {type(self).__name__}", shared)
