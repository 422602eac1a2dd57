"""How the client tells cost tracking about calls. Imported by the client; knows no ledger.

An observer sees a call twice: `admit` before a byte is sent (a budget may refuse there), and
`completed` when the answer, the failure or the interruption is known. Observers belong to a client
(`OpenRouterClient(observers=[...])`) or to a context (`observing(...)`); both kinds see every call.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from openrouter_core.observers.calls import CallIntent, CompletedCall


class CallObserver(Protocol):
    """Something that watches calls. Must be quick and thread-safe: it runs on the caller's path.

    One whose `admit` may wait, e.g. for a database, says so by an attribute `admit_waits = True`; the
    async client then calls its `admit` in a thread.
    """

    def admit(self, intent: CallIntent, /) -> object:
        """Look at a call before it is sent. Raise `BudgetExceededError` to refuse it.

        Returns:
            A ticket that `completed` gets back.
        """
        ...

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """Learn how the call ended. Exceptions are logged, never raised into the call.

        A try that failed and is made again is reported too, with the ticket None, if it may be billed: it
        got a generation id, or was sent and never answered. The call goes on. A video or batch job is reported when it starts,
        without usage, and once more, as `getVideos` or `getBatches`, when it is first seen to have ended:
        with the ticket of its start, or None if it began elsewhere. What a batch cost stands in its
        `usage`, or else in that of its `parts`.
        """
        ...


in_context: ContextVar[tuple[CallObserver, ...]] = ContextVar("openrouter_observers", default=())
"""Asked by the client for every call; others call `active_observers`."""


def active_observers() -> tuple[CallObserver, ...]:
    """The observers of the current context, outermost first."""
    return in_context.get()


@contextmanager
def observing(observer: CallObserver) -> Generator[None]:
    """Let `observer` see every call made in this context, whatever client makes it.

    Tasks born in it inherit it; a plain thread does only if it runs in a copy of it.
    """
    token = in_context.set((*in_context.get(), observer))
    try:
        yield
    finally:
        in_context.reset(token)
