"""Tells the observers about one call. Imported with the first call that has any."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self, cast

from openrouter_core._call import ReplyInfo, Route, StreamState
from openrouter_core._json import as_mapping
from openrouter_core.config import ClientConfig
from openrouter_core.errors import ConnectionFailedError, OpenRouterError
from openrouter_core.observers import jobs as _jobs
from openrouter_core.observers import open_calls as _open_calls
from openrouter_core.observers.calls import (
    CallIntent,
    CompletedCall,
    Outcome,
    may_be_carried_out,
)
from openrouter_core.observers.protocol import CallObserver

log = logging.getLogger("openrouter.costs")
_NOTHING: Mapping[str, Any] = {}


class ObservedCall:
    """One call as its observers see it; a failure that leaves its `with` is reported to them."""

    __slots__ = (
        "__weakref__", "_admitted", "_attempt_at", "_body", "_config", "_ended", "_error",
        "_first_event_s", "_job_id", "_observers", "_route", "_start", "_started_at", "_stream",
        "response_headers",
    )  # fmt: skip

    def __init__(
        self, config: ClientConfig, route: Route, body: object, observers: Sequence[CallObserver]
    ) -> None:
        self._config = config
        self._route = route
        self._body = cast("Mapping[str, Any]", body) if isinstance(body, dict) else _NOTHING
        self._started_at = self._attempt_at = datetime.now(UTC)
        self._start = time.perf_counter()
        self._first_event_s: float | None = None
        self._admitted: list[tuple[CallObserver, object]] = []
        self._ended = False
        self.response_headers: Mapping[str, str] = _NOTHING
        """The headers of the answer that has begun: what is billed, whether or not it is waited for."""
        self._error: BaseException | None = None
        self._job_id: str | None = None
        self._stream: tuple[StreamState[Any], ReplyInfo] | None = None
        self._admit(observers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            self.failed(error)

    @classmethod
    def start(
        cls, config: ClientConfig, route: Route, body: object, observers: Sequence[CallObserver]
    ) -> ObservedCall | None:
        """Admit a call; None when it cannot cost: only inference and the ends of jobs do.

        Raises:
            BudgetExceededError: An observer refuses the call.
        """
        if route.key in {"management", "none"}:
            return None
        if route.method == "POST":
            return cls(config, route, body, observers)
        return ObservedJob(config, route, body, observers) if route.job == "ends" else None

    @classmethod
    async def start_async(
        cls, config: ClientConfig, route: Route, body: object, observers: Sequence[CallObserver]
    ) -> ObservedCall | None:
        """`start` for asyncio: in a thread where an observer's `admit` may wait, e.g. for a database."""
        if route.method != "POST" or not any(getattr(o, "admit_waits", False) for o in observers):
            return cls.start(config, route, body, observers)
        return await _Admission(partial(cls.start, config, route, body, observers)).granted()

    def _admit(self, observers: Sequence[CallObserver]) -> None:
        intent = CallIntent(self._route.operation, self._body, self._config)
        try:
            for observer in observers:
                self._admitted.append((observer, observer.admit(intent)))
        except BaseException as refusal:
            self.failed(refusal)
            raise
        _open_calls.note(self)

    def first_event(self, state: StreamState[Any], info: ReplyInfo) -> None:
        """Note when a stream began to speak, and where to read what has arrived."""
        self._first_event_s = time.perf_counter() - self._start
        self._stream = state, info

    def done(self, summary: object, info: ReplyInfo, *, streamed: bool = False) -> None:
        """Report an answer that arrived whole."""
        if self._route.job == "starts" and isinstance(summary, Mapping):
            self._job_id = summary.get("id")
            _jobs.note_start(self._job_id, self._started_at, self._body, self._admitted)
        self._end("ok", summary, info.headers, streamed=streamed)

    def interrupted(self, summary: object, info: ReplyInfo, error: BaseException | None) -> None:
        """Report a stream that ended early: by a failure, or by the caller's will."""
        self._error = error
        self._end("interrupted", summary, info.headers, streamed=True)

    def failed(self, error: BaseException) -> None:
        """Report a call that brought no answer."""
        known = error.generation_id if isinstance(error, OpenRouterError) else None
        self._error = error
        self._end(
            "error",
            {"id": known or self.response_headers.get("x-generation-id")},
            _NOTHING,
            streamed=self._route.answers == "sse",
        )

    def left_open(self) -> None:
        """Report a call that the end of the program finds under way, with what has arrived."""
        if self._stream is None:
            self._end("interrupted", _NOTHING, self.response_headers, streamed=False)
            return
        state, info = self._stream
        if state.is_complete:
            self.done(state.summary, info, streamed=True)
        else:
            self.interrupted(state.summary, info, None)

    def disown(self) -> None:
        """Report nothing: after a fork the call is the parent's."""
        self._ended = True

    def attempt_failed(self, error: BaseException | None) -> None:
        """Report a try that failed and is made again: what the server did by then may be billed."""
        begun_at, self._attempt_at = self._attempt_at, datetime.now(UTC)
        known = getattr(error, "generation_id", None) or self.response_headers.get(
            "x-generation-id"
        )
        self.response_headers = _NOTHING
        if known is None and not may_be_carried_out(error):
            return
        self._error = error
        tried = self._call("error", {"id": known}, _NOTHING, streamed=False)
        self._error = None
        tickets = [(observer, None) for observer, _ in self._admitted]
        self._notify(replace(tried, started_at=begun_at), tickets)

    def _end(
        self, outcome: Outcome, summary: object, headers: Mapping[str, str], *, streamed: bool
    ) -> None:
        if self._ended or sys.is_finalizing():  # what was open at the end is reported by then
            return
        self._ended = True
        _open_calls.forget(self)
        self._notify(self._call(outcome, summary, headers, streamed=streamed), self._admitted)

    def _notify(self, call: CompletedCall, tickets: Sequence[tuple[CallObserver, object]]) -> None:
        for observer, ticket in tickets:
            try:
                observer.completed(call, ticket)
            except Exception:
                log.exception("A cost observer failed; the call itself is not affected.")

    def _call(
        self, outcome: Outcome, summary: object, headers: Mapping[str, str], *, streamed: bool
    ) -> CompletedCall:
        fields = as_mapping(summary) or _NOTHING
        return CompletedCall(
            operation=self._route.operation,
            outcome=outcome,
            generation_id=headers.get("x-generation-id") or fields.get("id"),
            requested_model=self._body.get("model"),
            model=fields.get("model"),
            provider=fields.get("provider"),
            usage=as_mapping(fields.get("usage")),
            headers=headers,
            started_at=self._started_at,
            latency_s=time.perf_counter() - self._start,
            first_event_s=self._first_event_s,
            streamed=streamed,
            config=self._config,
            body=self._body,
            error=self._error,
            job_id=self._job_id,
            is_billed=self._route.is_billed,
            job=self._route.job,
            answer=fields if outcome == "ok" and not streamed else None,
            summary=fields,
        )


class ObservedJob(ObservedCall):
    """One look at a long job. Says something only when the job has ended."""

    __slots__ = ()

    def _admit(self, observers: Sequence[CallObserver]) -> None:
        self._observers = observers  # looking is free, so nobody may refuse it

    def done(self, summary: object, info: ReplyInfo, *, streamed: bool = False) -> None:
        """Report the end of the job to those who do not know it yet."""
        if not isinstance(summary, Mapping) or summary.get("status") not in _jobs.ENDED:
            return
        fields = cast("Mapping[str, Any]", summary)
        self._job_id = str(fields.get("id"))
        job, tickets = _jobs.note_end(self._job_id, self._observers)
        if not tickets:
            return
        outcome: Outcome = "ok" if fields["status"] == "completed" else "error"
        named = {**fields, "id": fields.get("generation_id") or fields.get("id")}
        self._body = job.body or {"model": fields.get("model")}
        self._started_at = job.started_at or self._started_at
        seen = self._call(outcome, named, _NOTHING, streamed=streamed)
        ended = replace(seen, headers=info.headers, latency_s=_jobs.seconds_of(job))
        results = _jobs.results_of(fields)
        self._notify(replace(ended, parts=tuple(_part(ended, one) for one in results)), tickets)

    def failed(self, error: BaseException) -> None:
        """A look that failed says nothing about the job."""

    def attempt_failed(self, error: BaseException | None) -> None:
        """As `failed`."""


class _Admission:
    """A call that a thread admits. Whoever is cancelled while it does leaves nothing held back."""

    def __init__(self, start: Callable[[], ObservedCall | None]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._admitted: ObservedCall | None = None
        self._is_abandoned = False

    async def granted(self) -> ObservedCall | None:
        import asyncio

        try:
            return await asyncio.to_thread(self._run)
        except asyncio.CancelledError:
            with self._lock:
                self._is_abandoned = True
            self._give_back()
            raise

    def _run(self) -> ObservedCall | None:
        admitted = self._start()
        with self._lock:
            self._admitted = admitted
            is_abandoned = self._is_abandoned
        if is_abandoned:
            self._give_back()
        return admitted

    def _give_back(self) -> None:
        if self._admitted is not None:  # reported once, whichever thread comes first
            self._admitted.failed(
                ConnectionFailedError("Cancelled before sending.", was_sent=False)
            )


def _part(ended: CompletedCall, result: Mapping[str, Any]) -> CompletedCall:
    """One result of a batch, as a call of its own; how long it took alone is not known."""
    return replace(
        ended,
        outcome="ok",
        generation_id=result["id"],
        model=result["model"],
        provider=result["provider"],
        usage=result["usage"],
        latency_s=None,
    )
