"""A try that was sent, never answered and made again may be billed: it is in the books."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from openrouter_core import EdgeTimeoutError
from openrouter_core.costs import Budget, CostLedger, cost_labels
from tests.openrouter_core.both_clients import Connect, sync_and_async
from tests.openrouter_core.wire_server import (
    ANSWER,
    CUT,
    HANG,
    STREAMED,
    WireServer,
    head,
    refusal,
)

Serve = Callable[..., WireServer]
HEADERS_ONLY = [
    head(200, content_type="application/json", content_length="9", x_generation_id="gen-lost"),
    HANG,
]


def books(ledger: CostLedger) -> tuple[int, int, bool]:
    totals = ledger.totals()
    return totals.calls, totals.unknown, totals.is_complete


@sync_and_async
@pytest.mark.parametrize("way", ["send", "stream"])
async def test_tries_that_timed_out_are_booked_and_count_with_their_reservation(
    serve: Serve, connect: Connect, way: str
) -> None:
    ledger = CostLedger(reconcile="none")
    budget = Budget(10, price_of=lambda model: None, reserve_usd="0.5", per="run")
    server = serve([HANG], [HANG], ANSWER if way == "send" else STREAMED)

    client = connect(server.base_url, observers=[ledger, budget], timeout_s=0.3, max_retries=2)
    with cost_labels(run="r"):
        await (client.send() if way == "send" else client.read())

    assert books(ledger) == (3, 2, False)
    assert len({record.id for record in ledger.records()}) == 3
    assert [record.labels.run for record in ledger.records()] == ["r"] * 3
    assert (budget.spent_usd("r"), budget.reserved_usd("r")) == (Decimal("1.0001"), 0)


@sync_and_async
async def test_a_try_that_never_arrived_or_was_refused_is_in_no_book(
    serve: Serve, connect: Connect
) -> None:
    ledger = CostLedger(reconcile="none")
    budget = Budget(10, price_of=lambda model: None, reserve_usd="0.5", per="total")
    server = serve(refusal(503), refusal(429), ANSWER)

    await connect(server.base_url, observers=[ledger, budget], max_retries=2).send()

    assert books(ledger) == (1, 0, True)
    assert budget.spent_usd() == Decimal("0.0001")


@sync_and_async
@pytest.mark.parametrize("status", [408, 504, 524])
async def test_a_try_that_the_edge_gave_up_on_may_be_billed(
    serve: Serve, connect: Connect, status: int
) -> None:
    ledger = CostLedger(reconcile="none")
    budget = Budget(10, price_of=lambda model: None, reserve_usd="0.5", per="total")
    server = serve(refusal(status), ANSWER, refusal(status))

    client = connect(server.base_url, observers=[ledger, budget], max_retries=1)
    await client.send()
    assert books(ledger) == (2, 1, False)  # made again
    last = connect(server.base_url, observers=[ledger, budget], max_retries=0)
    with pytest.raises(EdgeTimeoutError):
        await last.send()

    assert books(ledger) == (3, 2, False)  # and given up
    assert budget.spent_usd() == Decimal("1.0001")


@sync_and_async
async def test_a_lost_try_with_an_id_is_booked_under_it(serve: Serve, connect: Connect) -> None:
    ledger = CostLedger(reconcile="none")
    server = serve(HEADERS_ONLY, [CUT], ANSWER)

    client = connect(server.base_url, observers=[ledger], timeout_s=0.3, max_retries=2)
    await client.send()

    assert ledger.get("gen-lost") is not None
    assert books(ledger) == (3, 2, False)
