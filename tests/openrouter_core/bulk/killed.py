"""A job that is killed: `python -m tests.openrouter_core.bulk.killed FILE URL COUNT [LEDGER]`.

With the URL of a ledger, its calls are booked there, and a budget there reserves for each.
"""

from __future__ import annotations

import signal
import sys

from openrouter_core import AsyncOpenRouterClient
from openrouter_core.bulk import Job
from openrouter_core.costs import Budget, CostLedger

CONCURRENCY = 20
RESERVED = "0.02"
_client: AsyncOpenRouterClient


async def ask(prompt: str) -> str:
    reply = await _client.chat.send([{"role": "user", "content": prompt}], model="a/b")
    return reply.text or ""


def rows(count: int) -> list[tuple[int, str]]:
    return [(n, f"p{n}") for n in range(count)]


def observers(url: str) -> list[CostLedger | Budget]:
    ledger = CostLedger(url, reconcile="none")
    return [ledger, Budget("500", per="total", ledger=ledger, reserve_usd=RESERVED)]


if __name__ == "__main__":
    # A shell lets what it runs in the background ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    books = observers(sys.argv[4]) if len(sys.argv) > 4 else []
    _client = AsyncOpenRouterClient("sk-or-x", base_url=sys.argv[2], observers=books)
    with Job(sys.argv[1], ask, concurrency=CONCURRENCY) as job:
        job.add(rows(int(sys.argv[3])))
        for item in job.run():
            sys.stdout.write(f"{item.key}\n")
            sys.stdout.flush()
