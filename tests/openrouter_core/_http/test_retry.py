"""When to try again, and after how long: the policy as values, then the loop that carries it out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openrouter_core import (
    BudgetExceededError,
    ConfigurationError,
    ConnectionFailedError,
    IncompleteBodyError,
    OpenRouterError,
    RateLimitError,
    RequestTimeoutError,
    ResponseShapeError,
    StreamInterruptedError,
)
from openrouter_core._call import Call, Route
from openrouter_core._http.retry import RetryPolicy, run, run_async
from openrouter_core.config import ClientConfig
from openrouter_core.errors import classify

_ROUTE = Route("POST", "/chat/completions", "")
_CALL = Call(dict)
_SLOW = ClientConfig.of("sk-or-test", max_retries=2, max_wait_s=60.0)
_QUICK = _SLOW.replace(max_wait_s=0.001)
_POLICY = RetryPolicy(max_retries=2, max_wait_s=60.0)


def _status(status: int, **details: Any) -> OpenRouterError:
    error = classify(status, {"error": {"code": status, "message": "No."}})
    for name, value in details.items():
        setattr(error, name, value)
    return error


# ------------------------------------------------------------------------- the policy


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 524, 529])
def test_failures_that_pass_are_worth_a_retry(status: int) -> None:
    assert _POLICY.wait_s(_status(status), 1) is not None


@pytest.mark.parametrize(
    "status", [302, 400, 401, 402, 403, 404, 405, 409, 410, 412, 413, 422, 501]
)
def test_failures_that_stay_are_not(status: int) -> None:
    assert _POLICY.wait_s(_status(status), 1) is None


def test_c2_a_402_is_never_retried_even_if_it_asks_to() -> None:
    """quirks.md C2: no money does not come back by asking."""
    assert _POLICY.wait_s(_status(402, retryable=True, retry_after=1.0), 1) is None


@pytest.mark.parametrize(
    "error",
    [
        ConnectionFailedError("x"),
        IncompleteBodyError("x"),
        RequestTimeoutError("x"),
        StreamInterruptedError("x"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_answer_that_did_not_arrive_is_worth_a_retry(error: OpenRouterError) -> None:
    assert _POLICY.wait_s(error, 1) is not None


@pytest.mark.parametrize(
    "error",
    [ConfigurationError("x"), ResponseShapeError("x"), BudgetExceededError("x"), ValueError("x"),
     KeyboardInterrupt(), asyncio.CancelledError(), None],
    ids=lambda e: type(e).__name__,
)  # fmt: skip
def test_anything_else_is_not(error: BaseException | None) -> None:
    assert _POLICY.wait_s(error, 1) is None


@pytest.mark.parametrize(("retryable", "status"), [(False, 503), (True, 404)])
def test_the_servers_own_word_counts_more_than_the_status(retryable: bool, status: int) -> None:
    wait_s = _POLICY.wait_s(_status(status, retryable=retryable), 1)

    assert (wait_s is not None) == retryable


@pytest.mark.parametrize("max_retries", [0, 1, 5])
def test_c6_the_number_of_tries_is_the_number_given(max_retries: int) -> None:
    """quirks.md C6: N retries are N further requests, 0 is none."""
    policy = RetryPolicy(max_retries)

    waits = [policy.wait_s(_status(503), tried) for tried in range(1, max_retries + 2)]

    assert [wait is None for wait in waits] == [False] * max_retries + [True]


def test_the_guessed_wait_doubles_and_is_bounded() -> None:
    policy = RetryPolicy(max_retries=20, max_wait_s=60)
    waits = [policy.wait_s(_status(503), tried) or 0 for tried in range(1, 12)]

    assert 0.5 * 0.75 <= waits[0] <= 0.5 * 1.25
    assert 1.0 * 0.75 <= waits[1] <= 1.0 * 1.25
    assert max(waits) <= 8.0 * 1.25


def test_the_guessed_wait_is_no_longer_than_max_wait() -> None:
    assert (RetryPolicy(2, 0.1).wait_s(_status(503), 2) or 0) <= 0.1


def test_c8_the_servers_wait_is_kept() -> None:
    """quirks.md C8: not shortened, not guessed; a little longer, for all that are refused hear the same."""
    waits = [_POLICY.wait_s(_status(429, retry_after=31.0), 1) or 0 for _ in range(50)]

    assert 31.0 <= min(waits) < max(waits) <= 31.0 * 1.25


def test_a_wait_is_not_spread_beyond_max_wait() -> None:
    assert {_POLICY.wait_s(_status(429, retry_after=60.0), 1) for _ in range(20)} == {60.0}


def test_c8_a_wait_beyond_max_wait_gives_up_at_once() -> None:
    """quirks.md C8: a daily limit is not retried in vain."""
    assert _POLICY.wait_s(_status(429, retry_after=61.0), 1) is None


@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_call_that_creates_is_retried_when_nothing_was_done(status: int) -> None:
    assert RetryPolicy(creates=True).wait_s(_status(status), 1) is not None


@pytest.mark.parametrize("status", [500, 502, 504, 524])
def test_a_call_that_creates_is_not_retried_when_it_may_have_been_done(status: int) -> None:
    policy = RetryPolicy(creates=True)

    assert policy.wait_s(_status(status), 1) is None
    assert policy.wait_s(_status(status, retryable=True), 1) is None
    assert policy.wait_s(IncompleteBodyError("x"), 1) is None


@pytest.mark.parametrize("was_sent", [True, False])
@pytest.mark.parametrize("kind", [ConnectionFailedError, RequestTimeoutError])
def test_a_call_that_creates_is_retried_if_it_never_left(
    kind: type[OpenRouterError], was_sent: bool
) -> None:
    wait_s = RetryPolicy(creates=True).wait_s(kind("x", was_sent=was_sent), 1)

    assert (wait_s is None) == was_sent


# ------------------------------------------------------------------------- the loop


class _Attempts:
    """Fails with the given errors, one after the other, then answers."""

    def __init__(self, *failures: BaseException) -> None:
        self._failures = list(failures)
        self.numbers: list[int] = []

    def __call__(self, number: int) -> str:
        self.numbers.append(number)
        if self._failures:
            raise self._failures.pop(0)
        return "answer"

    async def later(self, number: int) -> str:
        return self(number)


async def _both(config: ClientConfig, *failures: BaseException) -> list[_Attempts]:
    """Run the loop by both clients; the failures are shared."""
    blocking, waiting = _Attempts(*failures), _Attempts(*failures)
    outcomes: list[Any] = []
    for go in (lambda: asyncio.to_thread(run, config, _ROUTE, _CALL, blocking),
               lambda: run_async(config, _ROUTE, _CALL, waiting.later)):  # fmt: skip
        try:
            outcomes.append(await go())
        except OpenRouterError as error:
            outcomes.append(error)
    assert outcomes[0] == outcomes[1]
    blocking.outcome = waiting.outcome = outcomes[0]  # type: ignore[attr-defined]  # for the claims
    return [blocking, waiting]


async def test_c6_three_requests_for_two_retries() -> None:
    """quirks.md C6: and the attempt knows its number."""
    for attempts in await _both(_QUICK, *[_status(503)] * 9):
        assert attempts.numbers == [1, 2, 3]
        assert attempts.outcome.status_code == 503


async def test_c6_zero_retries_are_one_request() -> None:
    """quirks.md C6: 0 means 0."""
    for attempts in await _both(_QUICK.replace(max_retries=0), *[_status(503)] * 9):
        assert attempts.numbers == [1]


async def test_an_answer_ends_the_loop() -> None:
    for attempts in await _both(_QUICK, _status(503)):
        assert (attempts.numbers, attempts.outcome) == ([1, 2], "answer")


async def test_c8_the_error_says_until_when_the_server_wants_quiet() -> None:
    """quirks.md C8: the reset time is in the sentence."""
    (attempts, _) = await _both(_SLOW, _status(429, retry_after=7200.0))

    assert attempts.numbers == [1]
    assert isinstance(attempts.outcome, RateLimitError)
    assert "7200 s" in str(attempts.outcome)
    assert "UTC" in str(attempts.outcome)


@pytest.mark.parametrize("wait_s", [float("inf"), 1e300, 1e12])
def test_an_absurd_wait_does_not_break_the_sentence(wait_s: float) -> None:
    with pytest.raises(RateLimitError):
        run(_SLOW, _ROUTE, _CALL, _Attempts(_status(429, retry_after=wait_s)))


async def test_c17_each_retry_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """quirks.md C17: no silence, and nothing of the message in it."""
    with caplog.at_level("INFO", "openrouter.retry"):
        await run_async(
            _QUICK, _ROUTE, _CALL, _Attempts(_status(503), _status(429, retry_after=0.0)).later
        )

    assert [r.levelname for r in caplog.records] == ["INFO", "INFO"]
    assert "status 503" in caplog.text
    assert "try 2" in caplog.text


async def test_cancelling_a_wait_ends_it() -> None:
    attempts = _Attempts(*[_status(429, retry_after=30.0)] * 3)
    task = asyncio.create_task(run_async(_SLOW, _ROUTE, _CALL, attempts.later))
    await asyncio.sleep(0.01)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert attempts.numbers == [1]


async def test_a_cancellation_inside_an_attempt_is_not_retried() -> None:
    attempts = _Attempts(asyncio.CancelledError())

    with pytest.raises(asyncio.CancelledError):
        await run_async(_QUICK, _ROUTE, _CALL, attempts.later)

    assert attempts.numbers == [1]


def test_a_bug_in_an_attempt_comes_through_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        run(_QUICK, _ROUTE, _CALL, _Attempts(ZeroDivisionError()))


def test_the_cause_of_an_error_is_kept() -> None:
    cause = OSError("reset by peer")

    def fail(number: int) -> None:
        raise ConnectionFailedError("x", was_sent=True) from cause

    with pytest.raises(ConnectionFailedError) as caught:
        run(_QUICK, _ROUTE, _CALL, fail)

    assert caught.value.__cause__ is cause
