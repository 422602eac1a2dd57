"""What watching costs the caller. The limit is 50 microseconds a call; the figure is printed."""

from __future__ import annotations

import statistics
import time

import pytest

from openrouter_core.costs import CallIntent, CostLedger, CostReconciler, CostTracker
from tests.costs.making import call, config

LIMIT_US = 50.0
USAGE = {
    "prompt_tokens": 2572,
    "completion_tokens": 100,
    "total_tokens": 2672,
    "cost": 0.00341475,
    "is_byok": False,
    "cost_details": {
        "upstream_inference_cost": 0.00341475,
        "upstream_inference_prompt_cost": 0.00191475,
        "upstream_inference_completions_cost": 0.0015,
    },
    "prompt_tokens_details": {"cached_tokens": 2240, "cache_write_tokens": 329},
    "completion_tokens_details": {"reasoning_tokens": 40},
}


def median_us(observer, calls) -> float:
    """The CPU time that an observer takes of a caller's, per call: other work does not count."""
    intent = CallIntent("sendChatCompletionRequest", {"model": "a/one"}, config())
    taken = []
    for one in calls:
        start = time.thread_time_ns()
        ticket = observer.admit(intent)
        observer.completed(one, ticket)
        taken.append((time.thread_time_ns() - start) / 1000)
    return statistics.median(taken)


@pytest.mark.parametrize(
    ("name", "priced"), [("ledger", True), ("look-up", False), ("tracker", True), ("sql", True)]
)
def test_watching_a_call_takes_less_than_50_microseconds(name, priced, tmp_path, record_property):
    if name == "sql":
        pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    reconciler = CostReconciler(exit_patience_s=0)
    ledger = CostLedger(
        f"sqlite:///{tmp_path}/costs.db" if name == "sql" else None, reconciler=reconciler
    )
    observer = CostTracker(reconciler=reconciler) if name == "tracker" else ledger
    calls = [call(usage=USAGE if priced else None) for _ in range(1000)]

    median = min(median_us(observer, calls[:500]), median_us(observer, calls[500:]))

    reconciler.close()
    ledger.close()
    record_property("median_us", round(median, 1))
    print(f"{name}: {median:.1f} us a call")  # noqa: T201  # shown with -s
    assert median < LIMIT_US
