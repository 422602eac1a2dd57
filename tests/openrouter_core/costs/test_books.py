"""The ledger against the emulator's own books: whatever happens to calls, both name the same sum.

OPENROUTER_TEST_EXAMPLES=500 tries that many sequences and interleavings instead of 10.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import CostLedger, CostReconciler
from openrouter_core.errors import OpenRouterError
from openrouter_emulator import Emulator, Fault, faults

# Python says so of the connections of streams that are dropped without being closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
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


def close_unopened(client: OpenRouterClient) -> None:
    client.chat.stream(ASK, model=MODEL).close()


def open_and_close(client: OpenRouterClient) -> None:
    with client.chat.stream(ASK, model=MODEL):
        pass


def open_and_drop(client: OpenRouterClient) -> None:
    stream = client.chat.stream(ASK, model=MODEL)
    stream.__enter__()


def embed(client: OpenRouterClient) -> None:
    client.embeddings.create(["one", "two"], model="openai/text-embedding-3-small")


AsyncAction = Callable[[AsyncOpenRouterClient], Awaitable[None]]
ACTIONS: dict[str, Callable[[OpenRouterClient], None]] = {
    "send": send,
    "stream": read_a_stream,
    "leave": leave_a_stream,
    "close unopened": close_unopened,
    "open and close": open_and_close,
    "open and drop": open_and_drop,
    "embed": embed,
}


def run(emulator: Emulator, steps: list[tuple[str, str]], delay_s: float) -> CostLedger:
    """Do the steps, each with its fault; return the ledger when all is settled."""
    emulator.reset()
    emulator.generation_delay_s = delay_s
    reconciler = CostReconciler(give_up_after_s=60, first_wait_s=0.02, exit_patience_s=0)
    ledger = CostLedger(reconcile="missing", reconciler=reconciler)
    client = OpenRouterClient(
        emulator.api_key,
        base_url=emulator.base_url,
        observers=[ledger],
        max_retries=1,
        max_wait_s=0.05,
    )
    for action, fault in steps:
        emulator.state.faults.clear()
        if (make := FAULTS[fault]) is not None:
            emulator.fail_next(make(), times=1)
        with suppress(OpenRouterError):
            ACTIONS[action](client)
    emulator.state.faults.clear()
    if "open and drop" in (action for action, _ in steps):
        gc.collect()
    assert emulator.wait_idle()
    settle(ledger, emulator, reconciler)
    return ledger


def settle(ledger: CostLedger, emulator: Emulator, reconciler: CostReconciler) -> None:
    """Wait for every price that there is. Who was never charged has none, and is not waited for."""
    charged = {booking.generation_id for booking in emulator.charges if booking.cost}
    while charged & set(ledger.flush(0.1)):
        continue
    reconciler.close()


def check(ledger: CostLedger, emulator: Emulator) -> None:
    """To the last digit; but embeddings whose answer broke off are unknown.

    Their answers name the generation in the body alone: no recorded one has an `x-generation-id`.
    """
    records = ledger.records()
    known = {record.id for record in records}
    nameless = [b for b in emulator.charges if b.cost and b.generation_id not in known]
    unknown = [r for r in records if r.is_unknown and r.operation == "createEmbeddings"]
    assert ledger.totals().total == emulator.total_charged - sum(b.cost for b in nameless)
    assert all("embedding" in booking.model for booking in nameless)
    assert len(nameless) <= len(unknown)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "close unopened"])
def test_whatever_happens_to_a_call_its_cost_is_the_one_in_the_books(emulator, action, fault):
    ledger = run(emulator, [(action, fault)], 0.0)

    check(ledger, emulator)


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

    check(ledger, emulator)


async def _send(client: AsyncOpenRouterClient) -> None:
    await client.chat.send(ASK, model=MODEL)


async def _read(client: AsyncOpenRouterClient) -> None:
    async with client.chat.stream(ASK, model=MODEL) as stream:
        async for _ in stream:
            pass


async def _leave(client: AsyncOpenRouterClient) -> None:
    async with client.chat.stream(ASK, model=MODEL) as stream:
        async for _ in stream:
            break


async def _drop(client: AsyncOpenRouterClient) -> None:
    stream = client.chat.stream(ASK, model=MODEL)
    await stream.__aenter__()


async def _cancel_half_way(client: AsyncOpenRouterClient) -> None:
    """Cancel a task while it waits for the rest of its stream."""
    begun = asyncio.Event()

    async def read() -> None:
        async with client.chat.stream(ASK, model=MODEL) as stream:
            async for _ in stream:
                begun.set()
                await asyncio.sleep(0)

    reading, started = asyncio.create_task(read()), asyncio.create_task(begun.wait())
    await asyncio.wait({reading, started}, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    await _cancel(reading)


def _cancelled(act: AsyncAction, after_s: float) -> AsyncAction:
    """Cancel the task of an action after some time, wherever it is by then."""

    async def act_in_vain(client: AsyncOpenRouterClient) -> None:
        acting = asyncio.ensure_future(act(client))
        await asyncio.sleep(after_s)
        await _cancel(acting)

    return act_in_vain


async def _cancel(task: asyncio.Future[None]) -> None:
    task.cancel()
    (end,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(end, (asyncio.CancelledError, OpenRouterError, type(None))), end


ASYNC_ACTIONS: dict[str, AsyncAction] = {
    "send": _send,
    "stream": _read,
    "leave": _leave,
    "open and drop": _drop,
    "cancel half-way": _cancel_half_way,
    "cancel at once": _cancelled(_read, 0.0),
    "cancel before the first chunk": _cancelled(_read, 0.02),
    "cancel a send": _cancelled(_send, 0.005),
}


@pytest.mark.timeout(60 + EXAMPLES * 5)
@settings(max_examples=EXAMPLES, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(sorted(ASYNC_ACTIONS)),
            st.sampled_from(["no fault", *sorted(FAULTS)]),
        ),
        min_size=2,
        max_size=12,
    ),
    delay_s=st.sampled_from([0.0, 0.3]),
    first_event_delay_s=st.sampled_from([0.0, 0.03]),
    max_retries=st.sampled_from([0, 2]),
    reconcile=st.sampled_from(["all", "missing"]),
)
def test_calls_at_the_same_time_add_up_to_the_books(
    emulator, steps, delay_s, first_event_delay_s, max_retries, reconcile
):
    """Some are left, dropped or cancelled at any time, some fail and are made again; records are late."""
    emulator.reset()
    emulator.generation_delay_s = delay_s
    emulator.first_event_delay_s = first_event_delay_s
    reconciler = CostReconciler(give_up_after_s=60, first_wait_s=0.02, exit_patience_s=0)
    ledger = CostLedger(reconcile=reconcile, reconciler=reconciler)
    emulator.fail_sequence([make and make() for make in (FAULTS[fault] for _, fault in steps)])

    asyncio.run(_all_at_once(emulator, ledger, [action for action, _ in steps], max_retries))

    time.sleep(
        0.05
    )  # what was cancelled may still wait in the server's socket, and must not count later
    emulator.state.faults.clear()
    if "open and drop" in (action for action, _ in steps):
        gc.collect()
    assert emulator.wait_idle()
    settle(ledger, emulator, reconciler)
    _check_books(emulator, ledger)


def _check_books(emulator: Emulator, ledger: CostLedger) -> None:
    """To the last digit; but a call that was cancelled before its headers came has a name for OpenRouter only.

    For each of those the ledger says that it does not know.
    """
    records = ledger.records()
    known = {record.id for record in records}
    nameless = [booking for booking in emulator.charges if booking.generation_id not in known]
    cancelled = [r for r in records if r.error == "CancelledError" and r.is_unknown]
    assert ledger.totals().total == emulator.total_charged - sum(b.cost for b in nameless)
    assert len([booking for booking in nameless if booking.cost]) <= len(cancelled)
    assert ledger.totals().unknown >= len(cancelled)


async def _all_at_once(
    emulator: Emulator, ledger: CostLedger, actions: list[str], max_retries: int
) -> None:
    client = AsyncOpenRouterClient(
        emulator.api_key,
        base_url=emulator.base_url,
        observers=[ledger],
        max_retries=max_retries,
        max_wait_s=0.05,
    )

    async def act(action: str) -> None:
        with suppress(OpenRouterError):
            await ASYNC_ACTIONS[action](client)

    await asyncio.gather(*map(act, actions))
    await client.aclose()


@pytest.fixture
def cancelled_early(emulator, reconciler) -> CostLedger:
    """The ledger of a stream whose task is cancelled 0.3 s after it began, when all is settled."""

    async def cancel_one() -> None:
        client = AsyncOpenRouterClient(
            emulator.api_key, base_url=emulator.base_url, observers=[ledger]
        )
        await _cancelled(_read, 0.3)(client)
        await client.aclose()

    ledger = CostLedger(reconciler=reconciler)
    asyncio.run(cancel_one())
    assert emulator.wait_idle()
    assert ledger.flush(30) == ()
    assert emulator.total_charged > 0
    return ledger


@pytest.fixture
def late_headers(emulator) -> None:
    emulator.reset()
    emulator.latency_s = 0.6


@pytest.fixture
def late_events(emulator) -> None:
    emulator.reset()
    emulator.first_event_delay_s = 0.6


def test_a_task_cancelled_before_its_first_chunk_is_priced_by_its_header(
    emulator, late_events, cancelled_early
):
    """The generation's id comes with the headers, seconds before the first event."""
    (record,) = cancelled_early.records()
    assert (record.outcome, record.error) == ("error", "CancelledError")
    assert record.cost.total == emulator.total_charged


def test_a_task_cancelled_before_the_headers_is_said_to_be_of_unknown_cost(
    emulator, late_headers, cancelled_early
):
    """Nobody but OpenRouter knows its name; the next day's activity shows the difference."""
    totals = cancelled_early.totals()
    assert (totals.calls, totals.unknown, totals.total) == (1, 1, 0)
    assert not totals.is_complete
