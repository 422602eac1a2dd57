"""Waiting for long jobs, in growing steps, in both colours."""

from __future__ import annotations

import itertools
import time

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, RequestTimeoutError
from openrouter_core.resources import _waiting
from openrouter_core.resources._waiting import _pauses
from tests.openrouter_core.wire_server import reply


def _job(status: str) -> dict[str, str]:
    return {"id": "job-1", "status": status, "polling_url": "https://x"}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_waiting, "_FIRST_S", 0.01)


def test_pauses_grow_and_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_waiting, "_FIRST_S", 1.0)

    pauses = list(itertools.islice(_pauses(time.monotonic() + 1e6), 12))

    assert pauses[:3] == [1.0, 1.5, 2.25]
    assert pauses[-1] == 30.0


def test_no_pause_goes_beyond_the_end():
    assert next(_pauses(time.monotonic() + 0.001)) <= 0.001


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "expired"])
def test_it_returns_the_job_once_it_has_ended(serve, status: str):
    server = serve(reply(_job("pending")), reply(_job("in_progress")), reply(_job(status)))
    client = OpenRouterClient("k", base_url=server.base_url)
    seen: list[str] = []

    job = client.videos.wait("job-1", timeout_s=10, on_progress=lambda job: seen.append(job.status))

    assert job.status == status
    assert seen == ["pending", "in_progress"]
    assert len(server.requests) == 3


def test_a_status_of_tomorrow_does_not_end_the_wait(serve):
    server = serve(reply(_job("of_tomorrow")), reply(_job("completed")))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert client.videos.wait("job-1", timeout_s=10).status == "completed"


def test_time_runs_out_with_a_sentence(serve):
    server = serve(reply(_job("pending")))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(RequestTimeoutError, match=r"0\.1 s.*wait again"):
        client.videos.wait("job-1", timeout_s=0.1)


def test_batches_are_waited_for_too(serve):
    results = [{"custom_id": "1", "response": {"status_code": 200, "body": {}}, "error": None}]
    server = serve(
        reply({"id": "b", "status": "validating"}),
        reply({"id": "b", "status": "completed", "results": results}),
    )
    client = OpenRouterClient("k", base_url=server.base_url)

    batch = client.batches.wait("b", timeout_s=10)

    assert batch.results is not None
    assert batch.results[0].custom_id == "1"
    assert server.requests[0].target == "/api/v1/batches/b"


async def test_an_async_client_waits_without_blocking(serve):
    server = serve(reply(_job("pending")), reply(_job("completed")))
    seen: list[str] = []

    async def note(job) -> None:
        seen.append(job.status)

    async with AsyncOpenRouterClient("k", base_url=server.base_url) as client:
        job = await client.videos.wait("job-1", timeout_s=10, on_progress=note)

    assert (job.status, seen) == ("completed", ["pending"])
