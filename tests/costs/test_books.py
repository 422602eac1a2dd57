"""The ledger against the emulator's own books: whatever happens to calls, both name the same sum.

OPENROUTER_TEST_EXAMPLES=500 tries that many sequences and interleavings instead of 10.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import CostLedger, CostReconciler
from openrouter_core.errors import OpenRouterError
from openrouter_emulator import Emulator, Fault, faults

EXAMPLES = int(os.environ.get("OPENROUTER_TEST_EXAMPLES", "10"))
MODEL = "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "Name the days of the week, one on each line."}]

FAULTS: dict[str, Callable[[], Fault] | None] = {
    "no fault": None,
    "rate limited": faults.rate_limited,
    "bad gateway": faults.bad_gateway,
    "server error": faults.server_error,
    "no credits": faults.payment_required,
    "error in a 200": faults.error_in_200,
    "error in a choice": faults.error_in_choice,
    "error mid-stream": faults.midstream_error,
    "error beside choices": faults.midstream_error_beside,
    "connection cut": faults.cut_midstream,
    "cut before headers": faults.cut_before_headers,
    "cut in the body": faults.cut_in_body,
    "no finish": faults.eof_without_finish,
    "usage missing": faults.usage_missing,
    "usage twice": faults.usage_twice,
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def send(client: OpenRouterClient) -> None:
    client.chat.send(ASK, model=MODEL)


def read_a_stream(client: OpenRouterClient) -> None:
    with client.chat.stream(ASK, model=MODEL) as stream:
        list(stream)


def leave_a_stream(client: OpenRouterClient) -> None:
    with client.chat.stream(ASK, model=MODEL) as stream:
        next(iter(stream))


def embed(client: OpenRouterClient) -> None:
    client.embeddings.create(["one", "two"], model="openai/text-embedding-3-small")


ACTIONS: dict[str, Callable[[OpenRouterClient], None]] = {
    "send": send,
    "stream": read_a_stream,
    "leave": leave_a_stream,
    "embed": embed,
}


def run(emulator: Emulator, steps: list[tuple[str, str]], delay_s: float) -> CostLedger:
    """Do the steps, each with its fault; return the ledger when all is settled."""
    emulator.reset()
    emulator.generation_delay_s = delay_s
    reconciler = CostReconciler(patience_s=2, first_wait_s=0.02, exit_patience_s=0)
    ledger = CostLedger(reconcile="missing", reconciler=reconciler)
    client = OpenRouterClient(
        emulator.api_key,
        base_url=emulator.base_url,
        observers=[ledger],
        max_retries=1,
        max_wait_s=0.2,
    )
    for action, fault in steps:
        emulator.state.faults.clear()
        if (make := FAULTS[fault]) is not None:
            emulator.fail_next(make(), times=1)
        with suppress(OpenRouterError):
            ACTIONS[action](client)
    emulator.state.faults.clear()
    assert emulator.wait_idle()
    assert ledger.flush(30) == ()
    reconciler.close()
    return ledger


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_happens_to_a_call_its_cost_is_the_one_in_the_books(emulator, action, fault):
    ledger = run(emulator, [(action, fault)], 0.0)

    assert ledger.totals().total == emulator.total_charged


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(ACTIONS)), st.sampled_from(sorted(FAULTS))),
        min_size=1,
        max_size=6,
    ),
    delay_s=st.sampled_from([0.0, 0.3]),
)
def test_any_sequence_of_calls_and_failures_adds_up_to_the_books(emulator, steps, delay_s):
    ledger = run(emulator, steps, delay_s)

    assert ledger.totals().total == emulator.total_charged


@pytest.mark.timeout(60 + EXAMPLES * 5)
@settings(max_examples=EXAMPLES, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["send", "stream", "leave", "cancel"]),
            st.sampled_from(["no fault", *sorted(FAULTS)]),
        ),
        min_size=2,
        max_size=12,
    ),
    delay_s=st.sampled_from([0.0, 0.3]),
    max_retries=st.sampled_from([0, 2]),
    reconcile=st.sampled_from(["all", "missing"]),
)
def test_calls_at_the_same_time_add_up_to_the_books(
    emulator, steps, delay_s, max_retries, reconcile
):
    """Some are left or cancelled half-way, some fail and are made again, and records are late."""
    emulator.reset()
    emulator.generation_delay_s = delay_s
    reconciler = CostReconciler(patience_s=5, first_wait_s=0.02, exit_patience_s=0)
    ledger = CostLedger(reconcile=reconcile, reconciler=reconciler)
    emulator.fail_sequence([make and make() for make in (FAULTS[fault] for _, fault in steps)])

    asyncio.run(_all_at_once(emulator, ledger, [action for action, _ in steps], max_retries))

    emulator.state.faults.clear()
    assert emulator.wait_idle()
    assert ledger.flush(30) == ()
    reconciler.close()
    assert ledger.totals().total == emulator.total_charged


async def _all_at_once(
    emulator: Emulator, ledger: CostLedger, actions: list[str], max_retries: int
) -> None:
    client = AsyncOpenRouterClient(
        emulator.api_key,
        base_url=emulator.base_url,
        observers=[ledger],
        max_retries=max_retries,
        max_wait_s=0.2,
    )
    await asyncio.gather(*(_act(client, action) for action in actions))
    await client.aclose()


async def _act(client: Any, action: str) -> None:
    if action == "cancel":
        await _cancel(client)
        return
    with suppress(OpenRouterError):
        if action == "send":
            await client.chat.send(ASK, model=MODEL)
            return
        async with client.chat.stream(ASK, model=MODEL) as stream:
            async for _ in stream:
                if action == "leave":
                    break


async def _cancel(client: Any) -> None:
    """Cancel a task while it waits for the rest of its stream."""
    begun = asyncio.Event()

    async def read() -> None:
        async with client.chat.stream(ASK, model=MODEL) as stream:
            async for _ in stream:
                begun.set()
                await asyncio.sleep(0)

    reading, started = asyncio.create_task(read()), asyncio.create_task(begun.wait())
    await asyncio.wait({reading, started}, return_when=asyncio.FIRST_COMPLETED)
    reading.cancel()
    started.cancel()
    ends = await asyncio.gather(reading, started, return_exceptions=True)
    assert isinstance(ends[0], (asyncio.CancelledError, OpenRouterError, type(None))), ends[0]
