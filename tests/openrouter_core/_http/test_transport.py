"""What our transports rely on inside httpx2 and httpcore2: these tests fail when the inside changes."""

from __future__ import annotations

from typing import Any

import httpcore2
import httpx2
import pytest

from openrouter_core._http.pool_key import shared_tls
from openrouter_core._http.transport import (
    OneAsyncConnectionTransport,
    OneConnectionTransport,
    _AsyncJoined,
    _Joined,
)
from openrouter_core.streaming.reader import Clock

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Wire(httpcore2.NetworkStream):
    """A connection that notes what is written and answers when it is read."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.log.append(buffer)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.log.append("read")
        return ANSWER

    def close(self) -> None:
        self.log.append("close")

    def get_extra_info(self, info: str) -> Any:
        return None


class AsyncWire(httpcore2.AsyncNetworkStream):
    def __init__(self) -> None:
        self.log: list[Any] = []

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.log.append(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.log.append("read")
        return ANSWER

    async def aclose(self) -> None:
        self.log.append("close")

    def get_extra_info(self, info: str) -> Any:
        return None


def test_head_and_body_are_one_write():
    wire = Wire()
    joined = _Joined(wire, Clock())

    joined.write(b"head ")
    joined.write(b"body")
    joined.read(10)

    assert wire.log == [b"head body", "read"]


def test_a_request_of_one_write_is_sent_before_its_answer_is_read():
    """Else a GET would wait for ever once httpcore2 stops to write an empty body."""
    wire = Wire()
    joined = _Joined(wire, Clock())

    joined.write(b"head")
    joined.read(10)
    joined.write(b"next ")
    joined.write(b"body")
    joined.read(10)

    assert wire.log == [b"head", "read", b"next body", "read"]


async def test_an_awaited_request_of_one_write_is_sent_before_its_answer_is_read():
    wire = AsyncWire()
    joined = _AsyncJoined(wire, Clock())

    await joined.write(b"head")
    await joined.read(10)

    assert wire.log == [b"head", "read"]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (OneConnectionTransport, httpcore2.ConnectionPool),
        (OneAsyncConnectionTransport, httpcore2.AsyncConnectionPool),
    ],
)
def test_httpx2_keeps_its_pool_where_ours_is_put(mine: Any, theirs: Any):
    """If this fails, httpx2 has another name for `_pool`: our connections would not be used."""
    base = mine.__mro__[1](verify=shared_tls())

    assert isinstance(base._pool, theirs)
    assert type(mine(shared_tls(), 60.0)._pool) is not type(base._pool)


def test_httpcore2_writes_the_head_and_then_the_body():
    """If this fails, httpcore2 sends requests in other pieces: look at `_Joined` again."""
    wire = Wire()
    connection = httpcore2.HTTP11Connection(httpcore2.Origin(b"http", b"h.test", 80), wire)
    request = httpx2.Request("POST", "http://h.test/", content=b"{}")

    connection.handle_request(
        httpcore2.Request(
            b"POST", b"http://h.test/", headers=request.headers.raw, content=request.stream
        )
    )

    writes = [item for item in wire.log if isinstance(item, bytes)]
    assert [w.startswith(b"POST / HTTP/1.1") for w in writes][:1] == [True]
    assert writes[1] == b"{}"
    assert wire.log.index("read") > 1
