"""Why a goal was missed, in the figures of the same run. Pure; read by the report.

Each reason says where the time went: the framework's part, the HTTP library's, our own. A figure that
the run does not hold shows as nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from targets import FAMILIES, Figures, best_peer, goal_of, limit_of

_REFERENCE_S = {"many.500": (2.5, 2.5), "many.2000": (13.6, 16.6)}
"""Row -> what httpx2 alone took on the machine that the goals were set on, at least and at most."""


@dataclass(frozen=True, slots=True)
class Run:
    """The medians of a run, by row and contender."""

    figures: Figures

    def __call__(self, row: str, contender: str) -> float:
        return self.figures.get(row, {}).get(contender, math.nan)

    def framework(self, row: str, ours: str) -> float:
        """What the framework of one of ours takes to answer from memory."""
        return self(row, FAMILIES[ours][0][-1])

    def library_times(self, row: str) -> str:
        """How far httpx2 is from the raw socket, here and where the goals were set."""
        times = self(row, "httpx2_alone") / self(row, "floor")
        then = 10 if row.endswith("async") else 9
        where = f"httpx2 alone takes {times:.0f} times the raw socket here"
        return f"{where}, and {then} times where the goals were set" if times > then else where


Reason = Callable[[Run, str, str], str]
"""Makes the sentence from the run, the row and ours."""


def _parts(run: Run, row: str, ours: str, *, per: str = "") -> str:
    """What the figure is made of: the framework, the core and the adapter."""
    mine, core, framework = run(row, ours), run(row, "ours_core"), run.framework(row, ours)
    digits, adapter = 0 if mine >= 100 else 1, mine - core - framework
    left = (
        f"{adapter:,.{digits}f} are the adapter's"
        if adapter > 0
        else "the adapter's are in the noise"
    )
    return (
        f"of {mine:,.{digits}f} µs{per} the framework takes {framework:,.{digits}f} and our core "
        f"{core:,.{digits}f} (httpx2 alone {run(row, 'httpx2_alone'):,.{digits}f}), so {left}"
    )


def _call(run: Run, row: str, ours: str) -> str:
    least = run.framework(row, ours) + run(row, "httpx2_alone")
    figures = run.figures.get(row, {})
    limit, peer = limit_of(ours, figures, row), best_peer(ours, figures)
    return (
        f"{_parts(run, row, ours)}. {run.library_times(row)}. The framework with httpx2 alone would be "
        f"{least / (limit or math.nan):.2f} of the limit and {least / (peer or math.nan):.2f} of the best peer."
    )


def _near(run: Run, row: str, ours: str) -> str:
    parts = _parts(run, row, ours, per=" a chunk")
    return f"{parts}; the rounds in the table below show how far apart they lie."


def _arguments(run: Run, row: str, ours: str) -> str:
    more = run(row, ours) - run("text.packed", ours)
    return (
        f"{_parts(run, row, ours, per=' a chunk')}. Each chunk shows the whole call so far, where the "
        f"floor shows text: {more:.1f} µs more than our own text stream."
    )


def _import(run: Run, row: str, ours: str) -> str:
    goal = goal_of(row, ours)
    limit = limit_of(ours, run.figures.get(row, {}), row) or math.nan
    core = run(row, "ours_core") - run(row, "httpx2_alone")
    why = (
        f"{run(row, ours) - limit:.0f} ms more than the limit's {limit:.0f}, of which the core's own "
        f"modules are {core:.0f} and the rest the adapter's."
    )
    if not goal.official:
        return why
    official = run(row, FAMILIES[ours][-1])
    return (
        f"{why} The limit alone is {limit / official:.2f} of the official package's {official:.0f}: that "
        f"goal leaves {goal.official * official - limit:.0f} ms."
    )


def _waits(run: Run, row: str, ours: str) -> str:
    wall_s, (least, most) = run(row, "httpx2_alone"), _REFERENCE_S[row]
    slower = wall_s / ((least + most) / 2)
    took = f"{least}" if least == most else f"{least} to {most}"
    return (
        f"the goal is wall time on a machine on which httpx2 alone took {took} s; here it takes "
        f"{wall_s:.1f} s, {slower:.1f} times as long. In that measure the figure is "
        f"{run(row, ours) / slower:.2f} s."
    )


def _threads(run: Run, row: str, ours: str) -> str:
    cpu_s = run("threads.cpu", ours) * 200 / 1e6
    return (
        f"the threads of one interpreter take turns: the calls' CPU of {cpu_s:.2f} s (httpx2 alone "
        f"{run('threads.cpu', 'httpx2_alone') * 200 / 1e6:.2f} s) stands beside 0.26 s of waiting, and "
        f"httpx2 alone takes {run(row, 'httpx2_alone'):.2f} s of wall time where the raw socket takes "
        f"{run(row, 'floor'):.2f}."
    )


def _models(run: Run, row: str, ours: str) -> str:
    goal = goal_of(row, ours)
    peer = best_peer(ours, run.figures.get(row, {})) or math.nan
    alone = run(row, "httpx2_alone")
    most = ((goal.limit or 0) * run(row, "floor"), (goal.peer or 0) * peer, run(row, ours))
    limit_us, peer_us, mine_us = ((ms - alone) * 1000 / 2400 for ms in most)
    return (
        f"400 models are 2,400 typed objects. Once the JSON is there (httpx2 alone: {alone:.1f} ms), the "
        f"goals leave {limit_us:.2f} µs for each (limit) and {peer_us:.2f} (best peer); pydantic takes 0.9 to 1.2 for "
        "one whose fields are not even checked (`python benchmarks/typed_objects.py`), and ours, checked and "
        f"with what came unread beside it, {mine_us:.1f}. Objects built when they are read would hide errors "
        "until then."
    )


def _costs(run: Run, row: str, ours: str) -> str:
    return (
        f"{run(row, ours):.0f} µs is the whole difference between calls with and without a ledger, caches "
        "cold after each wait; the ledger's own code takes 6 µs (`pytest -s "
        "tests/openrouter_core/costs/test_overhead.py`)."
    )


def _noise(run: Run, row: str, ours: str) -> str:
    floor = run("growth", f"{row}/floor")
    return (
        f"the raw socket, whose work is linear, has {floor:.2f} in the same run; ours has "
        f"{run('growth', f'{row}/{ours}'):.2f}."
    )


_CHUNKS = ("text", "text.packed", "reasoning.packed", "streams")
_REASONS: Mapping[str, Reason] = {
    "import": _import,
    "call": _call,
    "call.async": _call,
    "large": _call,
    "first": _call,
    "first.async": _call,
    **{f"{row}{mode}": _near for row in _CHUNKS for mode in ("", ".async")},
    "arguments.packed": _arguments,
    "many.500": _waits,
    "many.2000": _waits,
    "threads": _threads,
    "threads.cpu": _call,
    "models": _models,
    "costs": _costs,
    "growth.chunks": _noise,
    "growth.concurrency": _noise,
}
"""Row -> why its goal cannot be met."""


def why_not(row: str, ours: str, figures: Figures) -> str:
    """Return the reason for a goal that was missed; empty where nobody knows one."""
    reason = _REASONS.get(row)
    return reason(Run(figures), row, ours) if reason else ""
