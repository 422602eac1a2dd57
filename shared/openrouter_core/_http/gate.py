"""The gates of the process: a 429 holds back the calls beside it, instead of each running into the limit alone.

One gate per key, base URL, model and provider preferences, made by the first 429. It stays closed for as long
as the server asks; then it lets calls through one by one, at the rate that went through before, a little
faster with each, until the next refusal. Pure but for the clock: who waits is decided here, how is decided
by `retry`, for threads and for asyncio. Where no call was ever refused, nothing of this runs.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from openrouter_core._http import shared_gates
from openrouter_core._json import as_dict
from openrouter_core.errors import RateLimitError

if TYPE_CHECKING:
    from openrouter_core._call import Call, StreamCall
    from openrouter_core.config import ClientConfig, Secret

Key = tuple["Secret | str", str, object, str]

log = logging.getLogger("openrouter.retry")

UNNAMED_WAIT_S = 1.0
"""How long a gate is closed by a 429 that names no wait."""
FORGET_S = 300.0
"""A gate is given up when nobody was refused for this long."""
_SLOWEST = 0.2
"""Calls per second that are let through at least."""
_FIRST = 4.0
"""Calls per second to begin with, where nothing went through by which to judge."""
_ADOPTED_S = 0.5
"""How long a gate is closed at least that another process has closed."""
_SEARCHING, _KNOWING = 0.7, 0.05
"""How much faster each call makes the next: about doubling per second, or a twentieth."""

gates: dict[Key, Gate] = {}
"""Those that were closed once. Empty in most programs."""


class Slot(NamedTuple):
    """When a call may be sent."""

    at: float
    closing: int
    """The closing of the gate that it comes after; -1: the gate is closed until then, and is asked again."""
    rate: float
    """Calls per second at that time."""


class Gate:
    """What is known of one limit. Thread-safe; times are seconds of one steady clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.closing = 0
        """How often it was closed."""
        self._closed_at = self._opens_at = self._next = 0.0
        self._is_closed = False
        self._rate = self._growth = self._pace = 0.0
        self._sent = self._answered = 0

    def slot(self, now: float) -> Slot:
        """Take a turn. Whoever has waited for it looks whether the gate was closed meanwhile."""
        with self._lock:
            if now < self._opens_at:
                return Slot(self._opens_at, -1, 0.0)
            if self._is_closed:
                self._open(now)
            slot = Slot(max(now, self._next), self.closing, self._rate)
            self._next = slot.at + 1.0 / self._rate
            self._rate += self._growth
            return slot

    def sent(self, slot: Slot) -> None:
        """Count a call that is sent in its slot."""
        with self._lock:
            self._sent += 1
            self._pace = slot.rate

    def answered(self) -> None:
        """Count a call that went through."""
        with self._lock:
            self._answered += 1

    def refuse(self, closing: int, now: float, wait_s: float) -> bool:
        """Close, unless the refused call was sent before the latest closing or while it was closed."""
        with self._lock:
            if closing != self.closing or now < self._opens_at:
                return False
            self._close(now, now + wait_s)
        log.debug("a 429 holds back the calls to the same limit for %.1f s", wait_s)
        return True

    def close_until(self, opens_at: float, now: float | None = None) -> None:
        """Close as long as another process was told to."""
        now = time.monotonic() if now is None else now
        with self._lock:
            if now < self._opens_at:
                self._opens_at = max(opens_at, self._opens_at)
            else:
                self._close(now, max(opens_at, now + _ADOPTED_S))

    def _close(self, now: float, until: float) -> None:
        if self._pace:
            self._slow_down(until)
        self.closing += 1
        self._closed_at, self._opens_at, self._is_closed = now, until, True
        self._sent = self._answered = 0

    def is_forgotten(self, now: float) -> bool:
        """Whether it may be given up."""
        return now - self._opens_at > FORGET_S

    def _open(self, now: float) -> None:
        """Begin with what went through while it was closed: calls end as often as they may begin."""
        self._is_closed = False
        self._next = now
        if not self._pace:
            went = self._answered / max(now - self._closed_at, UNNAMED_WAIT_S)
            self._growth = _KNOWING if went > _FIRST else _SEARCHING
            self._rate = max(went, _FIRST, 2.0 / max(self._opens_at - self._closed_at, 0.001))

    def _slow_down(self, until: float) -> None:
        """Remember the rate that went through, from one opening to the next."""
        went = self._sent / max(until - self._opens_at, 0.001)
        self._rate = max(_SLOWEST, min(max(went, self._pace / 2), self._pace * 0.9))
        self._growth = _KNOWING


class Turn:
    """One try of a call, at the gate of the call."""

    __slots__ = ("_clock", "_closing", "_config", "_gate", "_key")

    def __init__(
        self,
        config: ClientConfig,
        call: Call[Any] | StreamCall[Any, Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._clock = clock
        self._key = _key(config, call)
        self._gate = gates.get(self._key) if config.shared_backoff else None
        if self._gate is not None and self._gate.is_forgotten(clock()):
            self._gate = None
            gates.pop(self._key, None)
        if config.shared_backoff and shared_gates.elsewhere:
            self._gate = shared_gates.adopted(self._key, self._gate, _made)
        self._closing = 0 if self._gate is None else self._gate.closing

    def waits(self) -> Iterator[float]:
        """What to wait before the call is sent, in seconds; `max_wait_s` at most in all."""
        gate = self._gate
        if gate is None or not self._config.max_retries:
            return
        latest = self._clock() + self._config.max_wait_s
        while True:
            slot = gate.slot(self._clock())
            if (wait_s := min(slot.at, latest) - self._clock()) > 0:
                yield wait_s
            if slot.closing == gate.closing:
                gate.sent(slot)
                break
            if self._clock() >= latest:
                break
        self._closing = gate.closing

    def __enter__(self) -> None:
        """The call is sent."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Learn how it ended."""
        if error is not None:
            self.refused(error)
        elif self._gate is not None:
            self._gate.answered()

    def refused(self, error: BaseException) -> None:
        """Close the gate if the call ran into a limit that passes in the time that it would wait itself."""
        if not isinstance(error, RateLimitError) or error.retryable is False:
            return
        wait_s = UNNAMED_WAIT_S if error.retry_after is None else error.retry_after
        if wait_s > self._config.max_wait_s or not self._config.shared_backoff:
            return
        gate = self._gate or gates.setdefault(self._key, Gate())
        if gate.refuse(self._closing, self._clock(), wait_s):
            shared_gates.closed(self._key, gate, wait_s)

    def refused_without_gate(self, error: BaseException) -> None:
        """`refused` for a call that was sent before there was any gate."""
        self._closing = 0
        self.refused(error)


def _made(key: Key) -> Gate:
    return gates.setdefault(key, Gate())


def closings() -> int:
    """How often any gate of the process was closed."""
    return sum(gate.closing for gate in list(gates.values()))


def jittered(asked_s: float, most_s: float) -> float:
    """Return the wait that a server named, up to a quarter longer: it names the same one to everybody."""
    longer_s = asked_s * random.uniform(1.0, 1.25)  # noqa: S311  # jitter, not a secret
    return max(asked_s, min(longer_s, most_s))


def _key(config: ClientConfig, call: Call[Any] | StreamCall[Any, Any]) -> Key:
    body = as_dict(call.json)
    provider = body.get("provider")
    preferences = "" if provider is None else json.dumps(provider, sort_keys=True, default=str)
    return config.api_key or "", config.base_url, str(body.get("model")), preferences


if hasattr(os, "register_at_fork"):  # a child cannot know who holds the locks of its parent
    os.register_at_fork(after_in_child=gates.clear)
    os.register_at_fork(after_in_child=shared_gates.forget)
