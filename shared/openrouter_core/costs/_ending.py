"""What the end of a program still does, in order: first ask for late prices, then write them down.

`atexit` alone runs what was imported last first, which is the wrong way round.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable

ASK = 0
WRITE = 1

_steps: dict[int, list[Callable[[], None]]] = {}


def at_end(order: int, step: Callable[[], None]) -> None:
    """Let the end of the program run `step`; steps of a lower order run before it."""
    _steps.setdefault(order, []).append(step)


def _run() -> None:
    for order in sorted(_steps):
        for step in _steps[order]:
            step()


atexit.register(_run)
