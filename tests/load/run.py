"""Many calls and streams at once against a server that breaks one in twenty: `python -m tests.load.run`.

Every call ends, memory stays flat, sockets are bounded, and ledger and budget equal the server's own books.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from openrouter_core import AsyncOpenRouterClient, OpenRouterError
from openrouter_core.costs import Budget, CostLedger

MESSAGES = [{"role": "user", "content": "Hi"}]
RESERVE_USD = Decimal("0.01")
LEAVES_EARLY = 25
"""One stream in so many is left after its third event."""
MOST_GROWTH_MB = 40.0
START_S = 4.0
"""The calls begin within so many seconds, not all in one."""


@dataclass
class Load:
    """What was seen."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    @property
    def ended(self) -> int:
        return self.outcomes.total()

    def grown_mb(self) -> float:
        """Between the second quarter and the last: the first fills the pools."""
        size = len(self.resident_mb) // 4
        quarters = [self.resident_mb[at * size : (at + 1) * size] for at in range(4)]
        return median(quarters[3]) - median(quarters[1]) if size else 0.0


async def _call(client: AsyncOpenRouterClient, load: Load) -> None:
    reply = await client.chat.send(MESSAGES, model="m")
    load.outcomes["right" if reply.text == "The answer." else "wrong"] += 1


async def _stream(client: AsyncOpenRouterClient, load: Load, number: int) -> None:
    seen = 0
    async with client.chat.stream(MESSAGES, model="m") as stream:
        async for _ in stream:
            seen += 1
            if seen == 3 and number % LEAVES_EARLY == 0:
                load.outcomes["left early"] += 1
                return
    load.outcomes["right stream" if stream.so_far.text.count("word") == 20 else "wrong"] += 1


async def _worker(
    client: AsyncOpenRouterClient, load: Load, until: float, numbers: Iterator[int] | None
) -> None:
    await asyncio.sleep(random.uniform(0, START_S))
    while time.monotonic() < until:
        try:
            if numbers is None:
                await _call(client, load)
            else:
                await _stream(client, load, next(numbers))
        except OpenRouterError as error:
            load.outcomes[type(error).__name__] += 1
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            load.wrong.append(f"{type(error).__name__}: {error}"[:120])
            load.outcomes["untyped"] += 1


async def _watch(load: Load, until: float) -> None:
    while time.monotonic() < until:
        await asyncio.sleep(1)
        pages = int(Path("/proc/self/statm").read_text().split()[1])  # noqa: ASYNC240
        load.resident_mb.append(pages * 4096 / 2**20)
        load.descriptors.append(_descriptors())


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@contextmanager
def _server(rate: float, seconds: float) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.load.server", str(rate), str(seconds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/api/v1"
        finally:
            server.kill()


async def _run(options: argparse.Namespace, url: str, observers: list[Any]) -> Load:
    load, numbers = Load(), count(1)
    until = time.monotonic() + options.seconds
    client = AsyncOpenRouterClient(
        "sk-or-load",
        base_url=url,
        observers=observers,
        max_connections=options.calls + options.streams,
        max_wait_s=5.0,
    )
    async with client, asyncio.TaskGroup() as group:
        group.create_task(_watch(load, until))
        for _ in range(options.calls):
            group.create_task(_worker(client, load, until, None))
        for _ in range(options.streams):
            group.create_task(_worker(client, load, until, numbers))
    return load


def _checked(
    options: argparse.Namespace, load: Load, ledger: CostLedger, budget: Budget, books: Any
) -> list[str]:
    """What is not as it should be."""
    totals = ledger.totals()
    charged = Decimal(books["charged"])
    most = options.calls + options.streams + 100
    print(f"ended {load.ended}: {dict(load.outcomes.most_common())}")
    print(f"server: {books['seen']}")
    print(
        f"books {charged}, ledger {totals.charged}, unknown {totals.unknown}, budget {budget.spent_usd()}"
    )
    print(
        f"memory {load.resident_mb[0]:.0f} MB at first, {load.resident_mb[-1]:.0f} MB at last, "
        f"{load.grown_mb():+.1f} MB from the second quarter to the last; descriptors at most "
        f"{max(load.descriptors)}, {_descriptors()} at the end"
    )
    checks = {
        "untyped errors or wrong answers": not load.wrong and not load.outcomes["wrong"],
        "the ledger is not the books": totals.charged == charged,
        "the budget is not the books and the reservations of what nobody knows": (
            budget.spent_usd() == charged + RESERVE_USD * totals.unknown
        ),
        "reservations are left": budget.reserved_usd() == RESERVE_USD * 0,
        "memory grew": load.grown_mb() < MOST_GROWTH_MB,
        "too many sockets": max(load.descriptors) < most,
        "sockets are left": _descriptors() < 100,
    }
    return [name for name, is_right in checks.items() if not is_right] + load.wrong[:5]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--rate", type=float, default=0.05, help="of calls that are broken")
    parser.add_argument("--answer-s", type=float, default=5.0, help="seconds that an answer takes")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as folder,
        _server(options.rate, options.answer_s) as url,
        CostLedger(f"sqlite:///{folder}/costs.db") as ledger,
    ):
        budget = Budget("1000000", per="total", price_of=lambda *_: None, reserve_usd=RESERVE_USD)
        began = time.monotonic()
        load = asyncio.run(_run(options, url, [ledger, budget]))
        ended_s = time.monotonic() - began
        left = ledger.flush(timeout_s=120)
        print(f"{ended_s:.0f} s until the last call had ended, {len(left)} look-ups left")
        with urllib.request.urlopen(url.replace("/api/v1", "/books")) as answer:  # noqa: S310
            books = json.load(answer)
        wrong = _checked(options, load, ledger, budget, books)
    for line in wrong:
        print("-", line)
    return bool(wrong or left)


if __name__ == "__main__":
    sys.exit(main())
