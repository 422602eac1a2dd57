"""Whole collections: every style of pages behind the same two functions."""

from __future__ import annotations

import pickle

import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    ConfigurationError,
    OpenRouterClient,
    ResponseShapeError,
)
from openrouter_core.pagination import aiterate, iterate
from tests.openrouter_core.wire_server import reply


def _keys(first: int, count: int) -> dict:
    return {"data": [{"hash": str(n)} for n in range(first, first + count)]}


def _guardrails(*ids: str, total: int | None = None) -> dict:
    page: dict = {"data": [{"id": id} for id in ids]}
    return page if total is None else {**page, "total_count": total}


def _targets(server) -> list[str]:
    return [request.target.removeprefix("/api/v1") for request in server.requests]


def test_pages_by_offset_end_at_the_total(serve):
    server = serve(reply(_guardrails("a", "b", total=3)), reply(_guardrails("c", total=3)))
    client = OpenRouterClient("k", base_url=server.base_url)

    found = [one.id for one in iterate(client.guardrails.list, limit=2, workspace_id="w")]

    assert found == ["a", "b", "c"]
    assert _targets(server) == [
        "/guardrails?limit=2&workspace_id=w",
        "/guardrails?offset=2&limit=2&workspace_id=w",
    ]


def test_a_page_is_crossed_into_those_behind_it(serve):
    server = serve(reply(_guardrails("a", "b", total=3)), reply(_guardrails("c", total=3)))
    client = OpenRouterClient("k", base_url=server.base_url)

    page = client.guardrails.list(limit=2, workspace_id="w")

    assert _targets(server) == ["/guardrails?limit=2&workspace_id=w"]
    assert [one.id for one in page] == ["a", "b", "c"]
    assert [one.id for one in page.data] == ["a", "b"]
    assert _targets(server)[1:] == ["/guardrails?offset=2&limit=2&workspace_id=w"]


async def test_a_page_of_an_async_client_is_crossed_by_async_for(serve):
    server = serve(reply(_guardrails("a", total=2)), reply(_guardrails("b", total=2)))
    client = AsyncOpenRouterClient("k", base_url=server.base_url)

    page = await client.guardrails.list(limit=1)

    assert [one.id async for one in page] == ["a", "b"]
    with pytest.raises(ConfigurationError, match="async for"):
        list(page)


async def test_a_page_of_a_sync_client_is_not_crossed_by_async_for(serve):
    server = serve(reply(_guardrails("a", total=2)), reply(_guardrails("b", total=2)))
    page = OpenRouterClient("k", base_url=server.base_url).guardrails.list(limit=1)

    with pytest.raises(ConfigurationError, match="by `for`"):
        _ = [one async for one in page]


def test_a_page_that_was_made_or_pickled_is_crossed_alone(serve):
    server = serve(reply({"data": [{"id": "a"}], "total_count": 2}))
    page = OpenRouterClient("k", base_url=server.base_url).models.list()

    stored = pickle.loads(pickle.dumps(page))

    assert [one.id for one in stored] == ["a"]
    assert stored.raw == page.raw
    assert list(type(page)(data=[])) == []
    assert len(server.requests) == 1


def test_keys_have_no_total_and_end_with_an_empty_page(serve):
    server = serve(reply(_keys(0, 100)), reply(_keys(100, 100)), reply(_keys(200, 0)))
    client = OpenRouterClient("k", base_url=server.base_url)

    found = list(iterate(client.keys.list))

    assert len(found) == 200
    assert _targets(server) == ["/keys", "/keys?offset=100", "/keys?offset=200"]


def test_a_page_that_says_it_is_the_last_ends_a_list_by_offset(serve):
    server = serve(reply({**_keys(0, 2), "has_more": False}), reply(_keys(2, 2)))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert len(list(iterate(client.keys.list))) == 2
    assert _targets(server) == ["/keys"]


def test_a_relative_link_leads_to_the_next_page(serve):
    link = {"next": "/api/v1/models?offset=1&limit=1"}
    server = serve(
        reply({"data": [{"id": "a/b"}], "links": link, "total_count": 2}),
        reply({"data": [{"id": "c/d"}], "links": {"next": None}, "total_count": 2}),
    )
    client = OpenRouterClient("k", base_url=server.base_url)

    found = [model.id for model in iterate(client.models.list, q="x", limit=1)]

    assert found == ["a/b", "c/d"]
    assert _targets(server)[1] == "/models?q=x&limit=1&offset=1"


def test_files_go_on_by_cursor(serve):
    server = serve(
        reply({"data": [{"id": "f1"}], "cursor": "next", "_shape": "openrouter"}),
        reply({"data": [{"id": "f2"}], "cursor": None, "_shape": "openrouter"}),
    )
    client = OpenRouterClient("k", base_url=server.base_url)

    assert [file.id for file in iterate(client.files.list)] == ["f1", "f2"]
    assert _targets(server) == ["/files", "/files?cursor=next"]


@pytest.mark.parametrize(("shape", "name"), [("openai", "after"), ("anthropic", "after_id")])
def test_files_elsewhere_go_on_after_the_last_id(serve, shape: str, name: str):
    page = {"data": [{"id": "f1"}], "has_more": True, "last_id": "f1", "_shape": shape}
    server = serve(reply(page), reply({**page, "data": [], "has_more": False}))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert len(list(iterate(client.files.list, provider=shape))) == 1
    assert _targets(server)[1] == f"/files?{name}=f1&provider={shape}"


def test_batches_go_on_after_the_last_id(serve):
    server = serve(
        reply({"data": [{"id": "b1"}], "has_more": True, "last_id": "b1"}),
        reply({"data": [{"id": "b2"}], "has_more": False, "last_id": "b2"}),
    )
    client = OpenRouterClient("k", base_url=server.base_url)

    assert [batch.id for batch in iterate(client.batches.list)] == ["b1", "b2"]
    assert [request.target for request in server.requests] == [
        "/api/v1/batches",
        "/api/v1/batches?after=b1",
    ]


def test_a_list_without_pages_is_asked_once(serve):
    server = serve(reply({"data": [{"slug": "a"}, {"slug": "b"}]}))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert [one.slug for one in iterate(client.providers.list)] == ["a", "b"]
    assert len(server.requests) == 1


def test_pages_are_fetched_when_they_are_needed(serve):
    server = serve(reply(_guardrails("a", total=9)))
    client = OpenRouterClient("k", base_url=server.base_url)

    items = iterate(client.guardrails.list)
    assert server.requests == []

    assert next(items).id == "a"
    assert len(server.requests) == 1


def test_what_the_method_takes_by_position_is_passed_on(serve):
    server = serve(reply({"data": [{"id": "a"}], "total_count": 1}))
    client = OpenRouterClient("k", base_url=server.base_url)

    list(iterate(client.workspaces.list_members, "w"))

    assert _targets(server) == ["/workspaces/w/members"]


def test_a_page_that_leads_to_itself_is_an_error(serve):
    link = {"next": "/api/v1/models?offset=0&limit=1"}
    server = serve(reply({"data": [{"id": "a/b"}], "links": link}))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(ResponseShapeError, match="does not advance"):
        list(iterate(client.models.list, offset=0, limit=1))


def test_what_is_no_list_method_is_refused():
    with pytest.raises(ConfigurationError, match="list method"):
        next(iterate(list))  # type: ignore[arg-type]  # the mistake under test


async def test_an_async_client_crosses_pages_too(serve):
    server = serve(reply(_guardrails("a", total=2)), reply(_guardrails("b", total=2)))
    async with AsyncOpenRouterClient("k", base_url=server.base_url) as client:
        found = [one.id async for one in aiterate(client.guardrails.list)]

    assert found == ["a", "b"]


@pytest.mark.parametrize("links", [{"next": None}, {"next": ""}, {"next": 5}])
def test_a_list_that_grows_a_links_field_ends_where_it_says(serve, links):
    server = serve(reply({**_guardrails("a"), "links": links}), reply(_guardrails("b")))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert [one.id for one in iterate(client.guardrails.list)] == ["a"]


@pytest.mark.parametrize("links", [None, [], "x", {"self": "/guardrails"}])
def test_links_that_say_nothing_of_a_next_page_change_nothing(serve, links):
    server = serve(
        reply({**_guardrails("a", total=2), "links": links}), reply(_guardrails("b", total=2))
    )
    client = OpenRouterClient("k", base_url=server.base_url)

    assert [one.id for one in iterate(client.guardrails.list)] == ["a", "b"]


@pytest.mark.parametrize("link", ["?offset=abc", "http://[x?offset=1", "?offset=\u00b2"])
def test_a_link_that_leads_nowhere_is_an_error(serve, link):
    server = serve(reply({**_guardrails("a"), "links": {"next": link}}))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(ResponseShapeError, match="does not advance"):
        list(iterate(client.guardrails.list))


def test_pages_that_lead_back_to_an_earlier_one_are_an_error(serve):
    pages = [
        reply({**_guardrails("a"), "links": {"next": f"?offset={n}"}}) for n in (0, 1, 0, 1, 0)
    ]
    server = serve(*pages)
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(ResponseShapeError, match="does not advance"):
        list(iterate(client.guardrails.list, offset=0))
    assert len(server.requests) <= 2
