"""One process of a job that goes through the Batch API: `python -m ... STORE URL KEY HOW COUNT`.

HOW is "batch" (hand in, wait, collect) or "run". Prints the key of each item that it hands over.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core._call import ReplyInfo
from openrouter_core.bulk import Job
from openrouter_core.errors import OpenRouterError
from openrouter_core.wire._base import read
from openrouter_core.wire.chat import ChatResult
from tests.house._tree import ROOT

MODEL = "openai/gpt-4o-mini"


class Target:
    """A model with the methods by which a job knows one of an adapter."""

    def __init__(self, url: str, key: str, *, max_tokens: int = 30) -> None:
        self.core_client = OpenRouterClient(key, base_url=url)
        self._client = AsyncOpenRouterClient(key, base_url=url)
        self.max_tokens = max_tokens

    def build_request(self, prompt: Any) -> dict[str, Any]:
        messages = [{"role": "user", "content": str(prompt)}]
        return {"model": MODEL, "max_tokens": self.max_tokens, "messages": messages}

    async def ainvoke(self, prompt: Any) -> str:
        return (await self._client.chat.send(**self.build_request(prompt))).text or ""

    def to_message(self, body: Mapping[str, Any]) -> str:
        return read(ChatResult, body, ReplyInfo()).text or ""


def rows(count: int) -> list[tuple[int, str]]:
    return [(n, f"question {n}") for n in range(count)]


def start(store: str, url: str, key: str, how: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", __name__, store, url, key, how, str(count)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _main(store: str, url: str, key: str, how: str, count: int) -> None:
    with Job[str](store, Target(url, key), max_usd="5", concurrency=4) as job:
        job.add(rows(count))
        if how == "batch":
            job.submit(batch_size=150)
        try:
            for item in job.run() if how == "run" else job.collect(wait=True):
                sys.stdout.write(f"{item.key if item.is_ok else item.error}\n")
                sys.stdout.flush()
        except OpenRouterError as error:
            sys.stdout.write(f"{type(error).__name__}: {error}\n")


if __name__ == "__main__":
    _main(*sys.argv[1:5], int(sys.argv[5]))
