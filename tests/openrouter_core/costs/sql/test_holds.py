"""What calls hold back in a shared database: nothing that may have been spent is forgotten."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from openrouter_core import AsyncOpenRouterClient
from openrouter_core.costs import Budget, Cost, CostLedger, CostReconciler, cost_labels
from openrouter_core.errors import BudgetExceededError, ConfigurationError, RequestTimeoutError
from tests.openrouter_core.costs import writers
from tests.openrouter_core.costs.factories import call, config
from tests.openrouter_core.wire_server import ANSWER, HANG

sa = pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")

ROOT = Path(__file__).resolve().parents[4]
HALF = Decimal("0.5")


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "costs.db"


@pytest.fixture
def ledger(path) -> Iterator[CostLedger]:
    with CostLedger(f"sqlite:///{path}", reconcile="none") as opened:
        yield opened


def budget(ledger: CostLedger, limit: str = "1", **settings) -> Budget:
    """Every call reserves 0.5 USD."""
    known = {"per": "total", "price_of": lambda model: None, "reserve_usd": HALF}
    return Budget(limit, ledger=ledger, **(known | settings))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def expire(path: Path) -> None:
    """Let all holds be fifteen minutes old."""
    with sqlite3.connect(path) as db:
        db.execute("UPDATE openrouter_budget_holds SET expires_at = '2020-01-01 00:00:00'")
    db.close()


# Settlements.


def test_a_settlement_waits_for_a_locked_database_and_the_call_does_not(ledger, path):
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    with locked(path):
        started_s = time.perf_counter()
        limited.completed(call(cost=0.25), ticket)
        assert time.perf_counter() - started_s < 0.05
        time.sleep(0.3)

    assert (limited.spent_usd(), limited.reserved_usd()) == (Decimal("0.25"), 0)


def test_a_settlement_survives_a_database_that_fails_for_a_while(ledger, monkeypatch):
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    store = ledger.store.budgets
    real, failures = store._writer._write, iter(range(4))

    def write(changes) -> None:
        if next(failures, None) is not None:
            raise sa.exc.OperationalError("COMMIT", {}, Exception("the server restarts"))
        real(changes)

    monkeypatch.setattr(store._writer, "_write", write)
    limited.completed(call(cost=0.25), ticket)

    assert limited.spent_usd() == Decimal("0.25")
    assert next(failures, None) is None


def test_a_settlement_is_made_once_even_where_it_is_asked_for_twice(ledger):
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    for _ in range(2):
        limited.completed(call("gen-1", cost=0.25), ticket)

    assert limited.spent_usd() == Decimal("0.25")


def test_closing_a_ledger_writes_what_its_budgets_have_settled(path):
    with CostLedger(f"sqlite:///{path}", reconcile="none") as first:
        limited = budget(first)
        limited.completed(call(cost=0.25), limited.admit(writers.INTENT))
    with CostLedger(f"sqlite:///{path}", reconcile="none") as second:
        assert budget(second).spent_usd() == Decimal("0.25")


# Holds.


def test_holds_of_calls_under_way_are_renewed(ledger, monkeypatch):
    from openrouter_core.costs.sql import budgets

    monkeypatch.setattr(budgets, "HOLD_LASTS", timedelta(seconds=1))
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    time.sleep(2.5)

    assert (limited.reserved_usd(), limited.spent_usd()) == (HALF, 0)
    assert limited.pending() == []
    limited.completed(call(cost=0.25), ticket)
    assert (limited.reserved_usd(), limited.spent_usd()) == (0, Decimal("0.25"))


def test_a_hold_whose_process_was_killed_counts_as_spent_and_is_listed(ledger, path, serve):
    program = """
        import sys
        from openrouter_core import OpenRouterClient
        from openrouter_core.costs import Budget, CostLedger, cost_labels
        ledger = CostLedger(sys.argv[1], reconcile="none")
        budget = Budget(1, per="total", ledger=ledger, price_of=lambda m: None, reserve_usd="0.5")
        client = OpenRouterClient("sk-or-v1-x", base_url=sys.argv[2], observers=[budget])
        with cost_labels(run="nightly"):
            client.chat.send([{"role": "user", "content": "Hi"}], model="a/one")
    """
    server = serve([HANG])
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), f"sqlite:///{path}", server.base_url],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
    )
    deadline_s = time.monotonic() + 60
    while not server.requests and time.monotonic() < deadline_s:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    limited = budget(ledger)
    assert (limited.spent_usd(), limited.reserved_usd(), limited.pending()) == (0, HALF, [])

    expire(path)

    assert (limited.spent_usd(), limited.reserved_usd()) == (HALF, 0)
    (lost,) = limited.pending()
    assert (lost.usd, lost.run, lost.scopes) == (HALF, "nightly", ("budget:total:",))
    assert 0 < lost.age_s < 60
    limited.admit(writers.INTENT)
    with pytest.raises(BudgetExceededError):
        limited.admit(writers.INTENT)


def test_a_call_that_outlasts_its_hold_still_counts_once(ledger, path):
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    ledger.store.budgets._under_way.clear()  # it could not be renewed
    expire(path)
    assert limited.spent_usd() == HALF

    limited.completed(call(cost=0.25), ticket)

    assert limited.spent_usd() == Decimal("0.25")


@pytest.fixture
def lost(ledger, path) -> Budget:
    """A budget with one hold under two tags whose process has died."""
    limited = budget(ledger, per="tag")
    with cost_labels(tags=["a", "b"], run="r"):
        limited.admit(writers.INTENT)
    ledger.store.budgets._under_way.clear()
    expire(path)
    return limited


def test_a_lost_hold_is_closed_by_hand_under_all_its_tags(lost):
    (hold,) = lost.pending()
    assert sorted(hold.scopes) == ["budget:tag:a", "budget:tag:b"]

    lost.settle(hold, "0.1")

    assert lost.pending() == []
    assert (lost.spent_usd("a"), lost.spent_usd("b")) == (Decimal("0.1"), Decimal("0.1"))
    with pytest.raises(ConfigurationError, match="settled already"):
        lost.settle(hold.id, "0.1")


def test_a_lost_hold_is_released_by_its_id(lost):
    lost.release(lost.pending()[0].id)

    assert (lost.spent_usd("a"), lost.remaining_usd("b")) == (0, 1)


def test_another_budget_neither_sees_nor_closes_a_lost_hold(lost, ledger):
    other = budget(ledger, name="other", per="tag")

    assert other.pending() == []
    with pytest.raises(ConfigurationError):
        other.release(lost.pending()[0])


@pytest.mark.parametrize("how", ["the ledger's record", "the budget's own look-up"])
def test_a_lost_hold_is_settled_by_the_record_of_its_generation(ledger, path, emulator, how):
    reconciler = CostReconciler(exit_patience_s=0)
    limited = budget(ledger, reconciler=reconciler)
    unpriced = call("gen-1", outcome="interrupted")
    limited.completed(unpriced, limited.admit(writers.INTENT))
    reconciler.close()  # the process dies while it waits for the price
    ledger.store.budgets._under_way.clear()
    expire_after_flush(ledger, path)
    (hold,) = limited.pending()
    assert (hold.generation_id, limited.spent_usd()) == ("gen-1", HALF)

    if how == "the ledger's record":
        ledger.completed(unpriced, None)
        late = Cost(charged=Decimal("0.2"), source="generation")
        ledger.store.settle("gen-1", "found", late)
        ledger.store.flush()
    else:
        again = Resuming(Decimal("0.2"))
        assert budget(ledger, reconciler=again).resume(config()) == 1

    assert (limited.spent_usd(), limited.pending()) == (Decimal("0.2"), [])


def expire_after_flush(ledger: CostLedger, path: Path) -> None:
    ledger.store.budgets.flush()
    expire(path)


class Resuming(CostReconciler):
    """Finds every record at once."""

    def __init__(self, charged: Decimal) -> None:
        super().__init__(exit_patience_s=0)
        self._charged = charged

    def look_up(self, generation_id, config, callback) -> bool:
        from openrouter_core.costs.reconcile.reconciler import LookupResult

        cost = Cost(charged=self._charged, source="generation")
        callback(LookupResult(generation_id, "found", cost))
        return True


def test_a_lost_hold_of_a_batch_is_settled_by_whoever_sees_its_end(ledger, path):
    limited = budget(ledger)
    begun = call("batch_1", operation="createBatches", job_id="batch_1")
    limited.completed(begun, limited.admit(writers.INTENT))
    expire_after_flush(ledger, path)
    assert [hold.job_id for hold in limited.pending()] == ["batch_1"]
    assert limited.spent_usd() == HALF

    ended = call("batch_1", cost=0.3, operation="getBatches", job_id="batch_1")
    budget(ledger).completed(ended, None)

    assert (limited.spent_usd(), limited.pending()) == (Decimal("0.3"), [])


def test_a_budget_in_memory_has_nothing_pending():
    limited = Budget(1, per="total", price_of=lambda model: None, reserve_usd=HALF)
    ticket = limited.admit(writers.INTENT)

    assert limited.pending() == []
    limited.settle(ticket.id, "0.1")
    assert (limited.spent_usd(), limited.reserved_usd()) == (Decimal("0.1"), 0)


def test_a_negative_price_counts_with_the_reservation():
    limited = Budget(1, per="total", price_of=lambda model: None, reserve_usd=HALF)
    limited.completed(call(None, cost=-5), limited.admit(writers.INTENT))

    assert limited.remaining_usd() == HALF


# The event loop.


async def test_a_locked_budget_does_not_hold_up_the_event_loop(ledger, path, serve):
    limited = budget(ledger)
    client = AsyncOpenRouterClient(
        "sk-or-v1-x", base_url=serve(ANSWER).base_url, observers=[ledger, limited]
    )
    question = [{"role": "user", "content": "Hi"}]
    await client.chat.send(question, model="a/one")  # imports, and a connection
    other = threading.Thread(target=_lock_for, args=(path, 3))
    other.start()
    await asyncio.sleep(0.2)
    call = asyncio.create_task(client.chat.send(question, model="a/one"))

    longest_s, last_s = 0.0, time.perf_counter()
    while not call.done():
        await asyncio.sleep(0.01)
        longest_s, last_s = max(longest_s, time.perf_counter() - last_s), time.perf_counter()

    other.join()
    await call
    assert longest_s < 1.5
    assert limited.spent_usd() == Decimal("0.0002")
    await client.aclose()


async def test_labels_of_the_task_count_where_a_thread_admits_the_call(ledger, serve):
    limited = budget(ledger, per="run")
    client = AsyncOpenRouterClient(
        "sk-or-v1-x", base_url=serve(ANSWER).base_url, observers=[limited]
    )

    with cost_labels(run="mine"):
        await client.chat.send([{"role": "user", "content": "Hi"}], model="a/one")

    assert limited.spent_usd("mine") == Decimal("0.0001")
    await client.aclose()


async def test_who_is_cancelled_while_a_budget_is_asked_holds_nothing_back(ledger, path, serve):
    limited = budget(ledger)
    server = serve(ANSWER)
    client = AsyncOpenRouterClient("sk-or-v1-x", base_url=server.base_url, observers=[limited])
    with locked(path):
        call = asyncio.create_task(client.chat.send([{"role": "user"}], model="a/one"))
        await asyncio.sleep(0.3)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    for _ in range(200):  # the thread that admits the call ends when the database is free
        if not limited.reserved_usd():
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)

    assert (limited.spent_usd(), limited.reserved_usd(), server.requests) == (0, 0, [])
    await client.aclose()


def _lock_for(path: Path, seconds: float) -> None:
    with locked(path):
        time.sleep(seconds)


def test_a_try_that_was_lost_is_held_back_without_asking_the_database(ledger, path):
    """It is reported between two tries, on the event loop's thread."""
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    with locked(path):
        started_s = time.perf_counter()
        unanswered = RequestTimeoutError("no answer")
        limited.completed(call(None, outcome="error", error=unanswered), None)
        assert time.perf_counter() - started_s < 0.05
    limited.completed(call(cost=0.25), ticket)

    assert limited.spent_usd() == Decimal("0.75")


# Older files.


def test_holds_of_an_older_version_are_kept_if_their_calls_are_under_way(path):
    from openrouter_core.costs.sql import tables
    from openrouter_core.costs.sql.engine import _engine

    engine = _engine(sa.make_url(f"sqlite:///{path}"))
    with engine.begin() as db:
        for step in tables.STEPS[:4]:
            step(db)
        db.exec_driver_sql("DROP TABLE openrouter_budget_holds")
        db.exec_driver_sql(
            "CREATE TABLE openrouter_budget_holds (hold TEXT NOT NULL, scope TEXT NOT NULL, "
            "usd TEXT NOT NULL, expires_at DATETIME NOT NULL, job_id TEXT, PRIMARY KEY (hold, scope))"
        )
        now = datetime.now(UTC).replace(tzinfo=None)
        for name, ends in (("live", now + timedelta(minutes=5)), ("dead", now - timedelta(1))):
            db.exec_driver_sql(
                "INSERT INTO openrouter_budget_holds VALUES (?, 'budget:total:', '0.25', ?, NULL)",
                (name, ends.isoformat(" ")),
            )
        tables._schema.create(db)
        db.execute(tables._schema.insert().values(version=4))
    engine.dispose()

    with CostLedger(f"sqlite:///{path}", reconcile="none") as ledger:
        limited = budget(ledger)
        assert (limited.spent_usd(), limited.reserved_usd()) == (0, Decimal("0.25"))
        limited.completed(call(cost=0.1), limited.admit(writers.INTENT))
        expire_after_flush(ledger, path)
        (hold,) = limited.pending()
        assert (hold.id, hold.at, hold.age_s) == ("live", None, None)
