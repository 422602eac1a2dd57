"""Runs that end early: cancelled, interrupted, with a file that cannot be written, at a limit."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from openrouter_core import ConnectionFailedError, RateLimitError
from openrouter_core._http.gate import Gate, gates
from openrouter_core.bulk import Job
from openrouter_core.bulk.pace import Pace
from openrouter_core.errors import classify
from tests.house._tree import ROOT
from tests.openrouter_core.bulk import killed
from tests.openrouter_core.bulk.conftest import Ask
from tests.token_bucket import TokenBucketServer

ROWS = [(n, f"p{n}") for n in range(300)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


async def test_closing_an_async_run_keeps_what_was_under_way(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask, concurrency=10) as job:
        job.add(ROWS)
        async with aclosing(aiter(job.run())) as items:
            async for _ in items:
                break
        assert job.progress().done == server.answered.total() < 300
        rest = [item async for item in job.run()]

    assert len(rest) >= 299 - 10
    assert set(server.answered.values()) == {1}


async def test_a_cancelled_run_ends_at_once_and_can_be_run_again(file: Path):
    slow = True

    async def answer(prompt: str) -> str:
        await asyncio.sleep(30 if slow else 0)
        return prompt

    with Job(file, answer) as job:
        job.add(ROWS)

        async def run() -> list[Any]:
            async with aclosing(aiter(job.run())) as items:
                return [item async for item in items]

        task = asyncio.create_task(run())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)
        slow = False
        assert len(await run()) == 300


@pytest.mark.parametrize("at", [0, 2], ids=["the first commit", "the third"])
def test_a_file_that_cannot_be_written_ends_the_paying(
    file: Path, ask: Ask, server: TokenBucketServer, monkeypatch: pytest.MonkeyPatch, at: int
):
    with Job(file, ask, concurrency=10) as job:
        job.add(ROWS)
        commits: list[int] = []
        commit = job._store.commit

        def full(ended: Any, *args: Any, **options: Any) -> None:
            commits.append(len(ended))
            if len(commits) > at:
                raise sqlite3.OperationalError("database or disk is full")
            commit(ended, *args, **options)

        monkeypatch.setattr(job._store, "commit", full)
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            list(job.run())

    assert server.answered.total() <= sum(commits) + 10


def test_rows_that_fail_end_the_run_and_keep_what_was_asked(file: Path, ask: Ask):
    def rows() -> Any:
        yield from ROWS
        raise ZeroDivisionError

    with Job(file, ask) as job:
        seen: list[Any] = []
        with pytest.raises(ZeroDivisionError):
            seen.extend(job.run(rows()))

        assert job.progress().done == len(seen)


def test_a_job_that_is_closed_keeps_what_a_run_has_under_way(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask, concurrency=10) as job:
        items = iter(job.run(ROWS))
        next(items)

    with Job(file, ask) as again:
        assert again.progress().done == server.answered.total() < 300
    assert list(items) == []


def test_a_run_that_is_interrupted_as_it_begins_to_wait_keeps_what_is_under_way(
    file: Path, ask: Ask, server: TokenBucketServer, monkeypatch: pytest.MonkeyPatch
):
    schedule = asyncio.run_coroutine_threadsafe

    def interrupted(work: Any, loop: asyncio.AbstractEventLoop) -> Any:
        monkeypatch.undo()
        schedule(work, loop)
        raise KeyboardInterrupt

    with Job(file, ask, concurrency=10) as job:
        items = iter(job.run(ROWS))
        next(items)
        monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
        with pytest.raises(KeyboardInterrupt):
            list(items)
        assert job.progress().done == server.answered.total() < 300


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is of POSIX")
def test_ctrl_c_keeps_every_answer(file: Path):
    with TokenBucketServer(1000, latency_s=0.1) as server:
        command = [sys.executable, "-m", killed.__name__, str(file), server.url, "2000"]
        path = os.pathsep.join([str(ROOT), str(ROOT / "shared")])
        with subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)

        db = sqlite3.connect(file)
        (done,) = db.execute("SELECT COUNT(*) FROM items WHERE status = 'done'").fetchone()
        db.close()
    assert "KeyboardInterrupt" in errors
    assert done == server.answered.total() < 2000


def _failing(error: Exception) -> tuple[Any, list[str]]:
    prompts: list[str] = []

    async def answer(prompt: str) -> str:
        prompts.append(prompt)
        raise error

    return answer, prompts


def test_a_limit_that_lasts_ends_the_run_and_fails_nobody(file: Path):
    limit = classify(429, {"error": {"code": 429, "message": "No."}})
    limit.retry_after = 3600.0
    answer, prompts = _failing(limit)
    with Job(file, answer, concurrency=5) as job:
        job.add(ROWS)
        with pytest.raises(RateLimitError):
            list(job.run())

        assert len(prompts) <= 5
        assert (job.progress().failed, job.progress().left) == (0, 300)


def test_a_network_that_is_down_ends_the_run(file: Path):
    answer, prompts = _failing(ConnectionFailedError("down"))
    with Job(file, answer, concurrency=5, max_tries=1) as job:
        job.add(ROWS)
        with pytest.raises(ConnectionFailedError):
            list(job.run())

        assert len(prompts) <= 60
        assert job.progress().failed <= 55


def test_items_that_fail_for_good_do_not_end_the_run(file: Path):
    answer, prompts = _failing(classify(400, {"error": {"code": 400, "message": "No."}}))
    with Job(file, answer) as job:
        job.add(ROWS)

        assert len(list(job.run())) == len(prompts) == 300


@pytest.mark.parametrize("error", [asyncio.CancelledError, SystemExit])
@pytest.mark.parametrize("blocks", [True, False], ids=["function", "coroutine function"])
def test_a_target_that_ends_itself_is_a_failed_item(
    file: Path, error: type[BaseException], *, blocks: bool
):
    def answer(prompt: str) -> str:
        if prompt == "p3":
            raise error
        return prompt

    async def answer_later(prompt: str) -> str:
        return answer(prompt)

    with Job(file, answer if blocks else answer_later, concurrency=2) as job:
        job.add(ROWS[:9])
        items = {item.key: item for item in job.run()}

    assert [key for key, item in items.items() if not item.is_ok] == [3]
    assert len(items) == 9


async def test_concurrency_halves_once_for_each_limit_that_was_met():
    pace = Pace("auto")
    for _ in range(16):
        pace.learn()
    assert pace.limit == 32
    gate = gates[("sk-or-x", "u", "m", "")] = Gate()
    gate.refuse(0, 1.0, 1.0)
    pace.learn()
    assert pace.limit == 16
    for _ in range(16):
        pace.learn()
    assert 16.9 < pace.limit < 17.1


async def test_a_fixed_concurrency_stays():
    pace = Pace(5)
    pace.learn(refused=True)
    pace.learn()

    assert pace.limit == 5


def test_what_another_thread_ends_lets_go_of_the_job(file: Path, ask: Ask):
    """`collect` that is dropped is ended by whichever thread collects the garbage."""
    with Job(file, ask) as job:
        job.add(ROWS[:20])
        begun = job._store.running()
        thread = threading.Thread(target=begun.__enter__)
        thread.start()
        thread.join()
        begun.__exit__(None, None, None)

        assert len(list(job.run())) == 20


def test_a_job_that_is_forgotten_closes_its_file(file: Path, ask: Ask):
    job = Job(file, ask)
    db = job._store._db
    del job
    gc.collect()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        db.execute("SELECT 1")
