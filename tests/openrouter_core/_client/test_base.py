"""What clients share and what they keep for themselves: connections, headers, keys."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable
from typing import Any
from weakref import ref

import httpx2
import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core._http.pool import _pools, async_pool_for, pool_for
from tests.openrouter_core.wire_server import WireServer, reply

Serve = Callable[..., WireServer]


def _client(serve: Serve, kind: type[Any] = OpenRouterClient, key: str = "sk-or-test") -> Any:
    return kind(key, base_url=serve(reply({"id": "gen-1"})).base_url)


def _idle(client: Any) -> int:
    return len(pool_for(client._pool())._idle._stack)


def test_leaving_a_client_keeps_the_connections_of_the_others(serve: Serve) -> None:
    mine = _client(serve)
    mine.request("GET", "/key")

    with OpenRouterClient("sk-or-other", base_url=mine.config.base_url) as other:
        other.request("GET", "/key")

    assert _idle(mine) == 1


def test_leaving_an_unused_client_closes_nothing(serve: Serve) -> None:
    mine = _client(serve)
    mine.request("GET", "/key")

    with OpenRouterClient("sk-or-other", base_url=mine.config.base_url):
        pass

    assert _idle(mine) == 1


def test_the_last_client_closes_the_connections_and_can_go_on(serve: Serve) -> None:
    mine = _client(serve)
    mine.request("GET", "/key")
    with OpenRouterClient("sk-or-other", base_url=mine.config.base_url) as other:
        other.request("GET", "/key")

    mine.close()

    assert [len(pool._idle._stack) for key, pool in _pools.items() if key == other._pool()] == [0]
    assert mine.request("GET", "/key")
    mine.close()


def test_a_client_that_is_gone_holds_no_connections_open(serve: Serve) -> None:
    mine = _client(serve)
    gone = OpenRouterClient("sk-or-gone", base_url=mine.config.base_url)
    gone.request("GET", "/key")
    mine.request("GET", "/key")
    del gone
    gc.collect()

    mine.close()

    assert _idle(mine) == 0


async def test_leaving_an_async_client_keeps_the_connections_of_the_others(serve: Serve) -> None:
    mine = _client(serve, AsyncOpenRouterClient)
    await mine.request("GET", "/key")

    async with AsyncOpenRouterClient("sk-or-other", base_url=mine.config.base_url) as other:
        await other.request("GET", "/key")

    assert len((await async_pool_for(mine._pool()))._idle._stack) == 1
    await mine.aclose()


@pytest.mark.parametrize("kind", [OpenRouterClient, AsyncOpenRouterClient])
async def test_a_key_ends_with_its_client(serve: Serve, kind: type[Any]) -> None:
    """No cache of headers, settings or generations keeps a key that nobody uses any more."""
    client = _client(serve, kind, "sk-or-v1-ends-with-its-client")
    answer = client.request("GET", "/key")
    if kind is AsyncOpenRouterClient:
        await answer
        await client.aclose()
    settings = ref(client.config)

    del client, answer
    gc.collect()

    assert settings() is None


def test_with_options_takes_another_key_address_and_http_client(serve: Serve) -> None:
    mine, other = _client(serve), serve(reply({"id": "there"}))
    http_client = httpx2.Client(headers={"X-Mine": "1"})

    changed = mine.with_options(
        api_key="sk-or-v1-management", base_url=other.base_url, http_client=http_client
    )
    changed.request("GET", "/credits")

    (request,) = other.requests
    assert request.header("authorization") == ["Bearer sk-or-v1-management"]
    assert request.header("x-mine") == ["1"]
    assert mine.config.key == "sk-or-test"
    assert mine.with_options(timeout_s=1).config.key == "sk-or-test"
    http_client.close()


def test_query_parameters_of_a_client_go_with_every_request(serve: Serve) -> None:
    server = serve(reply({"data": {}}), reply({"data": {}}), reply({"data": []}))
    plain = OpenRouterClient("k", base_url=server.base_url)
    mine = plain.with_options(query={"tenant": "a", "v": 1})
    other = mine.with_options(query={"tenant": "b", "v": None})

    mine.credits.get()
    other.credits.get()
    mine.guardrails.list(limit=2, extra_query={"v": 2})

    targets = [request.target.partition("?")[2] for request in server.requests]
    assert targets == ["tenant=a&v=1", "tenant=b", "tenant=a&v=2&limit=2"]
    assert "tenant" not in repr(mine.config)
    assert pickle.loads(pickle.dumps(mine)).config.query == ()
