"""One thread that talks to the tracers, so that no call waits for them. Used by every exporter.

What is put on the worker is done in order. Putting is safe at any time, also in a finalizer.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from openrouter_core.costs._ending import WRITE, at_end, begin_end, start_thread

log = logging.getLogger("openrouter.costs")

Work = Callable[[], object]

MOST_WAITING = 10_000
"""Beyond it the caller does the work: memory is not the place to wait for a slow tracer."""
_EXIT_S = 5.0
_LINGER_S = 0.02


class BackgroundWorker:
    """Does work in a thread of its own, in the order in which it was put."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with nothing to do. Runs after a fork too: the thread is the parent's."""
        self._work: deque[Work] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._sleeps = True
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def put(self, work: Work) -> None:
        """Let the thread do `work`. What it raises is logged."""
        if len(self._work) >= MOST_WAITING:
            _done(work)
            return
        self._work.append(work)
        if self._sleeps:  # waking a thread takes longer than all the rest
            self._sleeps = False
            self._bell.put(None)
        if self._thread is None and not self._start():
            _empty(self._work)

    def flush(self, timeout_s: float) -> bool:
        """Wait until what was put so far is done; False if that takes too long."""
        if self._thread is None:
            return True
        reached = threading.Event()
        self._work.append(reached.set)
        self._bell.put(None)
        return reached.wait(timeout_s)

    def _start(self) -> bool:
        with self._lock:
            named = threading.Thread(target=self._run, name="openrouter-tracing", daemon=True)
            if self._thread is None:  # making one may run what puts more here, and starts its own
                self._thread = named
                if not start_thread(named):
                    self._thread = None
            return self._thread is not None

    def _run(self) -> None:
        work, bell = self._work, self._bell
        while True:
            bell.get()
            with suppress(Empty):
                bell.get(timeout=_LINGER_S)  # a little later there is more to do at once
            _empty(work)
            self._sleeps = True
            _empty(work)  # what was put while the bell was not rung


def _empty(work: deque[Work]) -> None:
    while work:
        _done(work.popleft())


def _done(work: Work) -> None:
    try:
        work()
    except Exception:
        log.exception("A tracer failed; the call itself is not affected.")


worker = BackgroundWorker()


def flush_before_tracers_end() -> None:
    """Let the end of the program write what waits while the tracers that exist by now still listen."""
    atexit.register(_at_exit)  # what is registered last runs first


def _at_exit() -> None:
    begin_end()
    if not worker.flush(_EXIT_S):
        log.warning("Not all calls could be given to their tracers before the program ended.")


at_end(WRITE, _at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=worker.reset)
