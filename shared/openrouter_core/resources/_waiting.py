"""`wait(id)` for long jobs: ask again and again, in growing steps, until the job has ended.

Declared once per resource (`wait = Waits(get, timeout_s=...)`) and bound to either client like any call. The
pauses are computed here; asking is left to the resource's own `get`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import fields
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from openrouter_core.errors import (
    ApiStatusError,
    OpenRouterError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from openrouter_core.resources._endpoint import Async, Resource, Sync, Unary


class Job(Protocol):
    """Something that takes its time."""

    @property
    def is_ended(self) -> bool: ...


J = TypeVar("J", bound=Job)
J_co = TypeVar("J_co", bound=Job, covariant=True)
Progress = Callable[[J], object]
_FIRST_S, _GROWTH, _LONGEST_S = 1.0, 1.5, 30.0
_SHORTEST_LOOK_S = 0.5
_FAULT_LASTS_S = 300.0

log = logging.getLogger("openrouter.retry")


class SyncWait(Protocol[J_co]):
    """`wait` of a sync client."""

    def __call__(
        self,
        id: str,
        *,
        timeout_s: float = ...,
        on_progress: Callable[[Any], object] | None = None,
    ) -> J_co:
        """Return the job once it has ended, well or not: look at its `status`."""
        ...


class AsyncWait(Protocol[J_co]):
    """`wait` of an async client."""

    async def __call__(
        self,
        id: str,
        *,
        timeout_s: float = ...,
        on_progress: Callable[[Any], object] | None = None,
    ) -> J_co:
        """Return the job once it has ended, well or not: look at its `status`."""
        ...


class Waits(Generic[J]):
    """The declaration of a `wait`.

    Args of the bound method:
        id: The job's id.
        timeout_s: How long to wait in all, in seconds; a look at the job takes what is left at most.
        on_progress: Called with the job after each look at it; with an async client it may be async.

    Raises from the bound method:
        RequestTimeoutError: The job has not ended in time. It goes on; wait again.
        OpenRouterError: Looking at it failed in a way that does not pass, or for five minutes on end.
    """

    def __init__(self, get: Unary[..., J], *, timeout_s: float) -> None:
        self.get = get
        self.timeout_s = timeout_s

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, resource: None, owner: type) -> Waits[J]: ...
    @overload
    def __get__(self, resource: Resource[Sync], owner: type) -> SyncWait[J]: ...
    @overload
    def __get__(self, resource: Resource[Async], owner: type) -> AsyncWait[J]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:
        if resource is None:
            return self
        get, group = self.get, type(resource)
        is_async = inspect.iscoroutinefunction(resource.io.perform)

        def wait(
            id: str, *, timeout_s: float = self.timeout_s, on_progress: Progress[Any] | None = None
        ) -> Any:
            patience = _Patience(resource.io, timeout_s)

            def look() -> Any:
                return get.bind(group(patience.client()))(id)

            return (_wait_async if is_async else _wait)(look, patience, on_progress)

        wait.__doc__ = SyncWait.__call__.__doc__
        return resource.__dict__.setdefault(self.name, wait)


class _Patience:
    """How long a wait may last, each look at its job, and a fault in between."""

    def __init__(self, io: Any, timeout_s: float) -> None:
        self._io = io
        self._timeout_s = timeout_s
        self._deadline = time.monotonic() + timeout_s
        self._pauses = _pauses(self._deadline)
        self._faults = 0
        self._seen_at: float | None = None

    def client(self) -> Any:
        """Return a client for one look: it takes what is left of the wait at most, and tries once."""
        left_s = max(self._deadline - time.monotonic(), _SHORTEST_LOOK_S)
        usual = self._io.config.timeouts
        bounded = {f.name: min(getattr(usual, f.name), left_s) for f in fields(usual)}
        return self._io.with_options(timeout_s=type(usual)(**bounded), max_retries=0)

    def seen(self) -> None:
        """Note that a look went well."""
        self._faults, self._seen_at = 0, time.monotonic()

    def pause_s(self, fault: OpenRouterError | None = None) -> float:
        """Return the seconds until the next look.

        Args:
            fault: Why the look failed. It is raised unless it may pass: after a look that went well for
                five minutes; before any did, as often as the client retries.
        """
        if fault is not None:
            self._faults += 1
            if not (_may_pass(fault) and self._bears_it()):
                raise fault
            log.warning("A look at the job failed; waiting on. (%s)", fault)
        for pause_s in self._pauses:
            asked_s = getattr(fault, "retry_after", None) or 0.0
            return min(max(pause_s, asked_s), max(self._deadline - time.monotonic(), 0.0))
        raise RequestTimeoutError(
            f"The job has not ended within {self._timeout_s:g} s. It goes on; call wait again to follow it."
        ) from fault

    def _bears_it(self) -> bool:
        if self._seen_at is None:
            return bool(self._faults <= self._io.config.max_retries)
        return time.monotonic() - self._seen_at < _FAULT_LASTS_S


def _wait(look: Callable[[], J], patience: _Patience, on_progress: Progress[J] | None) -> J:
    while True:
        try:
            job = look()
        except OpenRouterError as fault:
            pause_s = patience.pause_s(fault)
        else:
            patience.seen()
            if job.is_ended:
                return job
            if on_progress:
                on_progress(job)
            pause_s = patience.pause_s()
        time.sleep(pause_s)


async def _wait_async(
    look: Callable[[], Awaitable[J]], patience: _Patience, on_progress: Progress[J] | None
) -> J:
    while True:
        try:
            job = await look()
        except OpenRouterError as fault:
            pause_s = patience.pause_s(fault)
        else:
            patience.seen()
            if job.is_ended:
                return job
            notified = on_progress(job) if on_progress else None
            if inspect.isawaitable(notified):
                await cast("Awaitable[object]", notified)
            pause_s = patience.pause_s()
        await asyncio.sleep(pause_s)


def _may_pass(fault: OpenRouterError) -> bool:
    """Whether the same look may go well later: no answer, a busy server, a server's own failure."""
    retryable: bool | None = fault.retryable if isinstance(fault, ApiStatusError) else None
    if retryable is not None:
        return retryable
    return isinstance(fault, (TransportError, RateLimitError, ServerError))


def _pauses(deadline: float) -> Iterator[float]:
    """Yield the seconds to pause: growing, and never beyond the deadline."""
    step_s = _FIRST_S
    while (left_s := deadline - time.monotonic()) > 0:
        yield min(step_s, left_s)
        step_s = min(step_s * _GROWTH, _LONGEST_S)
