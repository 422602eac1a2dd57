"""How long the questions to a large ledger take: `make bench-ledger`.

Without options: 1,000,000 calls in an SQLite file. Another database, which must be empty:
`make bench-ledger ARGS="--url postgresql+psycopg://user@host/empty"`.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from openrouter_core.costs import Cost, CostLedger, Labels
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.report import summary_of
from openrouter_core.costs.sql.engine import open_engine
from openrouter_core.costs.sql.rows import to_row
from openrouter_core.costs.sql.tables import calls as table

_BATCH = 10_000
_START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/costs.db"
        with CostLedger(url, reconcile="none") as ledger:
            print(f"{options.calls:,} calls in {url.partition(':')[0]}")
            _print("filled", lambda: _fill(url, options.calls))
            _ask(ledger)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'highest memory of this process':32}{peak:8.0f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty database; default: an SQLite file")
    return parser.parse_args()


def _ask(ledger: CostLedger) -> None:
    week = _START + timedelta(days=7)
    _print('by("model")', lambda: ledger.by("model"))
    _print('by("day")', lambda: ledger.by("day"))
    _print('by("tag")', lambda: ledger.by("tag"))
    _print('by("run")', lambda: ledger.by("run"))
    _print('by("model"), one week', lambda: ledger.by("model", since=_START, until=week))
    _print("totals()", ledger.totals)
    _print("the whole report", lambda: summary_of(ledger))


def _print(what: str, act: Callable[[], object]) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    act()
    print(
        f"{what:32}{time.perf_counter() - began:8.2f} s  "
        f"({time.process_time() - cpu:.2f} s of CPU here)",
        flush=True,
    )


def _fill(url: str, calls: int) -> None:
    """Write the rows that a ledger writes, in larger batches."""
    engine = open_engine(url)
    made = _records(calls)
    while batch := [to_row(record) for record in islice(made, _BATCH)]:
        with engine.begin() as db:
            db.execute(table.insert(), batch)
    engine.dispose()


def _records(calls: int) -> Iterator[CostRecord]:
    draw = random.Random(1)  # noqa: S311  # the same figures each time
    for n in range(calls):
        model = f"vendor-{draw.randrange(20)}/model-{draw.randrange(60)}"
        usage: dict[str, Any] = {
            "prompt_tokens": draw.randrange(1, 9000),
            "completion_tokens": draw.randrange(1, 900),
            "cost": draw.randrange(10**9) / 10**12,
            "cost_details": {"upstream_inference_cost": None},
            "prompt_tokens_details": {"cached_tokens": 0},
        }
        yield CostRecord(
            id=f"gen-{n:09}",
            at=_START + timedelta(seconds=20 * n),
            operation="sendChatCompletionRequest",
            outcome="ok" if draw.random() < 0.97 else "error",
            requested_model=model,
            model=f"{model}-20260101",
            provider=f"Provider {draw.randrange(30)}",
            key_hash="0123456789abcdef",
            base_url="https://openrouter.ai/api/v1",
            labels=Labels(f"run-{n // 100}", (f"tag-{draw.randrange(12)}",), f"session-{n // 30}"),
            latency_s=draw.random() * 9,
            streamed=True,
            first_event_s=draw.random(),
            lookup="found",
            response=Cost.of_usage(usage),
        )


if __name__ == "__main__":
    main()
