"""Nothing waits for ever: every part of an answer is under the bound that the timeouts promise."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import pytest

from openrouter_core import (
    ApiStatusError,
    OpenRouterClient,
    OpenRouterError,
    RequestTimeoutError,
    ServerError,
    StreamInterruptedError,
)
from openrouter_core._http.pool import pool_for
from tests.openrouter_core.both_clients import MESSAGES, Async, Connect, sync_and_async
from tests.openrouter_core.wire_server import DONE, HANG, WireServer, chunk, reply, sse

Serve = Callable[..., WireServer]
FOR_EVER = 400
"""Pieces of a trickle, a tenth of a second each."""


class Trickle:
    """A server that sends a beginning, and then the same piece again and again."""

    def __init__(self, beginning: bytes, piece: bytes, every_s: float = 0.1) -> None:
        self._parts = beginning, piece, every_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self.sent = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/api/v1"

    def _serve(self) -> None:
        beginning, piece, every_s = self._parts
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._trickle, args=(connection, beginning, piece, every_s), daemon=True
            ).start()

    def _trickle(
        self, connection: socket.socket, beginning: bytes, piece: bytes, every_s: float
    ) -> None:
        with connection:
            connection.recv(65_536)
            try:
                connection.sendall(beginning)
                for _ in range(FOR_EVER):
                    if self._stopped.wait(every_s):
                        return
                    connection.sendall(piece)
                    self.sent += len(piece)
            except OSError:
                return

    def close(self) -> None:
        self._stopped.set()
        self._listener.close()


@pytest.fixture
def trickle() -> Iterator[Callable[..., Trickle]]:
    made: list[Trickle] = []

    def make(*args: Any, **kwargs: Any) -> Trickle:
        made.append(Trickle(*args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.close()


BEFORE_THE_BODY = {
    "header lines": (b"HTTP/1.1 200 OK\r\n", b"x-more: 1\r\n"),
    "1xx answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a byte of the head": (b"HTTP/1.1 2", b"0"),
    "a byte of a JSON body": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{",
        b" ",
    ),
}


@sync_and_async
@pytest.mark.parametrize("kind", BEFORE_THE_BODY)
async def test_what_trickles_before_the_answer_is_whole_has_an_end(
    trickle: Callable[..., Trickle], connect: Connect, kind: str
) -> None:
    server = trickle(*BEFORE_THE_BODY[kind])
    started = time.monotonic()

    with pytest.raises(RequestTimeoutError):
        await connect(server.base_url, timeout_s=0.5, max_retries=0).request("GET", "/key")

    assert time.monotonic() - started < 2.5


@sync_and_async
@pytest.mark.parametrize("kind", ["header lines", "1xx answers", "a byte of the head"])
async def test_a_stream_that_does_not_begin_has_an_end(
    trickle: Callable[..., Trickle], connect: Connect, kind: str
) -> None:
    server = trickle(*BEFORE_THE_BODY[kind])
    started = time.monotonic()

    with pytest.raises(RequestTimeoutError):
        await connect(server.base_url, timeout_s=0.5, max_retries=0).read()

    assert time.monotonic() - started < 2.5


@sync_and_async
async def test_a_stream_that_goes_on_has_no_limit_in_all(
    trickle: Callable[..., Trickle], connect: Connect
) -> None:
    """Its silences are bounded, it is not: eight events in 1.6 s under a timeout of half a second."""
    event = b"data: " + str(chunk("a")).replace("'", '"').replace("None", "null").encode()
    server = trickle(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n", event + b"\n\n", 0.2
    )
    client = connect(server.base_url, timeout_s=0.5, max_retries=0).client

    seen = 0
    if connect is Async:
        async with client.chat.stream(MESSAGES, model="m") as stream:
            async for _ in stream:
                seen += 1
                if seen == 8:
                    break
    else:

        def read() -> int:
            with client.chat.stream(MESSAGES, model="m") as stream:
                return sum(1 for _, _ in zip(range(8), stream, strict=False))

        seen = await asyncio.to_thread(read)

    assert seen == 8


# ------------------------------------------------------------------------- refusals that are only shown


@sync_and_async
async def test_a_refusal_of_a_stream_is_read_to_its_first_kilobytes(
    trickle: Callable[..., Trickle], connect: Connect
) -> None:
    """2.7 GB in 6 s were read of one."""
    server = trickle(b"HTTP/1.1 502 No\r\n\r\n", b"x" * 50_000, 0.001)

    with pytest.raises(ServerError):
        await connect(server.base_url, timeout_s=30, max_retries=0).read()

    assert server.sent < 5_000_000


@sync_and_async
async def test_a_refusal_of_a_download_is_read_to_its_first_kilobytes(
    trickle: Callable[..., Trickle], connect: Connect
) -> None:
    server = trickle(b"HTTP/1.1 502 No\r\n\r\n", b"x" * 50_000, 0.001)
    client = connect(server.base_url, timeout_s=30, max_retries=0).client

    download = client.files.download("f")
    with pytest.raises(ServerError):
        await (download.read() if connect is Async else asyncio.to_thread(download.read))

    assert server.sent < 5_000_000


# ------------------------------------------------------------------------- after the end mark


@sync_and_async
@pytest.mark.parametrize("after", [[HANG], [b": more\n\n"] * 50 + [HANG]], ids=["open", "comments"])
async def test_a_stream_ends_at_its_end_mark(
    serve: Serve, connect: Connect, after: list[Any]
) -> None:
    server = serve(sse(chunk("Hi", "stop"), DONE, *after, ended=False))
    started = time.monotonic()

    chunks, _ = await connect(server.base_url, timeout_s=20).read()

    assert len(chunks) == 1
    assert time.monotonic() - started < 5


async def test_a_connection_is_used_again_behind_the_end_mark(serve: Serve) -> None:
    server = serve(sse(chunk("Hi", "stop"), DONE))
    client = OpenRouterClient("k", base_url=server.base_url)

    for _ in range(3):
        await asyncio.to_thread(client.chat.stream(MESSAGES, model="m").until_done)

    assert server.connections == 1


# ------------------------------------------------------------------------- from elsewhere


async def test_a_stream_is_closed_from_another_thread(serve: Serve) -> None:
    server = serve(sse(chunk("Hi"), HANG, ended=False))
    stream = OpenRouterClient("k", base_url=server.base_url, timeout_s=30).chat.stream(
        MESSAGES, model="m"
    )
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in stream:
                pass
        except OpenRouterError as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    await asyncio.sleep(0.5)
    stream.close()
    await asyncio.to_thread(reader.join, 5)

    assert not reader.is_alive()
    assert [type(error) for error in failures] == [StreamInterruptedError]


async def test_a_stream_is_closed_from_another_task(serve: Serve) -> None:
    server = serve(sse(chunk("Hi"), HANG, ended=False))
    stream = Async(server.base_url, timeout_s=30).client.chat.stream(MESSAGES, model="m")

    async def read() -> None:
        async for _ in stream:
            pass

    reader = asyncio.create_task(read())
    await asyncio.sleep(0.5)
    await stream.aclose()

    with pytest.raises(StreamInterruptedError):
        await asyncio.wait_for(reader, 5)


def test_a_loop_that_nobody_closes_keeps_nothing(serve: Serve) -> None:
    """Five descriptors each, for ever, were kept."""
    server = serve(reply({}))

    def work() -> ref[asyncio.AbstractEventLoop]:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(Async(server.base_url).request("GET", "/key"))
        return ref(loop)

    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        left = work()
        gc.collect()

    assert left() is None


# ------------------------------------------------------------------------- what is no file


@sync_and_async
@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        (b'{"error": {"message": "No credit.", "code": 402}}', "application/json", ApiStatusError),
        (b"<html>Sign in</html>", "text/html", OpenRouterError),
        (b"", "audio/mpeg", OpenRouterError),
        (b"??", "audio/mpeg", OpenRouterError),
    ],
    ids=["error", "login page", "empty", "brotli"],
)
async def test_what_is_no_sound_is_not_handed_out_as_sound(
    serve: Serve, connect: Connect, body: bytes, kind: str, wanted: type[Exception]
) -> None:
    encoding = {"content_encoding": "br"} if body == b"??" else {}
    server = serve(reply(body, kind=kind, **encoding))
    client = connect(server.base_url, max_retries=0).client

    async def speak() -> Any:
        spoken = client.audio.speak("Hi", model="m", voice="v")
        return await spoken if connect is Async else spoken

    with pytest.raises(wanted):
        await speak()


def test_a_stored_file_may_be_json(serve: Serve) -> None:
    server = serve(reply(b'{"a": 1}'))

    assert OpenRouterClient("k", base_url=server.base_url).files.download("f").read() == b'{"a": 1}'


# ------------------------------------------------------------------------- the key


def test_a_request_that_cannot_be_sent_leaves_no_key_in_a_traceback() -> None:
    """Reporters of errors print the variables of every frame."""
    key = "sk-or-v1-must-not-be-seen"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        port = listener.getsockname()[1]
        client = OpenRouterClient(key, base_url=f"http://127.0.0.1:{port}/api/v1", max_retries=0)
        with pytest.raises(OpenRouterError) as failed:
            client.request("POST", "/x", json={"text": "a" * 30_000_000})

    _assert_no_variable_holds(key, failed.value)


@sync_and_async
@pytest.mark.parametrize("base_url", ["http://openrouter.test/api/v1", None])
@pytest.mark.parametrize("script", [["cut"], [HANG], [b"no HTTP at all\r\n\r\n", "cut"]])
async def test_nor_does_one_that_a_proxy_drops(
    serve: Serve, connect: Connect, base_url: str | None, script: list[Any]
) -> None:
    key = "sk-or-v1-must-not-be-seen"
    proxy = serve(script)
    address = f"http://user:must-not-be-seen@127.0.0.1:{proxy.port}"
    client = connect(
        base_url or "https://openrouter.test/api/v1",
        api_key=key,
        proxy=address,
        timeout_s=1,
        max_retries=0,
    )

    with pytest.raises(OpenRouterError) as failed:
        await client.send()

    _assert_no_variable_holds("must-not-be-seen", failed.value)


def _assert_no_variable_holds(secret: str, failed: BaseException) -> None:
    seen: list[str] = []
    error: BaseException | None = failed
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            own = "shared/openrouter_core" in trace.tb_frame.f_code.co_filename
            library = "core2" in trace.tb_frame.f_code.co_filename
            if own or library:
                seen += [repr(value) for value in trace.tb_frame.f_locals.values()]
            trace = trace.tb_next
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert seen
    assert [text[:200] for text in seen if secret in text] == []


def test_the_pool_of_a_dropped_download_gets_its_place_back(serve: Serve) -> None:
    server = serve(reply(b"x" * 10, kind="audio/mpeg"))
    client = OpenRouterClient("k", base_url=server.base_url, max_connections=1, timeout_s=2)

    client.files.download("f").__enter__()
    gc.collect()

    assert client.files.download("f").read() == b"x" * 10
    assert pool_for(client._pool())
