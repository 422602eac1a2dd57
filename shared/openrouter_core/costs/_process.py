"""For what belongs to one process: copies are the object itself, pickles are refused in words."""

from __future__ import annotations

import copyreg
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

    def _moved(self, **changes: Any) -> tuple[Any, ...]:
        """What `__reduce__` returns for an object that goes on in another process, with some changes."""
        return copyreg.__newobj__, (type(self),), vars(self) | changes  # type: ignore[attr-defined]  # typeshed lacks it
