"""The gates: a 429 holds back the calls beside it, and lets them through at the rate that went through."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    ClientConfig,
    OpenRouterClient,
    OpenRouterError,
    RateLimitError,
)
from openrouter_core._call import Call
from openrouter_core._http import gate as gates_module
from openrouter_core._http.gate import FORGET_S, Gate, Turn, gates
from openrouter_core.errors import classify
from tests.openrouter_core.both_clients import Connect, sync_and_async
from tests.openrouter_core.wire_server import WireServer, reply
from tests.token_bucket import TokenBucketServer

MESSAGES = [{"role": "user", "content": "Hi"}]
_CONFIG = ClientConfig.of("sk-or-x", max_wait_s=60.0)


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_for(self, waits: Iterator[float]) -> float:
        """Wait as a call does; return how long."""
        begun = self.now
        for wait_s in waits:
            self.now += wait_s
        return self.now - begun


def _call(model: str = "a/b", **body: Any) -> Call[Any]:
    return Call(dict, json={"model": model, **body})


def _refusal(retry_after: float | None = 2.0, **details: Any) -> OpenRouterError:
    error = classify(429, {"error": {"code": 429, "message": "No."}})
    for name, value in {"retry_after": retry_after, **details}.items():
        setattr(error, name, value)
    return error


def _close(clock: Clock, config: ClientConfig = _CONFIG, **refusal: Any) -> None:
    Turn(config, _call(), clock).refused_without_gate(_refusal(**refusal))


# ------------------------------------------------------------------------- who waits


def test_a_429_holds_back_the_calls_to_the_same_limit():
    clock = Clock()
    _close(clock)

    assert clock.pass_for(Turn(_CONFIG, _call(), clock).waits()) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("config", "call"),
    [
        (ClientConfig.of("sk-or-other"), _call()),
        (ClientConfig.of("sk-or-x", base_url="https://gateway.example"), _call()),
        (_CONFIG, _call("a/c")),
        (_CONFIG, _call(provider={"only": ["x"]})),
    ],
    ids=["key", "base URL", "model", "provider preferences"],
)
def test_calls_to_another_limit_pass(config: ClientConfig, call: Call[Any]):
    clock = Clock()
    _close(clock)

    assert clock.pass_for(Turn(config, call, clock).waits()) == 0


@pytest.mark.parametrize("change", [{"max_retries": 0}, {"shared_backoff": False}])
def test_calls_without_retries_or_with_their_own_backoff_pass(change: dict[str, Any]):
    clock = Clock()
    _close(clock)

    assert clock.pass_for(Turn(_CONFIG.replace(**change), _call(), clock).waits()) == 0


def test_nobody_waits_longer_than_max_wait():
    clock = Clock()
    _close(clock, retry_after=50.0)
    patience = _CONFIG.replace(max_wait_s=3.0)

    assert clock.pass_for(Turn(patience, _call(), clock).waits()) == pytest.approx(3.0)


@pytest.mark.parametrize(
    "refusal",
    [{"retry_after": 61.0}, {"retry_after": 3600.0}, {"retryable": False}],
    ids=["beyond max_wait_s", "an hour", "final"],
)
def test_a_refusal_that_is_not_waited_for_closes_nothing(refusal: dict[str, Any]):
    _close(Clock(), **refusal)

    assert gates == {}


def test_other_failures_and_switched_off_backoff_close_nothing():
    Turn(_CONFIG, _call()).refused(classify(503, {"error": {"code": 503, "message": "x"}}))
    _close(Clock(), _CONFIG.replace(shared_backoff=False))

    assert gates == {}


def test_a_429_that_names_no_wait_closes_for_a_second():
    clock = Clock()
    _close(clock, retry_after=None)

    assert clock.pass_for(Turn(_CONFIG, _call(), clock).waits()) == pytest.approx(1.0)


# ------------------------------------------------------------------------- how it opens


def test_refusals_of_calls_sent_before_the_closing_count_once():
    gate = Gate()
    for at in (10.0, 10.1, 10.2):
        gate.refuse(0, at, 1.0)

    assert gate.closing == 1
    assert gate.slot(10.5).at == 11.0


def _sent_in(gate: Gate, seconds: float, now: float) -> int:
    """How many of a crowd that always waits are sent in a time."""
    count = 0
    while (slot := gate.slot(now)).at < now + seconds:
        if slot.closing >= 0:
            gate.sent(slot)
            count += 1
        else:
            now = slot.at
    return count


def test_it_opens_gradually():
    gate = Gate()
    gate.refuse(0, 0.0, 1.0)
    first = _sent_in(gate, 1.0, 1.0)

    assert first <= 8
    assert first < _sent_in(gate, 1.0, 2.0) <= 20


def test_it_begins_with_the_rate_that_went_through_while_it_was_closed():
    gate = Gate()
    gate.refuse(0, 0.0, 1.0)
    for _ in range(40):
        gate.answered()

    assert 38 <= _sent_in(gate, 1.0, 1.0) <= 44


def test_it_remembers_the_rate_that_went_through():
    """After the next refusal it does not begin anew, and does not run into the limit within a second."""
    gate = Gate()
    gate.refuse(0, 0.0, 1.0)
    for _ in range(40):
        gate.answered()
    sent = _sent_in(gate, 4.0, 1.0)
    gate.refuse(gate.closing, 5.0, 1.0)

    assert 150 <= sent <= 190
    assert 28 <= _sent_in(gate, 1.0, 6.0) <= 40


def test_a_quiet_time_is_not_taken_for_a_slow_server():
    gate = Gate()
    gate.refuse(0, 0.0, 1.0)
    for _ in range(40):
        gate.answered()
    _sent_in(gate, 1.0, 1.0)
    gate.refuse(gate.closing, 200.0, 1.0)

    assert _sent_in(gate, 1.0, 201.0) >= 18


def test_a_call_that_waited_for_its_turn_while_it_was_closed_again_asks_anew():
    clock = Clock()
    _close(clock)
    (gate,) = gates.values()
    waits = Turn(_CONFIG, _call(), clock).waits()
    clock.now += next(waits)
    gate.slot(clock.now)
    gate.refuse(gate.closing, clock.now, 5.0)

    assert clock.pass_for(waits) == pytest.approx(5.0, abs=0.3)


def test_a_gate_is_forgotten():
    clock = Clock()
    _close(clock)
    clock.now += FORGET_S + 3

    assert clock.pass_for(Turn(_CONFIG, _call(), clock).waits()) == 0
    assert gates == {}


# ------------------------------------------------------------------------- through the clients


@sync_and_async
async def test_a_call_beside_a_refused_one_is_sent_after_the_wait(connect: Connect):
    limited = reply({"error": {"code": 429, "message": "x"}}, status=429, retry_after="1")
    server = WireServer(limited, reply({"choices": [{"message": {"content": "ok"}}]}))
    first, second = (connect(server.base_url, max_wait_s=5.0, max_retries=n) for n in (0, 2))
    with pytest.raises(RateLimitError):
        await first.send()

    begun = time.monotonic()
    await first.send()
    passed_at_once_s = time.monotonic() - begun
    await second.send()

    assert time.monotonic() - begun >= 0.9
    assert passed_at_once_s < 0.9


async def test_timeouts_do_not_run_while_a_call_waits():
    limited = reply({"error": {"code": 429, "message": "x"}}, status=429, retry_after="2")
    server = WireServer(limited, reply({"choices": [{"message": {"content": "ok"}}]}))
    client = AsyncOpenRouterClient("sk-or-x", base_url=server.base_url, timeout_s=1.5)

    with pytest.raises(RateLimitError):
        await client.with_options(max_retries=0).chat.send(MESSAGES, model="a/b")
    begun = time.monotonic()
    later = await client.chat.send(MESSAGES, model="a/b")

    assert time.monotonic() - begun > 1.5
    assert later.http.attempts == 1
    assert later.http.elapsed_s < 1.5


def test_nothing_is_looked_up_before_the_first_429(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gates_module.Turn, "__init__", None)
    with (
        TokenBucketServer(100) as server,
        OpenRouterClient("sk-or-x", base_url=server.url) as client,
    ):
        client.chat.send(MESSAGES, model="a/b")

    assert server.answered.total() == 1


CALLS, RATE = 600, 150.0


async def _crowd(url: str) -> list[Any]:
    client = AsyncOpenRouterClient("sk-or-x", base_url=url)
    room = asyncio.Semaphore(100)

    async def ask(number: int) -> Any:
        async with room:
            return await client.chat.send([{"role": "user", "content": str(number)}], model="a/b")

    return await asyncio.gather(*map(ask, range(CALLS)), return_exceptions=True)


async def _threads(url: str) -> list[Any]:
    client = OpenRouterClient("sk-or-x", base_url=url)

    def ask(number: int) -> Any:
        return client.chat.send([{"role": "user", "content": str(number)}], model="a/b")

    def run() -> list[Any]:
        with ThreadPoolExecutor(100) as pool:
            return [
                f.exception() or f.result() for f in [pool.submit(ask, n) for n in range(CALLS)]
            ]

    return await asyncio.to_thread(run)


@pytest.mark.parametrize("crowd", [_threads, _crowd], ids=["sync", "async"])
async def test_a_crowd_is_answered_with_few_refusals(crowd: Any):
    """Without the gate a quarter of them fails, and there are more refusals than calls."""
    with TokenBucketServer(RATE) as server:
        answers = await crowd(server.url)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    assert server.answered.total() == CALLS
    assert server.refused < CALLS * 0.15


def test_a_closing_is_in_the_log_without_the_key(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG, "openrouter.retry"):
        _close(Clock())

    assert "holds back" in caplog.text
    assert "sk-or" not in caplog.text
    assert "sk-or" not in repr(gates)
