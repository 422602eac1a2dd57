"""Runs other work in the middle of some work, at every step at which an interpreter may do that."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dis import opname
from itertools import count
from types import FrameType
from typing import Any

_AGAIN = ("JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT")


def at_every_step(begin: Callable[[], tuple[Callable[[], Any], Callable[[], Any]]]) -> int:
    """Run work once for each of its steps, with an interruption there; return how many there are.

    A garbage collection, and so the finalizer of a dropped stream, may begin wherever a function is
    entered or left, or a loop begins anew. `begin` returns new work and what interrupts it; what they left behind is for it to
    look at when it is called again.
    """
    for step in count():
        work, interruption = begin()
        if not _interrupted(work, interruption, step):
            return step
    raise AssertionError


def _interrupted(work: Callable[[], Any], interruption: Callable[[], Any], step: int) -> bool:
    """Run work; whether it came to this step, and so was interrupted there."""
    left = step

    def at_step(*_: object) -> None:
        nonlocal left
        if left == 0:
            interruption()
        left -= 1

    def at_loop(frame: FrameType, event: str, _arg: object) -> Any:
        if "openrouter_core" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and opname[frame.f_code.co_code[frame.f_lasti]] in _AGAIN:
            at_step()
        return at_loop

    before = sys.getprofile(), sys.gettrace()
    sys.setprofile(at_step)
    sys.settrace(at_loop)
    try:
        work()
    finally:
        sys.setprofile(before[0])
        sys.settrace(before[1])
    return left < 0
