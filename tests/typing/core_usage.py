"""How users write code against the client, for mypy and pyright; never run.

A line with an `ignore` must be an error in both checkers: an unneeded `ignore` fails the check.
"""

from __future__ import annotations

from decimal import Decimal
from typing import assert_type

from openrouter_core import (
    AsyncOpenRouterClient,
    AsyncStream,
    ChatAccumulator,
    ChatChunk,
    ChatResult,
    OpenRouterClient,
    Stream,
)
from openrouter_core.costs import CostLedger, CostRecord, track_openrouter_cost
from openrouter_core.wire.generations import Generation
from openrouter_core.wire.models import ModelsPage

ASK = [{"role": "user", "content": "Hi"}]


def both_clients_have_exact_types(client: OpenRouterClient) -> None:
    result = client.chat.send(ASK, model="openrouter/auto", temperature=0.2)
    assert_type(result, ChatResult)
    assert_type(result.text, str)
    assert_type(result.http.generation_id, str | None)
    assert_type(client.models.list(), ModelsPage)
    assert_type(client.generations.get("gen-1"), Generation)


async def async_results_come_by_await(client: AsyncOpenRouterClient) -> None:
    assert_type(await client.chat.send(ASK, model="openrouter/auto"), ChatResult)
    assert_type(await client.models.list(), ModelsPage)
    assert_type(await client.generations.get("gen-1"), Generation)


def streams_are_iterated(client: OpenRouterClient) -> None:
    stream = client.chat.stream(ASK, model="openrouter/auto")
    assert_type(stream, Stream[ChatChunk, ChatAccumulator])
    with stream:
        for chunk in stream:
            assert_type(chunk, ChatChunk)
        assert_type(stream.so_far.text, str)


async def async_streams_are_iterated(client: AsyncOpenRouterClient) -> None:
    stream = client.chat.stream(ASK, model="openrouter/auto")
    assert_type(stream, AsyncStream[ChatChunk, ChatAccumulator])
    async with stream:
        async for chunk in stream:
            assert_type(chunk, ChatChunk)


def clients_change_options_and_keep_their_type(client: OpenRouterClient) -> None:
    assert_type(client.with_options(timeout_s=5, max_retries=0), OpenRouterClient)
    with OpenRouterClient(api_key="k") as other:
        assert_type(other, OpenRouterClient)


def costs_are_decimal(client: OpenRouterClient) -> None:
    with track_openrouter_cost() as spent:
        client.chat.send(ASK, model="openrouter/auto")
    assert_type(spent.total, Decimal)
    assert_type(spent.calls, list[CostRecord])
    OpenRouterClient(observers=[CostLedger()])


def misspelt_option(client: OpenRouterClient) -> None:
    client.chat.send(ASK, model="m", temprature=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def wrong_type_of_option(client: OpenRouterClient) -> None:
    client.chat.send(ASK, model="m", max_tokens="9")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def misspelt_constructor_argument() -> None:
    OpenRouterClient(timeout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def forgotten_await(client: AsyncOpenRouterClient) -> None:
    client.chat.send(ASK, model="m").text  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018
