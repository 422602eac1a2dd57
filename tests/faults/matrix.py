"""Drives every fault through every kind of call: `python -m tests.faults.matrix [--short] [--only WORD]`.

A cell survives with the right answer, or with a typed error where none can be had, within its bound; nothing
may be left of it: no descriptor, thread, task or place in the pool, nor more memory than its kind may take.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from openrouter_core import OpenRouterError
from openrouter_core._http import pool
from tests.faults.kinds_of_call import DOWNLOADS, KINDS, Kind, made
from tests.faults.playing import SCENARIOS, Scenario
from tests.faults.scenarios import ALL

HANG_S = 25.0
LATE_S = 6.0
"""What a busy machine may add to twice the timeout."""
MOST_MB, MOST_LARGE_MB = 400, 1_100
KEY = "sk-or-v1-the-key-of-the-matrix"


@dataclass(frozen=True)
class Cell:
    """One fault in one kind of call."""

    scenario: Scenario
    kind: str
    is_async: bool
    verdict: str = ""
    """Empty when it survived."""
    outcome: str = ""
    took_s: float = 0.0

    def __str__(self) -> str:
        way = "async" if self.is_async else "sync"
        return f"{self.scenario.name} | {way} {self.kind}: {self.verdict} ({self.outcome}, {self.took_s:.1f} s)"


@dataclass
class Matrix:
    """What came of all cells."""

    cells: list[Cell] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    peak_mb: float = 0.0

    @property
    def failed(self) -> list[str]:
        return [str(cell) for cell in self.cells if cell.verdict] + self.leaks

    def table(self) -> str:
        """Survived of all, by group of faults and of calls."""
        rows = list(dict.fromkeys(cell.scenario.group for cell in self.cells))
        columns = list(dict.fromkeys(kind.group for kind in KINDS.values()))
        count, good = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for cell in self.cells:
            for row in (cell.scenario.group, "all"):
                for column in (KINDS[cell.kind].group, "all"):
                    count[row, column] += 1
                    good[row, column] += not cell.verdict
        lines = ["| fault | " + " | ".join([*columns, "all"]) + " |"]
        lines.append("|---" * (len(columns) + 2) + "|")
        for row in [*rows, "all"]:
            figures = (f"{good[row, c]}/{count[row, c]}" for c in [*columns, "all"])
            lines.append(f"| {row} | " + " | ".join(figures) + " |")
        return "\n".join(lines)


# ------------------------------------------------------------------------- one cell


async def _cell(scenario: Scenario, name: str, kind: Kind, url: str, *, is_async: bool) -> Cell:
    settings = {
        "api_key": KEY,
        "base_url": url,
        "timeout_s": scenario.timeout_s,
        "max_retries": 0,
    }
    began = time.monotonic()
    wanted = scenario.wanted_of(name, kind.group)
    try:
        call = made(kind, settings, is_async=is_async)
        value = await asyncio.wait_for(call, HANG_S)
    except OpenRouterError as error:  # not kept: its traceback holds what the call had read
        outcome = f"{type(error).__name__}: {str(error)[:90]}"
        verdict = "no answer" if wanted == "right" else ""
        if KEY in f"{error!r}{error}":
            verdict = "shows the key"
    except TimeoutError:
        outcome, verdict = "nothing", "hangs"
    except BaseException as error:  # noqa: BLE001  # that is what is looked for
        outcome, verdict = f"{type(error).__name__}: {str(error)[:90]}", "untyped"
    else:
        is_right = value == kind.right
        outcome = f"{'right' if is_right else 'other'}: {str(value)[:60]!r}"
        is_welcome = wanted == "either" or (wanted == "right" and is_right)
        verdict = "" if is_welcome else "wrong answer"
    took_s = time.monotonic() - began
    may_go_on = wanted == "either" and name in DOWNLOADS
    if not verdict and not may_go_on and took_s > 2 * scenario.timeout_s + LATE_S:
        verdict = "late"
    return Cell(scenario, name, is_async, verdict, outcome, took_s)


# ------------------------------------------------------------------------- one scenario


class _Memory:
    """The peak of the resident memory while it watches."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, name="memory")
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(0.01):
            self.peak_mb = max(self.peak_mb, resident_mb())


def _trim() -> None:
    """Have the C library give back what each thread's heap keeps: it is not in use any more."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def _left() -> dict[str, int]:
    """What is open once idle connections are closed."""
    for one in pool._pools.values():
        one.close()
    for one, _ in pool._pools_of(asyncio.get_running_loop()).values():
        await one.aclose()
    await asyncio.sleep(0.05)
    gc.collect()
    threads = [t for t in threading.enumerate() if not t.name.startswith(("asyncio", "matrix"))]
    taken = sum(p._key.max_connections - p._places._value for p in pool._pools.values())
    for one, _ in pool._pools_of(asyncio.get_running_loop()).values():
        taken += one._key.max_connections - one._places._value
    return {
        "descriptors": _descriptors(),
        "threads": len(threads),
        "tasks": len(asyncio.all_tasks()),
        "places in pools": taken,
    }


async def _scenario(matrix: Matrix, scenario: Scenario, url: str, kinds: dict[str, Kind]) -> float:
    """Make all calls under one fault; return the megabytes that they took."""
    before, before_mb = await _left(), resident_mb()
    calls = [
        _cell(scenario, name, kind, url, is_async=is_async)
        for name, kind in kinds.items()
        for is_async in (False, True)
    ]
    with _Memory() as memory:
        if scenario.is_large:
            for call in calls:
                matrix.cells.append(await call)
                gc.collect()
                _trim()
        else:
            matrix.cells += await asyncio.gather(*calls)
    after = await _left()
    for _ in range(20):  # a connection that is being closed takes its time
        if after == before:
            break
        await asyncio.sleep(0.1)
        after = await _left()
    more = {name: after[name] - before[name] for name in after if after[name] > before[name]}
    if more:
        matrix.leaks.append(f"{scenario.name}: left {more}")
    grown_mb = memory.peak_mb - before_mb
    matrix.peak_mb = max(matrix.peak_mb, grown_mb)
    if grown_mb > (MOST_LARGE_MB if scenario.is_large else MOST_MB):
        matrix.leaks.append(f"{scenario.name}: took {grown_mb:.0f} MB")
    return grown_mb


# ------------------------------------------------------------------------- all of it


@contextmanager
def _server() -> Iterator[dict[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.faults.server", folder]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            ports = json.loads(server.stdout.readline())
            os.environ["SSL_CERT_FILE"] = str(Path(folder) / "ca.pem")
            try:
                yield ports
            finally:
                server.kill()


def _url(scenario: Scenario, ports: dict[str, int]) -> str:
    scheme = "http" if scenario.connection == "plain" else "https"
    port = ports["plain" if scenario.connection == "raw" else scenario.connection]
    return f"{scheme}://127.0.0.1:{port}/{ALL.index(scenario)}/api/v1"


async def run(*, short: bool, only: str = "", quiet: bool = False) -> Matrix:
    """Play the scenarios; `short` takes one or two of each group."""
    matrix = Matrix()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64, "asyncio"))
    chosen = [s for s in ALL if (s.is_short or not short) and only in s.name]
    with _server() as ports:
        await _scenario(Matrix(), SCENARIOS["plain"], _url(SCENARIOS["plain"], ports), KINDS)
        gc.freeze()  # a look at what every scenario leaves need not walk through the frameworks
        for scenario in chosen:
            began, seen = time.monotonic(), len(matrix.failed)
            grown_mb = await _scenario(matrix, scenario, _url(scenario, ports), KINDS)
            if not quiet:
                took_s = time.monotonic() - began
                print(
                    f"{took_s:5.1f} s {grown_mb:5.0f} MB  {scenario.group}: {scenario.name}",
                    flush=True,
                )
                for line in matrix.failed[seen:]:
                    print("        ", line, flush=True)
    return matrix


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    matrix = asyncio.run(run(short=options.short, only=options.only, quiet=options.quiet))
    print(matrix.table())
    print(
        f"{len(matrix.cells)} cells, {len(matrix.failed)} did not survive, at most {matrix.peak_mb:.0f} MB "
        f"more in one scenario, {time.monotonic() - began:.0f} s"
    )
    for line in matrix.failed:
        print("-", line)
    return bool(matrix.failed)


if __name__ == "__main__":
    sys.exit(main())
