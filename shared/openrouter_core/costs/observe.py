"""How the client tells cost tracking about calls. Imported by the client; knows no ledger.

An observer sees a call twice: `admit` before a byte is sent (a budget may refuse there), and
`completed` when the answer, the failure or the cut is known. Observers belong to a client
(`OpenRouterClient(observers=[...])`) or to a context (`observing(...)`); both kinds see every call.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from openrouter_core.config import ClientConfig

Outcome = Literal["ok", "error", "cut"]

JOB_STARTS = frozenset({"createVideos", "createBatches"})
JOB_ENDS = frozenset({"getVideos", "getBatches"})
"""What starts a long job, and what finds it ended: only then it has a cost."""


@dataclass(frozen=True, slots=True)
class CallIntent:
    """A call that is about to be sent."""

    operation: str
    """The operationId, e.g. "sendChatCompletionRequest"."""
    body: Mapping[str, Any]
    """The JSON body; empty for calls without one. Not to be changed."""
    config: ClientConfig


@dataclass(frozen=True, slots=True)
class CompletedCall:
    """A call that ended, one way or another."""

    operation: str
    outcome: Outcome
    """"ok"; "error" (refused or failed); "cut" (a stream that ended early, by us or by them)."""
    generation_id: str | None
    requested_model: str | None
    model: str | None
    """The model that answered, as the answer names it."""
    provider: str | None
    usage: Mapping[str, Any] | None
    """The answer's `usage`, verbatim; None when none arrived."""
    headers: Mapping[str, str]
    started_at: datetime
    latency_s: float | None
    """Seconds until the last byte, or the end of a job; None for a job that began elsewhere."""
    first_event_s: float | None
    """Seconds until the first event of a stream; None for other calls."""
    streamed: bool
    config: ClientConfig
    """Settings of the client that made the call: what a later look-up needs."""
    body: Mapping[str, Any]
    """The JSON body that was sent. Not to be changed, nor kept: it holds the prompt."""
    error: BaseException | None = None
    """What ended the call, when it failed or was cut by a failure."""
    job_id: str | None = None
    """The video or batch job that this call started, or found ended."""
    parts: tuple[CompletedCall, ...] = ()
    """The single results of a batch whose own answer names no price: each with its own id and usage."""


class CallObserver(Protocol):
    """Something that watches calls. Must be quick and thread-safe: it runs on the caller's path."""

    def admit(self, intent: CallIntent, /) -> object:
        """Look at a call before it is sent. Raise `BudgetExceededError` to refuse it.

        Returns:
            A ticket that `completed` gets back.
        """
        ...

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """Learn how the call ended. Exceptions are logged, never raised into the call.

        A try that got a generation id, failed and is made again is reported too, with the ticket None:
        its work may be billed, and the call goes on. A video or batch job is reported when it starts,
        without usage, and once more, as `getVideos` or `getBatches`, when it is first seen to have ended:
        with the ticket of its start, or None if it began elsewhere. What a batch cost stands in its
        `usage`, or else in that of its `parts`.
        """
        ...


_in_context: ContextVar[tuple[CallObserver, ...]] = ContextVar("openrouter_observers", default=())


def active_observers() -> tuple[CallObserver, ...]:
    """The observers of the current context, outermost first."""
    return _in_context.get()


@contextmanager
def observing(observer: CallObserver) -> Generator[None]:
    """Let `observer` see every call made in this context, whatever client makes it.

    Tasks born in it inherit it; a plain thread does only if it runs in a copy of it.
    """
    token = _in_context.set((*_in_context.get(), observer))
    try:
        yield
    finally:
        _in_context.reset(token)
