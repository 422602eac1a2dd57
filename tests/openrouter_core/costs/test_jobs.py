"""Videos and batches over a real socket: they cost when they end, once, whoever looks how often."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, observing, track_openrouter_cost
from openrouter_core.observers import jobs
from openrouter_core.resources import _waiting
from tests.openrouter_core.costs.exporting import ASK, MODEL

ROOT = Path(__file__).resolve().parents[3]
VIDEO = "google/veo-3.1-fast"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(_waiting, "_FIRST_S", 0.01)


@pytest.fixture
def ledger(reconciler):
    return CostLedger(reconciler=reconciler)


@pytest.fixture
def client(emulator, ledger):
    return OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[ledger])


def hand_in(client):
    requests = [{"custom_id": str(n), "body": {"messages": ASK}} for n in range(3)]
    return client.batches.create(requests, endpoint="/v1/chat/completions", model=MODEL)


def test_a_video_is_booked_once_when_it_has_ended(emulator, client, ledger):
    job = client.videos.create(model=VIDEO, prompt="A boat")
    assert ledger.records() == []

    ended = client.videos.wait(job.id)
    for _ in range(3):
        client.videos.get(job.id)

    (record,) = ledger.records()
    assert record.id == ended.generation_id
    assert (record.operation, record.requested_model) == ("getVideos", VIDEO)
    assert record.cost.total == emulator.total_charged > 0


def test_a_batch_is_booked_once_when_it_has_ended(emulator, client, ledger):
    batch = hand_in(client)
    client.batches.wait(batch.id)
    client.batches.get(batch.id)

    (record,) = ledger.records()
    assert record.id == batch.id
    assert record.model == MODEL
    assert record.cost.total == emulator.total_charged > 0


async def test_it_is_the_same_for_asyncio(emulator, ledger):
    client = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[ledger])
    job = await client.videos.create(model=VIDEO, prompt="A boat")
    await client.videos.wait(job.id)
    await client.aclose()

    assert ledger.totals().total == emulator.total_charged > 0


def test_a_job_belongs_to_the_block_that_started_it(emulator, client):
    with track_openrouter_cost(tags=["film"]) as spent:
        job = client.videos.create(model=VIDEO, prompt="A boat", user="ann")

    client.videos.wait(job.id)

    (record,) = spent.calls
    assert spent.total == emulator.total_charged > 0
    assert (record.labels.tags, record.labels.user) == (("film",), "ann")


def test_another_program_may_see_the_end(emulator, client, tmp_path):
    """Two ledgers of one database are what two programs have."""
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    job = client.videos.create(model=VIDEO, prompt="A boat")
    client.videos.wait(job.id)

    for _ in range(2):
        with CostLedger(f"sqlite:///{tmp_path}/costs.db") as shared, observing(shared):
            client.videos.get(job.id)
    with CostLedger(f"sqlite:///{tmp_path}/costs.db") as shared:
        assert shared.totals().calls == 1
        assert shared.totals().total == emulator.total_charged


@pytest.mark.parametrize("end", ["failed", "expired", "cancelled"])
def test_a_job_that_fails_without_usage_is_not_booked(emulator, client, ledger, end):
    emulator.state.settings.jobs_end = end
    job = client.videos.create(model=VIDEO, prompt="A boat")

    assert client.videos.wait(job.id).status == end
    assert ledger.records() == []
    assert emulator.total_charged == 0


def test_a_budget_holds_a_job_until_it_has_ended_and_then_counts_it_once(emulator):
    budget = Budget(5, per="total", price_of=lambda _model: None, reserve_usd="2")
    client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[budget])

    job = client.videos.create(model=VIDEO, prompt="A boat")
    assert (budget.reserved_usd(), budget.spent_usd()) == (2, 0)
    client.videos.wait(job.id)
    client.videos.get(job.id)

    assert budget.reserved_usd() == 0
    assert budget.spent_usd() == emulator.total_charged > 0


def test_a_look_at_a_job_is_never_refused(emulator):
    budget = Budget("0.5", per="total", price_of=lambda _model: None, reserve_usd="0.5")
    client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[budget])
    job = client.videos.create(model=VIDEO, prompt="A boat")

    assert client.videos.wait(job.id).status == "completed"
    assert budget.spent_usd() > budget.limit_usd


# Batches that name no price as a whole.


def end_without_sum(emulator, batch_id):
    """Let a batch end unwatched, and its answers name no sum, so that the results alone say prices."""
    OpenRouterClient(emulator.api_key, base_url=emulator.base_url).batches.wait(batch_id)
    row = emulator.state.table("Batch").get(batch_id)
    usage, row["usage"] = row["usage"], None
    return usage


def test_a_batch_without_a_sum_is_booked_result_by_result(emulator, client, ledger):
    batch = hand_in(client)
    end_without_sum(emulator, batch.id)
    for _ in range(2):
        client.batches.get(batch.id)

    assert {r.id for r in ledger.records()} == {b.generation_id for b in emulator.charges}
    assert len(ledger.records()) == 3
    assert ledger.totals().total == emulator.total_charged > 0
    assert {(r.operation, r.model, r.requested_model) for r in ledger.records()} == {
        ("getBatches", MODEL, MODEL)
    }
    assert sum(r.cost.tokens.prompt or 0 for r in ledger.records()) == sum(
        b.prompt_tokens for b in emulator.charges
    )


def test_the_sum_of_a_batch_is_booked_and_its_results_are_not_added_to_it(emulator, client, ledger):
    batch = client.batches.wait(hand_in(client).id)

    assert all(one.response.body["usage"]["cost"] for one in batch.results)
    assert [r.id for r in ledger.records()] == [batch.id]
    assert ledger.totals().total == emulator.total_charged


def test_a_budget_counts_the_results_of_a_batch_without_a_sum(emulator):
    budget = Budget(5, per="total", price_of=lambda _model: None, reserve_usd="2")
    client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[budget])

    batch = hand_in(client)
    end_without_sum(emulator, batch.id)
    client.batches.get(batch.id)

    assert budget.reserved_usd() == 0
    assert budget.spent_usd() == emulator.total_charged > 0


def test_a_job_that_fails_costs_a_budget_nothing(emulator):
    emulator.state.settings.jobs_end = "failed"
    budget = Budget(5, per="total", price_of=lambda _model: None, reserve_usd="2")
    client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[budget])

    client.videos.wait(client.videos.create(model=VIDEO, prompt="A boat").id)

    assert (budget.spent_usd(), budget.reserved_usd()) == (0, 0)


ITEM = {"custom_id": "one", "id": "batch_req_1", "error": None}


@pytest.mark.parametrize(
    ("response", "booked"),
    [
        ({"body": {"id": "gen-batch-1", "usage": {"cost": 0.1}}}, "gen-batch-1"),
        ({"body": {"id": "resp_1", "usage": {"cost": 0.1}}}, "batch_1/one"),
        ({"request_id": "gen-batch-2", "body": {"usage": {"cost": 0.1}}}, "gen-batch-2"),
        ({"status_code": 200, "body": {"id": "gen-batch-3"}}, "gen-batch-3"),
        ({"status_code": 500, "request_id": "gen-batch-4", "body": {"error": {}}}, None),
        ({"body": {"id": "resp_2"}}, None),
        (None, None),
    ],
)
def test_a_result_is_named_by_its_generation_or_by_its_own_id(response, booked):
    batch = {"id": "batch_1", "model": MODEL, "results": [{**ITEM, "response": response}]}

    found = jobs.results_of(batch)

    assert [one["id"] for one in found] == ([booked] if booked else [])
    assert all(one["model"] == MODEL for one in found)


@pytest.mark.parametrize("results", [None, [], "later", [None, 7, {}]])
def test_results_of_an_unknown_shape_are_passed_over(results):
    assert jobs.results_of({"id": "batch_1", "results": results}) == []


# Jobs that one process starts and another sees the end of.

START_AND_LEAVE = """
import sys
from openrouter_core import OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, cost_labels

url, base_url, key, kind = sys.argv[1:]
ledger = CostLedger(url)
budget = Budget(5, per="tag", ledger=ledger, price_of=lambda model: None, reserve_usd="2")
client = OpenRouterClient(key, base_url=base_url, observers=[budget, ledger])
with cost_labels(run="r", tags=["film"], user="ann"):
    if kind == "video":
        print(client.videos.create(model="google/veo-3.1-fast", prompt="A boat").id)
    else:
        body = {"messages": [{"role": "user", "content": "Hi"}]}
        requests = [{"custom_id": str(n), "body": body} for n in range(3)]
        made = client.batches.create(
            requests, endpoint="/v1/chat/completions", model="openai/gpt-4o-mini"
        )
        print(made.id)
ledger.close()
"""


def start_elsewhere(url: str, emulator, kind: str) -> str:
    """Let another process start a job and end before the job does; return the job's id."""
    done = subprocess.run(
        [sys.executable, "-c", START_AND_LEAVE, url, emulator.base_url, emulator.api_key, kind],
        env={**os.environ, "PYTHONPATH": str(ROOT / "shared")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def look_here(url: str, emulator, kind: str, job: str):
    """Follow a job to its end as one more process would; return its budget and its ledger's records."""
    jobs._jobs.clear()
    with CostLedger(url, reconcile="none") as ledger:
        budget = Budget(5, per="tag", ledger=ledger)
        client = OpenRouterClient(
            emulator.api_key, base_url=emulator.base_url, observers=[budget, ledger]
        )
        before = budget.reserved_usd("film")
        (client.videos if kind == "video" else client.batches).wait(job)
        after = budget.reserved_usd("film"), budget.spent_usd("film")
        return before, after, ledger.records()


@pytest.mark.parametrize("kind", ["video", "batch", "batch without a sum"])
def test_a_job_of_another_process_is_booked_once_and_settles_its_reservation(
    emulator, tmp_path, kind
):
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    url = f"sqlite:///{tmp_path}/costs.db"
    job = start_elsewhere(url, emulator, kind)
    if kind == "batch without a sum":
        end_without_sum(emulator, job)

    first = look_here(url, emulator, kind, job)
    second = look_here(url, emulator, kind, job)

    spent = emulator.total_charged
    assert spent > 0
    assert first[:2] == (2, (0, spent))
    assert second[:2] == (0, (0, spent))
    for _, _, records in (first, second):
        assert sum(r.cost.total for r in records) == spent
        assert {r.id for r in records} == (
            {job} if kind == "batch" else {b.generation_id for b in emulator.charges}
        )
        assert {r.model_name for r in records} == {VIDEO if kind == "video" else MODEL}
        assert {(r.labels.run, r.labels.tags, r.labels.user) for r in records} == {
            ("r", ("film",), "ann")
        }


def test_a_batch_that_was_booked_result_by_result_is_not_booked_as_a_whole_later(
    emulator, tmp_path
):
    """The sum may come after the results: the program that sees it then adds nothing."""
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    url = f"sqlite:///{tmp_path}/costs.db"
    job = start_elsewhere(url, emulator, "batch")
    usage = end_without_sum(emulator, job)
    look_here(url, emulator, "batch", job)
    emulator.state.table("Batch").get(job)["usage"] = usage

    _, after, records = look_here(url, emulator, "batch", job)

    assert len(records) == 3
    assert sum(r.cost.total for r in records) == after[1] == emulator.total_charged


def test_a_reservation_of_a_job_lasts_longer_than_that_of_a_call(emulator, tmp_path):
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    from openrouter_core.costs.sql import budgets

    with CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none") as ledger:
        budget = Budget(5, per="total", ledger=ledger, price_of=lambda _: None, reserve_usd="2")
        client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[budget])
        client.videos.create(model=VIDEO, prompt="A boat")
        ledger.store.budgets.flush()
        with ledger.store._database.engine.connect() as db:
            ends_at = db.scalar(budgets.sa.select(budgets.holds.c.expires_at))

    assert ends_at - datetime.now(UTC) > timedelta(hours=24)
