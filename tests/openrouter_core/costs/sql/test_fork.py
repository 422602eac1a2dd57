"""A fork in the middle of writing: parent and child both go on, and nothing is booked twice."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from openrouter_core.costs import Budget, CostLedger
from tests.openrouter_core.costs.sql.test_sql_ledger import (  # noqa: F401  # pytest finds fixtures by name
    postgres_url,
    url,
)

pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")

ROOT = Path(__file__).resolve().parents[4]
CHILDREN = 8
PROGRAM = """
    import os, sys, threading, time, warnings
    warnings.simplefilter("ignore")
    from openrouter_core.costs import Budget, CallIntent, CostLedger
    from tests.openrouter_core.costs.factories import call, config
    ledger = CostLedger(sys.argv[1], reconcile="none")
    known = {"per": "total", "price_of": lambda model: None, "reserve_usd": "0.01"}
    budget = Budget(10_000, ledger=ledger, **known)
    intent = CallIntent("sendChatCompletionRequest", {"model": "a/one"}, config())
    call()  # imports: a module that a thread imports at the moment of a fork is locked in the child
    stop = threading.Event()
    booked = [0] * 4

    def book(name, cost):
        one = call(name, cost=cost)
        admitted = [(observer, observer.admit(intent)) for observer in (ledger, budget)]
        for observer, ticket in admitted:
            observer.completed(one, ticket)

    def work(thread):
        while not stop.is_set():
            book(f"gen-parent-{thread}-{booked[thread]}", 0.001)
            booked[thread] += 1

    def look():
        while not stop.is_set():
            for _ in ledger.records():
                pass

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    threads.append(threading.Thread(target=look))
    for thread in threads:
        thread.start()
    children = []
    for n in range(int(sys.argv[2])):
        time.sleep(0.05)
        child = os.fork()
        if child == 0:
            book(f"gen-child-{n}", 1)
            ok = budget.spent_usd() >= 1 and ledger.get(f"gen-child-{n}") is not None
            ledger.close()
            os._exit(0 if ok else 1)
        children.append(child)
    ends = [os.waitpid(child, 0)[1] for child in children]
    stop.set()
    for thread in threads:
        thread.join()
    ledger.close()
    print(sum(booked), *ends)
"""
# SQLite takes a connection that the child inherits for one that holds locks. Then the parent, being alone
# by the locks of the file, puts the log away on closing, and what the child books into it is lost.
READING = """
    import gc, os, sys
    from openrouter_core.costs import CostLedger
    from openrouter_core.costs.records.totals import Filter
    from tests.openrouter_core.costs.factories import call
    ledger = CostLedger(sys.argv[1], reconcile="none")
    for n in range(3):
        ledger.completed(call(f"gen-parent-{n}"), None)
    records = ledger.store.select(Filter())
    next(records)
    is_open, goes_on = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        ledger.totals()
        os.write(is_open[1], b"1")
        os.read(goes_on[0], 1)
        ledger.completed(call("gen-child"), None)
        os._exit(0 if ledger.get("gen-child") else 1)
    os.read(is_open[0], 1)
    left = sum(1 for _ in records)
    del records
    gc.collect()
    ledger.close()
    os.write(goes_on[1], b"1")
    print(left, os.waitpid(child, 0)[1])
"""


def run(program: str, *args: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *args],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return [int(number) for number in done.stdout.split()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_child_forked_while_records_are_read_keeps_what_it_books(url):  # noqa: F811  # the fixture
    assert run(READING, url) == [2, 0]

    with CostLedger(url, reconcile="none") as ledger:
        assert ledger.totals().calls == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_children_forked_while_others_write_can_book_and_spend(url):  # noqa: F811  # the fixture
    booked, *ends = run(PROGRAM, url, str(CHILDREN))

    assert ends == [0] * CHILDREN
    with CostLedger(url, reconcile="none") as ledger:
        budget = Budget(10_000, per="total", ledger=ledger)
        assert ledger.totals().calls == booked + CHILDREN
        assert budget.spent_usd() == ledger.totals().total
        assert budget.reserved_usd() == 0
