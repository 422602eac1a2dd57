"""What the processes of a test with many processes do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from openrouter_core.costs import Budget, CallIntent, Cost, CostLedger
from openrouter_core.errors import BudgetExceededError
from tests.costs.making import call, config

INTENT = CallIntent("sendChatCompletionRequest", {"model": "a/one"}, config())


def report(results: Any, task: Callable[..., Any], *arguments: Any) -> None:
    """Carry out a task and send home what it returns."""
    results.put(task(*arguments))


def write(url: str, process: int, count: int) -> None:
    """Book `count` calls of 0.001 USD; every tenth id is also booked by all the other processes."""
    with CostLedger(url, reconcile="none") as ledger:
        for n in range(count):
            name = f"gen-shared-{n}" if n % 10 == 0 else f"gen-{process}-{n}"
            ledger.completed(call(name, cost=0.001), None)
            if n % 10 == 1:
                late = Cost(charged=Decimal("0.002"), source="generation")
                ledger.store.settle(name, "found", late)


def spend(url: str, process: int, agents: int) -> Decimal:
    """Let agents take turns until the shared budget of 1 USD refuses all; return what was spent."""
    spent = Decimal(0)
    with CostLedger(url, reconcile="none") as ledger:
        budget = Budget(
            1, per="total", ledger=ledger, reserve_usd="0.05", price_of=lambda _model: None
        )
        while tickets := _admitted(budget, agents):
            for ticket in tickets:
                done = call(f"gen-{process}-{spent}", cost=0.01)
                budget.completed(done, ticket)
                ledger.completed(done, None)
                spent += Decimal("0.01")
    return spent


def _admitted(budget: Budget, agents: int) -> list[object]:
    tickets: list[object] = []
    for _ in range(agents):
        try:
            tickets.append(budget.admit(INTENT))
        except BudgetExceededError:
            break
    return tickets
