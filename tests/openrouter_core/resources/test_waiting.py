"""Waiting for long jobs, in growing steps, by both clients."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    OpenRouterClient,
    OpenRouterError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)
from openrouter_core.resources import _waiting
from openrouter_core.resources._waiting import _pauses
from tests.openrouter_core.wire_server import CUT, HANG, refusal, reply


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


@pytest.mark.parametrize(
    "script", [[HANG], refusal(429, retry_after="6")], ids=["stalls", "asks to wait"]
)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_a_look_takes_what_is_left_of_the_wait(serve, script, is_async: bool):
    server = serve(reply(_job("pending")), script)
    started_s = time.monotonic()

    with pytest.raises((RequestTimeoutError, RateLimitError)):
        await _waited(server, timeout_s=1, is_async=is_async)

    assert time.monotonic() - started_s < 4


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_a_fault_that_passes_does_not_end_a_wait(serve, is_async: bool):
    server = serve(reply(_job("pending")), *[refusal(502)] * 5, [CUT], reply(_job("completed")))
    job = await _waited(server, timeout_s=30, is_async=is_async)

    assert job.status == "completed"


def test_a_fault_that_lasts_ends_a_wait(serve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_waiting, "_FAULT_LASTS_S", 0.1)
    server = serve(reply(_job("pending")), refusal(502))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(ServerError):
        client.videos.wait("job-1", timeout_s=30)


@pytest.mark.parametrize(("status", "looks"), [(404, 1), (502, 3)])
def test_a_wait_that_never_saw_its_job_fails_as_any_call(serve, status: int, looks: int):
    server = serve(refusal(status))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(OpenRouterError):
        client.videos.wait("job-1", timeout_s=30)
    assert len(server.requests) == looks


async def _waited(server, *, timeout_s: float, is_async: bool):
    if is_async:
        async with AsyncOpenRouterClient("k", base_url=server.base_url) as client:
            return await client.videos.wait("job-1", timeout_s=timeout_s)
    client = OpenRouterClient("k", base_url=server.base_url)
    return await asyncio.to_thread(client.videos.wait, "job-1", timeout_s=timeout_s)
