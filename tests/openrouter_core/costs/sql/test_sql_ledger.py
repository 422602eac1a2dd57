"""The book of calls in a database: SQLite always, PostgreSQL where its server is installed."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrouter_core.costs import Budget, Cost, CostLedger, CostReconciler, cost_labels
from openrouter_core.errors import BudgetExceededError, ConfigurationError
from tests.openrouter_core.costs import postgres, writers
from tests.openrouter_core.costs.factories import START, call
from tests.openrouter_core.costs.test_ledger import EVENTS, late

sa = pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.server_or_skip() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/costs.db"
    return postgres.new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def ledger(url) -> Iterator[CostLedger]:
    with CostLedger(url, reconcile="none") as opened:
        yield opened


def run_processes(task: Callable[..., Any], url: str, processes: int, count: int) -> list[Any]:
    """Run a task in so many processes at once; return what each of them returned."""
    there = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(there)
    if there == "forkserver":
        context.set_forkserver_preload(["tests.openrouter_core.costs.writers"])
    results = context.SimpleQueue()
    running = [
        context.Process(target=writers.report, args=(results, task, url, n, count))
        for n in range(processes)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(100)
    assert [process.exitcode for process in running] == [0] * processes
    return [results.get() for _ in running]


def test_a_call_reads_back_as_it_was_booked(ledger):
    with cost_labels(run="r", tags=["a", 'quo"ted', "ünï"], session="s", user="u"):
        ledger.completed(call("gen-1", cost=0.1, first_event_s=0.25), ledger.admit(None))
    ledger.store.settle("gen-1", "found", late("gen-1", "0.13"))
    memory = CostLedger(reconcile="none")
    memory.book(ledger.records()[0])

    assert ledger.rows() == memory.rows()
    assert ledger.totals() == memory.totals()
    (record,) = ledger.records(tag='quo"ted')
    assert record.labels.tags == ("a", 'quo"ted', "ünï")
    assert record.cost.raw == {}
    assert record.response.raw["prompt_tokens"] == 10


def test_calls_are_there_after_the_ledger_is_opened_again(url):
    with CostLedger(url, reconcile="none") as first:
        first.completed(call("gen-1", cost=0.1), None)

    with CostLedger(url, reconcile="none") as second:
        assert second.totals().total == Decimal("0.1")
        assert second.get("gen-1") is not None


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"model": "b/two"}, 2),
        ({"model": "openai/gpt-x"}, 3),
        ({"tag": "t%"}, 1),
        ({"tag": "t"}, 1),
        ({"run": "r1"}, 1),
        ({"provider": "OpenAI", "model": "b/two"}, 2),
        ({"outcome": "error"}, 0),
    ],
    ids=str,
)
def test_questions_are_answered_in_the_database(ledger, filters, count):
    with cost_labels(run="r1", tags=["t%", "t"]):
        ledger.completed(call(cost=1, model="a/one"), ledger.admit(None))
    for _ in range(2):
        ledger.completed(call(cost=1, model="b/two"), None)

    assert ledger.totals(**filters).calls == len(ledger.records(**filters)) == count


def test_money_is_exact(ledger):
    for amount in ("0.000000000001", "123456789.123456789012", "1E-18"):
        ledger.store.settle("x", "found", None)
        usage = {"cost": amount}
        ledger.completed(call(usage=usage), None)

    assert ledger.totals().total == Decimal("123456789.123456789013000001")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=EVENTS)
def test_any_interleaving_gives_the_same_book_as_in_memory(ledger, events):
    memory = CostLedger(reconcile="none")
    prefix = f"gen-{time.time_ns()}-"
    for name, event in events:
        for book in (memory, ledger):
            if event == "record":
                book.store.settle(prefix + name, "found", late(name, "0.13"))
            elif event == "not found":
                book.store.settle(prefix + name, "not_found", None)
    for name, event in events:
        if event.endswith("answer"):
            one = call(prefix + name, cost=0.1 if event == "priced answer" else None)
            for book in (memory, ledger):
                book.completed(one, None)
                book.store.settle(prefix + name, "found", late(name, "0.13"))

    mine = [r for r in ledger.records() if r.id.startswith(prefix)]
    assert {r.id: r.cost.total for r in mine} == {r.id: r.cost.total for r in memory.records()}


def test_eight_processes_lose_nothing_and_book_nothing_twice(url):
    """Each process books 1,250 calls, 125 of them under ids that all of them book."""
    run_processes(writers.write, url, 8, 1250)

    with CostLedger(url, reconcile="none") as ledger:
        totals = ledger.totals()
        assert totals.calls == 8 * 1125 + 125
        assert totals.total == Decimal("0.001") * (8 * 1000 + 125) + Decimal("0.002") * 8 * 125


def test_two_processes_stop_within_one_reservation_of_a_shared_budget(url, emulator):
    """Fifty agents, each calling over a socket; a call reserves 0.02 USD and costs a little over 0.005."""
    work = partial(writers.spend, base_url=emulator.base_url, api_key=emulator.api_key)
    spent_each = run_processes(work, url, 2, 25)

    spent = sum(spent_each)
    assert emulator.wait_idle()
    assert min(spent_each) > 0
    assert spent == emulator.total_charged
    assert 1 - writers.RESERVED_USD < spent <= 1
    with CostLedger(url, reconcile="none") as ledger:
        assert ledger.totals().total == spent
        again = Budget(1, per="total", ledger=ledger)
        assert again.spent_usd() == spent
        assert again.reserved_usd() == 0


def test_a_shared_budget_starts_with_what_was_booked_before(ledger):
    ledger.completed(call(cost=0.9), None)
    limited = Budget(1, per="total", ledger=ledger, reserve_usd="0.2", price_of=lambda model: None)

    with pytest.raises(BudgetExceededError):
        limited.admit(writers.INTENT)


def test_budgets_of_another_name_are_another_budget(ledger):
    one = Budget(1, per="day", ledger=ledger, reserve_usd="0.9", price_of=lambda model: None)
    other = Budget(
        1, per="day", ledger=ledger, reserve_usd="0.9", price_of=lambda model: None, name="other"
    )

    one.admit(writers.INTENT)
    other.admit(writers.INTENT)

    with pytest.raises(BudgetExceededError):
        one.admit(writers.INTENT)


def test_a_hold_of_a_process_that_died_counts_as_spent(ledger, monkeypatch):
    from openrouter_core.costs.sql import budgets as sql_accounts

    limited = Budget(1, per="total", ledger=ledger, reserve_usd="0.9", price_of=lambda model: None)
    monkeypatch.setattr(sql_accounts, "HOLD_LASTS", -sql_accounts.HOLD_LASTS)
    limited.admit(writers.INTENT)

    assert (limited.spent_usd(), limited.reserved_usd()) == (Decimal("0.9"), 0)


def test_a_budget_that_cannot_be_checked_refuses(tmp_path):
    ledger = CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none")
    limited = Budget(1, per="total", ledger=ledger)
    with ledger.store._database.engine.begin() as db:
        db.exec_driver_sql("drop table openrouter_budgets")

    with pytest.raises(BudgetExceededError, match="cannot be checked"):
        limited.admit(writers.INTENT)
    ledger.close()


def test_pending_ids_outlive_the_process(url):
    reconciler = CostReconciler(exit_patience_s=0)
    with CostLedger(url, reconciler=reconciler) as first:
        first.completed(call("gen-1", outcome="interrupted"), None)
    reconciler.close()

    with CostLedger(url, reconcile="none") as second:
        assert second.pending == ("gen-1",)


HOLDS_OF_VERSION_2 = """
    CREATE TABLE openrouter_budget_holds (hold TEXT NOT NULL, scope TEXT NOT NULL, usd TEXT NOT NULL,
        expires_at TIMESTAMP NOT NULL, PRIMARY KEY (hold, scope))
"""


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_database_is_brought_up_to_date(url, version):
    from openrouter_core.costs.sql import tables as tables_sql
    from openrouter_core.costs.sql.engine import _engine

    engine = _engine(sa.make_url(url))
    with engine.begin() as db:
        tables_sql.STEPS[0](db)
        if version == 2:
            tables_sql.budgets.create(db)
            db.exec_driver_sql(HOLDS_OF_VERSION_2)
        tables_sql._schema.create(db)
        db.execute(tables_sql._schema.insert().values(version=version))
    engine.dispose()

    with CostLedger(url, reconcile="none") as ledger:
        ledger.completed(call(cost=1), None)
        limited = Budget(9, per="total", ledger=ledger, price_of=lambda model: None)
        start_job(limited)
        assert limited.spent_usd() == 1
        assert ledger.totals().total == 1


def test_calls_that_an_older_version_kept_as_cut_are_interrupted(url):
    from openrouter_core.costs.sql import tables as tables_sql
    from openrouter_core.costs.sql.engine import _engine

    with CostLedger(url, reconcile="none") as ledger:
        ledger.completed(call("gen-old", outcome="interrupted"), None)
        ledger.completed(call("gen-late", outcome="interrupted"), None)
    engine = _engine(sa.make_url(url))
    kept = tables_sql.calls
    with engine.begin() as db:
        db.execute(kept.update().values(outcome="cut"))
        db.execute(tables_sql._schema.update().values(version=3))
    CostLedger(url, reconcile="none").close()  # brought up to date
    with engine.begin() as db:  # an older program that still runs
        assert set(db.scalars(sa.select(kept.c.outcome))) == {"interrupted"}
        db.execute(kept.update().where(kept.c.id == "gen-late").values(outcome="cut"))
    engine.dispose()

    with CostLedger(url, reconcile="none") as ledger:
        assert {call.outcome for call in ledger.records()} == {"interrupted"}
        with pytest.warns(
            DeprecationWarning, match='outcome="cut" is called outcome="interrupted"'
        ):
            assert len(ledger.records(outcome="cut")) == 2


def start_job(watching, **facts) -> None:
    """Let an observer see a batch start."""
    begun = call("batch_1", operation="createBatches", job_id="batch_1", **facts)
    watching.completed(begun, watching.admit(writers.INTENT))


def ended_job(generation_id="batch_1", cost=0.5, **facts):
    """A batch that was found ended by a program that knows nothing else of it."""
    unknown = {"requested_model": None, "latency_s": None, "operation": "getBatches"}
    return call(generation_id, cost=cost, job_id="batch_1", **(unknown | facts))


def test_a_job_is_booked_as_its_start_was_labelled_whoever_sees_its_end(url):
    with CostLedger(url, reconcile="none") as one, cost_labels(run="r", tags=["a"]):
        start_job(one, after_s=-60)
    for _ in range(2):
        with CostLedger(url, reconcile="none") as other, cost_labels(run="another"):
            other.completed(ended_job(), other.admit(None))

    with CostLedger(url, reconcile="none") as ledger:
        (record,) = ledger.records()
    assert (record.labels.run, record.labels.tags) == ("r", ("a",))
    assert record.requested_model == "openai/gpt-x"
    assert record.at == START - timedelta(seconds=60)
    assert record.cost.total == Decimal("0.5")


@pytest.mark.parametrize("whole_first", [True, False])
def test_a_batch_is_booked_as_a_whole_or_result_by_result_but_not_in_both_ways(ledger, whole_first):
    whole = ended_job()
    parts = tuple(ended_job(f"batch_1/{n}", 0.25) for n in range(2))
    in_parts = replace(whole, usage=None, parts=parts)

    for seen in (whole, in_parts) if whole_first else (in_parts, whole):
        ledger.completed(seen, None)

    assert ledger.totals().total == Decimal("0.5")
    assert ledger.totals().calls == (1 if whole_first else 2)


def test_whoever_sees_the_end_of_a_job_settles_what_it_held(url):
    """Under a tag, and only in the budget that watched its start."""
    known = {"per": "tag", "price_of": lambda model: None, "reserve_usd": "2"}
    with CostLedger(url, reconcile="none") as one, cost_labels(tags=["a", "b%"]):
        start_job(Budget(9, ledger=one, **known))
    with CostLedger(url, reconcile="none") as other:
        again, stranger = (Budget(9, ledger=other, name=name, **known) for name in ("budget", "b"))
        assert again.reserved_usd("a") == again.reserved_usd("b%") == 2
        for _ in range(2):
            for budget in (again, stranger):
                budget.completed(ended_job(), None)

        for scope in ("a", "b%"):
            assert (again.spent_usd(scope), again.reserved_usd(scope)) == (Decimal("0.5"), 0)
            assert stranger.spent_usd(scope) == 0


@pytest.mark.parametrize(
    ("facts", "spent"),
    [
        ({"cost": None}, "2"),
        ({"cost": None, "outcome": "error"}, "0"),
        ({"cost": None, "parts": (ended_job("batch_1/1", 3), ended_job("gen-2", None))}, "3"),
        ({"cost": None, "parts": (ended_job("batch_1/1", 1), ended_job("gen-2", None))}, "2"),
    ],
    ids=["no price", "failed", "more than was held", "less than was held"],
)
def test_a_job_of_unknown_price_counts_with_what_it_held_unless_it_failed(ledger, facts, spent):
    for accounts in (ledger, None):
        limited = Budget(
            9, per="total", ledger=accounts, reserve_usd=2, price_of=lambda model: None
        )
        start_job(limited)
        limited.completed(ended_job(**facts), None)

        assert (limited.spent_usd(), limited.reserved_usd()) == (Decimal(spent), 0)


def test_a_newer_database_is_left_alone(ledger, url):
    from openrouter_core.costs.sql import tables as tables_sql

    with ledger.store._database.engine.begin() as db:
        db.execute(tables_sql._schema.update().values(version=99))

    with pytest.raises(ConfigurationError, match="version 99"):
        CostLedger(url)


@pytest.mark.parametrize(
    ("bad", "advice"),
    [
        ("costs.db", "must look like"),
        ("sqlite://", "leave the URL out"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
        ("postgresql+asyncmoon://x/y", "must look like"),
    ],
)
def test_a_wrong_url_gets_advice(bad, advice):
    with pytest.raises(ConfigurationError, match=advice):
        CostLedger(bad)


def test_booking_does_not_wait_for_a_locked_database(tmp_path):
    import sqlite3

    path = tmp_path / "costs.db"
    with CostLedger(f"sqlite:///{path}", reconcile="none") as ledger:
        ledger.completed(call(cost=1), None)
        ledger.store.flush()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        started = time.perf_counter()
        ledger.completed(call(cost=1), None)
        waited_s = time.perf_counter() - started

        other.execute("ROLLBACK")
        other.close()
        assert waited_s < 0.05
        assert ledger.totals().total == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_books_too(tmp_path):
    program = """
        import os, sys
        sys.path[:0] = [sys.argv[2], sys.argv[2] + "/shared"]
        from openrouter_core.costs import CostLedger
        from tests.openrouter_core.costs.factories import START, call
        ledger = CostLedger(sys.argv[1], reconcile="none")
        ledger.completed(call("gen-parent", cost=1), None)
        child = os.fork()
        if child == 0:
            ledger.completed(call("gen-child", cost=2), None)
            ledger.close()
            os._exit(0)
        os.waitpid(child, 0)
        ledger.close()
    """
    import textwrap

    url = f"sqlite:///{tmp_path}/costs.db"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program), url, str(ROOT)],
        check=True,
        timeout=60,
    )

    with CostLedger(url, reconcile="none") as ledger:
        assert ledger.totals().total == 3


def test_a_key_is_not_kept(ledger, url, tmp_path):
    ledger.completed(call(cost=1), None)
    ledger.store.flush()
    if url.startswith("sqlite"):
        everything = b"".join(p.read_bytes() for p in tmp_path.glob("costs.db*"))
        assert b"sk-or" not in everything
        assert b"secret words" not in everything


def test_an_unknown_generation_is_not_invented(ledger):
    ledger.store.settle("gen-nobody", "found", Cost(Decimal(1), source="generation"))

    assert ledger.totals().calls == 0


@given(st.text(max_size=20))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_tag_is_found_again(ledger, tag):
    tag = tag.replace("\x00", "")
    name = f"gen-{time.time_ns()}"
    with cost_labels(tags=[tag]):
        ledger.completed(call(name, cost=1), ledger.admit(None))

    assert name in [r.id for r in ledger.records(tag=tag)]
