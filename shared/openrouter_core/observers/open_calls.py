"""Calls that have begun and not ended yet. What is still open when the program ends is reported here.

Later would be too late: once the interpreter finalizes, a thread that is started never runs (Python 3.11
then waits for it for ever), and a ledger's own threads have stopped.
"""

from __future__ import annotations

import atexit
import os
from typing import Protocol
from weakref import WeakValueDictionary


class OpenCall(Protocol):
    """A call under way, as its observers see it."""

    def left_open(self) -> None:
        """Report what is known by now as the end of the call."""
        ...

    def disown(self) -> None:
        """Report nothing: the call belongs to the parent process."""
        ...


_open: WeakValueDictionary[int, OpenCall] = WeakValueDictionary()


def note(call: OpenCall) -> None:
    """Remember that a call has begun. It is not kept alive."""
    _open[id(call)] = call


def forget(call: OpenCall) -> None:
    """The call has ended and was reported."""
    _open.pop(id(call), None)


def report_open_calls() -> None:
    """Report every call that is still under way. Runs when the program ends; safe to run twice."""
    for call in _all():
        call.left_open()


def _after_fork() -> None:
    for call in _all():
        call.disown()
    _open.clear()


def _all() -> list[OpenCall]:
    return [call for reference in _open.valuerefs() if (call := reference()) is not None]


atexit.register(report_open_calls)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
