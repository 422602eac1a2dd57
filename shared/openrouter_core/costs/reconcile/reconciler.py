"""Asks `GET /generation` in the background until OpenRouter has written what a call cost.

Daemon threads do the asking, so it works under sync programs, threads and any number of event loops,
and never on a caller's path. Nothing is raised into the program: every id ends in a `LookupResult`.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openrouter_core._logging import warn_renamed
from openrouter_core.config import ClientConfig, Timeouts
from openrouter_core.costs._ending import ASK, at_end, has_begun, start_thread
from openrouter_core.costs._process import OnePerProcess
from openrouter_core.costs.reconcile.schedule import FIRST_WAIT_S, LookupPlan
from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.record import Lookup
from openrouter_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    OpenRouterError,
    PermissionDeniedError,
    RateLimitError,
)

if TYPE_CHECKING:
    from openrouter_core.client import OpenRouterClient

log = logging.getLogger("openrouter.costs")

_LOOKUP_TIMEOUT_S = 15.0
_DEFAULT_PAUSE_S = 5.0


class _UnexpectedError(OpenRouterError):
    """A look-up failed in a way that asking again does not mend."""


_REFUSED = (AuthenticationError, PermissionDeniedError, ConfigurationError)
_FOR_GOOD = (*_REFUSED, _UnexpectedError)


@dataclass(frozen=True, slots=True)
class LookupResult:
    """How the search for one generation record ended."""

    generation_id: str
    outcome: Lookup
    cost: Cost | None = None
    """What the record says; None unless it was found."""


LookupCallback = Callable[[LookupResult], None]


@dataclass(slots=True)
class _Open:
    config: ClientConfig
    callbacks: list[LookupCallback]


class CostReconciler(OnePerProcess):
    """Finds out, in the background, what calls cost. One serves any number of ledgers and threads.

    Args:
        give_up_after_s: How long a record may stay missing (404) before it is given up. Seconds.
        concurrency: Look-ups under way at the same time.
        first_wait_s: How long after the call its record is first asked for; the waits double from
            there. Seconds.
        max_pending: Ids that may wait; further ones are turned away ("dropped") and logged.
        exit_patience_s: How long the end of the program waits for what is pending. Seconds.
    """

    def __init__(
        self,
        *,
        give_up_after_s: float = 90.0,
        concurrency: int = 4,
        first_wait_s: float = FIRST_WAIT_S,
        max_pending: int = 10_000,
        exit_patience_s: float = 2.0,
        patience_s: float | None = None,
    ) -> None:
        if patience_s is not None:
            warn_renamed("patience_s", "give_up_after_s")
            give_up_after_s = patience_s
        self.concurrency = concurrency
        self.exit_patience_s = exit_patience_s
        self._settings = (give_up_after_s, max_pending, first_wait_s)
        self.reset()
        _live.add(self)

    def reset(self) -> None:
        """Begin anew with nothing pending. Runs after a fork too, for threads do not survive one."""
        self._plan = LookupPlan(*self._settings)
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._settled = threading.Condition(self._lock)
        self._open: dict[str, _Open] = {}
        self._clients: dict[ClientConfig, OpenRouterClient] = {}
        self._threads = 0
        self._idle = 0
        self._wakes_at_s = float("inf")
        self._flushing = 0
        self._closed = False

    def look_up(self, generation_id: str, config: ClientConfig, callback: LookupCallback) -> bool:
        """Ask for a generation until its record is there; then call `callback` from a background thread.

        Args:
            config: Settings of the client that made the call: its key may read the record.

        Returns:
            False if too many are pending already, this reconciler is closed, or the program ends: a record
            is seldom there within the first seconds.
        """
        if has_begun():
            return False
        now_s = time.monotonic()
        with self._lock:
            if generation_id not in self._open:
                if self._closed or not self._plan.add(generation_id, now_s):
                    return False
                if self._wakes_at_s > now_s + 1.0:
                    self._call_worker()
            self._open.setdefault(generation_id, _Open(config, [])).callbacks.append(callback)
        return True

    @property
    def pending(self) -> tuple[str, ...]:
        """The ids whose outcome is not known yet."""
        with self._lock:
            return tuple(self._open)

    def flush(
        self, timeout_s: float = 60.0, *, only: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """Wait until what is pending has an outcome, asking more often meanwhile.

        Args:
            timeout_s: The longest wait, in seconds.
            only: Ids to wait for. Default: all.

        Returns:
            The ids that are still pending; empty when all is known.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._lock:
            self._flushing += 1
            self._plan.expedite(time.monotonic())
            self._wake.notify_all()
            try:
                while (left := self._awaited(only)) and time.monotonic() < deadline_s:
                    self._settled.wait(deadline_s - time.monotonic())
                return left
            finally:
                self._flushing -= 1
                self._plan.hurried = self._flushing > 0

    async def aflush(
        self, timeout_s: float = 60.0, *, only: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """`flush` for asyncio: the event loop stays free."""
        return await asyncio.to_thread(self.flush, timeout_s, only=only)

    def close(self) -> None:
        """Stop asking. What is pending stays unknown; its `callback` is never called."""
        with self._lock:
            self._closed = True
            self._open.clear()
            self._wake.notify_all()
            self._settled.notify_all()
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _awaited(self, only: Collection[str] | None) -> tuple[str, ...]:
        return tuple(self._open) if only is None else tuple(i for i in only if i in self._open)

    def _call_worker(self) -> None:
        """Let an idle thread watch the plan; start one if none is idle. Called with the lock held."""
        if self._idle:
            self._wake.notify()
        elif self._threads < self.concurrency:
            self._threads += 1
            worker = threading.Thread(target=self._work, name="openrouter-costs", daemon=True)
            if not start_thread(worker):  # the threads at hand must do
                self._threads -= 1

    def _work(self) -> None:
        while (generation_id := self._next()) is not None:
            opened = self._open.get(generation_id)
            if opened is not None:
                self._note(generation_id, self._ask(generation_id, opened.config))

    def _next(self) -> str | None:
        """Wait for an id that is due. None when closed."""
        with self._lock:
            while not self._closed:
                now_s = time.monotonic()
                generation_id = self._plan.take(now_s)
                wait_s = self._plan.due_in(now_s)
                if generation_id is not None:
                    self._wakes_at_s = float("inf")
                    if wait_s is not None:
                        self._call_worker()  # somebody must watch while this thread asks
                    return generation_id
                self._wakes_at_s = float("inf") if wait_s is None else now_s + wait_s
                self._idle += 1
                self._wake.wait(wait_s)
                self._idle -= 1
        return None

    def _ask(self, generation_id: str, config: ClientConfig) -> Cost | OpenRouterError:
        try:
            return Cost.of_generation(self._fetch(generation_id, config))
        except OpenRouterError as error:
            return error
        except Exception as error:
            log.exception("The look-up of %s failed unexpectedly", generation_id)
            return _UnexpectedError(type(error).__name__)

    def _fetch(self, generation_id: str, config: ClientConfig) -> Any:
        with self._lock:
            client = self._clients.get(config)
        if client is None:
            from openrouter_core.client import OpenRouterClient

            patient = config.replace(max_retries=0, timeouts=Timeouts.of(_LOOKUP_TIMEOUT_S))
            client = OpenRouterClient.from_config(patient)
            with self._lock:
                client = self._clients.setdefault(config, client)
        return client.request("GET", "/generation", query={"id": generation_id})

    def _note(self, generation_id: str, answer: Cost | OpenRouterError) -> None:
        if isinstance(answer, Cost):
            self._finish(LookupResult(generation_id, "found", answer))
            return
        outcome = _outcome_of(answer)
        if isinstance(answer, _FOR_GOOD) or not self._plan_again(generation_id, answer):
            log.warning("The cost of %s stays unknown (%s): %s", generation_id, outcome, answer)
            self._finish(LookupResult(generation_id, outcome))

    def _plan_again(self, generation_id: str, error: OpenRouterError) -> bool:
        with self._lock:
            now_s = time.monotonic()
            if isinstance(error, RateLimitError):
                pause_s = error.retry_after or _DEFAULT_PAUSE_S
                return self._plan.rate_limited(generation_id, now_s, pause_s)
            return self._plan.not_found(generation_id, now_s)

    def _finish(self, result: LookupResult) -> None:
        """Tell everybody who asked; only then does the id stop being pending."""
        notified = 0
        while True:
            with self._lock:
                self._plan.done(result.generation_id)
                opened = self._open.get(result.generation_id)
                if opened is None or notified == len(opened.callbacks):
                    self._open.pop(result.generation_id, None)
                    self._settled.notify_all()
                    return
                callback = opened.callbacks[notified]
            notified += 1
            try:
                callback(result)
            except Exception:
                log.exception("The cost of %s could not be booked", result.generation_id)


def _outcome_of(error: OpenRouterError) -> Lookup:
    if isinstance(error, NotFoundError):
        return "not_found"
    return "refused" if isinstance(error, _REFUSED) else "unreachable"


@functools.lru_cache(maxsize=1)
def shared_reconciler() -> CostReconciler:
    """Return the reconciler that ledgers and trackers use unless they are given one."""
    return CostReconciler()


_live: weakref.WeakSet[CostReconciler] = weakref.WeakSet()


def _at_exit() -> None:
    for reconciler in list(_live):
        if reconciler.pending:
            left = reconciler.flush(reconciler.exit_patience_s)
            if left:
                log.warning(
                    "The cost of %d calls is not confirmed. Call flush() before the program ends, "
                    "or keep an SQL ledger and resume().",
                    len(left),
                )


def _after_fork() -> None:
    for reconciler in list(_live):
        reconciler.reset()


at_end(ASK, _at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
