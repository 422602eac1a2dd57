"""A stream that is dropped is reported by the garbage collector, which may run in the middle of anything."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest

from openrouter_core.costs import (
    Budget,
    CallIntent,
    CompletedCall,
    CostLedger,
    CostReconciler,
)
from tests.openrouter_core.costs.factories import call, config

INTENT = CallIntent("sendChatCompletionRequest", {"model": "a/one"}, config())


@pytest.fixture
def collecting() -> Iterator[list[Callable[[], Any]]]:
    """Run what is in the list at every collection, and collect at every allocation that may."""
    todo: list[Callable[[], Any]] = []
    busy = False

    def work(phase: str, _info: dict[str, int]) -> None:
        nonlocal busy
        if phase == "stop" and todo and not busy:
            busy = True
            try:
                todo[0]()
            finally:
                busy = False

    threshold = gc.get_threshold()
    gc.callbacks.append(work)
    yield todo
    gc.set_threshold(*threshold)
    gc.callbacks.remove(work)


def in_time(work: Callable[[], None]) -> bool:
    """Whether work ends within ten seconds, collecting all the while."""

    def collect_often() -> None:
        gc.set_threshold(1)
        work()
        gc.set_threshold(700)

    thread = Thread(target=collect_often, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


def some_of(calls: list[CompletedCall], book: Callable[[CompletedCall], object]) -> Any:
    """Work for a collection: book the next call, as long as there is one."""
    rest = iter(calls)

    def book_one() -> None:
        for one in rest:
            book(one)
            return

    return book_one


@pytest.mark.parametrize("kept", ["memory", "sqlite"])
def test_a_call_may_be_booked_while_another_is_being_booked(collecting, kept, tmp_path):
    if kept == "sqlite":
        pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    url = None if kept == "memory" else f"sqlite:///{tmp_path}/costs.db"
    ledger = CostLedger(url, reconcile="none", max_records=20 if kept == "memory" else None)
    booked: list[CompletedCall] = []

    def book(one: CompletedCall) -> None:
        ledger.completed(one, None)
        booked.append(one)

    made, dropped = ([call(cost=1) for _ in range(200)] for _ in range(2))
    collecting.append(some_of(dropped, book))
    assert in_time(lambda: [book(one) for one in made] and None)
    collecting.clear()

    assert len(booked) > 200
    assert ledger.totals().total == len(booked)
    ledger.close()


def test_look_ups_and_budgets_may_be_asked_for_in_the_middle_of_each_other(collecting):
    reconciler = CostReconciler(exit_patience_s=0, first_wait_s=60)
    ledger = CostLedger(reconciler=reconciler)
    budget = Budget(1000, per="total", reserve_usd=1, price_of=lambda _model: None)
    made = [call(outcome="interrupted") for _ in range(200)]
    tickets = {one.generation_id: budget.admit(INTENT) for one in made}

    def book(one: CompletedCall) -> None:
        ledger.completed(one, None)
        budget.completed(replace(one, usage={"cost": 1}), tickets[one.generation_id])

    collecting.append(some_of(made[:100], book))
    assert in_time(lambda: [book(one) for one in made[100:]] and None)
    collecting.clear()

    calls = ledger.totals().calls
    assert calls > 100
    assert len(reconciler.pending) == calls
    assert (budget.spent_usd(), budget.reserved_usd()) == (calls, 200 - calls)
    reconciler.close()
