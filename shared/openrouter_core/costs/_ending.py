"""What the end of a program still does, in order: report what is under way, ask for late prices, write.

`atexit` alone runs what was imported last first, which is the wrong way round.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable

from openrouter_core.observers.open_calls import report_open_calls

ASK = 0
WRITE = 1

_steps: dict[int, list[Callable[[], None]]] = {}
_has_begun = False


def at_end(order: int, step: Callable[[], None]) -> None:
    """Let the end of the program run `step`; steps of a lower order run before it."""
    _steps.setdefault(order, []).append(step)


def begin_end() -> None:
    """Note that the program ends, and report the calls that are under way. Safe to call twice."""
    global _has_begun
    _has_begun = True
    report_open_calls()


def has_begun() -> bool:
    """Whether the program is ending: nobody is left to wait for a late price."""
    return _has_begun


def start_thread(thread: threading.Thread) -> bool:
    """Start a thread; False when the program ends and it might never run."""
    if _has_begun:
        return False
    try:
        thread.start()
    except RuntimeError:  # the interpreter is shutting down
        return False
    return True


def _run() -> None:
    begin_end()
    for order in sorted(_steps):
        for step in _steps[order]:
            step()


atexit.register(_run)
