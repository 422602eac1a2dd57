"""Bytes that come behind an answer are not the answer to the next request, however the server is reached."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

from tests.openrouter_core.both_clients import Connect, sync_and_async
from tests.openrouter_core.wire_server import WireServer, answer, reply

Serve = Callable[..., WireServer]
(FIRST,), (STRAY,) = reply(answer("first")), reply(answer("of somebody else"))
assert isinstance(FIRST, bytes)
assert isinstance(STRAY, bytes)
SCRIPT = [FIRST + STRAY], reply(answer("second"))


async def gets_its_own_answers(client: Any) -> None:
    assert (await client.send()).text == "first"
    assert (await client.send()).text == "second"


@sync_and_async
async def test_directly(serve: Serve, connect: Connect) -> None:
    server = serve(*SCRIPT)

    await gets_its_own_answers(connect(server.base_url))

    assert server.connections == 2


@sync_and_async
async def test_by_a_proxy(serve: Serve, connect: Connect) -> None:
    proxy = serve(*SCRIPT)

    await gets_its_own_answers(
        connect("http://openrouter.test/api/v1", proxy=f"http://127.0.0.1:{proxy.port}")
    )

    assert proxy.connections == 2


@sync_and_async
async def test_by_a_tunnel(serve: Serve, connect: Connect, tls: ssl.SSLContext) -> None:
    server = serve(*SCRIPT, tls=tls)

    with tunnel_to(server.port) as proxy:
        await gets_its_own_answers(connect(server.base_url, proxy=proxy))

    assert server.connections == 2


@contextmanager
def tunnel_to(port: int) -> Generator[str]:
    """The address of a proxy whose tunnels all lead to this port."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def open_tunnel(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            client.recv(65_536)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=carry, args=(server, client), daemon=True)
            back.start()
            carry(client, server)
            back.join(10)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=open_tunnel, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
