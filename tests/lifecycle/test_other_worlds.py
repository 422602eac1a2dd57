"""Programs that do not run on plain threads and asyncio: gevent, uvloop, trio, and warnings that are errors.

Each runs in a process of its own, with every warning an error, and must say nothing on stderr.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.openrouter_core.wire_server import (
    ANSWER,
    HANG,
    WireServer,
    chunk,
    refusal,
    sse,
    stream_of,
)

ROOT = Path(__file__).parents[2]
BEGINNING = """
    import asyncio, sys, time
    from openrouter_core import AsyncOpenRouterClient, ConfigurationError, OpenRouterClient
    url, question = sys.argv[1], [{"role": "user", "content": "Hi"}]
"""


@pytest.fixture
def serve() -> Iterator[Callable[..., WireServer]]:
    started: list[WireServer] = []

    def start(*scripts: object) -> WireServer:
        started.append(WireServer(*scripts))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for server in started:
        server.stop()


def run(program: str, url: str, *, first: str = "", warnings: str = "error") -> str:
    """Run a program; return what it printed."""
    text = "".join(map(textwrap.dedent, (first, BEGINNING, program)))
    done = subprocess.run(
        [sys.executable, "-W", warnings, "-c", text, url],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


SLOW = [0.5, *ANSWER]


def test_gevent_makes_calls_at_once(serve):
    pytest.importorskip("gevent")
    fifty = """
        import gevent
        client = OpenRouterClient("k", base_url=url)
        began = time.monotonic()
        calls = [gevent.spawn(client.chat.send, question, model="m") for _ in range(50)]
        gevent.joinall(calls, raise_error=True)
        print(sum(call.value.text == "Hi" for call in calls), time.monotonic() - began)
    """

    right, took_s = run(
        fifty,
        serve(SLOW).base_url,
        first="from gevent import monkey\nmonkey.patch_all()\n",
        warnings="ignore",  # gevent's own patching warns
    ).split()

    assert int(right) == 50
    assert float(took_s) < 15  # 25 one after another


def test_a_call_that_gevent_kills_gives_its_place_back(serve):
    pytest.importorskip("gevent")
    killed = """
        import gevent
        client = OpenRouterClient("k", base_url=url, max_connections=1)
        call = gevent.spawn(client.chat.send, question, model="m")
        gevent.sleep(0.3)
        call.kill()
        print(client.chat.send(question, model="m", timeout_s=5).text)
    """

    assert (
        run(
            killed,
            serve([HANG], ANSWER).base_url,
            first="from gevent import monkey\nmonkey.patch_all()\n",
            warnings="ignore",
        )
        == "Hi"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows")
def test_uvloop_makes_calls_and_streams(serve):
    pytest.importorskip("uvloop")
    both = """
        import uvloop
        async def main():
            async with AsyncOpenRouterClient("k", base_url=url) as client:
                replies = await asyncio.gather(
                    *(client.chat.send(question, model="m") for _ in range(20))
                )
                stream = client.chat.stream(question, model="m")
                async for piece in stream:
                    break
                await stream.aclose()
            print(sum(reply.text == "Hi" for reply in replies))
        for _ in range(2):
            uvloop.run(main())
    """

    assert run(both, serve(ANSWER).base_url).split() == ["20", "20"]


def test_trio_is_answered_by_a_sentence(serve):
    pytest.importorskip("trio")
    alone = """
        import trio
        async def main():
            try:
                await AsyncOpenRouterClient("k", base_url=url).chat.send(question, model="m")
            except ConfigurationError as error:
                print(error)
        trio.run(main)
    """

    output = run(alone, serve(ANSWER).base_url)

    assert "Under trio" in output
    assert "http_client" in output


def test_trio_works_with_an_http_client_of_its_own(serve):
    """Retries and streams too."""
    pytest.importorskip("trio")
    own = """
        import httpx2, trio
        async def main():
            async with httpx2.AsyncClient() as http_client:
                client = AsyncOpenRouterClient("k", base_url=url, http_client=http_client)
                print((await client.chat.send(question, model="m", timeout_s=5)).text)
                async with client.chat.stream(question, model="m") as stream:
                    print("".join([c["choices"][0]["delta"]["content"] async for c in stream]))
        trio.run(main)
    """
    server = serve(refusal(503, retry_after="0.1"), ANSWER, sse(*stream_of("Hel", "lo")))

    # httpx2 leaves the generator of a body to the garbage collector, and trio warns of that
    assert run(own, server.base_url, warnings="ignore").split() == ["Hi", "Hello"]
    assert len(server.requests) == 3


LEFT_OPEN = {
    "a stream": """
        stream = OpenRouterClient("k", base_url=url).chat.stream(question, model="m")
        next(stream)
    """,
    "an async stream": """
        async def main():
            global stream
            stream = AsyncOpenRouterClient("k", base_url=url).chat.stream(question, model="m")
            await anext(stream)
        asyncio.run(main())
    """,
    "a LangChain stream": """
        from langchain_openrouter import ChatOpenRouter
        stream = ChatOpenRouter(model="a/b", api_key="k", base_url=url).stream("Hi")
        next(stream)
    """,
    "calls in many loops": """
        client = AsyncOpenRouterClient("k", base_url=url)
        async def main():
            async for piece in client.chat.stream(question, model="m"):
                break
        for _ in range(5):
            asyncio.run(main())
    """,
    "a tracker and a stream": """
        from openrouter_core.costs import track_openrouter_cost
        with track_openrouter_cost() as spent:
            stream = OpenRouterClient("k", base_url=url).chat.stream(question, model="m")
            next(stream)
    """,
    "a ledger in memory, a budget and a stream": """
        from openrouter_core.costs import Budget, CostLedger
        observers = [CostLedger(), Budget(1, per="total", price_of=lambda model: None)]
        stream = OpenRouterClient("k", base_url=url, observers=observers).chat.stream(
            question, model="m"
        )
        next(stream)
    """,
}


@pytest.mark.parametrize("left", LEFT_OPEN)
def test_a_program_ends_in_silence_and_in_time_whatever_it_leaves_open(serve, left: str):
    if "LangChain" in left:
        pytest.importorskip("langchain_core")
    ended = """
        import atexit
        ended = time.monotonic()
        print("ended")
    """
    first = (
        "import atexit, time\n"
        "atexit.register(lambda: print(time.monotonic() - ended))\n"  # runs last
    )
    warnings = "ignore" if "LangChain" in left else "error"  # langchain-core warns of itself

    output = run(
        textwrap.dedent(LEFT_OPEN[left]) + textwrap.dedent(ended),
        serve(sse(chunk("a"), HANG)).base_url,
        first=first,
        warnings=warnings,
    )

    assert float(output.split()[-1]) < 1
