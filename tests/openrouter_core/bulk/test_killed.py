"""kill -9 at random moments: what was committed is never paid again, what was handed over is not lost."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.house._tree import ROOT
from tests.openrouter_core.bulk import killed
from tests.token_bucket import PRICE, TokenBucketServer

COUNT, KILLS = 600, int(os.environ.get("BULK_KILLS", "4"))


def _start(file: Path, url: str, *ledger: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", killed.__name__, str(file), url, str(COUNT), *ledger]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _committed(file: Path) -> set[str]:
    """The prompts whose answers are in the file."""
    db = sqlite3.connect(file)
    try:
        return {
            f"p{json.loads(key)}"
            for (key,) in db.execute("SELECT key FROM items WHERE status = 'done'")
        }
    finally:
        db.close()


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
def test_no_committed_answer_is_paid_again(tmp_path: Path):
    """The surplus at the server is at most what was under way when the process was killed."""
    file, chance = tmp_path / "job.db", random.Random()
    with TokenBucketServer(2000, latency_s=0.02) as server:
        paid_by_then: list[tuple[set[str], dict[str, int]]] = []
        handed: list[str] = []
        for _kill in range(KILLS):
            process = _start(file, server.url)
            assert process.stdout is not None
            handed += [process.stdout.readline().strip() for _ in range(chance.randint(1, 100))]
            process.kill()
            handed += process.stdout.read().split()
            process.wait()
            process.stdout.close()
            committed = _committed(file)
            assert {f"p{key}" for key in handed if key.isdigit()} <= committed
            paid_by_then.append((committed, {p: server.answered[p] for p in committed}))
        with _start(file, server.url) as process:
            process.communicate(timeout=60)

        assert process.returncode == 0
        for committed, paid in paid_by_then:
            assert {p: server.answered[p] for p in committed} == paid
        assert len(_committed(file)) == len(server.answered) == COUNT
        assert server.answered.total() - COUNT <= KILLS * killed.CONCURRENCY


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
def test_calls_that_a_kill_ends_are_in_the_ledger_with_its_reservation(tmp_path: Path):
    """Whatever the server was paid beyond the answers that are stored, the budget holds back as unknown."""
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    file, ledger, chance = tmp_path / "job.db", f"sqlite:///{tmp_path}/costs.db", random.Random()
    with TokenBucketServer(2000, latency_s=0.02) as server:
        for _kill in range(KILLS):
            process = _start(file, server.url, ledger)
            assert process.stdout is not None
            for _ in range(chance.randint(1, 40)):
                process.stdout.readline()
            process.kill()
            process.communicate()
        with _start(file, server.url, ledger) as process:
            process.communicate(timeout=100)
        assert process.returncode == 0

        db = sqlite3.connect(tmp_path / "costs.db")
        held = [usd for (usd,) in db.execute("SELECT usd FROM openrouter_budget_holds")]
        (spent,) = db.execute("SELECT spent FROM openrouter_budgets").fetchone()
        db.close()
        surplus = server.answered.total() - COUNT

    assert surplus <= KILLS * killed.CONCURRENCY
    assert len(held) <= KILLS * killed.CONCURRENCY
    assert {Decimal(usd) for usd in held} <= {Decimal(killed.RESERVED)}
    unknown = server.answered.total() - Decimal(spent) / Decimal(PRICE)
    assert 0 <= unknown <= len(held)
    assert len(_committed(file)) == len(server.answered) == COUNT
