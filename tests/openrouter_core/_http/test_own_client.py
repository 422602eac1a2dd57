"""The user's own httpx2 client: what it is set up with counts, and our key stays ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from openrouter_core import RequestTimeoutError
from tests.openrouter_core.both_clients import MESSAGES, Async, Connect, sync_and_async
from tests.openrouter_core.wire_server import ANSWER, HANG, WireServer, reply

Serve = Callable[..., WireServer]


@pytest.fixture
async def own() -> AsyncIterator[Callable[..., Any]]:
    """Make an HTTP client of the kind that a client needs; closed after the test."""
    made: list[Any] = []

    def make(connect: Connect, **settings: Any) -> Any:
        made.append((httpx2.AsyncClient if connect is Async else httpx2.Client)(**settings))
        return made[-1]

    yield make
    for client in made:
        await client.aclose() if isinstance(client, httpx2.AsyncClient) else client.close()


@sync_and_async
async def test_its_headers_cookies_and_parameters_are_sent(
    serve: Serve, own: Any, connect: Connect
) -> None:
    server = serve(reply({}))
    mine = own(connect, headers={"X-Mine": "1"}, cookies={"c": "2"}, params={"tenant": "3"})

    await connect(server.base_url, http_client=mine).request("GET", "/key")

    (request,) = server.requests
    assert request.header("x-mine") == ["1"]
    assert request.header("cookie") == ["c=2"]
    assert request.target == "/api/v1/key?tenant=3"


@sync_and_async
async def test_what_we_say_wins_over_its_defaults(serve: Serve, own: Any, connect: Connect) -> None:
    server = serve(reply({}))
    mine = own(connect, headers={"Accept": "text/html", "User-Agent": "theirs"}, auth=("u", "p"))

    await connect(server.base_url, http_client=mine).request("POST", "/x", json={"a": 1})

    (request,) = server.requests
    assert request.header("authorization") == ["Bearer sk-or-test"]
    assert request.header("accept") == ["application/json"]
    assert request.header("content-type") == ["application/json"]
    assert request.header("user-agent")[0].startswith("openrouter-adapters/")
    assert request.json == {"a": 1}


@sync_and_async
async def test_its_timeout_counts_where_ours_was_not_chosen(
    serve: Serve, own: Any, connect: Connect
) -> None:
    server = serve([HANG])
    mine = own(connect, timeout=0.2)

    with pytest.raises(RequestTimeoutError):
        await connect(server.base_url, http_client=mine, timeout_s=None, max_retries=0).request(
            "GET", "/key"
        )


@sync_and_async
async def test_a_timeout_of_ours_wins(serve: Serve, own: Any, connect: Connect) -> None:
    server = serve([HANG])
    mine = own(connect, timeout=60)

    with pytest.raises(RequestTimeoutError):
        await connect(server.base_url, http_client=mine, timeout_s=0.2, max_retries=0).request(
            "GET", "/key"
        )


@sync_and_async
async def test_a_file_is_uploaded_through_it(serve: Serve, own: Any, connect: Connect) -> None:
    server = serve(reply({"id": "f"}))
    client = connect(server.base_url, http_client=own(connect)).client

    sent = client.files.create(b"some bytes", filename="a.txt")
    if connect is Async:
        await sent

    assert b"some bytes" in server.requests[0].body


@sync_and_async
async def test_its_hooks_see_the_body(serve: Serve, own: Any, connect: Connect) -> None:
    server = serve(reply({"id": "f"}))
    seen: list[bytes] = []

    async def anote(request: httpx2.Request) -> None:
        seen.append(request.content)

    def note(request: httpx2.Request) -> None:
        seen.append(request.content)

    mine = own(connect, event_hooks={"request": [anote if connect is Async else note]})

    await connect(server.base_url, http_client=mine).request("POST", "/x", json={"a": 1})

    assert seen == [b'{"a":1}']


@sync_and_async
async def test_streams_go_through_it(serve: Serve, own: Any, connect: Connect) -> None:
    server = serve(ANSWER)

    chunks, _ = await connect(server.base_url, http_client=own(connect)).read()

    assert chunks
    assert server.requests[0].json["messages"] == MESSAGES
