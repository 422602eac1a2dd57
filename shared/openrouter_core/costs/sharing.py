"""For objects that hold threads and locks: copies are the object itself, pickles are refused in words."""

from __future__ import annotations

from typing import NoReturn, Self


class OnePerProcess:
    """A base for what every user of a process shares."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(
            f"A {name} cannot be pickled: it belongs to its process. Make one in each process; "
            "a ledger with a database URL is shared by all that open it."
        )
