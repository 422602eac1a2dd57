"""Connection pools, shared by every client of the same settings. One pool per event loop, one for threads.

httpx2's own pool looks at every connection for every request: 1.3 ms a request at 100 concurrent ones,
8 ms at 2,000. Here each transport holds one connection, and the idle ones wait on a stack: taking one
costs the same at any size.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import httpx2

from openrouter_core._http.pool_key import IDLE_S, PoolKey
from openrouter_core.errors import ConfigurationError
from openrouter_core.streaming.reader import Clock, TimedBody

if TYPE_CHECKING:
    import asyncio

_Waits = dict[str, float | None]
_NO_WAITS: _Waits = {}


class _Idle:
    """A stack of idle transports; the ones at the bottom grow old. Threads share it without a lock."""

    def __init__(self) -> None:
        self._stack: deque[tuple[Any, float]] = deque()

    def take(self) -> Any:
        try:
            return self._stack.pop()[0]
        except IndexError:
            return None

    def put(self, transport: Any) -> list[Any]:
        """Put a transport on top; remove and return those that have idled too long."""
        now = time.monotonic()
        self._stack.append((transport, now))
        try:
            has_old = self._stack[0][1] <= now - IDLE_S
        except IndexError:  # another thread was quicker
            return []
        return self._take_bottom(now - IDLE_S) if has_old else []

    def take_all(self) -> list[Any]:
        """Remove and return every transport."""
        return self._take_bottom(float("inf"))

    def _take_bottom(self, until: float) -> list[Any]:
        taken: list[Any] = []
        try:
            while self._stack[0][1] <= until:
                taken.append(self._stack.popleft()[0])
        except IndexError:
            return taken  # it is empty, or another thread was quicker
        return taken


class PooledTransport(httpx2.BaseTransport):
    """A thread-safe pool of one-connection transports."""

    def __init__(self, key: PoolKey) -> None:
        self._key = key
        self._idle = _Idle()
        self._places = threading.Semaphore(key.max_connections)
        self._made: WeakSet[httpx2.BaseTransport] = WeakSet()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        waits: _Waits = request.extensions.get("timeout", _NO_WAITS)
        if "first_event" in waits:  # a stream waits for its first event first
            waits["read"] = waits["first_event"]
        if not self._places.acquire(timeout=waits.get("pool")):
            raise httpx2.PoolTimeout("No free connection.", request=request)
        transport: Any = None
        try:
            transport = self._idle.take() or self._make()
            clock: Clock = transport.clock
            clock.wait_s = read_s = waits.get("read")
            clock.gap_s, clock.later_gap_s, clock.deadline = None, waits.get("gap", read_s), None
            response: httpx2.Response = transport.handle_request(request)
        except BaseException:
            self._give_back(transport)
            raise
        give_back = partial(self._give_back, transport)
        response.stream = _Lease(cast("Any", response.stream), clock, give_back)
        return response

    def _give_back(self, transport: httpx2.BaseTransport | None) -> None:
        old = () if transport is None else self._idle.put(transport)
        self._places.release()
        for one in old:
            one.close()

    def _make(self) -> httpx2.BaseTransport:
        transport = self._key.make()
        self._made.add(transport)
        return transport

    def close(self) -> None:
        for transport in self._idle.take_all():
            transport.close()

    def close_all(self) -> None:
        """Close the connections in use as well, e.g. of streams that were left before their end."""
        for transport in list(self._made):
            transport.close()


class _Lease(TimedBody, httpx2.SyncByteStream):
    """A response body that hands its transport back when it is closed, once."""

    def __init__(self, stream: httpx2.SyncByteStream, clock: Clock, give_back: Any) -> None:
        self._stream = stream
        self.clock = clock
        self._give_back = give_back

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is None:
            return
        try:
            self._stream.close()
        finally:
            give_back()


class AsyncPooledTransport(httpx2.AsyncBaseTransport):
    """A pool for one event loop, without locks."""

    def __init__(self, key: PoolKey) -> None:
        self._key = key
        self._idle = _Idle()
        import asyncio

        self._places = asyncio.Semaphore(key.max_connections)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        waits: _Waits = request.extensions.get("timeout", _NO_WAITS)
        if "first_event" in waits:  # a stream waits for its first event first
            waits["read"] = waits["first_event"]
        if self._places.locked():
            await self._wait_for_place(request, waits.get("pool"))
        else:
            await self._places.acquire()
        transport: Any = None
        try:
            transport = self._idle.take() or self._key.make_async()
            clock: Clock = transport.clock
            clock.wait_s = read_s = waits.get("read")
            clock.gap_s, clock.later_gap_s, clock.deadline = None, waits.get("gap", read_s), None
            response: httpx2.Response = await transport.handle_async_request(request)
        except BaseException:
            self.give_back(transport)
            raise
        response.stream = _AsyncLease(cast("Any", response.stream), clock, self, transport)
        return response

    async def _wait_for_place(self, request: httpx2.Request, wait_s: float | None) -> None:
        try:
            from asyncio import timeout

            async with timeout(wait_s):
                await self._places.acquire()
        except TimeoutError:
            raise httpx2.PoolTimeout("No free connection.", request=request) from None

    def give_back(self, transport: httpx2.AsyncBaseTransport | None) -> Sequence[Any]:
        """Take a transport back; return those that have idled too long, to be closed."""
        old: Sequence[Any] = () if transport is None else self._idle.put(transport)
        self._places.release()
        return old

    async def aclose(self) -> None:
        for transport in self._idle.take_all():
            await transport.aclose()


class _AsyncLease(TimedBody, httpx2.AsyncByteStream):
    """`_Lease` for one event loop."""

    def __init__(
        self,
        stream: httpx2.AsyncByteStream,
        clock: Clock,
        pool: AsyncPooledTransport,
        transport: httpx2.AsyncBaseTransport,
    ) -> None:
        self._stream = stream
        self.clock = clock
        self._pool: AsyncPooledTransport | None = pool
        self._transport = transport

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            await self._stream.aclose()
        finally:
            old = pool.give_back(self._transport)
        for one in old:
            await one.aclose()


_lock = threading.Lock()
_pools: dict[PoolKey, PooledTransport] = {}
_LoopPools = dict[PoolKey, tuple[AsyncPooledTransport, "AsyncGenerator[None]"]]
_OF_A_LOOP = "_openrouter_pools"
"""An event loop holds its pools itself: they hold it too, and so both go with a loop that nobody closed."""
_loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def pool_for(key: PoolKey) -> PooledTransport:
    """The pool that all threads share."""
    pool = _pools.get(key)
    if pool is None:
        with _lock:
            pool = _pools.setdefault(key, PooledTransport(key))
    return pool


_NO_LOOP = (
    "AsyncOpenRouterClient runs on asyncio, and no asyncio event loop is running. Under trio, give it a client "
    "of its own: AsyncOpenRouterClient(http_client=httpx2.AsyncClient())."
)


async def async_pool_for(key: PoolKey) -> AsyncPooledTransport:
    """The pool of the running event loop. It closes when the loop shuts down.

    Raises:
        ConfigurationError: The program does not run on asyncio.
    """
    try:
        loop = _running_loop()()
    except RuntimeError:  # trio has none
        raise ConfigurationError(_NO_LOOP) from None
    pools = _pools_of(loop)
    if key not in pools:
        pool = AsyncPooledTransport(key)
        lifetime = _closes_with_the_loop(loop, pool)
        pools[key] = (pool, lifetime)
        await anext(lifetime)
    return pools[key][0]


@cache
def _running_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    from asyncio import get_running_loop  # a program without coroutines never needs it

    return get_running_loop


def _pools_of(loop: asyncio.AbstractEventLoop) -> _LoopPools:
    if _OF_A_LOOP not in loop.__dict__:
        loop.__dict__[_OF_A_LOOP] = {}
        _loops.add(loop)
    pools: _LoopPools = loop.__dict__[_OF_A_LOOP]
    return pools


async def _closes_with_the_loop(
    loop: asyncio.AbstractEventLoop, pool: AsyncPooledTransport
) -> AsyncGenerator[None]:
    """Wait, suspended: `asyncio.run` closes the async generators of its loop before the loop itself."""
    try:
        yield
    finally:
        loop.__dict__.pop(_OF_A_LOOP, None)
        # Under nest_asyncio the garbage collector comes here, after the end of the loop.
        if loop.is_running():
            await pool.aclose()


def pool_counts() -> dict[str, int]:
    """How many pools there are, for tests and diagnostics."""
    open_loops = [loop for loop in _loops if not loop.is_closed()]
    return {
        "sync": len(_pools),
        "async": sum(len(loop.__dict__.get(_OF_A_LOOP, ())) for loop in open_loops),
    }


def _forget_all() -> None:
    """In a forked child: neither the parent's sockets nor a lock that one of its threads holds."""
    global _lock
    _lock = threading.Lock()
    _pools.clear()
    for loop in _loops:
        loop.__dict__.pop(_OF_A_LOOP, None)


@atexit.register
def _close_all() -> None:
    """At the end of the program: sockets are closed rather than left to the garbage collector."""
    for pool in _pools.values():
        pool.close_all()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
