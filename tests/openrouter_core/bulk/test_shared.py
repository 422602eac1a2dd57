"""A job in a database: several processes, each item asked by one, one budget, one limit."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from openrouter_core import ConfigurationError
from openrouter_core.bulk import Job
from openrouter_core.errors import BudgetExceededError
from tests.openrouter_core.bulk import worker
from tests.openrouter_core.bulk.conftest import Ask
from tests.openrouter_core.costs import postgres
from tests.token_bucket import PRICE, TokenBucketServer

pytest.importorskip("sqlalchemy", reason="a shared job needs the extra [bulk]")
from openrouter_core.bulk.sql import store as shared  # after the check
from openrouter_core.costs.sql.budgets import SqlBudgetStore  # as above

ROWS = [(f"k{n}", f"p{n}") for n in range(20)]


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres.server_or_skip() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.db"
    return postgres.new_database(request.getfixturevalue("postgres_url"))


def _keys(job: Job[Any], **options: Any) -> list[Any]:
    return [item.key for item in job.run(**options)]


# ------------------------------------------------------------------------- one process


def test_every_prompt_is_answered_and_paid_once(url: str, ask: Ask, server: TokenBucketServer):
    with Job(url, ask) as job:
        assert (job.add(ROWS[:15]), job.add(ROWS)) == (15, 5)
        assert sorted(_keys(job)) == sorted(key for key, _ in ROWS)
    with Job(url, ask) as job:
        assert job.add(ROWS) == 0
        assert _keys(job) == []
        results = list(job.results())

        assert [item.key for item in results] == [key for key, _ in ROWS]
        assert {(i.result, i.cost) for i in results} == {
            (f"Answer to {p}", Decimal(PRICE)) for _, p in ROWS
        }
        assert str(job.progress()).startswith("20 of 20 done, 0 failed, $0.0002")
    assert set(server.answered.values()) == {1}


def test_a_changed_prompt_is_a_new_item_in_the_place_of_the_old_one(
    url: str, ask: Ask, server: TokenBucketServer
):
    with Job(url, ask) as job:
        job.add([("a", "old"), ("b", "other"), ("a", "older")])
        _keys(job)
        assert job.add([("a", "new"), ("c", "third")]) == 2
        _keys(job)
        assert [i.key for i in job.results()] == ["a", "b", "c"]
        assert next(job.results()).result == "Answer to new"
        job.add([("a", "older")])
        assert next(job.results()).result == "Answer to older"

    assert set(server.answered.values()) == {1}
    assert set(server.answered) == {"older", "other", "new", "third"}


def test_jobs_of_one_database_do_not_see_each_other(url: str, ask: Ask):
    with Job(url, ask, name="a") as one, Job(url, ask, name="b") as other:
        one.add(ROWS[:1])
        other.add(ROWS[:2])

        assert (len(_keys(one)), len(_keys(other))) == (1, 2)


def test_failures_are_asked_again_when_you_say_so(url: str):
    is_broken = [True]

    async def ask(prompt: str) -> str:
        if is_broken[0]:
            raise ValueError(prompt)
        return prompt

    with Job(url, ask) as job:
        job.add(ROWS[:3])
        assert {str(i.error) for i in job.run()} == {f"ValueError: p{n}" for n in range(3)}
        is_broken[0] = False
        assert _keys(job) == []
        assert job.retry_failed() == 3
        assert len(_keys(job)) == 3
        assert [item.tries for item in job.results()] == [2, 2, 2]


def test_answer_returns_these_rows_alone_and_in_their_order(
    url: str, ask: Ask, server: TokenBucketServer
):
    with Job(url, ask) as job:
        job.add(ROWS)
        got = job.answer([("k7", "p7"), ("new", "p99"), ("k3", "p3")])
        again = job.answer([("k3", "p3"), ("k7", "p7")])

        assert [(i.key, i.result) for i in got] == [
            ("k7", "Answer to p7"), ("new", "Answer to p99"), ("k3", "Answer to p3")
        ]  # fmt: skip
        assert [i.result for i in again] == ["Answer to p3", "Answer to p7"]
        assert server.answered.total() == 3
        assert len(_keys(job)) == 18


async def test_answer_in_asyncio(tmp_path: Path, ask: Ask):
    with Job(tmp_path / "job.db", ask) as job:  # a file of one process has it too
        items = await job.aanswer([("b", "2"), ("a", "1")])

        assert [item.result for item in items] == ["Answer to 2", "Answer to 1"]


def test_prompts_need_not_be_stored(url: str, ask: Ask):
    with Job(url, ask, store_prompts=False) as job:
        job.add(ROWS[:2])
        with pytest.raises(ConfigurationError, match="Give run\\(\\) the rows again"):
            _keys(job)
        assert sorted(_keys(job, rows=ROWS[:2])) == ["k0", "k1"]


# ------------------------------------------------------------------------- several


def _finished(processes: list[Any]) -> list[list[str]]:
    return [process.communicate(timeout=60)[0].split() for process in processes]


def test_three_processes_pay_each_item_once(url: str, server: TokenBucketServer):
    printed = _finished([worker.start(url, server.url, "job", 900, "p", "") for _ in range(3)])

    assert Counter(key for keys in printed for key in keys) == {str(n): 1 for n in range(900)}
    assert set(server.answered.values()) == {1}
    assert len(server.answered) == 900
    assert sum(1 for keys in printed if len(keys) >= 100) >= 2  # nobody did it all alone


def test_two_processes_share_one_budget(url: str, server: TokenBucketServer):
    printed = _finished(
        [worker.start(url, server.url, "job", 300, "p", "0.0015") for _ in range(2)]
    )

    assert all(keys[-1] == "BudgetExceededError" for keys in printed)
    paid = server.answered.total() * Decimal(PRICE)
    assert Decimal("0.0013") <= paid <= Decimal("0.0015")
    delivered = [key for keys in printed for key in keys if key.isdigit()]
    assert len(delivered) == len(set(delivered)) == server.answered.total()


def test_a_raised_budget_goes_on(url: str, ask: Ask, monkeypatch: pytest.MonkeyPatch):
    reservations, reserve = Counter[str](), SqlBudgetStore.reserve

    def counted(self: SqlBudgetStore, scope: str, *more: Any) -> Any:
        reservations[scope] += 1
        return reserve(self, scope, *more)

    monkeypatch.setattr(SqlBudgetStore, "reserve", counted)
    with Job(url, ask, max_usd="0.00001") as job:
        job.add(ROWS)
        with pytest.raises(BudgetExceededError):
            _keys(job)
    assert reservations.total() <= len(
        ROWS
    )  # calls that are refused do not wait for each other in turn
    with Job(url, ask, max_usd="5") as job:
        assert job.add(ROWS) == 0
        assert len(_keys(job)) == 20


def test_what_a_dead_process_had_in_hand_is_taken_over(
    url: str, ask: Ask, monkeypatch: pytest.MonkeyPatch, server: TokenBucketServer
):
    monkeypatch.setattr(shared, "LEASE_S", 2.0)
    dead = shared.SharedStore(url, "job")
    with Job(url, ask) as job:
        job.add(ROWS)
        dead._worker = "dead"
        assert len(next(dead.pending())) == 20
        begun = time.monotonic()

        assert len(_keys(job)) == 20
    dead.close()
    assert time.monotonic() - begun > 1.0
    assert set(server.answered.values()) == {1}


def test_a_long_run_keeps_what_it_has_in_hand(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared, "LEASE_S", 1.0)
    other = shared.SharedStore(url, "job")

    async def ask(prompt: str) -> str:
        await asyncio.sleep(2.5)
        other._worker = "other"
        assert next(other.pending()) == []  # it waits for them
        return prompt

    with Job(url, ask) as job:
        job.add(ROWS[:3])
        assert [item.error for item in job.run()] == [None] * 3
    other.close()


class _OneIsRefused(TokenBucketServer):
    """Refuses one prompt that begins with "a", for three seconds, while others come; notes when."""

    def __init__(self) -> None:
        super().__init__(10_000, latency_s=0.02, retry_after="3")
        self.has_come, self._enough = threading.Event(), asyncio.Event()
        self.others: list[float] = []
        self.refused_at = 0.0

    async def _answer(self, body: dict[str, Any]) -> bytes:
        if not body["messages"][-1]["content"].startswith("a"):
            self.others.append(time.monotonic())
            if len(self.others) > 20:
                self._enough.set()
            return await super()._answer(body)
        self.has_come.set()
        await self._enough.wait()
        if not self.refused_at:
            self.refused_at = time.monotonic()
            self._tokens = self._at = 0.0
            self.rate = 1e-9
        try:
            return await super()._answer(body)
        finally:
            self._tokens = self.rate = 10_000.0


def test_a_429_that_one_process_meets_holds_back_the_others(url: str):
    with _OneIsRefused() as server:
        refused = worker.start(url, server.url, "refused", 30, "a", "")
        assert server.has_come.wait(60)
        beside = worker.start(url, server.url, "beside", 1000, "b", "")
        _finished([refused, beside])

    after = [at for at in server.others if at > server.refused_at]
    assert server.refused == 1
    assert max(later - at for at, later in pairwise(after)) > 1.5


# ------------------------------------------------------------------------- the file


def test_a_file_is_of_one_kind(tmp_path: Path, ask: Ask):
    one, shared_file = tmp_path / "one.db", tmp_path / "shared.db"
    with Job(one, ask), Job(f"sqlite:///{shared_file}", ask):
        pass

    assert stat.S_IMODE(shared_file.stat().st_mode) == 0o600
    with pytest.raises(ConfigurationError, match="a job for one process: open it as Job"):
        Job(f"sqlite:///{one}", ask)
    with pytest.raises(ConfigurationError, match=r"of a shared job: open it as Job\(\"sqlite:///"):
        Job(shared_file, ask)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("mysql://x/y", "SQLite or PostgreSQL"),
        ("sqlite://", "needs a file"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
    ],
)
def test_a_wrong_url_gets_advice(ask: Ask, wrong: str, advice: str):
    with pytest.raises(ConfigurationError, match=advice):
        Job(wrong, ask)


def test_no_key_of_the_api_is_in_the_database(tmp_path: Path, ask: Ask, server: TokenBucketServer):
    file = tmp_path / "jobs.db"
    server.rate = server._tokens = 5
    with Job(f"sqlite:///{file}", ask) as job:
        job.add(ROWS)
        _keys(job)
    db = sqlite3.connect(file)
    (closings,) = db.execute("SELECT SUM(closing) FROM openrouter_bulk_limits").fetchone()
    db.close()

    assert closings
    assert b"sk-or-secret" not in file.read_bytes()
