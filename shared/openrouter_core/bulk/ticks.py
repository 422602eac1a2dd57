"""What is to be done now and then while a job runs, in a thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

log = logging.getLogger("openrouter.bulk")


class Ticks:
    """Calls functions every so many seconds. One that fails is called again the next time."""

    def __init__(self, tasks: Sequence[tuple[float, Callable[[], object]]]) -> None:
        self._tasks = tasks
        self._due = [time.monotonic() + every_s for every_s, _ in tasks]
        self._woken = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._go_on, name="openrouter-bulk", daemon=True)

    def wake(self) -> None:
        """Call the first function now."""
        self._due[0] = 0.0
        self._woken.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._is_over = True
        self._woken.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._is_over:
            for number, (every_s, task) in enumerate(self._tasks):
                if time.monotonic() >= self._due[number]:
                    self._due[number] = time.monotonic() + every_s
                    _try(task)
            self._woken.wait(max(0.0, min(self._due) - time.monotonic()))
            self._woken.clear()


def _try(task: Callable[[], object]) -> None:
    try:
        task()
    except Exception as error:  # noqa: BLE001  # a database that is away for a while
        log.warning("the job's database could not be reached: %s", type(error).__name__)
