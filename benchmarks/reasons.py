"""Why a goal was missed, in the figures of the same run. Pure; read by the report.

Each reason says where the time went: the framework's part, the HTTP library's, our own. A figure that
the run does not hold shows as nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from targets import Figures

_FLOORS = {"ours_langchain": "langchain_floor", "ours_llama_index": "llama_index_floor"}


@dataclass(frozen=True, slots=True)
class Run:
    """The medians of a run, by row and contender."""

    figures: Figures

    def __call__(self, row: str, contender: str) -> float:
        return self.figures.get(row, {}).get(contender, math.nan)

    def ratio(self, row: str, one: str, other: str) -> float:
        """How many times `other` the figure of `one` is."""
        return self(row, one) / self(row, other)


Reason = Callable[[Run, str, str], str]
"""Makes the sentence from the run, the row and ours."""


def _parts(run: Run, row: str, ours: str) -> str:
    """What the figure is made of: the framework, the core and the adapter."""
    mine, core, framework = run(row, ours), run(row, "ours_core"), run(row, _FLOORS[ours])
    return (
        f"of {mine:,.0f} µs the framework takes {framework:,.0f} and our core {core:,.0f} (httpx2 alone "
        f"{run(row, 'httpx2_alone'):,.0f}), so {mine - core - framework:,.0f} are the adapter's"
    )


def _call(run: Run, row: str, ours: str) -> str:
    times = run.ratio(row, "httpx2_alone", "floor")
    goal = 10 if row.endswith("async") else 9
    return (
        f"{_parts(run, row, ours)}. httpx2 alone takes {times:.0f} times the raw socket here; where the "
        f"goal was set it took {goal} times."
    )


def _first(run: Run, row: str, ours: str) -> str:
    return (
        f"{_parts(run, row, ours)}. The peer's stream was opened by an HTTP library too: the framework "
        "and the library alone are more than the goal against it leaves."
    )


def _chunk(run: Run, row: str, ours: str) -> str:
    mine, core, framework = run(row, ours), run(row, "ours_core"), run(row, _FLOORS[ours])
    return (
        f"of {mine:.1f} µs a chunk the framework takes {framework:.1f} and our core {core:.1f} (httpx2 "
        f"alone {run(row, 'httpx2_alone'):.1f}), so {mine - core - framework:.1f} are the adapter's"
    )


def _near(run: Run, row: str, ours: str) -> str:
    return f"{_chunk(run, row, ours)}; the rounds in the table below show how far apart they lie."


def _arguments(run: Run, row: str, ours: str) -> str:
    more = run(row, ours) - run("text.packed", ours)
    return (
        f"{_chunk(run, row, ours)}. Each chunk shows the whole call so far, where the floor shows text: "
        f"{more:.1f} µs more than our own text stream."
    )


def _import(run: Run, row: str, ours: str) -> str:
    floor = _FLOORS.get(ours, "httpx2_alone")
    more = run(row, ours) - run(row, floor)
    core = run(row, "ours_core") - run(row, "httpx2_alone")
    return (
        f"{more:.0f} ms more than the limit's {run(row, floor):.0f}, of which the core's own modules are "
        f"{core:.0f}; a process to itself each time, so other work on the machine shows."
    )


def _waits(run: Run, row: str, ours: str) -> str:
    wall_s = run(row, "httpx2_alone")
    return (
        f"the goal is wall time on a machine on which httpx2 alone took 13.6 to 16.6 s; here it takes "
        f"{wall_s:.1f} s, {wall_s / 16.6:.1f} to {wall_s / 13.6:.1f} times as long. In that measure the "
        f"figure is {run(row, ours) / (wall_s / 15.1):.1f} s."
    )


def _threads(run: Run, row: str, ours: str) -> str:
    cpu_s = run("threads.cpu", ours) * 200 / 1e6
    return (
        f"the threads of one interpreter take turns: the calls' CPU of {cpu_s:.2f} s (httpx2 alone "
        f"{run('threads.cpu', 'httpx2_alone') * 200 / 1e6:.2f} s) stands beside 0.26 s of waiting, and "
        f"httpx2 alone takes {run(row, 'httpx2_alone'):.2f} s of wall time where the raw socket takes "
        f"{run(row, 'floor'):.2f}."
    )


def _threads_cpu(run: Run, row: str, ours: str) -> str:
    times = run.ratio(row, "httpx2_alone", "floor")
    return f"{_parts(run, row, ours)}. httpx2 alone takes {times:.0f} times the raw socket here."


def _models(run: Run, row: str, ours: str) -> str:
    left_us = (2 * run(row, "floor") - run(row, "httpx2_alone")) * 1000 / 2400
    return (
        "400 models are 2,400 typed objects, and an empty pydantic object takes 0.49 µs; the goal leaves "
        f"{left_us:.2f} µs for each once the JSON is there (httpx2 alone: {run(row, 'httpx2_alone'):.1f} of "
        f"{run(row, ours):.1f} ms). Objects that are built when they are read would hide errors until then."
    )


def _costs(run: Run, row: str, ours: str) -> str:
    return (
        f"{run(row, ours):.0f} µs is the whole difference between calls with and without a ledger, caches "
        "cold after each wait; the ledger's own code takes 6 µs (`pytest -s "
        "tests/costs/test_overhead.py`)."
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
    "first": _first,
    "first.async": _first,
    **{f"{row}{colour}": _near for row in _CHUNKS for colour in ("", ".async")},
    "arguments.packed": _arguments,
    "many.500": _waits,
    "many.2000": _waits,
    "threads": _threads,
    "threads.cpu": _threads_cpu,
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
