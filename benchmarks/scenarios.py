"""What a client is made to do, and what it cost: CPU of this process, and wall time.

Run by `worker.py` inside each contender's environment, so it imports nothing but the standard library.
A contender is a class from `contenders/`; what it lacks it is not asked for.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

from answers import LAST_WORD


@dataclass(slots=True)
class Cost:
    """What a piece of work cost."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    count: int = 0
    """Calls or chunks, whichever the work counts."""
    failed: int = 0
    rss_mb: float = 0.0
    """The highest memory of the process so far."""
    _start: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> Self:
        gc.collect()
        self._start = (time.process_time(), time.perf_counter())
        return self

    def __exit__(self, *exc: object) -> None:
        self.cpu_s += time.process_time() - self._start[0]
        self.wall_s += time.perf_counter() - self._start[1]
        self.rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Client:
    """A contender at one URL, with the event loop that its asynchronous calls share."""

    def __init__(self, kind: type[Any], url: str, runner: asyncio.Runner) -> None:
        self._kind = kind
        self._url = url
        self._run = runner.run
        self._contender = kind(url)

    def delivers(self, way: str) -> bool:
        """Whether the end of the answer reaches the caller in any form."""
        result = getattr(self._contender, way)()
        if way.startswith("a"):
            result = self._run(_collected(result))
        shown = repr(list(result) if hasattr(result, "__next__") else result)
        return LAST_WORD in shown

    def construct(self, times: int) -> Cost:
        """Make another object of the same settings."""
        with Cost(count=times) as cost:
            for _ in range(times):
                self._kind(self._url)
        return cost

    def call(self, times: int) -> Cost:
        """One call after another."""
        return self._repeated(self._contender.call, times)

    def embed(self, times: int) -> Cost:
        """One embedding request after another."""
        return self._repeated(self._contender.embed, times)

    def models(self, times: int) -> Cost:
        """One model list after another."""
        return self._repeated(self._contender.models, times)

    def history(self, times: int) -> Cost:
        """One long conversation after another; `times` is its number of messages."""
        return self._repeated(lambda: self._contender.history(times), 20)

    def call_costs(self, times: int) -> Cost:
        """Calls with and without costs in turns: only the difference counts."""
        plain = self._contender.without_costs()
        return _difference(self._contender.call, plain.call, times, each=50)

    def stream_costs(self, times: int) -> Cost:
        """The same for streams; counts chunks."""
        watched, plain = self._contender, self._contender.without_costs()
        count = sum(1 for _ in plain.stream())
        cost = _difference(
            lambda: sum(1 for _ in watched.stream()),
            lambda: sum(1 for _ in plain.stream()),
            times,
        )
        cost.count *= count
        return cost

    def _repeated(self, once: Callable[[], object], times: int) -> Cost:
        once()
        with Cost(count=times) as cost:
            for _ in range(times):
                once()
        return cost

    def acall(self, times: int) -> Cost:
        """The same, awaited."""

        async def work() -> Cost:
            await self._contender.acall()
            with Cost(count=times) as cost:
                for _ in range(times):
                    await self._contender.acall()
            return cost

        return self._run(work())

    def stream(self, times: int) -> Cost:
        """Read streams to their end; counts chunks."""
        with Cost() as cost:
            for _ in range(times):
                cost.count += sum(1 for _ in self._contender.stream())
        return cost

    def astream(self, times: int) -> Cost:
        """The same with `async for`."""

        async def work() -> Cost:
            with Cost() as cost:
                for _ in range(times):
                    cost.count += await _drained(self._contender.astream())
            return cost

        return self._run(work())

    def first(self, times: int) -> Cost:
        """Open streams up to their first chunk; the rest is read outside the measurement."""
        cost = Cost(count=times)
        for _ in range(times):
            with cost:
                chunks: Iterator[object] = iter(self._contender.stream())
                next(chunks)
            sum(1 for _ in chunks)
        return cost

    def afirst(self, times: int) -> Cost:
        """The same with `async for`."""

        async def work() -> Cost:
            cost = Cost(count=times)
            for _ in range(times):
                with cost:
                    chunks = aiter(self._contender.astream())
                    await anext(chunks)
                await _drained(chunks)
            return cost

        return self._run(work())

    def many(self, times: int) -> Cost:
        """That many calls at once, after as many to warm up."""

        async def work() -> Cost:
            await _all(self._contender.acall() for _ in range(times))
            with Cost(count=times) as cost:
                cost.failed = await _all(self._contender.acall() for _ in range(times))
            return cost

        return self._run(work())

    def streams(self, times: int) -> Cost:
        """That many streams at once; counts chunks."""

        async def one(cost: Cost) -> None:
            async for _ in self._contender.astream():
                cost.count += 1

        async def work() -> Cost:
            with Cost() as cost:
                cost.failed = await _all(one(cost) for _ in range(times))
            return cost

        return self._run(work())

    def threads(self, times: int) -> Cost:
        """That many calls on 16 threads."""
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: self._contender.call(), range(32)))
            with Cost(count=times) as cost:
                list(pool.map(lambda _: self._contender.call(), range(times)))
        return cost


def _difference(
    watched: Callable[[], object], plain: Callable[[], object], times: int, *, each: int = 1
) -> Cost:
    """What `watched` costs more than `plain`: the median of rounds in which both take their turn."""
    extra: list[float] = []
    for number in range(times // each):
        spent: dict[Callable[[], object], float] = {}
        for once in (plain, watched) if number % 2 else (watched, plain):
            once()
            with Cost() as cost:
                for _ in range(each):
                    once()
            spent[once] = cost.cpu_s
        extra.append(spent[watched] - spent[plain])
    return Cost(cpu_s=statistics.median(extra), count=each, rss_mb=cost.rss_mb)


async def _all(work: Any) -> int:
    """Wait for all; return how many failed."""
    results = await asyncio.gather(*work, return_exceptions=True)
    return sum(isinstance(result, BaseException) for result in results)


async def _collected(result: Awaitable[object] | AsyncIterator[object]) -> object:
    return [c async for c in result] if hasattr(result, "__anext__") else await result  # type: ignore[misc]  # one or the other


async def _drained(chunks: AsyncIterator[object]) -> int:
    count = 0
    async for _ in chunks:
        count += 1
    return count
