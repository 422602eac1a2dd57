"""For what belongs to one process: copies are the object itself, pickles are refused in words."""

from __future__ import annotations

from typing import Any, Self


class OnePerProcess:
    """A base for what every user of a process shares."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        raise not_picklable(f"A {type(self).__name__}")


def not_picklable(what: str) -> TypeError:
    """Return the error that refuses a pickle; `what` is the subject of its sentence."""
    return TypeError(
        f"{what} cannot be pickled: it belongs to its process. Make one in each process; "
        "a ledger with a database URL is shared by all that open it."
    )


def refuse_http_clients(*http_clients: object) -> None:
    """Refuse to pickle an object that was given connections: without them its copy would go another way.

    Raises:
        TypeError: One of them is not None.
    """
    if any(http_client is not None for http_client in http_clients):
        raise not_picklable("An http_client")
