"""httpx2's transports with one connection each, and without the search for it. Used by `pool_key` alone.

httpcore2's pool looks after many connections, and spends a tenth of a small call on that also where it
holds one. Imported with the first request, for httpcore2 takes as long as the rest of the client.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from operator import attrgetter
from typing import Any

import httpcore2
import httpx2
from typing_extensions import override

from openrouter_core.streaming.reader import Clock


def _unread_bytes() -> Callable[[Any], object]:
    """What tells whether bytes came behind an answer: they would be the answer to the next request.

    It is h11's `trailing_data`, without the three calls that each request would pay for. Where the inside of
    httpcore2 has changed, nothing can be told, and a test in test_out_of_step.py fails.
    """
    unread = attrgetter("_connection._h11_state._receive_buffer._data")
    try:
        origin = httpcore2.Origin(b"http", b"h", 80)
        made = httpcore2.HTTPConnection(origin)
        made._connection = httpcore2.HTTP11Connection(origin, httpcore2.NetworkStream())  # noqa: SLF001
        unread(made)
    except AttributeError:
        return lambda _: b""
    return unread


_unread = _unread_bytes()


class OneConnectionTransport(httpx2.HTTPTransport):
    """A transport for one request at a time; all else, errors included, is httpx2's."""

    def __init__(self, tls: ssl.SSLContext, idle_s: float) -> None:
        super().__init__(verify=tls)
        self.clock = Clock()
        network = _Network(self.clock)
        self._pool = _OneConnection(tls, keepalive_expiry=idle_s, network_backend=network)


class _OneConnection(httpcore2.ConnectionPool):
    """A connection that is made at the first request, and anew when it is spent: in use, closed, old, or out of step."""

    _connection: httpcore2.ConnectionInterface | None = None

    @override
    def handle_request(self, request: httpcore2.Request) -> httpcore2.Response:
        connection = self._connection
        if (
            connection is None
            or not connection.is_idle()
            or connection.has_expired()
            or _unread(connection)
        ):
            self.close()
            connection = self._connection = self.create_connection(request.url.origin)
        return connection.handle_request(request)

    @override
    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class OneAsyncConnectionTransport(httpx2.AsyncHTTPTransport):
    """`OneConnectionTransport` for asyncio."""

    def __init__(self, tls: ssl.SSLContext, idle_s: float) -> None:
        super().__init__(verify=tls)
        self.clock = Clock()
        network = _AsyncNetwork(self.clock)
        self._pool = _OneAsyncConnection(tls, keepalive_expiry=idle_s, network_backend=network)


class _OneAsyncConnection(httpcore2.AsyncConnectionPool):
    """`_OneConnection` for asyncio."""

    _connection: httpcore2.AsyncConnectionInterface | None = None

    @override
    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        connection = self._connection
        if (
            connection is None
            or not connection.is_idle()
            or connection.has_expired()
            or _unread(connection)
        ):
            await self.aclose()
            connection = self._connection = self.create_connection(request.url.origin)
        return await connection.handle_async_request(request)

    @override
    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.aclose()


class ProxiedTransport(httpx2.HTTPTransport):
    """httpx2's own transport, which a proxy needs, under a clock. `limits` allow one connection."""

    def __init__(self, tls: ssl.SSLContext, proxy: str, limits: httpx2.Limits) -> None:
        super().__init__(verify=tls, proxy=proxy, limits=limits)
        self.clock = Clock()
        self._pool._network_backend = _Network(self.clock)  # noqa: SLF001  # test_transport.py watches its name

    @override
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        for connection in self._pool.connections:
            if _is_out_of_step(connection):
                connection.close()
        try:
            return super().handle_request(request)
        except httpx2.TransportError as error:
            _drop_tracebacks(error)
            raise


class AsyncProxiedTransport(httpx2.AsyncHTTPTransport):
    """`ProxiedTransport` for asyncio."""

    def __init__(self, tls: ssl.SSLContext, proxy: str, limits: httpx2.Limits) -> None:
        super().__init__(verify=tls, proxy=proxy, limits=limits)
        self.clock = Clock()
        self._pool._network_backend = _AsyncNetwork(self.clock)  # noqa: SLF001  # as in `ProxiedTransport`

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        for connection in self._pool.connections:
            if _is_out_of_step(connection):
                await connection.aclose()
        try:
            return await super().handle_async_request(request)
        except httpx2.TransportError as error:
            _drop_tracebacks(error)
            raise


def _drop_tracebacks(error: BaseException | None) -> None:
    """Forget the frames of httpcore2 that a failure and its causes hold: their variables have headers, so the key."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _is_out_of_step(connection: Any) -> bool:
    """Whether bytes came behind an answer; a proxy's connection holds the one that reads them inside."""
    while connection is not None and not hasattr(connection, "_h11_state"):
        connection = getattr(connection, "_connection", None)
    return connection is not None and bool(connection._h11_state.trailing_data[0])  # noqa: SLF001  # as in `_unread_bytes`


_PIECE = 65_536
_LARGE = 262_144


def _is_looked_at(task: asyncio.Task[bytes]) -> None:
    """Take note of a failure that nobody waits for: writing fails for the same reason."""
    if not task.cancelled():
        task.exception()


def _without_the_request(error: Exception) -> Exception:
    """The same failure without its traceback: frames that sent the request hold the key in their variables."""
    return type(error)(*error.args)


class _Joined(httpcore2.NetworkStream):
    """Sends the head of a request together with its body: one system call less, 25 µs of a call."""

    def __init__(self, stream: httpcore2.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._head = b""
        self._is_new = True

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._is_new:
            self._is_new, self._head = False, buffer
            return
        self._head += buffer
        if self._head:  # h11 also sends nothing, at the end of a request
            self._flush(timeout)

    def _flush(self, timeout: float | None) -> None:
        data, self._head = self._head, b""
        try:
            self._stream.write(data, timeout)
        except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            failure = _without_the_request(error)
        else:
            return
        del data
        raise failure

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        clock = self._clock
        if not self._is_new:  # the request is sent
            self._is_new = True
            if clock.wait_s is not None:
                clock.deadline = time.monotonic() + clock.wait_s
        # A head that is left is of one write only, and nothing may wait for an answer to what was not sent.
        if self._head:
            self._flush(timeout)
        if clock.deadline is not None:
            timeout = clock.left_s(timeout)
        elif clock.gap_s is not None:
            timeout = clock.gap_s
        return self._stream.read(max_bytes, timeout)

    @override
    def close(self) -> None:
        connection = self._stream.get_extra_info("socket")
        if isinstance(connection, socket.socket):
            with suppress(OSError):  # wakes a thread that reads: closing alone leaves it waiting
                connection.shutdown(socket.SHUT_RDWR)
        self._stream.close()

    @override
    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _Joined(self._stream.start_tls(ssl_context, server_hostname, timeout), self._clock)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    """httpcore2's sockets, with requests in one piece and answers under one clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Joined(super().connect_tcp(*args, **kwargs), self._clock)


class _AsyncJoined(httpcore2.AsyncNetworkStream):
    """`_Joined` for asyncio, where it saves 60 µs of a call."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._head = b""
        self._is_new = True
        self._is_long = False
        self._early: asyncio.Task[bytes] | None = None

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._is_new:
            self._is_new, self._is_long, self._head = False, False, buffer
            return
        self._head += buffer
        if self._head:  # h11 also sends nothing, at the end of a request
            if self._is_long:
                await self._listen()
            self._is_long = True
            await self._flush(timeout)

    async def _listen(self) -> None:
        """Read while a large body is sent: a server may refuse it with 413 and hang up.

        A selector loop reads nothing meanwhile, and the refusal would be lost with the connection. So what has
        come is read before each piece: the next write may meet the reset that follows it.
        """
        if self._early is None:
            self._early = asyncio.ensure_future(self._stream.read(_PIECE))
            self._early.add_done_callback(_is_looked_at)
        await asyncio.sleep(0)

    async def _flush(self, timeout: float | None) -> None:
        data, self._head = self._head, b""
        try:
            if len(data) <= _LARGE:
                await self._stream.write(data, timeout)
            else:  # asyncio copies all that is left with every piece that it sends
                for at in range(0, len(data), _LARGE):
                    await self._listen()
                    await self._stream.write(data[at : at + _LARGE], timeout)
        except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            failure = _without_the_request(error)
        else:
            return
        del data
        raise failure

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        clock = self._clock
        if not self._is_new:  # the request is sent
            self._is_new = True
            if clock.wait_s is not None:
                clock.deadline = time.monotonic() + clock.wait_s
        # A head that is left is of one write only, and nothing may wait for an answer to what was not sent.
        if self._head:
            await self._flush(timeout)
        if clock.deadline is not None:
            timeout = clock.left_s(timeout)
        elif clock.gap_s is not None:
            timeout = clock.gap_s
        if self._early is not None:
            return await self._came_early(timeout)
        return await self._stream.read(max_bytes, timeout)

    async def _came_early(self, timeout: float | None) -> bytes:
        early, self._early = self._early, None
        assert early is not None
        try:
            async with asyncio.timeout(timeout):
                return await early
        except TimeoutError:
            raise httpcore2.ReadTimeout from None

    @override
    async def aclose(self) -> None:
        if self._early is not None:
            self._early.cancel()
        await self._stream.aclose()

    @override
    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _AsyncJoined(secured, self._clock)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncNetwork(httpcore2.AsyncNetworkBackend):
    """httpcore2's sockets for asyncio, with requests in one piece and answers under one clock."""

    _sockets: Any = httpcore2.AnyIOBackend()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @override
    async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        stops = _cancellations()
        try:
            stream = await self._sockets.connect_tcp(*args, **kwargs)
        except BaseException as error:
            await _close_forgotten(error)
            raise
        if _cancellations() > stops:
            await stream.aclose()
            raise asyncio.CancelledError
        return _AsyncJoined(stream, self._clock)


# anyio before 4.16 has two faults where a call is cancelled just when its connection is made: it swallows the
# cancellation, or it forgets the connection, which the event loop then keeps open until it ends
# (test_cancelled_calls_lose_no_place_in_the_pool, with `make test-lowest`).


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


async def _close_forgotten(error: BaseException) -> None:
    """Close the connection that anyio holds in the frame that the cancellation went through."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        stream = frame.f_locals.get("connected_stream")
        if stream is not None:
            await stream.aclose()
