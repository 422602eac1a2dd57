"""The floor: a raw socket, or an asyncio protocol, with orjson. No checks, no errors, no second try."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import orjson
from contenders._vectors import vector
from contenders.httpx2_alone import BODY


class Contender:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        self._path = parts.path
        self._local = threading.local()
        self._idle: list[_Connection] = []

    def call(self) -> object:
        return orjson.loads(self._exchanged("/chat/completions", BODY))

    def embed(self) -> object:
        body = {"model": "bench/embed", "input": [f"text {n}" for n in range(100)]}
        data = orjson.loads(self._exchanged("/embeddings", body))["data"]
        return [vector(item["embedding"]) for item in data]

    def models(self) -> object:
        return orjson.loads(self._exchanged("/models", None))

    def stream(self) -> Iterator[object]:
        connection = self._connected()
        connection.sendall(self._request("/chat/completions", {**BODY, "stream": True}))
        rest = b""
        while True:
            payloads, rest, ended = _events(rest + connection.recv(65536))
            for payload in payloads:
                yield orjson.loads(payload)
            if ended:
                return

    async def acall(self) -> object:
        connection = await self._aconnected()
        connection.write(self._request("/chat/completions", BODY))
        data = b""
        while not _is_whole(data):
            data += await connection.read()
        self._idle.append(connection)
        return orjson.loads(data.partition(b"\r\n\r\n")[2])

    async def astream(self) -> AsyncIterator[object]:
        connection = await self._aconnected()
        connection.write(self._request("/chat/completions", {**BODY, "stream": True}))
        rest, ended = b"", False
        while not ended:
            payloads, rest, ended = _events(rest + await connection.read())
            for payload in payloads:
                yield orjson.loads(payload)
        self._idle.append(connection)

    def _request(self, path: str, body: object) -> bytes:
        content = orjson.dumps(body) if body else b""
        head = (
            f"{'POST' if body else 'GET'} {self._path}{path} HTTP/1.1\r\nHost: bench\r\n"
            "Authorization: Bearer sk-or-bench\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    def _exchanged(self, path: str, body: object) -> bytes:
        connection = self._connected()
        connection.sendall(self._request(path, body))
        data = connection.recv(262144)
        head, _, rest = data.partition(b"\r\n\r\n")
        length, pieces = _length(head), [rest]
        have = len(rest)
        while have < length:
            piece = connection.recv(262144)
            pieces.append(piece)
            have += len(piece)
        return b"".join(pieces)

    def _connected(self) -> socket.socket:
        mine: socket.socket | None = getattr(self._local, "socket", None)
        if mine is None:
            mine = self._local.socket = socket.create_connection(self._address)
        return mine

    async def _aconnected(self) -> _Connection:
        if self._idle:
            return self._idle.pop()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, *self._address)
        return connection


class _Connection(asyncio.Protocol):
    """Bytes for one reader."""

    def __init__(self) -> None:
        self._received = b""
        self._waiting: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = transport.write  # type: ignore[attr-defined]  # TCP's

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def read(self) -> bytes:
        if not self._received:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        data, self._received = self._received, b""
        return data


def _events(data: bytes) -> tuple[list[bytes], bytes, bool]:
    """Complete payloads, what is left over, and whether the body has ended."""
    *events, rest = data.split(b"\n\n")
    found = (event.partition(b"data: ")[2] for event in events)
    return [p for p in found if p != b"[DONE]"], rest, rest.endswith(b"0\r\n\r\n")


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    return bool(end) and len(body) >= _length(head)


def _length(head: bytes) -> int:
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
