"""`wait(id)` for long jobs: ask again and again, in growing steps, until the job has ended.

Declared once per resource (`wait = Waits(get, timeout_s=...)`) and bound to either client like any call. The
pauses are computed here; asking is left to the resource's own `get`.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from openrouter_core.errors import RequestTimeoutError
from openrouter_core.resources._endpoint import Async, Resource, Sync, Unary


class Job(Protocol):
    """Something that takes its time."""

    @property
    def is_ended(self) -> bool: ...


J = TypeVar("J", bound=Job)
J_co = TypeVar("J_co", bound=Job, covariant=True)
Progress = Callable[[J], object]
_FIRST_S, _GROWTH, _LONGEST_S = 1.0, 1.5, 30.0


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
        timeout_s: How long to wait in all, in seconds.
        on_progress: Called with the job after each look at it; with an async client it may be async.

    Raises from the bound method:
        RequestTimeoutError: The job has not ended in time. It goes on; wait again.
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
        look = self.get.bind(resource)
        waiting = _wait_async if inspect.iscoroutinefunction(resource.io.perform) else _wait

        def wait(
            id: str, *, timeout_s: float = self.timeout_s, on_progress: Progress[Any] | None = None
        ) -> Any:
            return waiting(lambda: look(id), timeout_s, on_progress)

        wait.__doc__ = SyncWait.__call__.__doc__
        return resource.__dict__.setdefault(self.name, wait)


def _wait(look: Callable[[], J], timeout_s: float, on_progress: Progress[J] | None) -> J:
    pauses = _pauses(time.monotonic() + timeout_s)
    while not (job := look()).is_ended:
        if on_progress:
            on_progress(job)
        time.sleep(_next(pauses, timeout_s))
    return job


async def _wait_async(
    look: Callable[[], Awaitable[J]], timeout_s: float, on_progress: Progress[J] | None
) -> J:
    pauses = _pauses(time.monotonic() + timeout_s)
    while not (job := await look()).is_ended:
        told = on_progress(job) if on_progress else None
        if inspect.isawaitable(told):
            await cast("Awaitable[object]", told)
        await asyncio.sleep(_next(pauses, timeout_s))
    return job


def _pauses(deadline: float) -> Iterator[float]:
    """Yield the seconds to pause: growing, and never beyond the deadline."""
    step_s = _FIRST_S
    while (left_s := deadline - time.monotonic()) > 0:
        yield min(step_s, left_s)
        step_s = min(step_s * _GROWTH, _LONGEST_S)


def _next(pauses: Iterator[float], timeout_s: float) -> float:
    for pause_s in pauses:
        return pause_s
    raise RequestTimeoutError(
        f"The job has not ended within {timeout_s:g} s. It goes on; call wait again to follow it."
    )
