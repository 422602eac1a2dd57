"""Servers and proxies that lie, or refuse before they have heard all: what is cut off is never taken for whole."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import socket
import ssl
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import trustme

from openrouter_core import (
    AsyncOpenRouterClient,
    ConnectionFailedError,
    PayloadTooLargeError,
    RateLimitError,
    ResponseShapeError,
    ServerError,
    StreamInterruptedError,
)
from tests.openrouter_core.both_clients import MESSAGES, Async, Connect, sync_and_async
from tests.openrouter_core.wire_server import (
    ANSWER,
    HANG,
    Script,
    WireServer,
    chunk,
    head,
    refusal,
    reply,
    sse,
)

Serve = Callable[..., WireServer]
SOUND = bytes(range(256)) * 400


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


# ------------------------------------------------------------------------- compression


@sync_and_async
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("gzip", lambda data: gzip.compress(data[:999]) + gzip.compress(data[999:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0" * 30),
    ],
    ids=["gzip", "capitals", "zlib", "deflate", "two parts", "padded"],
)
async def test_what_is_compressed_comes_out_whole(
    serve: Serve, connect: Connect, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    server = serve(reply(pack(SOUND), kind="audio/mpeg", content_encoding=encoding))

    assert await _downloaded(connect, server.base_url) == SOUND


async def _downloaded(connect: Connect, base_url: str) -> bytes:
    download = connect(base_url, max_retries=0).client.files.download("f")
    return await (download.read() if connect is Async else asyncio.to_thread(download.read))


@sync_and_async
@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
async def test_a_download_whose_compression_lacks_its_end_is_incomplete(
    serve: Serve, connect: Connect, pack: Callable[[bytes], bytes]
) -> None:
    """The length of the message is right, so HTTP alone cannot tell."""
    encoding = "gzip" if pack is gzip.compress else "deflate"
    half = pack(SOUND)[:-200]
    server = serve(reply(half, kind="audio/mpeg", content_encoding=encoding))

    with pytest.raises(StreamInterruptedError, match="incomplete"):
        await _downloaded(connect, server.base_url)


@sync_and_async
async def test_a_whole_answer_whose_compression_lacks_its_end_is_incomplete(
    serve: Serve, connect: Connect
) -> None:
    """Also where the part that came reads as a whole: a file of sound is any bytes."""
    server = serve(reply(gzip.compress(SOUND)[:-9], kind="audio/mpeg", content_encoding="gzip"))
    client = connect(server.base_url, max_retries=0).client

    async def speak() -> Any:
        spoken = client.audio.speak("Hi", model="m", voice="v")
        return await spoken if connect is Async else spoken

    with pytest.raises(ConnectionFailedError):
        await speak()


BOMB = gzip.compress(bytes(200_000_000), 9)


@sync_and_async
async def test_what_was_made_to_fill_the_memory_is_refused_once(
    serve: Serve, connect: Connect
) -> None:
    """200 kB that unpack to 200 MB; 4.6 MB that unpack to 2 GB were read."""
    bomb = reply(BOMB, content_encoding="gzip")
    server = serve(bomb)

    with pytest.raises(ResponseShapeError, match="100 times"):
        await connect(server.base_url).request("GET", "/models")

    assert len(server.requests) == 1


@sync_and_async
async def test_a_download_that_was_made_to_fill_the_disk_is_refused(
    serve: Serve, connect: Connect
) -> None:
    server = serve(reply(BOMB, kind="audio/mpeg", content_encoding="gzip"))

    with pytest.raises(StreamInterruptedError, match="100 times"):
        await _downloaded(connect, server.base_url)


@sync_and_async
async def test_an_event_without_an_end_is_not_collected_for_ever(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_core.streaming.reader.EVENT_BYTES", 1_000_000)
    server = serve(sse(chunk("Hi"), *["data: " + "x" * 300_000] * 5, ended=False))

    seen, error = await connect(server.base_url, max_retries=0).chunks_until_error()

    assert len(seen) == 1
    assert isinstance(error, StreamInterruptedError)
    assert error.partial_text == "Hi"


@sync_and_async
async def test_an_answer_without_an_end_is_not_collected_for_ever(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_core._http.response.ANSWER_BYTES", 1_000_000)
    server = serve([head(200, content_type="application/json"), *[b" " * 300_000] * 5])

    with pytest.raises(ResponseShapeError, match="cannot be read"):
        await connect(server.base_url).request("GET", "/models")


# ------------------------------------------------------------------------- refused, or nothing at all


@sync_and_async
async def test_a_refusal_whose_text_never_ends_is_told_by_its_status(
    serve: Serve, connect: Connect
) -> None:
    """It took ten seconds whatever `timeout_s` was, and the status was lost."""
    page = head(502, content_type="text/plain", content_length="9999")
    server = serve([page + b"The gateway", *[0.2, b"."] * 60, HANG])
    started = time.monotonic()

    with pytest.raises(ServerError, match=r"The gateway\.") as refused:
        await connect(server.base_url, timeout_s=1.0, max_retries=0).read()

    assert refused.value.status_code == 502
    assert time.monotonic() - started < 5


@sync_and_async
async def test_a_refusal_is_not_collected_for_ever(serve: Serve, connect: Connect) -> None:
    server = serve([head(502, content_type="text/html"), *[b"x" * 2**20] * 400, HANG])

    with pytest.raises(ServerError):
        await connect(server.base_url, max_retries=0).send()


@sync_and_async
@pytest.mark.parametrize(
    "script",
    [
        reply(b"", kind="audio/mpeg"),
        [head(204)],
        [head(200, content_type="audio/mpeg", transfer_encoding="chunked") + b"0\r\n\r\n"],
    ],
    ids=["length 0", "204", "no chunks"],
)
async def test_sound_that_is_empty_is_an_error(
    serve: Serve, connect: Connect, script: Script
) -> None:
    client = connect(serve(script).base_url, max_retries=0).client
    download = client.audio.stream_speech("Hi", model="m", voice="v")

    with pytest.raises(ConnectionError):
        await (download.read() if connect is Async else asyncio.to_thread(download.read))


@sync_and_async
async def test_a_stored_file_may_be_empty_but_not_missing(serve: Serve, connect: Connect) -> None:
    assert await _downloaded(connect, serve(reply(b"", kind="text/plain")).base_url) == b""

    with pytest.raises(ConnectionFailedError):
        await _downloaded(connect, serve([head(204)]).base_url)


# ------------------------------------------------------------------------- refused for good


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The TLS of a server that nobody vouches for."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


@sync_and_async
async def test_a_certificate_that_is_refused_is_not_asked_for_again(
    serve: Serve, connect: Connect, stranger: ssl.SSLContext
) -> None:
    server = serve(ANSWER, tls=stranger)

    with pytest.raises(ConnectionFailedError, match=r"certificate was refused.*SSL_CERT_FILE") as e:
        await connect(server.base_url, max_retries=2).send()

    assert (server.connections, e.value.attempts) == (1, 1)


@sync_and_async
@pytest.mark.parametrize(("status", "tries"), [(407, 1), (502, 3)])
async def test_a_proxy_that_wants_a_password_is_asked_once(
    serve: Serve, connect: Connect, status: int, tries: int
) -> None:
    proxy = serve([*reply(b"", status, connection="close"), "cut"])
    client = connect(
        "https://openrouter.test/api/v1", proxy=f"http://127.0.0.1:{proxy.port}", max_retries=2
    )

    with pytest.raises(
        ConnectionFailedError, match=rf"proxy did not let the call through.*{status}"
    ):
        await client.send()

    assert len(proxy.requests) == tries


@sync_and_async
@pytest.mark.parametrize("retry_after", ["31536000", "63072000", "Fri, 01 Jan 2100 00:00:00 GMT"])
async def test_a_server_that_asks_to_wait_for_a_year_is_not_asked_again(
    serve: Serve, connect: Connect, retry_after: str
) -> None:
    server = serve(refusal(429, retry_after=retry_after))

    with pytest.raises(RateLimitError, match="longer than max_wait_s") as refused:
        await connect(server.base_url, max_retries=2).send()

    assert len(server.requests) == 1
    assert refused.value.retry_after is not None
    assert refused.value.retry_after > 30_000_000


# ------------------------------------------------------------------------- refused half-way


@pytest.fixture
def refuses_early() -> Iterator[str]:
    """The base URL of a server that answers 413 to what it does not read, and hangs up soon after."""
    with _refusing(hangs_up_after_s=0.3) as url:
        yield url


@contextmanager
def _refusing(*, hangs_up_after_s: float) -> Generator[str]:
    refusal_body = json.dumps({"error": {"code": 413, "message": "Too large."}}).encode()
    (whole,) = reply(refusal_body, 413, connection="close")
    assert isinstance(whole, bytes)

    def refuse(connection: socket.socket) -> None:
        with connection:
            connection.recv(4096)
            connection.sendall(whole)
            time.sleep(hangs_up_after_s)

    def serve_all(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=refuse, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve_all, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        listener.shutdown(socket.SHUT_RDWR)


@sync_and_async
async def test_an_upload_that_is_refused_half_way_says_why(
    refuses_early: str, connect: Connect
) -> None:
    client = connect(refuses_early, max_retries=0).client
    file = io.BytesIO(b"x" * 20_000_000)

    async def upload() -> Any:
        if connect is Async:
            return await client.files.create(file=file)
        return await asyncio.to_thread(client.files.create, file=file)

    with pytest.raises(PayloadTooLargeError):
        await upload()


@sync_and_async
async def test_a_large_request_that_is_refused_half_way_says_why(
    refuses_early: str, connect: Connect
) -> None:
    messages = [*MESSAGES, {"role": "user", "content": "x" * 20_000_000}]
    client = connect(refuses_early, max_retries=0).client

    async def send() -> Any:
        if connect is Async:
            return await client.chat.send(messages, model="m")
        return await asyncio.to_thread(client.chat.send, messages, model="m")

    with pytest.raises(PayloadTooLargeError):
        await send()


async def test_a_refusal_is_mostly_read_before_the_reset_that_follows_it() -> None:
    """Without a wait the two may arrive together, so this cannot hold every time: 8 % before, 95 % now."""
    messages = [{"role": "user", "content": "x" * 5_000_000}]
    seen: Counter[str] = Counter()
    with _refusing(hangs_up_after_s=0) as url:
        client = AsyncOpenRouterClient("sk-or-v1-test", base_url=url, max_retries=0)
        for _ in range(10):
            with pytest.raises((PayloadTooLargeError, ConnectionFailedError)) as raised:
                await client.chat.send(messages, model="m")
            seen[type(raised.value).__name__] += 1

    assert seen["PayloadTooLargeError"] >= 5, seen
