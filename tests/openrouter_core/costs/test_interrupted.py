"""A report that comes in the middle of another, in the same thread, at every step: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from threading import Thread, current_thread
from typing import Any

import pytest

from openrouter_core._client import base as client_base
from openrouter_core.costs import Budget, CallIntent, CostLedger
from openrouter_core.costs._turns import Turns
from openrouter_core.costs.budget.store import MemoryBudgetStore
from openrouter_core.costs.exporters.worker import BackgroundWorker
from openrouter_core.costs.reconcile.schedule import LookupPlan
from openrouter_core.costs.records.labels import Labels
from openrouter_core.costs.records.memory import MemoryStore
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Filter, Totals
from tests.openrouter_core.costs.factories import call, config
from tests.openrouter_core.costs.interrupting import at_every_step

INTENT = CallIntent("sendChatCompletionRequest", {"model": "a/one"}, config())


def record(**facts: Any) -> CostRecord:
    return CostRecord.of_call(call(**facts), Labels())


@pytest.mark.parametrize("kept", [None, 2], ids=["all are kept", "the oldest leave"])
def test_a_record_booked_in_the_middle_of_another_counts(kept):
    left: list[MemoryStore] = []

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        store = MemoryStore(max_records=kept)
        left.append(store)
        for _ in range(2):
            store.put(record(cost=1))
        one, another = record(cost=1), record(cost=1)
        return lambda: store.put(one), lambda: store.put(another)

    assert at_every_step(begin) > 5
    *interrupted, whole = left
    assert {(s.totals(Filter()).calls, s.totals(Filter()).total) for s in interrupted} == {(4, 4)}
    assert whole.totals(Filter()).total == 3


def test_sums_asked_for_in_the_middle_of_a_booking_count_each_call_once():
    sums: list[Totals] = []

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        store = MemoryStore(max_records=2)
        for _ in range(2):
            store.put(record(cost=1))
        another = record(cost=1)
        return lambda: sums.append(store.totals(Filter())), lambda: store.put(another)

    assert at_every_step(begin) > 5
    assert {s.total for s in sums} <= {2, 3}
    assert all(s.total == s.calls for s in sums)


def test_two_reports_of_one_call_are_merged_where_one_interrupts_the_other():
    left: list[MemoryStore] = []

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        store = MemoryStore()
        left.append(store)
        store.put(record(generation_id="gen-same", cost=None))
        priced = record(generation_id="gen-same", cost=1)
        named = record(generation_id="gen-same", cost=None, provider="Known")
        return lambda: store.put(named), lambda: store.put(priced)

    at_every_step(begin)
    assert {s.totals(Filter()).total for s in left[:-1]} == {1}


def test_a_hold_settled_in_the_middle_of_another_is_given_back():
    left: list[MemoryBudgetStore] = []
    one, much = Decimal(1), Decimal(100)

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        accounts = MemoryBudgetStore()
        left.append(accounts)
        for hold in ("a", "b"):
            accounts.reserve("scope", hold, one, much, Decimal)

        def settle_and_reserve() -> None:
            accounts.settle("scope", "a", one)
            accounts.reserve("scope", "c", one, much, Decimal)

        return settle_and_reserve, lambda: accounts.settle("scope", "b", one)

    assert at_every_step(begin) > 5
    standings = [accounts.state("scope") for accounts in left[:-1]]
    assert {(s.spent, s.reserved) for s in standings} == {(2, 1)}


def test_what_interrupts_the_opening_of_an_account_still_counts():
    left: list[MemoryBudgetStore] = []

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        accounts = MemoryBudgetStore()
        left.append(accounts)
        return (
            lambda: accounts.reserve("scope", "a", Decimal(1), Decimal(100), lambda: Decimal(0)),
            lambda: accounts.settle("scope", "b", Decimal(5)),
        )

    at_every_step(begin)
    assert {accounts.state("scope").spent for accounts in left[:-1]} == {5}


@pytest.fixture
def ledger(tmp_path) -> Iterator[CostLedger]:
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    with CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none") as made:
        yield made


def test_a_budget_in_a_database_takes_what_interrupts_it_later(ledger, caplog):
    """At once, it would wait for what its own thread has locked."""
    from sqlalchemy import event

    budget = Budget(100, per="total", ledger=ledger, reserve_usd=1, price_of=lambda _model: None)
    tickets = [budget.admit(INTENT)]

    @event.listens_for(ledger.store._database.engine, "after_cursor_execute")
    def interrupt(*_: object) -> None:
        if tickets:
            budget.completed(call(cost=3), tickets.pop())

    tickets.append(budget.admit(INTENT))
    tickets.append(budget.admit(INTENT))
    budget.completed(call(cost=3), tickets.pop())

    assert (budget.spent_usd(), budget.reserved_usd()) == (9, 0)
    assert caplog.text == ""


def test_what_is_queued_while_a_batch_is_taken_out_stays_queued(ledger):
    writer = ledger.store._writer
    kept: list[int] = []
    batch: list[Any] = []

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        kept.append(len({entry.id for entry in (*batch, *writer._queue)}))
        batch.clear()
        writer._queue, writer._writing, writer._awaited = [record(cost=1)], 0, 1
        writer._thread = current_thread()  # nobody else takes anything
        another = record(cost=1)
        return lambda: batch.extend(writer._next_batch()), lambda: writer.put(another)

    steps = at_every_step(begin)
    writer.reset()

    assert steps > 5
    assert kept == [0] + [2] * steps


def test_one_thread_is_started_by_two_that_interrupt_each_other(ledger, monkeypatch):
    started: list[Thread] = []

    def start(thread: Thread) -> None:
        started.append(thread)

    monkeypatch.setattr(Thread, "start", start)
    counts: list[int] = []

    def of_the_ledger() -> tuple[Callable[[], Any], Callable[[], Any]]:
        counts.append(len(started))
        ledger.store._writer.reset()
        one, another = record(cost=1), record(cost=1)
        return lambda: ledger.store.put(one), lambda: ledger.store.put(another)

    def of_a_desk() -> tuple[Callable[[], Any], Callable[[], Any]]:
        counts.append(len(started))
        worker = BackgroundWorker()
        return lambda: worker.put(list), lambda: worker.put(list)

    for begin in (of_the_ledger, of_a_desk):
        counts.clear()
        started.clear()
        assert at_every_step(begin) > 5
        assert counts == list(range(len(counts)))
    ledger.store._writer.reset()


@pytest.mark.parametrize("change", ["hurry", "limited"])
def test_look_ups_planned_while_all_are_planned_anew_are_kept(change):
    plans: list[LookupPlan] = []

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        plan = LookupPlan(first_wait_s=60)
        plans.append(plan)
        for name in ("gen-1", "gen-2", "gen-3"):
            plan.add(name, 0)
        all_anew = {
            "hurry": lambda: plan.expedite(0),
            "limited": lambda: plan.rate_limited("gen-1", 0, 5),
        }
        return all_anew[change], lambda: plan.add("gen-4", 0)

    assert at_every_step(begin) > 3
    assert {len(plan) for plan in plans[:-1]} == {4}


def test_origins_are_noted_while_the_oldest_leave(monkeypatch):
    monkeypatch.setattr(client_base, "_REMEMBERED", 2)

    def begin() -> tuple[Callable[[], Any], Callable[[], Any]]:
        for name in ("gen-1", "gen-2"):
            client_base.remember_origin(name, config())
        return (
            lambda: client_base.remember_origin("gen-3", config()),
            lambda: client_base.remember_origin("gen-4", config()),
        )

    assert at_every_step(begin) > 3
    assert len(client_base._configs) == 2
    client_base._configs.clear()


def test_a_change_that_fails_is_logged_and_the_next_is_made(caplog):
    turns, made = Turns(), []

    def work() -> str:
        turns.change(lambda: made.append(1 / 0))
        turns.change(lambda: made.append("next"))
        return turns.ask(lambda: f"{made}")

    assert turns.ask(work) == "[]"
    assert made == ["next"]
    assert "ZeroDivisionError" in caplog.text
