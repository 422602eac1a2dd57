"""Redirects are followed on the same origin, and the key goes nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from openrouter_core import ApiStatusError
from tests.openrouter_core.both_clients import Connect, sync_and_async
from tests.openrouter_core.wire_server import WireServer, head, reply

Serve = Callable[..., WireServer]


def to(location: str, status: int = 308) -> list[bytes]:
    return [head(status, location=location, content_length="0")]


@sync_and_async
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_get_is_followed_on_the_same_origin(
    serve: Serve, connect: Connect, status: int
) -> None:
    """`GET /tools/{name}` answers 308 to an alias (operation getToolsName of the API's document)."""
    server = serve(to("/api/v1/tools/openrouter:web_search", status), reply({"data": {"id": "a"}}))

    answer = await connect(server.base_url).request("GET", "/tools/web_search")

    assert answer == {"data": {"id": "a"}}
    assert [r.target for r in server.requests] == [
        "/api/v1/tools/web_search",
        "/api/v1/tools/openrouter:web_search",
    ]
    assert server.requests[1].header("authorization") == ["Bearer sk-or-test"]


@sync_and_async
async def test_a_post_is_followed_by_308_with_its_body(serve: Serve, connect: Connect) -> None:
    server = serve(to("/api/v2/chat/completions"), reply({"ok": True}))

    await connect(server.base_url).request("POST", "/chat/completions", json={"model": "m"})

    assert [r.json for r in server.requests] == [{"model": "m"}, {"model": "m"}]


@sync_and_async
@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_post_is_not_made_a_get(serve: Serve, connect: Connect, status: int) -> None:
    server = serve(to("/elsewhere", status))

    with pytest.raises(ApiStatusError, match=rf"names another address.*status {status}|{status}"):
        await connect(server.base_url).request("POST", "/chat/completions", json={})

    assert len(server.requests) == 1


@sync_and_async
async def test_the_key_does_not_go_to_another_origin(serve: Serve, connect: Connect) -> None:
    other = serve(reply({"stolen": True}))
    server = serve(to(f"{other.base_url}/key"))

    with pytest.raises(ApiStatusError, match="The server names another address"):
        await connect(server.base_url).request("GET", "/key")

    assert other.requests == []


@sync_and_async
async def test_a_circle_of_redirects_ends(serve: Serve, connect: Connect) -> None:
    server = serve(to("/api/v1/key"))

    with pytest.raises(ApiStatusError):
        await connect(server.base_url).request("GET", "/key")

    assert len(server.requests) == 6
