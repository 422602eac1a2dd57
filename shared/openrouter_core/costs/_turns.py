"""Changes that wait for each other inside one thread. Used where calls are booked.

A stream that is dropped is reported by the garbage collector, which may run in the middle of any statement
of the thread that holds the lock: a lock that a thread may take again keeps other threads out, not this.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

log = logging.getLogger("openrouter.costs")


class Turns:
    """What is done with shared state, one thing after the other. Used with the state's lock held."""

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: deque[Callable[[], object]] = deque()

    def change(self, change: Callable[[*Ts], object], *arguments: *Ts) -> None:
        """Make a change: now, or after what it interrupts."""
        if self._is_taken:
            self._waiting.append(partial(change, *arguments))
        else:
            self.ask(change, *arguments)

    def ask(self, question: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Return what `question` returns; changes that interrupt it wait."""
        if self._is_taken:
            return question(*arguments)
        self._is_taken = True
        try:
            return question(*arguments)
        finally:
            if self._waiting:
                self._catch_up()
            else:
                self._is_taken = False

    def _catch_up(self) -> None:
        try:
            while self._waiting:
                _made(self._waiting.popleft())
        finally:
            self._is_taken = False


def _made(change: Callable[[], object]) -> None:
    try:
        change()
    except Exception:
        log.exception("A cost observer failed; the call itself is not affected.")
