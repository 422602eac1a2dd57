"""One process of a fleet: `python -m tests.openrouter_core.bulk.worker STORE URL NAME COUNT PREFIX MAX_USD`.

Prints the key of each item that it hands over, and what stopped it, if anything did.
"""

from __future__ import annotations

import os
import subprocess
import sys

from openrouter_core import AsyncOpenRouterClient
from openrouter_core.bulk import Job
from openrouter_core.errors import OpenRouterError
from tests.house._tree import ROOT


def start(store: str, url: str, *more: object) -> subprocess.Popen[str]:
    """Start one: NAME, COUNT, PREFIX of the prompts, MAX_USD ("" is none)."""
    command = [sys.executable, "-m", __name__, store, url, *map(str, more)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _main(store: str, url: str, name: str, count: int, prefix: str, max_usd: str) -> None:
    client = AsyncOpenRouterClient("sk-or-secret", base_url=url, max_retries=5)

    async def ask(prompt: str) -> str:
        message = {"role": "user", "content": prompt}
        return (
            await client.chat.send([message], model="openai/gpt-4o-mini", max_tokens=50)
        ).text or ""

    with Job(store, ask, name=name, max_usd=max_usd or None, version="1", concurrency=20) as job:
        job.add((n, f"{prefix}{n}") for n in range(count))
        try:
            for item in job.run():
                sys.stdout.write(f"{item.key}\n")
                sys.stdout.flush()
        except OpenRouterError as error:
            sys.stdout.write(f"{type(error).__name__}\n")


if __name__ == "__main__":
    _main(*sys.argv[1:4], int(sys.argv[4]), *sys.argv[5:7])
