"""`iterate` goes through every kind of page on the emulator: nothing is missed and nothing comes twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, aiterate, iterate
from openrouter_emulator import Emulator

from .declared import declared


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def user(emulator: Emulator) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(emulator.api_key, base_url=emulator.base_url) as client:
        yield client


@pytest.fixture
def admin(emulator: Emulator) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(emulator.management_key, base_url=emulator.base_url) as client:
        yield client


def test_every_style_of_paging_is_tried_here():
    assert {one.route.pages for one in declared()} == {"none", "offset", "cursor", "after"}


def test_offset_with_a_total(admin: OpenRouterClient):
    made = [admin.guardrails.create(f"g{n}").id for n in range(7)]

    assert [row.id for row in iterate(admin.guardrails.list, limit=3)] == made


def test_offset_without_a_total_and_with_a_fixed_page(admin: OpenRouterClient):
    made = {str(admin.keys.create(f"k{n}").data.hash) for n in range(101)}

    found = [str(key.hash) for key in iterate(admin.keys.list)]

    assert len(found) == len(set(found)) == 102
    assert made < set(found)


def test_offset_with_relative_links(user: OpenRouterClient):
    whole = [model.id for model in user.models.list().data]

    assert [model.id for model in iterate(user.models.list, limit=5)] == whole
    tools = [tool.id for tool in user.tools.list().data]
    assert [tool.id for tool in iterate(user.tools.list, limit=2)] == tools
    assert len(tools) > 2


def test_a_cursor(user: OpenRouterClient):
    made = [user.files.create(b"x", filename=f"{n}.txt").id for n in range(7)]

    assert [row.id for row in iterate(user.files.list, limit=3)] == made


def test_the_id_of_the_last_row(user: OpenRouterClient):
    requests = [{"custom_id": "1", "body": {"input": "x"}}]
    model = "openai/text-embedding-3-small"
    made = [
        user.batches.create(requests, endpoint="/v1/embeddings", model=model).id for _ in range(5)
    ]

    assert [row.id for row in iterate(user.batches.list, limit=2)] == made[::-1]


async def test_the_async_client_goes_through_the_same_pages(
    emulator: Emulator, admin: OpenRouterClient
):
    made = [admin.guardrails.create(f"g{n}").id for n in range(5)]

    url = emulator.base_url
    async with AsyncOpenRouterClient(emulator.management_key, base_url=url) as client:
        found = [row.id async for row in aiterate(client.guardrails.list, limit=2)]

    assert found == made
