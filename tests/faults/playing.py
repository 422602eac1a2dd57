"""What a fault is made of: a request, the connection it came over, and the right answer to do something to."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from tests.faults.right_answers import RightAnswer

PATIENCE_S = 9.0
"""How long a fault goes on: far longer than any call may wait."""


@dataclass
class Played:
    """One request that is to be answered badly."""

    answer: RightAnswer
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes, every_s: float = 0.0) -> None:
        """Send pieces, one packet each."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if every_s:
                await asyncio.sleep(every_s)

    async def send_for_ever(self, piece: bytes, every_s: float) -> None:
        """The same piece again and again."""
        until = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < until:
            await self.send(piece)
            await asyncio.sleep(every_s)

    async def hang(self) -> None:
        """Say nothing more."""
        await asyncio.sleep(PATIENCE_S)

    def reset(self) -> None:
        """Close with a reset in the place of an end."""
        connection: socket.socket = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    # --------------------------------------------------------------------- well-formed parts

    def head(self, *lines: str, status: str = "200 OK", kind: str | None = None) -> bytes:
        """Status line and headers; `lines` come first."""
        kinds = [f"content-type: {kind or self.answer.kind}"] if kind != "" else []
        return "\r\n".join([f"HTTP/1.1 {status}", *lines, *kinds, "", ""]).encode()

    def with_length(self, body: bytes | None = None, *lines: str, kind: str | None = None) -> bytes:
        """A whole answer."""
        body = self.answer.body if body is None else body
        return self.head(f"content-length: {len(body)}", *lines, kind=kind) + body

    @property
    def pieces(self) -> list[bytes]:
        """The body in the pieces in which a server would send it."""
        body = self.answer.body
        return list(self.answer.events) or [
            body[at : at + 3000] for at in range(0, len(body), 3000)
        ]

    def in_chunks(self, pieces: list[bytes] | None = None) -> bytes:
        """The body in chunked encoding, without its head."""
        return b"".join(map(chunked, self.pieces if pieces is None else pieces)) + b"0\r\n\r\n"


CHUNKED = "transfer-encoding: chunked"
Play = Callable[[Played], Awaitable[None]]
Wanted = Literal["right", "error", "either"]


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass(frozen=True)
class Scenario:
    """A fault and what a call may make of it."""

    name: str
    group: str
    play: Play
    wanted: Wanted
    timeout_s: float = 10.0
    """What the client is told to wait."""
    but: tuple[tuple[str, Wanted], ...] = ()
    """Kinds or groups of call that cannot tell, or that see it otherwise."""
    is_large: bool = False
    """Whether it takes so much memory that the calls are made one by one."""
    is_short: bool = False
    """Whether it belongs to the short form."""
    connection: Literal["plain", "tls", "stranger", "other host", "expired", "silent", "raw"] = (
        "plain"
    )

    def wanted_of(self, kind: str, group: str) -> Wanted:
        for name, wanted in self.but:
            if name in {kind, group} or (name == "streams" and "stream" in f"{kind}{group}"):
                return wanted
        return self.wanted


SCENARIOS: dict[str, Scenario] = {}


def fault(
    group: str,
    wanted: Wanted,
    *,
    timeout_s: float = 10.0,
    but: dict[str, Wanted] | None = None,
    short: bool = False,
    large: bool = False,
    name: str = "",
) -> Callable[[Play], Play]:
    """Enter a fault into the table under the name of its function."""

    def enter(play: Play) -> Play:
        title = (name or play.__name__).strip("_").replace("_", " ")
        assert title not in SCENARIOS, title
        SCENARIOS[title] = Scenario(
            title, group, play, wanted, timeout_s, tuple((but or {}).items()), large, short
        )
        return play

    return enter


def sends(*pieces: bytes, close: bool = False) -> Play:
    """A fault that is nothing but bytes."""

    async def play(played: Played) -> None:
        await played.send(*pieces)
        if not close:
            return
        played.writer.close()

    return play
