"""Two Ray workers and a third process share one job: one budget, one limit. Run by `scripts/clusters.py`.

The server has a token bucket, faults of its own and `Retry-After`, and keeps books.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from decimal import Decimal

import ray

from langchain_openrouter import ChatOpenRouter
from openrouter_core.bulk import Job
from openrouter_core.bulk.ray import RayChat
from tests.openrouter_core.bulk import worker
from tests.openrouter_core.costs import postgres
from tests.token_bucket import PRICE, TokenBucketServer

RATE, ROWS, THIRD = 40.0, 1200, 600


def through_ray(store: str, url: str, rows: int, **options: str) -> list[dict[str, object]]:
    """What comes out of an actor pool of two."""
    model = ChatOpenRouter(model="openai/gpt-4o-mini", base_url=url, max_retries=8, max_tokens=50)
    given = {"target": model, "store": store, "key": "id", "concurrency": 20, **options}
    data = ray.data.from_items([{"id": f"ray{n}", "prompt": f"ray {n}"} for n in range(rows)])
    pool = ray.data.ActorPoolStrategy(size=2)
    batches = data.map_batches(
        RayChat, fn_constructor_kwargs=given, compute=pool, batch_size=100, num_cpus=0.5
    )
    return list(batches.take_all())


def one_limit(store: str) -> None:
    """All is delivered and paid once, at the rate of the server, with few refusals."""
    with TokenBucketServer(RATE, latency_s=0.2, faults=0.05, retry_after="1") as server:
        third = worker.start(store, server.url, "fleet", THIRD, "third ", "")
        begun = time.monotonic()
        rows = through_ray(store, server.url, ROWS, name="fleet")
        printed = third.communicate(timeout=300)[0].split()
        took_s = time.monotonic() - begun
        calls = server.answered.total() + server.refused + server.failed

        assert {row["error"] for row in rows} == {None}
        assert len(rows) == ROWS
        assert sorted(printed, key=int) == [str(n) for n in range(THIRD)]
        assert set(server.answered.values()) == {1}, server.answered.most_common(3)
        assert len(server.answered) == ROWS + THIRD
        print(f"one limit: {ROWS + THIRD} answers by three processes in {took_s:.0f} s, bucket {RATE:.0f}/s; "
              f"{server.refused} refusals of {calls} calls ({server.refused / calls:.1%}), "
              f"{server.failed} faults")  # fmt: skip
        assert server.refused < 0.1 * calls


def one_budget(store: str) -> None:
    """A tenth of the work is paid, by all three together, and every paid answer is stored."""
    limit = Decimal(PRICE) * (ROWS + THIRD) / 10
    with TokenBucketServer(1000, latency_s=0.05) as server:
        third = worker.start(store, server.url, "tenth", THIRD, "third ", limit)
        rows = through_ray(store, server.url, ROWS, name="tenth", max_usd=str(limit))
        printed = third.communicate(timeout=300)[0].split()
        paid = server.answered.total() * Decimal(PRICE)
        delivered = sum(row["error"] is None for row in rows) + len(
            [key for key in printed if key.isdigit()]
        )
        with Job(store, len, name="tenth") as job:
            figures = job.progress()

        print(f"one budget: {paid} USD of {limit} paid, {delivered} answers delivered, {figures}")
        assert limit * Decimal("0.8") <= paid <= limit
        assert figures.done == server.answered.total() == delivered
        assert figures.spent_usd == paid
        assert {str(r["error"]).split(":")[0] for r in rows} <= {"None", "BudgetExceededError"}


def main() -> None:
    """Both, in PostgreSQL where it is installed, else in a file."""
    os.environ["OPENROUTER_API_KEY"] = "sk-or-secret"
    logging.getLogger("ray.data").setLevel("WARNING")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    with tempfile.TemporaryDirectory() as folder:
        if reason := postgres.why_not():
            print("a file of SQLite:", reason)
            one_limit(f"sqlite:///{folder}/fleet.db")
            one_budget(f"sqlite:///{folder}/fleet.db")
        else:
            with postgres.server() as url:
                one_limit(url)
                one_budget(url)
    ray.shutdown()


if __name__ == "__main__":
    sys.exit(main())
