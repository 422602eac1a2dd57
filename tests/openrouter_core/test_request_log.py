"""The log of requests: one line for each, without a key, a prompt or a query in it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from tests.openrouter_core.wire_server import WireServer, reply

ASK = [{"role": "user", "content": "my prompt"}]
ANSWER = reply({"id": "gen-1", "choices": [{"message": {"content": "Hi"}}]})


def _sees(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    """The lines of chat: a ledger of an earlier test may look a price up meanwhile."""
    lines = [r.getMessage() for r in caplog.records if r.levelno == level]
    return [line for line in lines if "/generation" not in line]


def test_each_answer_is_a_line_at_info(
    serve: Callable[..., WireServer], caplog: pytest.LogCaptureFixture
):
    server = serve(reply({"error": {"message": "Busy.", "code": 502}}, status=502), ANSWER)
    plain = OpenRouterClient("sk-or-secret", base_url=server.base_url)
    client = plain.with_options(query={"token": "secret"})

    with caplog.at_level(logging.DEBUG, logger="openrouter.requests"):
        client.chat.send(ASK, model="a/b", extra_query={"q": "secret"})

    url = f"POST {server.base_url}/chat/completions"
    failed, answered = _sees(caplog, logging.INFO)
    assert failed.startswith(f'HTTP request: {url} "HTTP/1.1 502')
    assert answered.startswith(f'HTTP request: {url} "HTTP/1.1 200')
    assert all(line.startswith(f"HTTP request: {url}, ") for line in _sees(caplog, logging.DEBUG))
    assert "secret" not in caplog.text
    assert "my prompt" not in caplog.text


async def test_the_async_client_logs_alike(
    serve: Callable[..., WireServer], caplog: pytest.LogCaptureFixture
):
    client = AsyncOpenRouterClient("k", base_url=serve(ANSWER).base_url)

    with caplog.at_level(logging.INFO, logger="openrouter.requests"):
        await client.chat.send(ASK, model="a/b")

    assert len(_sees(caplog, logging.INFO)) == 1


def test_nothing_is_logged_unless_somebody_asks(
    serve: Callable[..., WireServer], caplog: pytest.LogCaptureFixture
):
    OpenRouterClient("k", base_url=serve(ANSWER).base_url).chat.send(ASK, model="a/b")

    assert caplog.records == []


_PROGRAM = """
import sys
from openrouter_core import OpenRouterClient
OpenRouterClient("k", base_url=sys.argv[1]).chat.send([{"role": "user", "content": "Hi"}], model="a/b")
"""


@pytest.mark.parametrize(
    ("wish", "lines"), [("info", 1), ("DEBUG", 2), ("", 0), ("loud", 1)], ids=str
)
def test_the_environment_switches_it_on(
    serve: Callable[..., WireServer], monkeypatch: pytest.MonkeyPatch, wish: str, lines: int
):
    monkeypatch.setenv("OPENROUTER_LOG", wish)
    url = serve(ANSWER).base_url

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, url], capture_output=True, text=True, check=True
    )

    assert len(done.stderr.splitlines()) == lines
    assert ("/chat/completions" in done.stderr) is (wish.lower() in {"info", "debug"})
