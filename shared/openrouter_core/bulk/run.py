"""One run of a job: iterated with `for` or `async for`, with its own event loop where there is none."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from itertools import islice
from typing import Any, Generic, Protocol, Self
from weakref import WeakSet

from typing_extensions import TypeVar

from openrouter_core.bulk.item import Item, ItemKey, Progress
from openrouter_core.bulk.pace import Pace
from openrouter_core.bulk.shown import ProgressLine

R = TypeVar("R", default=Any)
T = TypeVar("T")
Rows = Iterable[tuple[ItemKey, Any]]
Shows = bool | Callable[[Progress], object]


class Runs(Protocol):
    """What a run needs of its `Job`."""

    _iterated: WeakSet[Generator[Item[Any]]]
    """Runs that `for` goes over, to be closed with the job."""

    def halt(self) -> None:
        """Let no further item begin."""
        ...

    def progress(self) -> Progress:
        """How far the job is."""
        ...

    def _groups(
        self, rows: Rows | None, shown: Callable[[Progress], object], *, only: bool
    ) -> AsyncGenerator[list[Item[Any]]]:
        """The items as they are committed."""
        ...


class Run(Generic[R]):
    """One run of a job; it begins when it is iterated, with `for` or with `async for`."""

    def __init__(
        self, job: Runs, rows: Rows | None, progress: Shows, *, only: bool = False
    ) -> None:
        self._job, self._rows, self._progress = job, rows, progress
        self._only = only

    async def __aiter__(self) -> AsyncGenerator[Item[R]]:
        groups = self._groups()
        try:
            async for group in groups:
                for item in group:
                    yield item
        finally:
            await groups.aclose()

    def __iter__(self) -> Generator[Item[R]]:
        items = self._items()
        self._job._iterated.add(items)  # noqa: SLF001  # its own
        return items

    def _items(self) -> Generator[Item[R]]:
        with Loop(self._job.halt) as loop:
            # Ctrl-C as the caller begins to wait leaves nobody who holds the wait: closing waits for it.
            groups, turn = self._groups(), asyncio.Lock()
            try:
                while (group := loop.wait(_next(groups, turn))) is not None:
                    yield from group
            finally:
                loop.wait(_close(groups, turn))

    async def _groups(self) -> AsyncGenerator[list[Item[R]]]:
        with shown_by(self._progress, self._job.progress) as shown:
            groups = self._job._groups(self._rows, shown, only=self._only)  # noqa: SLF001  # its own
            try:
                async for group in groups:
                    yield group
            finally:
                await groups.aclose()


@contextmanager
def shown_by(
    progress: Shows, at_the_end: Callable[[], Progress]
) -> Generator[Callable[[Progress], object]]:
    """What is to be called with each progress: the line on standard error, the user's function, or nothing."""
    if progress is not True:
        yield progress or _nothing
        return
    line = ProgressLine()
    try:
        yield line.show
    finally:
        line.end(at_the_end())


def _nothing(progress: Progress) -> None:
    """Show nothing."""


async def _close(groups: AsyncGenerator[Any], turn: asyncio.Lock) -> None:
    async with turn:
        await groups.aclose()


async def _next(
    groups: AsyncGenerator[list[Item[Any]]], turn: asyncio.Lock
) -> list[Item[Any]] | None:
    async with turn:
        return await anext(groups, None)


class Figures:
    """The progress of a run, kept up from group to group."""

    def __init__(self, progress: Progress, pace: Pace) -> None:
        self.progress = progress
        self._pace = pace
        self._begun_at = time.monotonic()
        self._ended = 0

    def after(self, group: Sequence[Item[Any]], count: int = 1) -> Progress:
        """Count a group; each item stands for `count`."""
        was = self.progress
        failed = sum(not item.is_ok for item in group) * count
        ended = len(group) * count
        self._ended += ended
        self.progress = replace(
            was,
            total=max(was.total, was.done + was.failed + ended),
            done=was.done + ended - failed,
            failed=was.failed + failed,
            spent_usd=sum((item.cost for item in group if item.cost), was.spent_usd),
            per_second=self._ended / max(time.monotonic() - self._begun_at, 0.001),
            concurrency=int(self._pace.limit),
        )
        return self.progress


async def from_thread(begin: Callable[[], Generator[T]]) -> AsyncGenerator[T]:
    """Yield what a generator gives that blocks; it runs in one thread, in the context of this task."""
    loop, context, thread = asyncio.get_running_loop(), copy_context(), ThreadPoolExecutor(1)
    items = begin()

    def following() -> list[T]:
        return list(islice(items, 1))

    try:
        while one := await loop.run_in_executor(thread, lambda: context.run(following)):
            yield one[0]
    finally:
        await loop.run_in_executor(thread, lambda: context.run(items.close))
        thread.shutdown(wait=False)


class Loop:
    """An event loop in a thread, for callers that do not have one, or whose own is busy (notebooks)."""

    def __init__(self, halt: Callable[[], None]) -> None:
        self._halt = halt
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine gives. Interrupted, it ends in good order; a second time, at once."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._loop.call_soon_threadsafe(self._halt)
            try:
                future.result()
            except KeyboardInterrupt:
                future.cancel()
            raise

    def __exit__(self, *exc: object) -> None:
        self.wait(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
