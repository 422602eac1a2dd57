"""Who a call is for: run, tags, session, user. Set by the program, read when a call starts.

Labels belong to the context, so tasks and copied contexts inherit them.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from openrouter_core.observers.storable import storable


@dataclass(frozen=True, slots=True)
class Labels:
    """The names under which a call is booked."""

    run: str | None = None
    tags: tuple[str, ...] = ()
    session: str | None = None
    user: str | None = None

    def __post_init__(self) -> None:
        for name in ("run", "session", "user"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, storable(str(value)))
        if self.tags:
            object.__setattr__(self, "tags", tuple(storable(str(tag)) for tag in self.tags))

    def of_call(self, body: Mapping[str, Any]) -> Labels:
        """Return these labels; what they leave open is read from the body that was sent."""
        if "session_id" not in body and "user" not in body:
            return self
        session = self.session or _text(body.get("session_id"))
        user = self.user or _text(body.get("user"))
        if session == self.session and user == self.user:
            return self
        return replace(self, session=session, user=user)


UNLABELLED = Labels()
_current: ContextVar[Labels] = ContextVar("openrouter_cost_labels", default=UNLABELLED)


def current_labels() -> Labels:
    """Return the labels of the current context."""
    return _current.get()


@contextmanager
def cost_labels(
    *,
    run: str | None = None,
    tags: Sequence[str] = (),
    session: str | None = None,
    user: str | None = None,
) -> Generator[Labels]:
    """Book every call made in this context under these names.

    Args:
        run: One execution of a program, agent or job.
        tags: Added to the tags around it.
        session: Default: the `session_id` a call sends.
        user: Default: the `user` a call sends.
    """
    outer = _current.get()
    both = (*outer.tags, *(tag for tag in tags if tag not in outer.tags))
    inner = Labels(run or outer.run, both, session or outer.session, user or outer.user)
    token = _current.set(inner)
    try:
        yield inner
    finally:
        _current.reset(token)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
