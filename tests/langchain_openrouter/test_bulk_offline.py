"""Jobs carried out by the Batch API: handed in now, collected later, at half the price."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_openrouter import ChatOpenRouter
from openrouter_core import ApiStatusError, ConfigurationError, NotFoundError, RequestTimeoutError
from openrouter_core.bulk import Job
from openrouter_core.costs import CostLedger
from openrouter_core.errors import BudgetExceededError, PayloadTooLargeError
from openrouter_emulator import Emulator

GPT = "openai/gpt-4o-mini"
ROWS = [(n, f"question {n}") for n in range(7)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


def _model(**settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(model=GPT, max_retries=0, max_tokens=30, **settings)


def _creations(emulator: Emulator) -> list[Any]:
    return [body for body in emulator.bodies if body and "requests" in body]


def test_the_same_messages_in_the_same_order_for_half_the_price(
    openrouter_emulator: Emulator, tmp_path: Path
):
    ledger = CostLedger()
    with Job[AIMessage](tmp_path / "now.db", _model()) as job:
        job.add(ROWS)
        list(job.run())
        now, price = list(job.results()), job.progress().spent_usd
    with Job[AIMessage](tmp_path / "later.db", _model(observers=[ledger])) as job:
        job.add(ROWS)
        assert job.submit(batch_size=3) == 7
        assert job.submit() == 0
    with Job[AIMessage](tmp_path / "later.db", _model(observers=[ledger])) as job:
        items = list(job.collect(wait=True))
        later = list(job.results())

        assert {item.key for item in items} == {key for key, _ in ROWS}
        assert [i.result.text for i in later if i.result] == [
            i.result.text for i in now if i.result
        ]
        assert [i.key for i in later] == [key for key, _ in ROWS]
        assert job.progress().spent_usd == price / 2 == ledger.totals().total
        assert list(job.collect()) == list(job.run()) == []
    assert [len(body["requests"]) for body in _creations(openrouter_emulator)] == [3, 3, 1]


def test_what_has_not_ended_is_collected_another_time(openrouter_emulator: Emulator, file: Path):
    openrouter_emulator.settings.polls_until_done = 4
    with Job[AIMessage](file, _model()) as job:
        job.add(ROWS)
        job.submit()
        assert list(job.collect()) == []
        assert list(job.run()) == []  # they are under way
        assert job.progress().left == 7
        with pytest.raises(RequestTimeoutError):
            list(job.collect(wait=True, timeout_s=0.01))
        assert len(list(job.collect(wait=True))) == 7


async def test_hand_in_and_collect_in_asyncio(openrouter_emulator: Emulator, file: Path):
    openrouter_emulator.settings.polls_until_done = 2
    ledger = CostLedger()
    with Job[AIMessage](file, _model(observers=[ledger])) as job:
        job.add(ROWS)
        assert await job.asubmit(batch_size=4) == 7
        items = [item async for item in job.acollect(wait=True)]

        assert {item.key for item in items} == {key for key, _ in ROWS}
        assert [item async for item in job.acollect()] == []
        assert job.progress().spent_usd == ledger.totals().total > 0


def test_one_bad_item_is_an_error_of_its_own(openrouter_emulator: Emulator, file: Path):
    rows = [*ROWS, ("bad", [{"role": "user", "content": [{"type": "text"}]}])]
    with Job[AIMessage](file, _model()) as job:
        job.add(rows)
        job.submit()
        items = {item.key: item for item in job.collect(wait=True)}

    assert [key for key, item in items.items() if not item.is_ok] == ["bad"]
    assert (items["bad"].error or "").startswith("BatchError: ")
    assert items["bad"].cost is None


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_what_a_batch_did_not_answer_waits_to_be_asked_again(
    openrouter_emulator: Emulator, file: Path, end: str
):
    openrouter_emulator.settings.jobs_end = end
    with Job[AIMessage](file, _model()) as job:
        job.add(ROWS)
        job.submit()
        assert list(job.collect(wait=True)) == []
        assert len(list(job.run())) == 7


def test_a_batch_that_failed_says_why(openrouter_emulator: Emulator, file: Path):
    openrouter_emulator.settings.jobs_end = "failed"
    with Job[AIMessage](file, _model()) as job:
        job.add(ROWS)
        job.submit()
        errors = {item.error for item in job.collect(wait=True)}

    assert errors == {"BatchError: The batch failed. The provider gave up."}


def test_a_batch_whose_creation_was_not_seen_to_end_is_found_and_not_paid_again(
    openrouter_emulator: Emulator, file: Path, monkeypatch: pytest.MonkeyPatch
):
    with Job[AIMessage](file, _model()) as job:
        job.add(ROWS)
        monkeypatch.setattr(job._store, "handed_in", _killed)
        with pytest.raises(SystemExit):
            job.submit()
    with Job[AIMessage](file, _model()) as job:
        assert job.submit() == 0
        assert len(list(job.collect(wait=True))) == 7

    assert len(_creations(openrouter_emulator)) == 1


def _killed(*_: object) -> None:
    raise SystemExit


def test_a_refused_batch_leaves_its_prompts_to_be_asked(openrouter_emulator: Emulator, file: Path):
    with Job[AIMessage](file, ChatOpenRouter(model="no/such-model", max_retries=0)) as job:
        job.add(ROWS)
        with pytest.raises(ApiStatusError):
            job.submit()

        assert sum(1 for _ in job._store.pending()) == 1


def test_a_batch_that_is_too_large_is_halved(
    openrouter_emulator: Emulator, file: Path, monkeypatch: pytest.MonkeyPatch
):
    made = _model()
    create, sizes = made.core_client.batches.create, list[int]()

    def limited(requests: Any, **options: Any) -> Any:
        sizes.append(len(requests))
        if len(requests) > 2:
            raise PayloadTooLargeError("Too large.")
        return create(requests, **options)

    monkeypatch.setattr(made.core_client.batches, "create", limited, raising=False)
    with Job[AIMessage](file, made) as job:
        job.add(ROWS)
        assert job.submit() == 7
        assert len(list(job.collect(wait=True))) == 7

    assert sizes == [7, 3, 1, 2, 4, 2, 2]


def test_a_budget_refuses_before_anything_is_handed_in(openrouter_emulator: Emulator, file: Path):
    with Job[AIMessage](file, _model(), max_usd="0.0000001") as job:
        job.add(ROWS)
        with pytest.raises(BudgetExceededError):
            job.submit()
        assert job.progress().left == 7

    assert _creations(openrouter_emulator) == []


def test_a_chain_is_refused(openrouter_emulator: Emulator, file: Path):
    chain = _model().with_structured_output({"title": "A", "type": "object"})
    with Job[Any](file, chain) as job, pytest.raises(ConfigurationError, match="not a chain"):
        job.submit()


def test_a_batch_of_another_job_is_not_taken(openrouter_emulator: Emulator, file: Path):
    with Job[AIMessage](file, _model()) as job:
        job.add(ROWS)
        job.submit()
        (hand_in,) = job._store.hand_ins()
        job._store.handed_in(hand_in.token, "batch_of_nobody")
        with pytest.raises(NotFoundError):
            list(job.collect())
        assert job.progress().left == 7


def test_batch_offline_gives_an_item_for_each_input(openrouter_emulator: Emulator, file: Path):
    made = _model()
    items = made.batch_offline(["one", "two"], store=file)
    again = made.batch_offline(["one", "two"], store=file)

    assert [item.result.text for item in items if item.result] == [
        made.invoke(word).text for word in ("one", "two")
    ]
    assert [item.key for item in again] == [0, 1]
    assert len(_creations(openrouter_emulator)) == 1


async def test_batch_offline_can_be_awaited(openrouter_emulator: Emulator, file: Path):
    items = await _model().abatch_offline(["one", "two"], store=file)

    assert [item.key for item in items] == [0, 1]
    assert [item.error for item in items] == [None, None]
    assert len(_creations(openrouter_emulator)) == 1


@pytest.mark.parametrize("inputs", ["Hi", {"a": "Hi"}, 5, None])
def test_one_text_is_not_many(openrouter_emulator: Emulator, file: Path, inputs: Any):
    with pytest.raises(
        ConfigurationError, match=r'inputs must be a list of inputs, e\.g\. \["Hi"\]'
    ):
        _model().batch_offline(inputs, store=file)

    assert _creations(openrouter_emulator) == []
