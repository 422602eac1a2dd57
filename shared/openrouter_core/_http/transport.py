"""httpx2's transports with one connection each, and without the search for it. Used by `_pool` alone.

httpcore2's pool looks after many connections, and spends a tenth of a small call on that also where it
holds one. Imported with the first request, for httpcore2 takes as long as the rest of the client.
"""

from __future__ import annotations

import ssl
from typing import Any

import httpcore2
import httpx2
from typing_extensions import override


class OneConnectionTransport(httpx2.HTTPTransport):
    """A transport for one request at a time; all else, errors included, is httpx2's."""

    def __init__(self, tls: ssl.SSLContext, idle_s: float) -> None:
        super().__init__(verify=tls)
        self._pool = _OneConnection(tls, keepalive_expiry=idle_s, network_backend=_Network())


class _OneConnection(httpcore2.ConnectionPool):
    """A connection that is made at the first request, and anew when it is spent."""

    _connection: httpcore2.ConnectionInterface | None = None

    @override
    def handle_request(self, request: httpcore2.Request) -> httpcore2.Response:
        connection = self._connection
        if connection is None or _is_spent(connection):
            self.close()
            connection = self._connection = self.create_connection(request.url.origin)
        return connection.handle_request(request)

    @override
    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class OneAsyncConnectionTransport(httpx2.AsyncHTTPTransport):
    """The same for asyncio."""

    def __init__(self, tls: ssl.SSLContext, idle_s: float) -> None:
        super().__init__(verify=tls)
        network = _AsyncNetwork()
        self._pool = _OneAsyncConnection(tls, keepalive_expiry=idle_s, network_backend=network)


class _OneAsyncConnection(httpcore2.AsyncConnectionPool):
    """The same for asyncio."""

    _connection: httpcore2.AsyncConnectionInterface | None = None

    @override
    async def handle_async_request(self, request: httpcore2.Request) -> httpcore2.Response:
        connection = self._connection
        if connection is None or _is_spent(connection):
            await self.aclose()
            connection = self._connection = self.create_connection(request.url.origin)
        return await connection.handle_async_request(request)

    @override
    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.aclose()


def _is_spent(
    connection: httpcore2.ConnectionInterface | httpcore2.AsyncConnectionInterface,
) -> bool:
    """Whether nothing can be sent over it any more: in use, closed by either side, or too long idle."""
    return not connection.is_idle() or connection.has_expired()


class _Joined(httpcore2.NetworkStream):
    """Sends the head of a request together with its body: one system call less, 25 µs of a call."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._head = b""
        self._is_new = True

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._is_new:
            self._is_new, self._head = False, buffer
            return
        head, self._head = self._head, b""
        self._stream.write(head + buffer if head else buffer, timeout)

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._is_new = True
        if (
            self._head
        ):  # a request of one write only: nothing may wait for an answer to what was not sent
            head, self._head = self._head, b""
            self._stream.write(head, timeout)
        return self._stream.read(max_bytes, timeout)

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _Joined(self._stream.start_tls(ssl_context, server_hostname, timeout))

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    """httpcore2's sockets, with requests in one piece."""

    @override
    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Joined(super().connect_tcp(*args, **kwargs))


class _AsyncJoined(httpcore2.AsyncNetworkStream):
    """The same for asyncio, where it saves 60 µs of a call."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._head = b""
        self._is_new = True

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._is_new:
            self._is_new, self._head = False, buffer
            return
        head, self._head = self._head, b""
        await self._stream.write(head + buffer if head else buffer, timeout)

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._is_new = True
        if self._head:
            head, self._head = self._head, b""
            await self._stream.write(head, timeout)
        return await self._stream.read(max_bytes, timeout)

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()

    @override
    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        return _AsyncJoined(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncNetwork(httpcore2.AsyncNetworkBackend):
    """httpcore2's sockets for asyncio, with requests in one piece."""

    _sockets: Any = httpcore2.AnyIOBackend()

    @override
    async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        return _AsyncJoined(await self._sockets.connect_tcp(*args, **kwargs))
