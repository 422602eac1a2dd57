"""Jobs by the Batch API beside others, stopped and killed at every step: nothing is paid twice, lost or stuck."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openrouter_core.bulk import Job, offline
from openrouter_core.bulk.batch_offline import batch_offline
from openrouter_core.errors import BudgetExceededError
from openrouter_core.observers import jobs
from openrouter_core.observers.protocol import active_observers
from openrouter_emulator import Emulator
from tests.openrouter_core.bulk import submitter
from tests.openrouter_core.bulk.submitter import Target, rows
from tests.openrouter_core.costs import postgres

pytest.importorskip("sqlalchemy", reason="a shared job needs the extra [bulk]")
from openrouter_core.bulk.sql import store as shared  # after the check

COUNT = 8


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(polls_until_done=1) as running:
        yield running


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres.server_or_skip() as url:
        yield url


@pytest.fixture(params=["file", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return postgres.new_database(request.getfixturevalue("postgres_url"))
    return f"{tmp_path}/job.db" if request.param == "file" else f"sqlite:///{tmp_path}/job.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return postgres.new_database(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/job.db"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "_LOOK_AGAIN_S", 0.05)


def _job(store: str, emulator: Emulator, **settings: Any) -> Job[str]:
    return Job(store, Target(emulator.base_url, emulator.api_key), **settings)


def _batches(emulator: Emulator) -> list[int]:
    return [len(body["requests"]) for body in emulator.bodies if body and "requests" in body]


# ------------------------------------------------------------------------- several


def test_two_that_hand_in_and_one_that_runs_pay_each_item_once(url: str, emulator: Emulator):
    count = 600
    with _job(url, emulator) as job:
        job.add(rows(count))
    begun = [
        submitter.start(url, emulator.base_url, emulator.api_key, how, count)
        for how in ("batch", "batch", "run")
    ]
    printed = [process.communicate(timeout=100)[0].split("\n")[:-1] for process in begun]

    assert Counter(key for keys in printed for key in keys) == {str(n): 1 for n in range(count)}
    assert len(emulator.charges) == count
    with _job(url, emulator) as job:
        assert [item.key for item in job.results()] == list(range(count))
        assert job.progress().spent_usd == emulator.total_charged


def test_what_another_has_in_hand_is_left_to_it(
    url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    """Two that held a part each and waited for the other's would wait for ever."""
    other = shared.SharedStore(url, "job")
    monkeypatch.setattr(shared, "_PAGE", COUNT // 2)
    with _job(url, emulator) as job, other.running():
        job.add(rows(COUNT))
        assert len(next(other.pending())) == COUNT // 2
        assert job.submit() == COUNT // 2
    other.close()
    assert _batches(emulator) == [COUNT // 2]


def test_a_batch_that_another_process_is_creating_is_not_given_back(
    url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    other = shared.SharedStore(url, "job")
    monkeypatch.setattr(offline, "_CLOCKS_DIFFER_S", -1.0)  # what is lost is given back at once
    with _job(url, emulator) as job, other.running():
        job.add(rows(COUNT))
        ids = [one.id for one in next(other.pending())]
        other.hand_in("uploading", submitter.MODEL, ids, Decimal(0))

        assert job.submit() == 0
        assert list(job.collect()) == []
    other.close()
    with _job(url, emulator) as job:  # now it is dead, and its batch never arrived
        assert job.submit() == COUNT


def test_a_refused_batch_stays_with_whom_it_was_refused(
    url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    other = shared.SharedStore(url, "job")
    target = Target(emulator.base_url, emulator.api_key)
    create = target.core_client.batches.create

    def limited(requests: Any, **options: Any) -> Any:
        if len(requests) > COUNT // 2:
            raise offline.PayloadTooLargeError("Too large.")
        assert next(other.pending(), []) == []
        return create(requests, **options)

    monkeypatch.setattr(target.core_client.batches, "create", limited, raising=False)
    with Job[str](url, target) as job, other.running():
        job.add(rows(COUNT))
        assert job.submit() == COUNT
    other.close()


def test_of_two_that_collect_one_hands_over(url: str, emulator: Emulator):
    got = list[Any]()
    with _job(url, emulator) as one, _job(url, emulator) as other:
        one.add(rows(COUNT))
        one.submit()
        items = one.collect(wait=True)
        got.append(next(items).key)
        thread = threading.Thread(
            target=lambda: got.extend(i.key for i in other.collect(wait=True))
        )
        thread.start()
        time.sleep(0.3)  # it finds the batch ended, and its items in the hands of the first
        got += [item.key for item in items]
        thread.join(30)

    assert not thread.is_alive()
    assert sorted(got) == list(range(COUNT))


# ------------------------------------------------------------------------- money

MAY_COST = Decimal("0.0000006") * 1000 / 2
"""Of one prompt with an answer of 1,000 tokens; its own tokens are a hundredth of that."""


def _large(store: str, emulator: Emulator, max_usd: Decimal) -> Job[str]:
    target = Target(emulator.base_url, emulator.api_key, max_tokens=1000)
    return Job(store, target, max_usd=max_usd)


def test_what_a_budget_covers_is_handed_in(store: str, emulator: Emulator):
    with _large(store, emulator, MAY_COST * 5) as job:
        job.add(rows(COUNT))
        with pytest.raises(BudgetExceededError):
            job.submit()
        with pytest.raises(BudgetExceededError):  # what is under way counts
            job.submit()
    with _large(store, emulator, MAY_COST * 5) as job:
        with pytest.raises(BudgetExceededError):
            job.submit()
        with pytest.raises(BudgetExceededError):
            list(job.run())
        assert _batches(emulator) == [4]
        assert len(list(job.collect(wait=True))) == 4
        assert job.submit() == 4  # they cost less than they might have
        assert len(list(job.collect(wait=True))) == 4
        assert job.progress().spent_usd == emulator.total_charged


def test_who_collects_settles_the_budget_of_all(url: str, emulator: Emulator):
    with _large(url, emulator, Decimal(1)) as job:
        job.add(rows(COUNT))
        job.submit()
    jobs._jobs.clear()  # as in another process
    with _large(url, emulator, Decimal(1)) as job:
        list(job.collect(wait=True))
        budget = job._store.budget(Decimal(1))
        assert budget.reserved_usd() == 0
        assert budget.spent_usd() == job.progress().spent_usd == emulator.total_charged


def test_calls_between_two_items_are_not_of_the_job(store: str, emulator: Emulator):
    with _large(store, emulator, MAY_COST * COUNT * 2) as job:
        job.add(rows(COUNT))
        job.submit()
        for _ in job.collect(wait=True):
            assert active_observers() == ()


def test_a_file_of_the_version_before_is_read(tmp_path: Path, emulator: Emulator):
    file = tmp_path / "job.db"
    with _job(str(file), emulator) as job:
        job.add(rows(COUNT))
    db = sqlite3.connect(file)
    db.executescript("ALTER TABLE hand_ins DROP COLUMN usd; PRAGMA user_version = 1")
    db.close()
    with _job(str(file), emulator) as job:
        assert job.submit() == COUNT


# ------------------------------------------------------------------------- stopped and killed


def test_who_leaves_a_collection_goes_on_with_it(store: str, emulator: Emulator):
    with _job(store, emulator) as job:
        job.add(rows(COUNT))
        job.submit(batch_size=COUNT // 2)
        items = job.collect(wait=True)
        next(items)
    with _job(store, emulator) as job:  # closing the first has ended its collection
        assert {item.key for item in job.collect(wait=True)} == set(range(COUNT))
        assert list(job.collect()) == list(job.run()) == []
    assert len(emulator.charges) == COUNT


@pytest.mark.parametrize("step", ["give_back", "commit"])
def test_a_collection_that_was_killed_goes_on(
    store: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, step: str
):
    monkeypatch.setattr(shared, "LEASE_S", 0.5)
    with _job(store, emulator) as job:
        job.add(rows(COUNT))
        job.submit()
        monkeypatch.setattr(job._store, step, _killed)
        with pytest.raises(SystemExit):
            list(job.collect(wait=True))
    with _job(store, emulator) as job:
        list(job.collect(wait=True))
        assert [item.key for item in job.results()] == list(range(COUNT))
        assert list(job.collect()) == list(job.run()) == []
    assert len(emulator.charges) == COUNT


def _killed(*_: object, **__: object) -> None:
    raise SystemExit


def test_who_was_killed_before_sending_hands_in_again(
    store: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    """Also at once: whether a batch arrived is known when one that did would be in the list."""
    monkeypatch.setattr(offline, "_CLOCKS_DIFFER_S", 1.0)
    target = Target(emulator.base_url, emulator.api_key)
    monkeypatch.setattr(target.core_client.batches, "create", _killed, raising=False)
    with pytest.raises(SystemExit):
        batch_offline(target, ["one", "two"], store, timeout_s=60)
    items = batch_offline(
        Target(emulator.base_url, emulator.api_key), ["one", "two"], store, timeout_s=60
    )

    assert [(item.key, item.is_ok) for item in items] == [(0, True), (1, True)]
    assert _batches(emulator) == [2]


def test_batches_that_were_taken_for_each_other_find_their_own(store: str, emulator: Emulator):
    """Two that were lost at once and are alike in model, size and time."""
    with _job(store, emulator) as job:
        job.add(rows(COUNT))
        job.submit(batch_size=COUNT // 2)
        one, other = job._store.hand_ins()
        job._store.handed_in(one.token, other.batch_id)
        job._store.handed_in(other.token, one.batch_id)

        assert {item.key for item in job.collect(wait=True)} == set(range(COUNT))
    assert len(_batches(emulator)) == 2
    assert len(emulator.charges) == COUNT


def test_the_batch_of_another_job_is_left_alone(
    tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(offline, "_CLOCKS_DIFFER_S", 1.0)
    with _job(f"{tmp_path}/other.db", emulator) as other:
        other.add(rows(COUNT))
        target = Target(emulator.base_url, emulator.api_key)
        monkeypatch.setattr(target.core_client.batches, "create", _killed, raising=False)
        with Job[str](tmp_path / "job.db", target) as job:
            job.add(rows(COUNT))
            with pytest.raises(SystemExit):
                job.submit()
        other.submit()
        with _job(f"{tmp_path}/job.db", emulator) as job:
            assert job.submit() == 0
            list(job.collect(wait=True))
            assert job.submit() == COUNT
            assert len(list(job.collect(wait=True))) == COUNT
        assert len(list(other.collect(wait=True))) == COUNT


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_batch_offline_has_an_item_for_each_input(store: str, emulator: Emulator, end: str):
    target = Target(emulator.base_url, emulator.api_key)
    emulator.settings.jobs_end = end
    items = batch_offline(target, ["one", "two"], store, timeout_s=60)
    assert [(item.key, item.is_ok) for item in items] == [(0, False), (1, False)]

    emulator.settings.jobs_end = "completed"
    items = batch_offline(target, ["one", "two"], store, timeout_s=60)
    assert [(item.key, item.is_ok) for item in items] == [(0, True), (1, True)]
