"""A job that is killed: `python -m tests.openrouter_core.bulk.killed FILE URL COUNT`, in a process of its own."""

from __future__ import annotations

import signal
import sys

from openrouter_core import AsyncOpenRouterClient
from openrouter_core.bulk import Job

CONCURRENCY = 20
_client: AsyncOpenRouterClient


async def ask(prompt: str) -> str:
    reply = await _client.chat.send([{"role": "user", "content": prompt}], model="a/b")
    return reply.text or ""


def rows(count: int) -> list[tuple[int, str]]:
    return [(n, f"p{n}") for n in range(count)]


if __name__ == "__main__":
    # A shell lets what it runs in the background ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _client = AsyncOpenRouterClient("sk-or-x", base_url=sys.argv[2])
    with Job(sys.argv[1], ask, concurrency=CONCURRENCY) as job:
        job.add(rows(int(sys.argv[3])))
        for item in job.run():
            sys.stdout.write(f"{item.key}\n")
            sys.stdout.flush()
