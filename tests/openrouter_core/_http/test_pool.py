"""Connections: shared, reused, given back; in threads, loops, forks and behind proxies."""

from __future__ import annotations

import asyncio
import copy
import gc
import importlib.util
import multiprocessing
import os
import pickle
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    ConfigurationError,
    ConnectionFailedError,
    MissingApiKeyError,
    OpenRouterClient,
    RequestTimeoutError,
)
from openrouter_core._http.pool import _pools, pool_counts
from openrouter_core._http.pool_key import shared_tls
from tests.openrouter_core.both_clients import MESSAGES, Async, Connect, sync_and_async
from tests.openrouter_core.wire_server import ANSWER, HANG, STREAMED, WireServer, chunk, reply, sse

Serve = Callable[..., WireServer]
_SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(autouse=True)
def _close_pools() -> Iterator[None]:
    """Each server is gone after its test, and so are the idle connections to it."""
    yield
    for pool in list(_pools.values()):
        pool.close()
    _pools.clear()


# ------------------------------------------------------------------------- the wire


@sync_and_async
async def test_calls_and_streams_go_through_tls(
    serve: Serve, connect: Connect, tls: ssl.SSLContext
) -> None:
    server = serve(ANSWER, STREAMED, ANSWER, tls=tls)
    caller = connect(server.base_url)

    answer = await caller.send()
    chunks, _ = await caller.read()
    await caller.send()

    assert answer.text
    assert chunks
    assert server.connections == 1


@sync_and_async
async def test_a_server_that_nobody_vouches_for_is_not_spoken_to(
    serve: Serve, connect: Connect, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(ANSWER, tls=tls)
    monkeypatch.delenv("SSL_CERT_FILE")
    shared_tls.cache_clear()

    with pytest.raises(ConnectionFailedError, match="could not be reached"):
        await connect(server.base_url, max_retries=0).send()

    assert server.requests == []


@sync_and_async
@pytest.mark.parametrize("holds", [None, "no certificate"])
async def test_certificates_that_cannot_be_read_are_named(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, holds: str | None
) -> None:
    file = tmp_path / "company.pem"
    if holds is not None:
        file.write_text(holds)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    shared_tls.cache_clear()

    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"SSL_CERT_FILE=.*company\.pem"):
            await connect("https://127.0.0.1:9/api/v1", max_retries=0).send()
    shared_tls.cache_clear()


@sync_and_async
async def test_a_request_is_sent_in_one_piece(connect: Connect) -> None:
    """Head and body together: one packet, and one system call on either side."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        port = listener.getsockname()[1]
        sending = asyncio.create_task(connect(f"http://127.0.0.1:{port}/api/v1").send())
        connection, _ = await asyncio.to_thread(listener.accept)
        with connection:
            received = await asyncio.to_thread(connection.recv, 65536)
            connection.sendall(b"".join(s for s in ANSWER if isinstance(s, bytes)))
            await sending

    assert received.startswith(b"POST /api/v1/chat/completions")
    assert received.endswith(b"}")


# ------------------------------------------------------------------------- sharing


@sync_and_async
async def test_connections_are_reused(serve: Serve, connect: Connect) -> None:
    server = serve(ANSWER, STREAMED, reply({"error": {"code": 404, "message": "No."}}, 404), ANSWER)
    caller = connect(server.base_url)

    await caller.send()
    await caller.read()
    with pytest.raises(Exception, match="404"):
        await caller.send()
    await connect(server.base_url).send()

    assert server.connections == 1


def test_c5_a_thousand_clients_are_one_pool(serve: Serve) -> None:
    """quirks.md C5: blocking clients."""
    server = serve(ANSWER)
    before = pool_counts()["sync"]
    clients = [OpenRouterClient(f"k{n}", base_url=server.base_url) for n in range(1000)]

    for client in clients[:50]:
        client.chat.send(MESSAGES)

    assert pool_counts()["sync"] == before + 1
    assert server.connections == 1


async def test_c5_a_thousand_async_clients_are_one_pool(serve: Serve) -> None:
    """quirks.md C5: one pool per loop and settings."""
    server = serve(ANSWER)
    before = pool_counts()["async"]
    clients = [AsyncOpenRouterClient("k", base_url=server.base_url) for _ in range(1000)]

    for client in clients[:50]:
        await client.chat.send(MESSAGES)

    assert pool_counts()["async"] == before + 1
    assert server.connections == 1


def test_constructing_a_client_is_cheap_and_opens_nothing(serve: Serve) -> None:
    server = serve(ANSWER)
    before = pool_counts()

    for _ in range(100):
        OpenRouterClient("k", base_url=server.base_url)
        AsyncOpenRouterClient("k", base_url=server.base_url)

    assert pool_counts() == before
    assert server.connections == 0


@sync_and_async
async def test_closing_leaves_the_client_usable(serve: Serve, connect: Connect) -> None:
    server = serve(ANSWER)
    caller = connect(server.base_url)

    for _ in range(3):
        await caller.send()
        await caller.close()

    assert server.connections == 3


@sync_and_async
async def test_a_connection_that_the_server_closed_is_replaced(
    serve: Serve, connect: Connect
) -> None:
    """An idle connection that is gone costs no failure, even without retries."""
    server = serve(ANSWER)
    caller = connect(server.base_url, max_retries=0)

    for _ in range(3):
        await caller.send()
        server.drop_connections()
        await asyncio.sleep(0.03)

    assert len(server.requests) == 3


def test_idle_connections_grow_old(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody needed for a while is closed when another one comes back."""
    server = serve(ANSWER)
    client = OpenRouterClient("k", base_url=server.base_url)
    with ThreadPoolExecutor(4) as threads:
        started = threading.Barrier(4)
        list(threads.map(lambda _: (started.wait(), client.chat.send(MESSAGES)), range(4)))
    (pool,) = (p for key, p in _pools.items() if key.origin.endswith(str(server.port)))
    opened = len(pool._idle._stack)
    assert opened > 1

    monkeypatch.setattr("openrouter_core._http.pool.IDLE_S", 0.0)
    client.chat.send(MESSAGES)

    assert len(pool._idle._stack) == 0


# ------------------------------------------------------------------------- threads and tasks


def test_sixteen_threads_share_one_client(serve: Serve) -> None:
    server = serve(ANSWER)
    client = OpenRouterClient("k", base_url=server.base_url)

    def work(_: int) -> list[str]:
        return [client.chat.send(MESSAGES).text for _ in range(25)]

    with ThreadPoolExecutor(16) as threads:
        texts = [text for texts in threads.map(work, range(16)) for text in texts]

    assert texts == ["Hi"] * 400
    assert len(server.requests) == 400
    assert server.connections <= 16


async def test_many_tasks_wait_for_few_connections(serve: Serve) -> None:
    server = serve(ANSWER)
    client = AsyncOpenRouterClient("k", base_url=server.base_url, max_connections=3)

    answers = await asyncio.gather(*(client.chat.send(MESSAGES) for _ in range(60)))

    assert [a.text for a in answers] == ["Hi"] * 60
    assert server.connections <= 3


async def test_cancelled_calls_lose_no_place_in_the_pool(serve: Serve) -> None:
    """Cancelled at any moment: while waiting, sending or reading."""
    server = serve([0.01, *ANSWER])
    client = AsyncOpenRouterClient("k", base_url=server.base_url, max_connections=2, max_retries=0)

    async def for_ever() -> None:
        while True:
            await client.chat.send(MESSAGES)

    async def hurried(number: int) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(for_ever(), 0.0005 * number)

    for _ in range(2):
        await asyncio.gather(*(hurried(number) for number in range(1, 40)))

    async with asyncio.timeout(3):
        for _ in range(5):
            await client.chat.send(MESSAGES)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://127.0.0.1:9"])
def test_a_proxy_that_fails_takes_no_place_in_the_pool(serve: Serve, proxy: str) -> None:
    """More failures than places: the next call still gets one."""
    client = OpenRouterClient(
        "k", base_url="http://h.test", proxy=proxy, max_connections=1, max_retries=0, timeout_s=0.5
    )

    for _ in range(3):
        with pytest.raises((ConnectionFailedError, ConfigurationError)):
            client.chat.send(MESSAGES)


# ------------------------------------------------------------------------- event loops


def _run(code: str, *warnings: str, **env: str) -> str:
    """Run a program with every warning an error; return what it complained about."""
    settings = {**os.environ, "PYTHONPATH": str(_SHARED), "OPENROUTER_API_KEY": "k", **env}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        env=settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_c5_one_loop_after_the_other(serve: Serve) -> None:
    """quirks.md C5: repeated `asyncio.run`, nothing closed by hand, no warning and no noise."""
    server = serve(ANSWER)
    code = """
        import asyncio, gc
        from openrouter_core import AsyncOpenRouterClient
        client = AsyncOpenRouterClient()
        async def main():
            answers = await asyncio.gather(*(client.chat.send([{"role": "user"}]) for _ in range(5)))
            assert answers[0].text == "Hi"
        for _ in range(3):
            asyncio.run(main())
        gc.collect()
        from openrouter_core._http.pool import pool_counts
        assert pool_counts()["async"] == 0, pool_counts()
    """

    assert _run(code, OPENROUTER_BASE_URL=server.base_url) == ""


def test_c5_streams_that_are_closed_early_make_no_noise(serve: Serve) -> None:
    """quirks.md C5: by `async with`, by `aclose()`, or by the cancellation of their task."""
    server = serve(sse(chunk("a"), chunk("b"), HANG))
    code = """
        import asyncio, gc
        from openrouter_core import AsyncOpenRouterClient
        async def main():
            client = AsyncOpenRouterClient()
            async with client.chat.stream([{"role": "user"}]) as stream:
                await anext(stream)
            left = client.chat.stream([{"role": "user"}])
            async for _ in left:
                break
            await left.aclose()
            task = asyncio.create_task(client.chat.stream([{"role": "user"}]).until_done())
            await asyncio.sleep(0.05)
        for _ in range(2):
            asyncio.run(main())
        gc.collect()
    """

    assert _run(code, OPENROUTER_BASE_URL=server.base_url) == ""


def test_c5_blocking_clients_make_no_noise_at_the_end(serve: Serve) -> None:
    """quirks.md C5: no work in destructors."""
    server = serve(ANSWER, sse(chunk("a"), chunk("b"), HANG))
    code = """
        from openrouter_core import OpenRouterClient
        with OpenRouterClient() as client:
            assert client.chat.send([{"role": "user"}]).text == "Hi"
            for _ in client.chat.stream([{"role": "user"}]):
                break
    """

    assert _run(code, OPENROUTER_BASE_URL=server.base_url) == ""


def test_a_loop_that_was_closed_roughly_leaves_no_pool(serve: Serve) -> None:
    """Without `shutdown_asyncgens`, as some frameworks do: forgotten when the next loop comes."""
    server = serve(ANSWER)
    client = AsyncOpenRouterClient("k", base_url=server.base_url)

    async def main() -> None:
        await client.chat.send(MESSAGES)
        await client.aclose()

    before = pool_counts()["async"]
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        loop.close()
    asyncio.run(main())
    gc.collect()

    assert pool_counts()["async"] == before


async def test_a_client_made_in_one_loop_works_in_another(serve: Serve) -> None:
    server = serve(ANSWER)
    client = AsyncOpenRouterClient("k", base_url=server.base_url)
    await client.chat.send(MESSAGES)

    answers = await asyncio.to_thread(lambda: asyncio.run(client.chat.send(MESSAGES)))

    assert answers.text == "Hi"
    assert (await client.chat.send(MESSAGES)).text == "Hi"


# ------------------------------------------------------------------------- forks


def _ask_in_child(client: OpenRouterClient, answers: Any) -> None:
    answers.put(client.chat.send(MESSAGES).text)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # forking while threads run is the point
def test_a_forked_child_has_its_own_connections(serve: Serve) -> None:
    server = serve(ANSWER)
    client = OpenRouterClient("k", base_url=server.base_url)
    client.chat.send(MESSAGES)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    children = [context.Process(target=_ask_in_child, args=(client, answers)) for _ in range(2)]
    for child in children:
        child.start()
    texts = [answers.get(timeout=10) for _ in children]
    for child in children:
        child.join(timeout=10)

    assert texts == ["Hi", "Hi"]
    assert client.chat.send(MESSAGES).text == "Hi"
    assert server.connections == 3
    assert len({r.connection for r in server.requests}) == 3


# ------------------------------------------------------------------------- copies


@sync_and_async
async def test_a_pickled_client_works_and_holds_no_key(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(ANSWER)
    caller = connect(server.base_url, headers={"X-Secret": "hunter2"}, max_retries=0)
    await caller.send()

    pickled = pickle.dumps(caller.client)
    caller.client = pickle.loads(pickled)

    assert not any(secret in pickled for secret in (b"sk-or-test", b"hunter2"))
    with pytest.raises(MissingApiKeyError):
        await caller.send()
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-env")
    assert (await caller.send()).text == "Hi"
    assert server.requests[-1].header("authorization") == ["Bearer sk-or-env"]


@sync_and_async
@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
async def test_a_copied_client_is_the_same_client(
    serve: Serve, connect: Connect, copier: Any
) -> None:
    """Frameworks copy models, and the clients in them."""
    server = serve(ANSWER)
    http_client = httpx2.Client() if connect is not Async else httpx2.AsyncClient()
    caller = connect(server.base_url, observers=[_Observer()], http_client=http_client)
    _ = caller.client.chat
    twin = copier(caller.client)

    assert twin is not caller.client
    assert twin.config == caller.client.config
    assert twin._http_client is http_client
    assert twin._observers == caller.client._observers
    assert twin.chat.io is twin


class _Observer:
    def admit(self, intent: Any) -> None: ...
    def completed(self, call: Any, ticket: object) -> None: ...


@sync_and_async
def test_no_secret_in_the_repr_of_a_client(connect: Connect) -> None:
    client = connect("http://h.test", headers={"X": "hunter2"}, proxy="http://u:p4ss@p:1").client

    for text in (repr(client), repr(client.config), repr(client.chat), repr(vars(client))):
        assert not any(secret in text for secret in ("sk-or-test", "hunter2", "p4ss"))


# ------------------------------------------------------------------------- http_client and proxies


@sync_and_async
async def test_c15_an_own_http_client_is_used_and_not_closed(
    serve: Serve, connect: Connect
) -> None:
    """quirks.md C15: custom CA, hooks and transports are the user's."""
    server = serve(ANSWER, STREAMED)
    seen: list[Any] = []

    async def note_later(request: Any) -> None:
        seen.append(request)

    mine: Any = (
        httpx2.AsyncClient(event_hooks={"request": [note_later]})
        if connect is Async
        else httpx2.Client(event_hooks={"request": [seen.append]})
    )
    caller = connect(server.base_url, http_client=mine)

    assert (await caller.send()).text == "Hi"
    assert (await caller.read())[1].so_far.text == "Hello"
    await caller.close()

    assert len(seen) == 2
    assert not mine.is_closed
    closing = mine.aclose() if connect is Async else mine.close()
    if closing is not None:
        await closing


@sync_and_async
async def test_c15_a_mock_transport_of_the_users_is_read_once(connect: Connect) -> None:
    """quirks.md C15: bodies of other transports cannot be read from two iterators."""
    wire = b"".join(b"data: " + part + b"\n\n" for part in (
        b'{"choices":[{"delta":{"content":"a"}}]}',
        b'{"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]}', b"[DONE]"))  # fmt: skip

    def handle(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=wire)

    transport = httpx2.MockTransport(handle)
    kind = httpx2.AsyncClient if connect is Async else httpx2.Client
    chunks, _ = await connect("http://h.test", http_client=kind(transport=transport)).read()

    assert [c["choices"][0]["delta"]["content"] for c in chunks] == ["a", "b"]


@pytest.mark.parametrize("wrong", [httpx2.AsyncClient(), httpx.Client(), httpx.AsyncClient(), "x", 7],
                         ids=["other", "httpx", "httpx-async", "text", "number"])  # fmt: skip
def test_c15_a_client_of_another_library_or_kind_is_refused(wrong: Any) -> None:
    """quirks.md C15: at once, and with the way out."""
    with pytest.raises(TypeError, match=r"httpx2\.Client, not .*import httpx2"):
        OpenRouterClient("k", http_client=wrong)


@sync_and_async
async def test_c15_the_proxy_of_the_environment_is_used(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """quirks.md C15: HTTP_PROXY, with the absolute form of the target."""
    proxy = serve(ANSWER)
    monkeypatch.setenv("http_proxy", f"http://user:pass@127.0.0.1:{proxy.port}")

    assert (await connect("http://openrouter.test/api/v1").send()).text == "Hi"

    (request,) = proxy.requests
    assert request.target == "http://openrouter.test/api/v1/chat/completions"
    assert request.header("proxy-authorization") == ["Basic dXNlcjpwYXNz"]


@sync_and_async
async def test_c15_https_goes_through_a_tunnel(serve: Serve, connect: Connect) -> None:
    """quirks.md C15: CONNECT, and the key is not shown to the proxy."""
    proxy = serve(reply(b"", 407))

    with pytest.raises(ConnectionFailedError):
        await connect(
            "https://openrouter.test/api/v1",
            proxy=f"http://127.0.0.1:{proxy.port}",
            max_retries=0,
        ).send()

    (request,) = proxy.requests
    assert (request.method, request.target) == ("CONNECT", "openrouter.test:443")
    assert request.header("authorization") == []


@sync_and_async
@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "*"])
async def test_c15_no_proxy_is_honoured(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    """quirks.md C15: and an argument wins over the environment."""
    server, proxy = serve(ANSWER), serve(ANSWER)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", no_proxy)

    await connect(server.base_url).send()
    await connect(server.base_url, proxy=f"http://127.0.0.1:{proxy.port}").send()

    assert (len(server.requests), len(proxy.requests)) == (1, 1)


def test_c15_a_socks_proxy_without_its_package_says_what_to_install() -> None:
    """quirks.md C15: an error of ours, not an ImportError out of the depth."""
    if importlib.util.find_spec("socksio"):
        pytest.skip("the package for SOCKS proxies is installed here")
    client = OpenRouterClient("k", base_url="http://h.test", proxy="socks5://127.0.0.1:9")

    with pytest.raises(ConfigurationError, match="socks"):
        client.chat.send(MESSAGES)


@sync_and_async
async def test_a_host_that_does_not_accept_times_out_connecting(connect: Connect) -> None:
    """192.0.2.0/24 is for documentation; where it is refused at once that is a failure as well."""
    with pytest.raises((RequestTimeoutError, ConnectionFailedError)):
        await connect("http://192.0.2.1/api/v1", timeout_s=0.1, max_retries=0).send()
