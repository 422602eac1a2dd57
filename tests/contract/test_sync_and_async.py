"""Every operation is called over a real socket, by the sync and by the async client."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from openrouter_core import AsyncOpenRouterClient, ConfigurationError, OpenRouterClient
from openrouter_core.streaming.download import AsyncByteStream, ByteStream
from openrouter_core.streaming.stream import AsyncStream, Stream

from . import samples
from .calling import KEY, Everything, _pattern, answering
from .declared import Declared, declared

SENT = [one for one in declared() if one.name != "credits.create_coinbase_charge"]


@pytest.fixture(scope="module")
def server() -> Iterator[Everything]:
    with answering() as everything:
        yield everything


@pytest.mark.parametrize("one", SENT, ids=repr)
def test_the_sync_client_calls_it(one: Declared, server: Everything):
    client = OpenRouterClient(KEY, base_url=server.url, max_retries=0)
    bound = getattr(getattr(client, one.resource), one.method)

    answer = samples.call(one, bound, samples.arguments(one))
    if isinstance(answer, (Stream, ByteStream)):
        with answer as opened:
            assert list(opened)

    _check(one, server)


@pytest.mark.parametrize("one", SENT, ids=repr)
async def test_the_async_client_calls_it(one: Declared, server: Everything):
    client = AsyncOpenRouterClient(KEY, base_url=server.url, max_retries=0)
    bound = getattr(getattr(client, one.resource), one.method)

    answer = samples.call(one, bound, samples.arguments(one))
    if inspect.isawaitable(answer):
        await answer
    else:
        assert isinstance(answer, (AsyncStream, AsyncByteStream))
        async with answer as opened:
            assert [event async for event in opened]
    await client.aclose()

    _check(one, server)


def _check(one: Declared, server: Everything) -> None:
    import re

    assert server.last.method == one.route.method
    assert re.fullmatch(_pattern(one.route), server.last.path)
    assert server.last.headers["authorization"] == f"Bearer {KEY}"


def test_the_two_clients_count_139_operations_sent_and_one_refused():
    operations = {one.route.operation for one in declared()}

    assert len(operations) == 140
    assert operations - {one.route.operation for one in SENT} == {"createCoinbaseCharge"}


def test_the_withdrawn_charge_is_refused_with_what_replaced_it():
    client = OpenRouterClient(KEY, base_url="http://127.0.0.1:9/api/v1")

    with pytest.raises(ConfigurationError, match=r"openrouter\.ai/settings/credits"):
        client.credits.create_coinbase_charge()
