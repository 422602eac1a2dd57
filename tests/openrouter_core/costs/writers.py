"""What the processes of a test with many processes do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from openrouter_core import AsyncOpenRouterClient
from openrouter_core.costs import Budget, CallIntent, Cost, CostLedger, CostTracker
from openrouter_core.errors import BudgetExceededError
from tests.openrouter_core.costs.factories import call, config

INTENT = CallIntent("sendChatCompletionRequest", {"model": "a/one"}, config())
RESERVED_USD = Decimal("0.02")
DEAR_MODEL = "perplexity/sonar"
"""Takes 0.005 USD a request and a little for tokens."""
QUESTION = [{"role": "user", "content": "Where?"}]


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


def spend(url: str, process: int, agents: int, *, base_url: str, api_key: str) -> Decimal:
    """Let agents call until the shared budget of 1 USD refuses them; return what this process spent."""
    del process
    with CostLedger(url, reconcile="none") as ledger, CostTracker(reconcile="none") as spent:
        budget = Budget(
            1, per="total", ledger=ledger, reserve_usd=RESERVED_USD, price_of=lambda _model: None
        )
        client = AsyncOpenRouterClient(api_key, base_url=base_url, observers=[budget, ledger])
        asyncio.run(_agents(client, budget, agents))
    return spent.total


async def _agents(client: AsyncOpenRouterClient, budget: Budget, agents: int) -> None:
    await asyncio.gather(*(_agent(client, budget) for _ in range(agents)))
    await client.aclose()


async def _agent(client: AsyncOpenRouterClient, budget: Budget) -> None:
    """Call again and again; stop when what is spent, not what others hold, leaves no room."""
    while True:
        try:
            await client.chat.send(QUESTION, model=DEAR_MODEL)
        except BudgetExceededError:
            if budget.limit_usd - budget.spent_usd() < RESERVED_USD:
                return
            await asyncio.sleep(0.05)
