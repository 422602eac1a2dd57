"""Videos and batches over a real socket: they cost when they end, once, whoever looks how often."""

from __future__ import annotations

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, observing, track_openrouter_cost
from openrouter_core.resources import _waiting
from tests.costs.exporting import ASK, MODEL

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
