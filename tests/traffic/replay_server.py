"""A small HTTP server that gives recorded answers again, cut at random byte boundaries.

The first two segments of a path name the column and the recording, so that one server serves every
test of a session: `http://127.0.0.1:<port>/<column>/<recording>/api/v1`. The cuts depend on the seed,
the column and the recording only. It keeps the last request body of each pair for the tests to read.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from .recordings import Recording

T = TypeVar("T")

_SIZES = (1, 2, 7, 60, 250, 500, 800, 1000)
_SEAM = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])|\n(?=\n)|d(?=ata:)")
_KEPT_HEADERS = ("content-type", "x-generation-id", "retry-after", "x-provider-name")


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(eq=False)
class ReplayServer:
    """Serves recordings on 127.0.0.1. A context manager."""

    recordings: Iterable[Recording]
    seed: int
    received: dict[tuple[str, str], Received] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id = {r.id: r for r in self.recordings}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay-server", daemon=True)

    def base_url(self, column: str, recording: Recording) -> str:
        """The base URL under which `recording` answers everything."""
        return f"http://127.0.0.1:{self.port}/{_slug(column)}/{recording.id}/api/v1"

    def heard(self, column: str, recording: Recording) -> Any:
        """The JSON body of the last request for `recording` in that column."""
        return self.received[_slug(column), recording.id].json

    def add(self, recording: Recording) -> None:
        """Serve one more recording."""
        self._by_id[recording.id] = recording

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0.05)  # lets the handlers see that their connection is gone

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while request := await _read_request(reader):
                writer.write(self._answer(request))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client went away, which is its right
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, request: Received) -> bytes:
        column, _, rest = request.target.lstrip("/").partition("/")
        recording = self._by_id.get(rest.partition("/")[0])
        if recording is None:
            return _plain(404, b'{"error": {"code": 404, "message": "No such recording"}}')
        self.received[column, recording.id] = request
        chance = random.Random(f"{self.seed}/{column}/{recording.id}")
        return bytes(b"".join(_response(recording, chance)))


def _slug(column: str) -> str:
    return column.replace(" ", "-")


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, target, headers, body)


def body_of(recording: Recording) -> bytes:
    """The bytes of a recorded answer."""
    if recording.sse is not None:
        return recording.sse.encode()
    if isinstance(recording.body, dict) and "_binary_base64" in recording.body:
        return base64.b64decode(recording.body["_binary_base64"])
    return json.dumps(recording.body, ensure_ascii=False).encode()


def _response(recording: Recording, chance: random.Random) -> Iterator[bytes]:
    headers = {name: value for name, value in recording.headers.items() if _is_kept(name)}
    headers.setdefault("content-type", _default_type(recording))
    yield f"HTTP/1.1 {recording.status} Recorded\r\ntransfer-encoding: chunked\r\n".encode()
    for name, value in headers.items():
        yield f"{name}: {value}\r\n".encode("latin-1")
    yield b"\r\n"
    for piece in cut(body_of(recording), chance):
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def cut(body: bytes, chance: random.Random) -> Iterator[bytes]:
    """Cut `body` into pieces of 1 to 1,000 bytes, and at some of its seams."""
    ends = {len(body), *_seams(body, chance)}
    at = 0
    while (at := at + chance.choice(_SIZES)) < len(body):
        ends.add(at)
    begin = 0
    for end in sorted(ends - {0}):
        yield body[begin:end]
        begin = end


def _seams(body: bytes, chance: random.Random) -> list[int]:
    """Places where a cut hurts: inside characters, line ends and field names. At most 40."""
    found = [match.start() + 1 for match in _SEAM.finditer(body)]
    return chance.sample(found, min(40, len(found)))


def _is_kept(name: str) -> bool:
    return name in _KEPT_HEADERS or name.startswith("x-ratelimit-")


def _default_type(recording: Recording) -> str:
    return "text/event-stream" if recording.is_streamed else "application/json"


def _plain(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Recorded\r\ncontent-type: application/json\r\ncontent-length: "
    return head.encode() + b"%d\r\n\r\n%b" % (len(body), body)


def once(ask: Callable[[ReplayServer, Recording], T]) -> Callable[[ReplayServer, Recording], T]:
    """What a recording brings, asked for once a session."""
    received: dict[str, T] = {}

    def answer(server: ReplayServer, recording: Recording) -> T:
        if recording.id not in received:
            received[recording.id] = ask(server, recording)
        return received[recording.id]

    return answer


def once_async(
    ask: Callable[[ReplayServer, Recording], Awaitable[T]],
) -> Callable[[ReplayServer, Recording], Awaitable[T]]:
    """The same, asked for asynchronously."""
    received: dict[str, T] = {}

    async def answer(server: ReplayServer, recording: Recording) -> T:
        if recording.id not in received:
            received[recording.id] = await ask(server, recording)
        return received[recording.id]

    return answer
