"""A queue and the thread that writes it, so that no call waits for a database. Needs SQLAlchemy.

Putting is safe at any time, also in a finalizer that interrupts a statement of this very file.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import exc

from openrouter_core.costs._ending import WRITE, at_end, start_thread
from openrouter_core.costs.sql.engine import sentence_of

log = logging.getLogger("openrouter.costs")

_BATCH = 500
_FLUSH_S = 30.0
_EXIT_S = 5.0
_LINGER_S = 0.05
_LONGEST_PAUSE_S = 5.0
_TRIES_IN_SILENCE = 3
_MOST_CLASHES = 20
_AWAY = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
_MENDED_BY_PEOPLE = frozenset({"42501", "42P01"})
"""SQLSTATEs of a missing permission and a missing table: no fault of what is written."""


class Entry(Protocol):
    """Something to write."""

    @property
    def id(self) -> str: ...


E = TypeVar("E", bound=Entry)


class PatientWriter(Generic[E]):
    """Writes what is put, in order, in batches, until the database has taken it.

    Args:
        write: Writes a batch in one transaction.
        what: What the entries are called in messages.
        tick: Called by the same thread now and then, once `start` was called.
        tick_s: Returns how often, in seconds.
        writes_through: Whether `put` waits until its entry is written, 5 seconds at most.
    """

    def __init__(
        self,
        write: Callable[[Sequence[E]], object],
        what: str,
        *,
        tick: Callable[[], object] | None = None,
        tick_s: Callable[[], float] | None = None,
        writes_through: bool = False,
    ) -> None:
        self._writes_through = writes_through
        self._write = write
        self._what = what
        self._tick = tick
        self._tick_s = tick_s
        self.reset()
        _live.add(self)

    def reset(self) -> None:
        """Begin with nothing queued. Runs after a fork too: what is queued is the parent's."""
        self._lock = threading.RLock()
        self._filled = threading.Condition(self._lock)
        self._emptied = threading.Condition(self._lock)
        self._queue: list[E] = []
        self._writing = 0
        self._awaited = 0
        self._thread: threading.Thread | None = None
        self._closed = False
        self._is_over = False
        self._trouble = ""

    def put(self, entry: E) -> None:
        """Queue an entry. It is written soon; at the end of the program before this returns."""
        with self._lock:
            self._queue.append(entry)
            if self._thread is None:
                self.start()
            elif not self._writing and len(self._queue) == 1:
                self._filled.notify()
        if self._is_over:
            self.drain_at_exit()
        # The writer itself cannot wait for its writing: the garbage collector may put from its thread.
        elif self._writes_through and threading.current_thread() is not self._thread:
            self._write_now()

    def _write_now(self) -> None:
        if not self._drained(_EXIT_S):
            log.warning("The cost database took no record for %d s; it stays queued.", _EXIT_S)

    def start(self) -> None:
        """Start the thread if it does not run yet."""
        with self._lock:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._work, name="openrouter-ledger", daemon=True)
            if self._thread is None:  # making one may run what puts another, and starts its own
                self._thread = thread
                if not start_thread(thread):
                    self._thread = None

    def flush(self) -> None:
        """Return when everything queued so far is written.

        Raises:
            TimeoutError: The database did not take it within 30 seconds. It stays queued.
        """
        if (self._queue or self._writing) and not self._drained(_FLUSH_S):
            raise TimeoutError(
                f"The cost database did not take {self._left} {self._what} within {_FLUSH_S:.0f} s. "
                f"They stay queued; check that the database can be written. {self._trouble}".rstrip()
            )

    def close(self) -> None:
        """Let the thread end."""
        with self._lock:
            self._closed = True
            self._filled.notify_all()

    def drain_at_exit(self) -> None:
        """Give the queue a last, short chance."""
        self._is_over = True
        if not (self._drained(_EXIT_S) if self._thread else self._written_here()):
            log.error(
                "%d %s could not be written before the end. %s",
                *(self._left, self._what, self._trouble),
            )

    @property
    def _left(self) -> int:
        return len(self._queue) + self._writing

    def _drained(self, timeout_s: float) -> bool:
        with self._lock:
            self._awaited += 1
            self._filled.notify()
            drained = self._emptied.wait_for(lambda: not (self._queue or self._writing), timeout_s)
            self._awaited -= 1
            return drained

    def _written_here(self) -> bool:
        """Write in this thread, because no other can be started any more."""
        deadline_s = time.monotonic() + _EXIT_S
        while self._queue and time.monotonic() < deadline_s:
            batch = self._taken()
            if not self._write_patiently(batch, deadline_s):
                self._queue[:0] = batch
            self._writing = 0
        return not self._queue

    def _work(self) -> None:
        batch: Sequence[E] | None = ()
        try:
            while (batch := self._next_batch()) is not None:
                self._write_patiently(batch)
                with self._lock:
                    self._writing = 0
                    if not self._queue:
                        self._emptied.notify_all()
                self._tick_quietly(is_idle=not batch)
        finally:  # should even this thread die, the next entry starts another
            with self._lock:
                if self._writing and batch:
                    self._queue[:0] = batch
                self._writing = 0
                if self._thread is threading.current_thread():
                    self._thread = None

    def _next_batch(self) -> Sequence[E] | None:
        """Return what is to be written next; empty when it is time for a tick, None when closed."""
        with self._lock:
            while not self._queue:
                if self._closed:
                    return None
                is_filled = self._filled.wait(self._tick_s() if self._tick_s else None)
                if not is_filled and self._tick:
                    return ()
            if not self._awaited:  # a little later there is more to write at once
                self._filled.wait_for(lambda: self._awaited or self._closed, _LINGER_S)
            return self._taken()

    def _taken(self) -> Sequence[E]:
        # In place, for more may be queued between any two of these statements.
        batch = self._queue[:_BATCH]
        self._writing = len(batch)
        del self._queue[: self._writing]
        return batch

    def _tick_quietly(self, *, is_idle: bool) -> None:
        if self._tick is None:
            return
        try:
            self._tick()
        except Exception:
            if is_idle:
                log.warning("The cost database cannot be written; trying on.", exc_info=True)

    def _write_patiently(self, batch: Sequence[E], deadline_s: float = float("inf")) -> bool:
        """Write a batch; while the database is away or busy, try again. Nothing is given up for that.

        What the database refuses for its own sake is logged and left out; it takes nothing with it.
        """
        pause_s, tries, clashes = 0.05, 0, 0
        while batch and not self._closed and time.monotonic() < deadline_s:
            try:
                self._write(batch)
            except Exception as error:
                if isinstance(error, exc.IntegrityError) and clashes < _MOST_CLASHES:
                    clashes += 1  # another process booked the same call just now: merge with it
                elif is_passing(error):
                    tries += 1
                    self._note(error, tries)
                    time.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                elif len(batch) > 1:
                    done = [self._write_patiently([entry], deadline_s) for entry in batch]
                    return all(done)
                else:
                    log.exception("%s: %s cannot be written.", batch[0].id, type(batch[0]).__name__)
                    return True
            else:
                self._trouble = ""
                return True
        return not batch

    def _note(self, error: Exception, tries: int) -> None:
        self._trouble = f"({sentence_of(error)})"
        if tries == _TRIES_IN_SILENCE:
            log.warning("The cost database cannot be written; trying on. %s", self._trouble)


def is_passing(error: BaseException) -> bool:
    """Whether a failure is of the database's, so that the same may be written later."""
    if isinstance(error, exc.ProgrammingError):
        state: Any = getattr(error.orig, "sqlstate", None)
        return state in _MENDED_BY_PEOPLE
    return isinstance(error, _AWAY) or type(error) is exc.DatabaseError  # a damaged file


_live: weakref.WeakSet[PatientWriter[Any]] = weakref.WeakSet()


def _at_exit() -> None:
    for writer in list(_live):
        writer.drain_at_exit()


def _after_fork() -> None:
    for writer in list(_live):
        writer.reset()


at_end(WRITE, _at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
