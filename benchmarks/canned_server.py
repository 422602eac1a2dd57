"""A server that sends pre-rendered answers, in a process of its own, so that the client is what is measured.

The first path segment names the answer (see `answers.py`). Prints its port and serves until its
standard input closes.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Sequence

from answers import Answer, answer

_NOTHING = (
    b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
)


_numbers = itertools.cycle(range(1 << 20))
"""Each answer has an id of its own, for whoever counts answers."""


class Connection(asyncio.Protocol):
    """Answers the requests of one connection in turn."""

    def __init__(self) -> None:
        self._received = b""
        self._writing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if end and len(rest) >= _length(head):
            self._received = b""
            self._respond(head)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        if self._writing:
            self._writing.cancel()

    def _respond(self, head: bytes) -> None:
        try:
            found = answer(head.split(b"/", 2)[1].split(b" ", 1)[0].decode())
        except (KeyError, ValueError):
            self._transport.write(_NOTHING)
            return
        if len(found.sends) == 1 and not found.delay_s:
            self._transport.write(
                found.sends[0].replace(b"gen-bench", b"gen-%05x" % next(_numbers))
            )
        else:
            self._writing = asyncio.ensure_future(self._send(found))

    async def _send(self, found: Answer) -> None:
        """Write piece by piece: each is a packet of its own unless the client lags behind."""
        if found.delay_s:
            await asyncio.sleep(found.delay_s)
        for piece in _bounded(found.sends):
            self._transport.write(piece)
            await asyncio.sleep(0)
            while self._transport.get_write_buffer_size() > 1 << 20:  # noqa: ASYNC110  # rare
                await asyncio.sleep(0.001)


def _bounded(sends: Sequence[bytes]) -> Sequence[bytes]:
    """The head goes with the first event, as servers do it."""
    return sends if len(sends) < 2 else (sends[0] + sends[1], *sends[2:])


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0


async def main() -> None:
    """Serve on a free port of the loopback interface."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
