"""A tracker of the whole process, and the warning of a block that saw nothing of what its threads called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core._logging import warn_once
from openrouter_core.costs import CostLedger, cost_labels, track_openrouter_cost
from openrouter_core.observers.process_wide import watch
from openrouter_emulator import Emulator

MODEL = "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def client(emulator: Emulator) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(emulator.api_key, base_url=emulator.base_url) as made:
        yield made


@pytest.fixture(autouse=True)
def _warn_anew() -> None:
    warn_once.cache_clear()


def send(client: OpenRouterClient) -> None:
    client.chat.send(ASK, model=MODEL)


def in_threads(work: Callable[[], object], times: int = 3) -> None:
    """Threads of a pool have contexts of their own."""
    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(work) for _ in range(times)]:
            done.result()


def test_calls_of_every_thread_are_counted_once(client: OpenRouterClient, emulator: Emulator):
    with track_openrouter_cost(everywhere=True) as spent:
        send(client)
        in_threads(lambda: send(client))
    send(client)

    assert spent.totals.calls == 4
    assert spent.total * 5 == emulator.total_charged * 4
    assert not watch.is_on


def test_streams_and_awaited_calls_of_other_loops_are_counted(emulator: Emulator):
    async def ask() -> None:
        async with AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url) as made:
            await made.chat.send(ASK, model=MODEL)
            async with made.chat.stream(ASK, model=MODEL) as stream:
                await stream.until_done()

    with track_openrouter_cost(everywhere=True) as spent:
        in_threads(lambda: asyncio.run(ask()), times=2)

    assert spent.totals.calls == 4
    assert spent.total == emulator.total_charged


def test_labels_and_ledger_of_the_block_hold_in_threads(client: OpenRouterClient):
    ledger = CostLedger()

    def labelled() -> None:
        with cost_labels(run="mine", tags=["inner"]):
            send(client)

    with track_openrouter_cost(everywhere=True, run="nightly", tags=["a"], ledger=ledger) as spent:
        in_threads(lambda: send(client), times=1)
        in_threads(labelled, times=1)

    expected = [("nightly", ("a",)), ("mine", ("inner", "a"))]
    for book in (ledger, spent.ledger):
        assert [(r.labels.run, r.labels.tags) for r in book.records()] == expected


def test_blocks_of_both_kinds_may_be_open_together(client: OpenRouterClient):
    with (
        track_openrouter_cost(everywhere=True) as whole,
        track_openrouter_cost() as outer,
        track_openrouter_cost(everywhere=True) as again,
    ):
        send(client)
        in_threads(lambda: send(client))

    assert [spent.totals.calls for spent in (whole, outer, again)] == [4, 1, 4]


def test_blocks_may_close_in_any_order(client: OpenRouterClient):
    first, second = (track_openrouter_cost(everywhere=True) for _ in range(2))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    send(client)
    second.__exit__(None, None, None)

    assert (first.totals.calls, second.totals.calls) == (0, 1)
    assert not watch.is_on


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if "saw no call" in line]


def test_a_block_that_missed_all_its_calls_says_so_once(
    client: OpenRouterClient, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, logger="openrouter"):
        for _ in range(2):
            with track_openrouter_cost() as spent:
                in_threads(lambda: send(client))
            assert spent.totals.calls == 0

    (line,) = _warnings(caplog)
    assert "everywhere=True" in line
    assert "copy_context" in line


def _nothing(client: OpenRouterClient) -> None:
    """No call."""


def _some_calls(client: OpenRouterClient) -> None:
    send(client)
    in_threads(lambda: send(client))


def _calls_of_another_block(client: OpenRouterClient) -> None:
    def work() -> None:
        with track_openrouter_cost():
            send(client)

    in_threads(work, times=1)


def _free_calls(client: OpenRouterClient) -> None:
    in_threads(client.models.list, times=1)


@pytest.mark.parametrize(
    "work",
    [_nothing, _some_calls, _calls_of_another_block, _free_calls],
    ids=lambda work: work.__name__,
)
def test_a_block_that_missed_nothing_is_silent(
    client: OpenRouterClient,
    caplog: pytest.LogCaptureFixture,
    work: Callable[[OpenRouterClient], None],
):
    with (
        caplog.at_level(logging.WARNING, logger="openrouter"),
        ExitStack() as stack,
    ):
        stack.enter_context(track_openrouter_cost())
        work(client)

    assert _warnings(caplog) == []
