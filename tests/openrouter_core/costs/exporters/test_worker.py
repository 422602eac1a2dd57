"""The thread that talks to tracers: what waits is bounded, and nothing put is lost."""

from __future__ import annotations

import threading

import pytest

from openrouter_core.costs.exporters import worker as module
from openrouter_core.costs.exporters.worker import BackgroundWorker


def test_a_caller_does_the_work_itself_when_too_much_waits(monkeypatch: pytest.MonkeyPatch):
    """A tracer that hangs must not fill the memory."""
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    worker, goes_on, done = BackgroundWorker(), threading.Event(), []
    started = threading.Event()
    worker.put(lambda: (started.set(), goes_on.wait(10)))
    assert started.wait(10)

    for number in range(5):
        worker.put(lambda number=number: done.append((number, threading.current_thread().name)))

    assert [number for number, name in done if name == "MainThread"] == [3, 4]
    goes_on.set()
    assert worker.flush(10)
    assert sorted(number for number, _ in done) == [0, 1, 2, 3, 4]
