"""The process of one contender: reads jobs as JSON lines, does them, answers with what they cost.

    python benchmarks/worker.py ours_core http://127.0.0.1:8000

A job is `{"work": "stream", "answer": "text.1000.1", "times": 1}`; a job that fails is answered with
`{"error": ...}`, and the process goes on.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from scenarios import Client


def main() -> None:
    """Serve jobs until the standard input closes."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not look like a reply
    _, high = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (high, high))
    kind = importlib.import_module(f"contenders.{sys.argv[1]}").Contender
    with asyncio.Runner() as runner:
        clients: dict[str, Client] = {}
        for line in sys.stdin:
            job = json.loads(line)
            print(json.dumps(_done(kind, job, clients, runner)), file=replies, flush=True)


def _done(
    kind: type[Any], job: dict[str, Any], clients: dict[str, Client], runner: asyncio.Runner
) -> dict[str, Any]:
    if job["work"] == "offers":
        return {"offers": [name for name in job["names"] if hasattr(kind, name)]}
    try:
        url = f"{sys.argv[2]}/{job['answer']}/api/v1"
        if url not in clients:
            clients[url] = Client(kind, url, runner)
            gc.freeze()  # what was imported is not looked through before every job: up to 0.7 s
        if job["work"] == "delivers":
            return {"delivers": clients[url].delivers(job["way"])}
        cost = asdict(getattr(clients[url], job["work"])(job["times"]))
        cost.pop("_start")
    except Exception as error:  # noqa: BLE001  # whatever a peer raises is its result
        return {"error": f"{type(error).__name__}: {str(error)[:160]}"}
    return cost


if __name__ == "__main__":
    main()
