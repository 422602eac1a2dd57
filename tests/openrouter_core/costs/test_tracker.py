"""`track_openrouter_cost()` around calls reported the way the client reports them."""

from __future__ import annotations

import asyncio
import sys
from contextvars import copy_context
from decimal import Decimal
from threading import Thread

import pytest

from openrouter_core.costs import CostLedger, active_observers, track_openrouter_cost
from tests.openrouter_core.costs.factories import call


def make_call(**facts) -> None:
    """What the client does around one call."""
    admitted = [(o, o.admit(None)) for o in active_observers()]
    done = call(**facts)
    for observer, ticket in admitted:
        observer.completed(done, ticket)


def test_a_block_knows_what_its_calls_cost():
    with track_openrouter_cost() as spent:
        make_call(cost=0.25, requested_model="a/one")
        make_call(cost=0.5, requested_model="b/two")
    make_call(cost=1)

    assert spent.total == spent.charged == Decimal("0.75")
    assert [r.requested_model for r in spent.calls] == ["a/one", "b/two"]
    assert list(spent.by_model()) == ["b/two", "a/one"]


def test_a_block_without_calls_costs_nothing():
    """An answer that a framework takes from its cache makes no call."""
    with track_openrouter_cost() as spent:
        pass

    assert spent.total == 0
    assert spent.totals.calls == 0


def test_b13_inner_and_outer_blocks_each_see_a_call_once():
    """quirks.md B13."""
    with track_openrouter_cost() as outer:
        make_call(cost=1)
        with track_openrouter_cost() as inner:
            make_call(cost=2)

    assert (outer.total, inner.total) == (3, 2)
    assert (len(outer.calls), len(inner.calls)) == (2, 1)


async def test_tasks_are_counted_in_the_block_they_are_born_in():
    async def work(cost):
        async with track_openrouter_cost() as mine:
            await asyncio.sleep(0)
            make_call(cost=cost)
            await asyncio.sleep(0)
        return mine.total

    async with track_openrouter_cost() as whole:
        sums = await asyncio.gather(*(work(n) for n in range(1, 6)))

    assert sums == [1, 2, 3, 4, 5]
    assert whole.total == 15


async def test_threads_of_asyncio_are_counted():
    with track_openrouter_cost() as spent:
        await asyncio.to_thread(make_call, cost=2)

    assert spent.total == 2


def test_a_thread_counts_when_it_runs_in_the_copied_context():
    with track_openrouter_cost() as spent:
        thread = Thread(target=copy_context().run, args=(make_call,), kwargs={"cost": 3})
        thread.start()
        thread.join()

    assert spent.total == 3


def test_a_block_labels_its_calls_in_every_ledger():
    ledger = CostLedger(reconcile="none")

    with track_openrouter_cost(ledger=ledger, run="nightly", tags=["a"], user="ann"):
        make_call(cost=1)

    (row,) = ledger.rows()
    assert (row["run"], row["tags"], row["user"]) == ("nightly", ["a"], "ann")


def test_a_failing_block_keeps_its_sum_and_its_error():
    spent = track_openrouter_cost()

    def work():
        with spent:
            make_call(cost=1)
            raise KeyError

    with pytest.raises(KeyError):
        work()

    assert spent.total == 1
    assert active_observers() == ()


@pytest.mark.parametrize("with_rich", [True, False])
def test_the_table_shows_each_call(with_rich, monkeypatch):
    if not with_rich:
        monkeypatch.setitem(sys.modules, "rich.console", None)
    with track_openrouter_cost(reconcile="none") as spent:
        make_call(cost=0.00123)
        make_call(outcome="interrupted")

    table = spent.table()

    assert "$0.001230" in table
    assert "OpenAI" in table
    assert "2 calls, $0.001230 (1 call of unknown cost not in the sums)" in table
    assert max(map(len, table.splitlines())) < 120


def test_sums_are_said_in_words():
    with track_openrouter_cost() as spent:
        make_call(cost=0.5)

    assert str(spent) == "1 call, $0.5000"
    assert "$0.5000" in spent._repr_html_()
