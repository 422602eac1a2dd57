"""Who watches the calls of the whole process, and which blocks want to know that calls were made beside them.

Asked by the client for every call: one look at `watch.is_on` where nobody does.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from openrouter_core.observers.protocol import CallObserver, in_context

T = TypeVar("T")


class Block(Protocol):
    """A block that sees the calls of its own context."""

    has_missed_calls: bool
    """Whether a call was made where no context has an observer, e.g. in a thread of a pool."""


class ProcessWatch:
    """What is open in this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # what is collected under it may close a block
        self._observers: tuple[CallObserver, ...] = ()
        self._blocks: tuple[Block, ...] = ()
        self.is_on = False

    @contextmanager
    def observing(self, observer: CallObserver) -> Generator[None]:
        """Let `observer` see every call of the process, whatever thread or context makes it."""
        with self._lock:
            self._set((*self._observers, observer), self._blocks)
        try:
            yield
        finally:
            with self._lock:
                kept = _without(self._observers, observer)
                self._set(kept, self._blocks)

    @contextmanager
    def noticing(self, block: Block) -> Generator[None]:
        """Let `block` know that calls are made beside it."""
        with self._lock:
            self._set(self._observers, (*self._blocks, block))
        try:
            yield
        finally:
            with self._lock:
                self._set(self._observers, _without(self._blocks, block))

    def observers_of_call(self, *, is_billed: bool) -> tuple[CallObserver, ...]:
        """Return those of the context and of the process; nobody twice."""
        here = in_context.get()
        if is_billed and not here:
            for block in self._blocks:
                block.has_missed_calls = True
        return (*here, *(one for one in self._observers if all(one is not o for o in here)))

    def _set(self, observers: tuple[CallObserver, ...], blocks: tuple[Block, ...]) -> None:
        self._observers, self._blocks = observers, blocks
        self.is_on = bool(observers or blocks)


def _without(some: tuple[T, ...], one: T) -> tuple[T, ...]:
    """What is left when the latest of two equal entries has gone."""
    at = max(place for place, entry in enumerate(some) if entry is one)
    return some[:at] + some[at + 1 :]


watch = ProcessWatch()
