"""Whatever became of the calls of one model, they stand in one line; which snapshot answered is a question of its own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from openrouter_core import OpenRouterClient, OpenRouterError
from openrouter_core.costs import CostLedger, CostReconciler, track_openrouter_cost
from openrouter_emulator import Emulator, faults

REQUESTED, OTHER = "openrouter/auto", "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "Name the days of the week, one on each line."}]


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_answers_and_failures_of_one_model_are_one_line(
    store: str, emulator: Emulator, reconciler: CostReconciler, tmp_path: Path
):
    if store == "sqlite":
        pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    url = None if store == "memory" else f"sqlite:///{tmp_path}/costs.db"
    ledger = CostLedger(url, reconciler=reconciler)
    client = OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[ledger], max_retries=0
    )
    with track_openrouter_cost(reconciler=reconciler) as spent:
        client.chat.send(ASK, model=REQUESTED)
        list(client.chat.stream(ASK, model=REQUESTED))
        with client.chat.stream(ASK, model=REQUESTED) as left:
            next(iter(left))
        for fault in (faults.rate_limited(), faults.cut_before_headers()):
            emulator.fail_next(fault)
            with suppress(OpenRouterError):
                client.chat.send(ASK, model=REQUESTED)
        client.chat.send(ASK, model=OTHER)
    assert emulator.wait_idle()
    assert (ledger.flush(20), spent.flush(20)) == ((), ())

    for book in (ledger, spent.ledger):
        lines = book.by("model")
        assert {name: (t.calls, t.failed) for name, t in lines.items()} == {
            REQUESTED: (5, 3),
            OTHER: (1, 0),
        }
        answered = book.by("answered_model", model=REQUESTED)
        assert sum(t.total for t in answered.values()) == lines[REQUESTED].total
        assert REQUESTED not in answered
        assert answered[""].failed == 2
    assert sum(t.total for t in ledger.by("model").values()) == emulator.total_charged
    client.close()
    ledger.close()
