"""When to ask for which generation record: plain values and times, no clock, no threads, no I/O.

`CostReconciler` drives a `LookupPlan`; tests drive it with made-up times. OpenRouter writes a record
some time after the answer (20 s and more were measured), so a 404 means "not yet".
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
HURRIED_WAIT_S = 1.0
LONGEST_PAUSE_S = 600.0
"""What rate limits may add to the wait for one record."""


@dataclass(slots=True)
class Ask:
    """A generation record that is awaited."""

    generation_id: str
    added_s: float
    first_asked_s: float | None = None
    tries: int = 0
    due_s: float = 0.0
    paused_s: float = 0.0
    """Time that rate limits took; it does not count against patience."""


def wait_before(tries: int, first_wait_s: float = FIRST_WAIT_S) -> float:
    """Seconds between the look-up number `tries` and the next: 0.5, 1, 2, 4, 8, then 15."""
    return min(first_wait_s * 2.0 ** min(tries, 10), LONGEST_WAIT_S)


@dataclass(slots=True)
class LookupPlan:
    """The awaited records and the time at which each is due."""

    give_up_after_s: float = 90.0
    """How long a record may stay missing, from the first time it was asked for."""
    max_pending: int = 10_000
    first_wait_s: float = FIRST_WAIT_S
    hurried: bool = False
    """True while somebody waits for the outcome: waits are short then."""
    asks: dict[str, Ask] = field(default_factory=dict[str, Ask])
    _heap: list[tuple[float, int, str]] = field(default_factory=list[tuple[float, int, str]])
    _order: count[int] = field(default_factory=count)
    _resume_s: float = 0.0

    def __len__(self) -> int:
        return len(self.asks)

    def add(self, generation_id: str, now_s: float) -> bool:
        """Plan a look-up. False if too many are planned already."""
        if generation_id in self.asks:
            return True
        if len(self.asks) >= self.max_pending:
            return False
        ask = self.asks[generation_id] = Ask(generation_id, now_s)
        self._plan(ask, now_s + self.first_wait_s)
        return True

    def take(self, now_s: float) -> str | None:
        """Return the id that is due, or None. A taken id is not due again before `not_found` says so."""
        while self._heap and max(self._heap[0][0], self._resume_s) <= now_s:
            due_s, _, generation_id = heapq.heappop(self._heap)
            ask = self.asks.get(generation_id)
            if ask is None or ask.due_s != due_s:
                continue  # answered, dropped or planned anew since
            ask.due_s = float("inf")
            ask.tries += 1
            if ask.first_asked_s is None:
                ask.first_asked_s = now_s
            return generation_id
        return None

    def not_found(self, generation_id: str, now_s: float) -> bool:
        """Note that the record was not there. False if patience has ended: then it is given up."""
        ask = self.asks.get(generation_id)
        if ask is None or self._is_spent(ask, now_s):
            self.done(generation_id)
            return False
        longest = HURRIED_WAIT_S if self.hurried else LONGEST_WAIT_S
        wait_s = min(wait_before(ask.tries, self.first_wait_s), longest, self._left(ask, now_s))
        self._plan(ask, now_s + wait_s)
        return True

    def rate_limited(self, generation_id: str, now_s: float, pause_s: float) -> bool:
        """Note a rate limit: nothing is asked for `pause_s` seconds, which no record has to pay for.

        False if the record has been awaited for so long that it is given up.
        """
        longer_s = now_s + pause_s - max(self._resume_s, now_s)
        if longer_s > 0:
            self._resume_s = now_s + pause_s
            for ask in list(self.asks.values()):  # others may be added meanwhile
                ask.paused_s += longer_s
        limited = self.asks.get(generation_id)
        if limited is None or now_s - limited.added_s > self.give_up_after_s + LONGEST_PAUSE_S:
            self.done(generation_id)
            return False
        self._plan(limited, self._resume_s)
        return True

    def done(self, generation_id: str) -> Ask | None:
        """Forget an id: answered or given up."""
        return self.asks.pop(generation_id, None)

    def expedite(self, now_s: float) -> None:
        """Ask for everything soon, because somebody waits."""
        self.hurried = True
        for ask in list(self.asks.values()):  # others may be added meanwhile
            if now_s + HURRIED_WAIT_S < ask.due_s < float("inf"):
                self._plan(ask, now_s + HURRIED_WAIT_S)

    def due_in(self, now_s: float) -> float | None:
        """Seconds until the next look-up is due; None if nothing is planned."""
        while self._heap:
            due_s, _, generation_id = self._heap[0]
            ask = self.asks.get(generation_id)
            if ask is not None and ask.due_s == due_s:
                return max(0.0, max(due_s, self._resume_s) - now_s)
            heapq.heappop(self._heap)
        return None

    def _left(self, ask: Ask, now_s: float) -> float:
        """Seconds of patience that are left."""
        first_s = now_s if ask.first_asked_s is None else ask.first_asked_s
        return self.give_up_after_s - (now_s - first_s - ask.paused_s)

    def _is_spent(self, ask: Ask, now_s: float) -> bool:
        too_old = now_s - ask.added_s > self.give_up_after_s + LONGEST_PAUSE_S
        return too_old or self._left(ask, now_s) <= 0

    def _plan(self, ask: Ask, due_s: float) -> None:
        ask.due_s = due_s
        heapq.heappush(self._heap, (due_s, next(self._order), ask.generation_id))
