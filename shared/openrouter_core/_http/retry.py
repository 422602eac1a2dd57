"""When to try again, and after how long: the decision as a pure function, carried out by tenacity.

A call is tried `max_retries` further times and no more, each time when its gate lets it through. Nothing is
retried once a byte of the answer was handed out; a server that asks for a longer wait than `max_wait_s` makes
the call fail at once.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from openrouter_core._call import Call, Route, StreamCall
from openrouter_core._http.gate import Turn, gates, jittered
from openrouter_core._http.shared_gates import elsewhere
from openrouter_core.config import ClientConfig
from openrouter_core.errors import (
    ApiStatusError,
    ConnectionFailedError,
    OpenRouterError,
    PaymentRequiredError,
    RequestTimeoutError,
    StreamInterruptedError,
)

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")
AnyCall = Call[Any] | StreamCall[Any, Any]
Lost = Callable[[BaseException | None], None]
log = logging.getLogger("openrouter.retry")

RETRYABLE_STATUSES = frozenset(
    {408, 429, 500, 502, 503, 504, *range(520, 528), 529, 530}  # 52x and 530: Cloudflare's own
)
_NOTHING_DONE = frozenset({429, 503, 529})
"""Statuses that say that the call was not carried out."""
_FIRST_WAIT_S = 0.5
_LONGEST_GUESS_S = 8.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long."""

    max_retries: int = 2
    max_wait_s: float = 60.0
    creates: bool = False
    """True for calls that must not be carried out twice."""

    def wait_s(self, error: BaseException | None, tried: int) -> float | None:
        """Return the seconds to wait before the next try, or None to give up.

        Args:
            tried: Requests sent so far.
        """
        if tried > self.max_retries or not self._is_worth_it(error):
            return None
        asked_s = getattr(error, "retry_after", None)
        if asked_s is not None:
            return None if asked_s > self.max_wait_s else jittered(asked_s, self.max_wait_s)
        guess_s = min(_FIRST_WAIT_S * 2.0 ** (tried - 1), _LONGEST_GUESS_S)
        return min(
            guess_s * random.uniform(0.75, 1.25),  # noqa: S311  # jitter, not a secret
            self.max_wait_s,
        )

    def _is_worth_it(self, error: BaseException | None) -> bool:
        if isinstance(error, PaymentRequiredError):
            return False
        if isinstance(error, ApiStatusError):
            if self.creates and error.status_code not in _NOTHING_DONE:
                return False
            if error.retryable is not None:
                return error.retryable
            return error.status_code in RETRYABLE_STATUSES
        if isinstance(error, (ConnectionFailedError, RequestTimeoutError, StreamInterruptedError)):
            may_repeat = not self.creates or not getattr(error, "was_sent", True)
            return may_repeat and error.retryable is not False
        return False


def run(
    config: ClientConfig,
    route: Route,
    call: AnyCall,
    attempt: Callable[[int], T],
    lost: Lost | None = None,
) -> T:
    """Call `attempt(number)` until it succeeds or the policy of the client and the route gives up.

    Args:
        call: Says at which gate it waits, where there is one.
        lost: Learns of each failure that is followed by another try.
    """
    has_gates = bool(gates or elsewhere)
    try:
        return _at_gate(config, call, attempt, 1) if has_gates else attempt(1)
    except OpenRouterError as error:
        if not has_gates:
            Turn(config, call).refused_without_gate(error)
        policy = RetryPolicy(config.max_retries, config.max_wait_s, route.creates)
        if policy.wait_s(error, 1) is None:
            raise with_asked_wait(error, policy) from error.__cause__
        first = error
    return _again(policy, _after(first, partial(_at_gate, config, call, attempt)), lost)


async def run_async(
    config: ClientConfig,
    route: Route,
    call: AnyCall,
    attempt: Callable[[int], Awaitable[T]],
    lost: Lost | None = None,
) -> T:
    """`run` for a coroutine function; it sleeps without blocking the event loop."""
    has_gates = bool(gates or elsewhere)
    try:
        return await (_at_gate_async(config, call, attempt, 1) if has_gates else attempt(1))
    except OpenRouterError as error:
        if not has_gates:
            Turn(config, call).refused_without_gate(error)
        policy = RetryPolicy(config.max_retries, config.max_wait_s, route.creates)
        if policy.wait_s(error, 1) is None:
            raise with_asked_wait(error, policy) from error.__cause__
        first = error
    later = partial(_at_gate_async, config, call, attempt)
    return await _again_async(policy, _after(first, later), lost)


def _at_gate(config: ClientConfig, call: AnyCall, attempt: Callable[[int], T], number: int) -> T:
    turn = Turn(config, call)
    for wait_s in turn.waits():
        time.sleep(wait_s)
    with turn:
        return attempt(number)


async def _at_gate_async(
    config: ClientConfig, call: AnyCall, attempt: Callable[[int], Awaitable[T]], number: int
) -> T:
    import asyncio

    turn = Turn(config, call)
    for wait_s in turn.waits():
        await asyncio.sleep(wait_s)
    with turn:
        return await attempt(number)


def _after(first: OpenRouterError, attempt: Callable[[int], T]) -> Callable[[int], T]:
    """The tries as tenacity is to see them: the first has failed already."""

    def attempts(number: int) -> T:
        if number == 1:
            raise first
        return attempt(number)

    return attempts


def _again(policy: RetryPolicy, attempt: Callable[[int], T], lost: Lost | None) -> T:
    import tenacity  # only a call that fails needs it: 9 ms of import, 40 us a call

    from openrouter_core.observers.lost_tries import collecting

    try:
        with collecting():
            for trial in tenacity.Retrying(**_settings(policy, lost), sleep=time.sleep):
                with trial:
                    return attempt(trial.retry_state.attempt_number)
    except OpenRouterError as error:
        raise with_asked_wait(error, policy) from error.__cause__
    raise AssertionError("unreachable")


async def _again_async(
    policy: RetryPolicy, attempt: Callable[[int], Awaitable[T]], lost: Lost | None
) -> T:
    import anyio  # sleeps under trio as well, where the user's own HTTP client works
    import tenacity

    from openrouter_core.observers.lost_tries import collecting

    try:
        with collecting():
            async for trial in tenacity.AsyncRetrying(**_settings(policy, lost), sleep=anyio.sleep):
                with trial:
                    return await attempt(trial.retry_state.attempt_number)
    except OpenRouterError as error:
        raise with_asked_wait(error, policy) from error.__cause__
    raise AssertionError("unreachable")


def with_asked_wait(error: OpenRouterError, policy: RetryPolicy) -> OpenRouterError:
    """Add to the message how long the server asked to wait, if that is why the call was given up."""
    asked_s = error.retry_after
    if policy.max_retries and asked_s is not None and asked_s > policy.max_wait_s:
        error.message += (
            f" The server asks to wait {asked_s:.0f} s{_until(asked_s)}, "
            f"longer than max_wait_s={policy.max_wait_s:g}."
        )
        error.args = (error.message,)
    return error


def _until(seconds: float) -> str:
    try:
        at = datetime.now(UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return ""
    return f" (until {at:%Y-%m-%d %H:%M:%S} UTC)"


def _settings(policy: RetryPolicy, lost: Lost | None) -> dict[str, Any]:
    """The policy in tenacity's terms."""
    import tenacity

    from openrouter_core.observers.lost_tries import note

    def wait_s(state: tenacity.RetryCallState) -> float:
        return policy.wait_s(_error_of(state), state.attempt_number) or 0.0

    def is_worth_it(state: tenacity.RetryCallState) -> bool:
        return policy.wait_s(_error_of(state), state.attempt_number) is not None

    def before_sleep(state: tenacity.RetryCallState) -> None:
        _log(state)
        note(_error_of(state))
        if lost is not None:
            lost(_error_of(state))

    return {
        "retry": is_worth_it,
        "wait": wait_s,
        "stop": tenacity.stop_never,
        "before_sleep": before_sleep,
        "reraise": True,
    }


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _log(state: tenacity.RetryCallState) -> None:
    error = _error_of(state)
    log.info(
        "try %d failed (%s, status %s); next in %.1f s",
        state.attempt_number,
        type(error).__name__,
        getattr(error, "status_code", None),
        state.upcoming_sleep,
    )
