"""Which HTTP library should carry the calls: `python benchmarks/transports.py`.

Ours (httpx2, one connection a transport), httpx2's own pool over HTTP/1.1 and HTTP/2, and aiohttp, all over
TLS against one local server in a process of its own. Prints a Markdown table: CPU of the client per call,
one after another and 500 at once, and the wall time of the 500. Installs what it needs on first use.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BODY = {"model": "bench/text", "messages": [{"role": "user", "content": "Count."}]}
HEADERS = {"Authorization": "Bearer sk-or-bench", "Content-Type": "application/json"}
AT_ONCE, IN_TURN, ROUNDS = 500, 200, 5

Ask = Callable[[], Awaitable[Any]]


def main() -> int:
    """Start this file again in an environment that has every library."""
    from environments import ROOT, installed, python_of

    if trouble := installed("transports"):
        print(f"The libraries are missing: {trouble}", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as place:
        known = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "shared"),
            "SSL_CERT_FILE": f"{place}/ca.pem",
        }
        python, this = str(python_of("transports")), str(HERE / "transports.py")
        server = subprocess.Popen(
            [python, this, "serve", place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=known
        )
        with server:
            assert server.stdin
            assert server.stdout
            port = int(server.stdout.readline())
            done = subprocess.run([python, this, "ask", str(port)], env=known, check=False)
            server.stdin.close()
    return done.returncode


async def serve(place: Path) -> None:
    """Answer every request with one small reply, over TLS, as HTTP/1.1 or HTTP/2, until the input closes."""
    import socket

    import trustme
    from answers import answer
    from hypercorn.asyncio import serve as run
    from hypercorn.config import Config

    authority = trustme.CA()
    authority.cert_pem.write_to_path(f"{place}/ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        f"{place}/own.pem"
    )
    body = answer("call").sends[0].partition(b"\r\n\r\n")[2]
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            while (await receive()).get("more_body"):
                pass
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": body})

    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    config = Config()
    config.bind, config.loglevel = [f"fd://{listening.fileno()}"], "CRITICAL"
    config.certfile = config.keyfile = f"{place}/own.pem"
    config.alpn_protocols = ["h2", "http/1.1"]
    config.h2_max_concurrent_streams = AT_ONCE
    config.keep_alive_timeout, config.keep_alive_max_requests = 600, 10**9
    print(listening.getsockname()[1], flush=True)
    await run(app, config, shutdown_trigger=lambda: asyncio.to_thread(sys.stdin.read))


async def contenders(base_url: str, stack: AsyncExitStack) -> dict[str, Ask]:
    """Title -> one call: send the body, return the parsed answer."""
    import aiohttp
    import httpx2

    from openrouter_core import AsyncOpenRouterClient

    url, content = f"{base_url}/chat/completions", json.dumps(BODY).encode()
    tls = ssl.create_default_context  # one each: httpx2 tells its own that it may speak HTTP/2
    settings: dict[str, Any] = {
        "limits": httpx2.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE),
        "timeout": 60,
        "headers": HEADERS,
    }
    one = await stack.enter_async_context(httpx2.AsyncClient(**settings, verify=tls()))
    two = await stack.enter_async_context(httpx2.AsyncClient(**settings, verify=tls(), http2=True))
    session = await stack.enter_async_context(
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls(), limit=0), headers=HEADERS)
    )
    ours = await stack.enter_async_context(AsyncOpenRouterClient("sk-or-bench", base_url=base_url))

    async def through_httpx2(client: Any) -> Any:
        return (await client.post(url, content=content)).json()

    async def through_aiohttp() -> Any:
        async with session.post(url, data=content) as response:
            return await response.json()

    response = await two.post(url, content=content)
    assert response.http_version == "HTTP/2", response.http_version
    return {
        "ours": lambda: ours.chat.send(BODY["messages"], model="bench/text"),  # type: ignore[arg-type]  # JSON
        "httpx2, HTTP/1.1": lambda: through_httpx2(one),
        "httpx2, HTTP/2": lambda: through_httpx2(two),
        "aiohttp": through_aiohttp,
    }


async def ask(base_url: str) -> None:
    """Let all take turns; print the best round of each."""
    async with AsyncExitStack() as stack:
        asked = await contenders(base_url, stack)
        best: dict[str, tuple[float, ...]] = dict.fromkeys(asked, (math.inf,) * 3)
        for _, (title, once) in product(range(ROUNDS), asked.items()):
            best[title] = tuple(map(min, best[title], await _costs(once)))
    print(
        "| | in turn, µs a call | 500 at once, µs a call | 500 at once, wall s |\n|---|---|---|---|"
    )
    for title, (in_turn, at_once, wall) in best.items():
        print(f"| {title} | {in_turn:,.0f} | {at_once:,.0f} | {wall:.2f} |")


async def _costs(once: Ask) -> tuple[float, float, float]:
    """The figures of one round, over connections that are open already."""
    await _many(once)
    began, start = time.perf_counter(), time.process_time()
    await _many(once)
    at_once, wall = time.process_time() - start, time.perf_counter() - began
    start = time.process_time()
    for _ in range(IN_TURN):
        await once()
    in_turn = time.process_time() - start
    return in_turn / IN_TURN * 1e6, at_once / AT_ONCE * 1e6, wall


async def _many(once: Ask) -> None:
    await asyncio.gather(*(once() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2])))
    elif sys.argv[1:2] == ["ask"]:
        asyncio.run(ask(f"https://127.0.0.1:{sys.argv[2]}/api/v1"))
    else:
        sys.exit(main())
