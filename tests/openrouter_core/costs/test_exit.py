"""Programs end in time, with open streams too, and what was under way is in the books."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from openrouter_core.costs import Budget, CostLedger
from tests.openrouter_core.wire_server import HANG, WireServer, chunk, sse

pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")

ROOT = Path(__file__).resolve().parents[3]
ENDLESS = sse(chunk("a"), HANG, x_generation_id="gen-1-abc")
BEGINNING = """
    import atexit, sys, time
    ended = []
    atexit.register(lambda: print("took", time.monotonic() - ended[0], flush=True))  # runs last
    from openrouter_core import OpenRouterClient
    from openrouter_core.costs import Budget, CostLedger, track_openrouter_cost
    url, database = sys.argv[1:]
    ledger = CostLedger(database)
    budget = Budget(1, per="total", ledger=ledger, price_of=lambda model: None, reserve_usd="0.5")
    question = [{"role": "user", "content": "Hi"}]
"""
WATCHED = {
    "tracker": """
        client = OpenRouterClient("sk-or-v1-x", base_url=url)
        block = track_openrouter_cost(ledger=ledger)
    """,
    "ledger": """
        from contextlib import nullcontext
        client, block = OpenRouterClient("sk-or-v1-x", base_url=url, observers=[ledger]), nullcontext()
    """,
    "budget": """
        from contextlib import nullcontext
        client = OpenRouterClient("sk-or-v1-x", base_url=url, observers=[ledger, budget])
        block = nullcontext()
    """,
}
LEFT_OPEN = """
    with block:
        stream = client.chat.stream(question, model="a/one")
        for piece in stream:
            break
    ended.append(time.monotonic())
"""
UNDER_WAY_IN_A_THREAD = """
    import threading
    with block:
        import contextvars
        ask = contextvars.copy_context().run
    thread = threading.Thread(
        target=ask, args=(client.chat.send, question), kwargs={"model": "a/one"}, daemon=True
    )
    thread.start()
    time.sleep(1)
    ended.append(time.monotonic())
"""
BOOKED_LAST = """
    from tests.openrouter_core.costs.factories import call
    book = lambda: ledger.completed(call("gen-last", cost=1), None)
    atexit.unregister(print)
    import openrouter_core.costs._ending as ending
    atexit.unregister(ending._run)
    atexit.register(book)         # runs after what the ledger does at the end
    atexit.register(ending._run)
    ended.append(time.monotonic())
"""


def run(*pieces: str, url: str, database: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Run a program; return how many seconds its end took, and what it printed."""
    program = "".join(textwrap.dedent(piece) for piece in (BEGINNING, *pieces))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, url, database],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.split()[-1]), done


@pytest.mark.parametrize("watched", WATCHED)
def test_a_program_with_an_open_stream_ends_within_a_second_and_keeps_the_record(
    watched, serve: Callable[..., WireServer], tmp_path
):
    database = f"sqlite:///{tmp_path}/costs.db"

    took_s, done = run(WATCHED[watched], LEFT_OPEN, url=serve(ENDLESS).base_url, database=database)

    assert took_s < 1
    assert done.stderr == ""
    with CostLedger(database, reconcile="none") as ledger:
        (record,) = ledger.records()
        assert (record.id, record.outcome, record.lookup) == ("gen-1-abc", "interrupted", "dropped")
        assert record.is_unknown
        if watched == "budget":
            budget = Budget(1, per="total", ledger=ledger)
            assert budget.remaining_usd() == Decimal("0.5")
            ledger.store.settle("gen-1-abc", "found", _late())
            ledger.flush()
            assert (budget.spent_usd(), budget.reserved_usd()) == (Decimal("0.2"), 0)


def _late():
    from openrouter_core.costs import Cost

    return Cost(charged=Decimal("0.2"), source="generation")


def test_a_call_that_a_daemon_thread_waits_for_is_booked_as_unknown(serve, tmp_path):
    database = f"sqlite:///{tmp_path}/costs.db"

    took_s, _ = run(
        WATCHED["tracker"],
        UNDER_WAY_IN_A_THREAD,
        url=serve([HANG]).base_url,
        database=database,
    )

    assert took_s < 1
    with CostLedger(database, reconcile="none") as ledger:
        assert (ledger.totals().calls, ledger.totals().unknown) == (1, 1)


def test_what_is_booked_after_the_ledger_has_ended_is_written_all_the_same(tmp_path):
    database = f"sqlite:///{tmp_path}/costs.db"

    run(BOOKED_LAST, url="http://127.0.0.1:9", database=database)

    with CostLedger(database, reconcile="none") as ledger:
        assert [record.id for record in ledger.records()] == ["gen-last"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_does_not_report_the_calls_of_its_parent(serve, tmp_path):
    database = f"sqlite:///{tmp_path}/costs.db"
    forks = """
    import os
    if os.fork() == 0:
        sys.exit()
    os.wait()
    ended[0] = time.monotonic()
    """

    run(
        WATCHED["ledger"],
        LEFT_OPEN,
        forks,
        url=serve(sse(chunk("a"), HANG)).base_url,
        database=database,
    )

    with CostLedger(database, reconcile="none") as ledger:
        assert ledger.totals().calls == 1


def test_a_thread_is_not_started_once_the_program_ends(monkeypatch):
    from threading import Thread

    from openrouter_core.costs import _ending

    monkeypatch.setattr(_ending, "_has_begun", True)

    assert not _ending.start_thread(Thread(target=time.sleep, args=(0,)))
