"""The user's own httpx2 client: what it is set up with counts, and our key stays ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from openrouter_core import RequestTimeoutError
from tests.openrouter_core.colours import MESSAGES, Async, Colour, both
from tests.openrouter_core.wire_server import ANSWER, HANG, WireServer, reply

Serve = Callable[..., WireServer]


@pytest.fixture
async def own() -> AsyncIterator[Callable[..., Any]]:
    """Make an HTTP client of the kind that a client needs; closed after the test."""
    made: list[Any] = []

    def make(colour: Colour, **settings: Any) -> Any:
        made.append((httpx2.AsyncClient if colour is Async else httpx2.Client)(**settings))
        return made[-1]

    yield make
    for client in made:
        await client.aclose() if isinstance(client, httpx2.AsyncClient) else client.close()


@both
async def test_its_headers_cookies_and_parameters_are_sent(
    serve: Serve, own: Any, colour: Colour
) -> None:
    server = serve(reply({}))
    mine = own(colour, headers={"X-Mine": "1"}, cookies={"c": "2"}, params={"tenant": "3"})

    await colour(server.base_url, http_client=mine).request("GET", "/key")

    (request,) = server.requests
    assert request.header("x-mine") == ["1"]
    assert request.header("cookie") == ["c=2"]
    assert request.target == "/api/v1/key?tenant=3"


@both
async def test_what_we_say_wins_over_its_defaults(serve: Serve, own: Any, colour: Colour) -> None:
    server = serve(reply({}))
    mine = own(colour, headers={"Accept": "text/html", "User-Agent": "theirs"}, auth=("u", "p"))

    await colour(server.base_url, http_client=mine).request("POST", "/x", json={"a": 1})

    (request,) = server.requests
    assert request.header("authorization") == ["Bearer sk-or-test"]
    assert request.header("accept") == ["application/json"]
    assert request.header("content-type") == ["application/json"]
    assert request.header("user-agent")[0].startswith("openrouter-adapters/")
    assert request.json == {"a": 1}


@both
async def test_its_timeout_counts_where_ours_was_not_chosen(
    serve: Serve, own: Any, colour: Colour
) -> None:
    server = serve([HANG])
    mine = own(colour, timeout=0.2)

    with pytest.raises(RequestTimeoutError):
        await colour(server.base_url, http_client=mine, timeout_s=None, max_retries=0).request(
            "GET", "/key"
        )


@both
async def test_a_timeout_of_ours_wins(serve: Serve, own: Any, colour: Colour) -> None:
    server = serve([HANG])
    mine = own(colour, timeout=60)

    with pytest.raises(RequestTimeoutError):
        await colour(server.base_url, http_client=mine, timeout_s=0.2, max_retries=0).request(
            "GET", "/key"
        )


@both
async def test_a_file_is_uploaded_through_it(serve: Serve, own: Any, colour: Colour) -> None:
    server = serve(reply({"id": "f"}))
    client = colour(server.base_url, http_client=own(colour)).client

    sent = client.files.create(b"some bytes", filename="a.txt")
    if colour is Async:
        await sent

    assert b"some bytes" in server.requests[0].body


@both
async def test_its_hooks_see_the_body(serve: Serve, own: Any, colour: Colour) -> None:
    server = serve(reply({"id": "f"}))
    seen: list[bytes] = []

    async def anote(request: httpx2.Request) -> None:
        seen.append(request.content)

    def note(request: httpx2.Request) -> None:
        seen.append(request.content)

    mine = own(colour, event_hooks={"request": [anote if colour is Async else note]})

    await colour(server.base_url, http_client=mine).request("POST", "/x", json={"a": 1})

    assert seen == [b'{"a":1}']


@both
async def test_streams_go_through_it(serve: Serve, own: Any, colour: Colour) -> None:
    server = serve(ANSWER)

    chunks, _ = await colour(server.base_url, http_client=own(colour)).read()

    assert chunks
    assert server.requests[0].json["messages"] == MESSAGES
