"""Reconciliation with the generation API, over a real socket against the emulator."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import time
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import CostLedger, CostReconciler, observing, track_openrouter_cost
from openrouter_emulator import faults
from tests.openrouter_core.costs.factories import call

ROOT = Path(__file__).resolve().parents[4]
MISSING_S = float(os.environ.get("OPENROUTER_TEST_404_S", "2.5"))
MODEL = "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "How much is a loaf of bread?"}]


@pytest.fixture
def client(emulator):
    with OpenRouterClient(emulator.api_key, base_url=emulator.base_url, max_retries=0) as made:
        yield made


def cut_a_stream(client) -> None:
    with client.chat.stream(ASK, model=MODEL) as stream:
        next(iter(stream))


def test_b5_a_record_that_is_late_is_waited_for(emulator, client, reconciler):
    """quirks.md B5."""
    emulator.generation_delay_s = 1.0
    with track_openrouter_cost(reconciler=reconciler) as spent:
        cut_a_stream(client)

    assert spent.totals.unknown == 1
    assert len(spent.pending) == 1
    assert spent.flush(20) == ()
    assert spent.total == emulator.total_charged > 0
    assert spent.totals.is_complete


def test_b6_a_cut_stream_is_priced_by_its_header(emulator, client, reconciler):
    """quirks.md B6: the id is in the response header before the first event."""
    with track_openrouter_cost(reconciler=reconciler) as spent:
        cut_a_stream(client)
    spent.flush(20)

    (record,) = spent.calls
    assert (record.outcome, record.lookup) == ("interrupted", "found")
    assert record.cost.total == emulator.total_charged
    assert record.cost.source == "generation"


def test_a_late_price_overwrites_the_early_guess_and_the_difference_is_listed(
    emulator, client, reconciler
):
    emulator.generation_cost_factor = Decimal("1.5")
    ledger = CostLedger(reconcile="all", reconciler=reconciler)

    with observing(ledger):
        client.chat.send(ASK, model=MODEL)
    ledger.flush(20)

    (difference,) = ledger.differences()
    early = difference.record.response.total
    assert ledger.totals().total == early * Decimal("1.5")
    assert difference.usd == early / 2


def test_only_calls_without_a_price_are_looked_up_by_default(emulator, client, reconciler):
    with track_openrouter_cost(reconciler=reconciler) as spent:
        client.chat.send(ASK, model=MODEL)

    assert spent.flush(5) == ()
    assert not [r for r in emulator.requests if r.path.endswith("/generation")]


def test_nothing_waits_while_the_generation_api_says_404_and_all_is_settled(emulator, client):
    """OPENROUTER_TEST_404_S=30 makes it half a minute of 404 instead of two seconds."""
    emulator.generation_delay_s = MISSING_S
    reconciler = CostReconciler(give_up_after_s=60, first_wait_s=0.05, exit_patience_s=0)
    slowest_s = 0.0

    with track_openrouter_cost(reconcile="all", reconciler=reconciler) as spent:
        for _ in range(3):
            started_s = time.perf_counter()
            client.chat.send(ASK, model=MODEL)
            cut_a_stream(client)
            slowest_s = max(slowest_s, time.perf_counter() - started_s)
        unsettled = len(spent.pending)
        assert spent.flush(0.0) == spent.pending

    assert slowest_s < 1.0
    assert unsettled == len(spent.calls) == 6
    assert emulator.wait_idle()
    assert spent.flush(60) == ()
    reconciler.close()
    assert {record.lookup for record in spent.calls} == {"found"}
    assert spent.total == emulator.total_charged


def test_a_record_that_never_comes_is_given_up_and_said(emulator, client):
    emulator.generation_delay_s = 600.0
    impatient = CostReconciler(give_up_after_s=0.5, first_wait_s=0.05)
    with track_openrouter_cost(reconciler=impatient) as spent:
        cut_a_stream(client)

    assert spent.flush(10) == ()
    assert spent.calls[0].lookup == "not_found"
    assert spent.totals.unknown == 1


def test_a_rate_limit_is_obeyed(emulator, client, reconciler):
    emulator.fail_next(faults.rate_limited(retry_after_s=1), path="/generation")
    with track_openrouter_cost(reconciler=reconciler) as spent:
        cut_a_stream(client)

    assert spent.flush(20) == ()
    look_ups = [r for r in emulator.requests if r.path.endswith("/generation")]
    assert len(look_ups) == 2
    assert spent.total == emulator.total_charged


def test_a_server_that_fails_for_a_while_is_asked_again(emulator, client, reconciler):
    emulator.fail_next(faults.bad_gateway(), times=2, path="/generation")
    with track_openrouter_cost(reconciler=reconciler) as spent:
        cut_a_stream(client)

    assert spent.flush(20) == ()
    assert spent.total == emulator.total_charged


def test_a_key_that_may_not_read_the_record_ends_the_search(emulator, reconciler):
    stranger = call(
        "gen-1-abc",
        outcome="interrupted",
        config=OpenRouterClient("sk-or-v1-wrong", base_url=emulator.base_url).config,
    )
    ledger = CostLedger(reconciler=reconciler)
    ledger.completed(stranger, None)

    assert ledger.flush(20) == ()
    assert ledger.records()[0].lookup == "refused"


def test_what_does_not_fit_the_queue_is_kept_as_dropped():
    small = CostReconciler(max_pending=1, exit_patience_s=0)
    ledger = CostLedger(reconciler=small)
    for _ in range(3):
        ledger.completed(call(outcome="interrupted"), None)

    assert [r.lookup for r in ledger.records()] == ["pending", "dropped", "dropped"]
    small.close()


def test_one_look_up_serves_all_who_ask(emulator, client, reconciler):
    with (
        track_openrouter_cost(reconciler=reconciler) as outer,
        track_openrouter_cost(reconciler=reconciler) as inner,
    ):
        cut_a_stream(client)
    outer.flush(20)
    inner.flush(20)

    assert outer.total == inner.total == emulator.total_charged
    assert len([r for r in emulator.requests if r.path.endswith("/generation")]) == 1


def test_it_works_under_threads(emulator, client, reconciler):
    ledger = CostLedger(reconcile="all", reconciler=reconciler)
    watched = OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[ledger], max_retries=0
    )
    threads = [Thread(target=cut_a_stream, args=(watched,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ledger.flush(30) == ()
    assert ledger.totals().total == emulator.total_charged
    assert ledger.totals().calls == 8


def test_it_works_under_repeated_asyncio_run(emulator, reconciler):
    async def cut_one() -> None:
        client = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url)
        async with client.chat.stream(ASK, model=MODEL) as stream:
            async for _ in stream:
                break
        await client.aclose()

    with track_openrouter_cost(reconciler=reconciler) as spent:
        for _ in range(3):
            asyncio.run(cut_one())

    assert spent.flush(20) == ()
    assert spent.total == emulator.total_charged


async def test_aflush_leaves_the_event_loop_free(emulator, reconciler):
    emulator.generation_delay_s = 0.6
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    client = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url)
    async with track_openrouter_cost(reconcile="all", reconciler=reconciler) as spent:
        await client.chat.send(ASK, model=MODEL)
    assert await spent.aflush(20) == ()
    ticking.cancel()
    await client.aclose()

    assert ticks > 20
    assert spent.calls[0].lookup == "found"


def test_the_end_of_a_program_waits_shortly_for_late_records(emulator, tmp_path):
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    emulator.generation_delay_s = 1.0
    program = f"""
        from openrouter_core import OpenRouterClient
        from openrouter_core.costs import CostLedger

        ledger = CostLedger("sqlite:///{tmp_path}/costs.db", reconcile="all")
        client = OpenRouterClient({emulator.api_key!r}, base_url={emulator.base_url!r},
                                  observers=[ledger])
        client.chat.send({ASK!r}, model={MODEL!r})
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "shared")},
        check=True,
        timeout=60,
    )

    ledger = CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none")
    assert [r.lookup for r in ledger.records()] == ["found"]
    assert ledger.totals().total == emulator.total_charged
    ledger.close()


def test_a_later_program_takes_up_what_an_earlier_one_left(emulator, client, tmp_path):
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    url = f"sqlite:///{tmp_path}/costs.db"
    emulator.generation_delay_s = 1.0
    first = CostReconciler(exit_patience_s=0)
    with CostLedger(url, reconciler=first) as earlier, observing(earlier):
        cut_a_stream(client)
    first.close()

    second = CostReconciler(exit_patience_s=0)
    with CostLedger(url, reconciler=second) as later:
        assert len(later.pending) == 1
        assert later.resume(client.config) == 1
        assert later.flush(20) == ()
        assert later.totals().total == emulator.total_charged
    second.close()
