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
    from tests.openrouter_core.costs.making import call, config
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_children_forked_while_others_write_can_book_and_spend(url):  # noqa: F811  # the fixture
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), url, str(CHILDREN)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.returncode == 0, done.stderr
    booked, *ends = map(int, done.stdout.split())
    assert ends == [0] * CHILDREN
    with CostLedger(url, reconcile="none") as ledger:
        budget = Budget(10_000, per="total", ledger=ledger)
        assert ledger.totals().calls == booked + CHILDREN
        assert budget.spent_usd() == ledger.totals().total
        assert budget.reserved_usd() == 0
