"""What the callback books of calls that fail, are cancelled or left: what the tracker books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter.callbacks import OpenRouterCostCallback, track_openrouter_cost
from langchain_openrouter.errors import OpenRouterError
from openrouter_core.costs import Budget, CostLedger
from openrouter_core.costs.ledger import Reconcile
from openrouter_emulator import Emulator, Reply, faults

MODEL = "openai/gpt-4o-mini"
Ask = Callable[[ChatOpenRouter, Any], Awaitable[None]]


async def stream_closed(model: ChatOpenRouter, config: Any) -> None:
    stream: Any = model.stream("Hello", config=config)
    next(stream)
    stream.close()


async def stream_broken_off(model: ChatOpenRouter, config: Any) -> None:
    for _ in model.stream("Hello", config=config):
        break


async def astream_closed(model: ChatOpenRouter, config: Any) -> None:
    stream: Any = model.astream("Hello", config=config)
    await anext(stream)
    await stream.aclose()


async def events_left(model: ChatOpenRouter, config: Any) -> None:
    events: Any = model.astream_events("Hello", version="v2", config=config)
    async for event in events:
        if event["event"] == "on_chat_model_stream":
            break
    await events.aclose()


async def stream_cancelled(model: ChatOpenRouter, config: Any) -> None:
    async def read() -> None:
        async for _ in model.astream("Hello", config=config):
            begun.set()

    begun = asyncio.Event()
    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def failing(model: ChatOpenRouter, config: Any) -> None:
    with pytest.raises(OpenRouterError):
        await asyncio.to_thread(model.invoke, "Hello", config=config)


async def afailing(model: ChatOpenRouter, config: Any) -> None:
    with pytest.raises(OpenRouterError):
        await model.ainvoke("Hello", config=config)


async def failing_stream(model: ChatOpenRouter, config: Any) -> None:
    with pytest.raises(OpenRouterError):
        await asyncio.to_thread(lambda: list(model.stream("Hello", config=config)))


async def cancelled(model: ChatOpenRouter, config: Any) -> None:
    task = asyncio.create_task(model.ainvoke("Hello", config=config))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def booked(
    ask: Ask, *, reconcile: Reconcile = "missing", **settings: Any
) -> tuple[OpenRouterCostCallback, Any]:
    """The callback and the tracker, which watched the same call."""
    spent = OpenRouterCostCallback(ledger=CostLedger(reconcile=reconcile))
    model = ChatOpenRouter(model=MODEL, max_retries=0, **settings)
    with track_openrouter_cost(reconcile=reconcile) as tracked:
        await ask(model, {"callbacks": [spent]})
    return spent, tracked


@pytest.mark.parametrize(
    "ask", [stream_closed, stream_broken_off, astream_closed, events_left, stream_cancelled]
)
async def test_b6_a_stream_that_is_left_is_booked_by_its_generation_id(
    openrouter_emulator: Emulator, ask: Ask
):
    openrouter_emulator.chunk_gap_s = 0.005
    openrouter_emulator.script(Reply("word " * 300))

    spent, tracked = await booked(ask)
    assert not spent.totals.is_complete
    openrouter_emulator.wait_idle()
    assert (spent.flush(timeout_s=20), tracked.flush(timeout_s=20)) == ((), ())

    assert [call.outcome for call in spent.calls] == ["interrupted"]
    assert spent.totals == tracked.totals
    assert spent.total == openrouter_emulator.total_charged > 0


@pytest.mark.parametrize("ask", [failing, afailing, failing_stream])
@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        (faults.payment_required(), {}),
        (faults.unauthorized(), {}),
        (faults.server_error(), {}),
        (faults.cut_before_headers(), {}),
        (faults.stall_silent(), {"request_timeout": 0.3}),
        (faults.none(), {"observers": [Budget("0.0000000001")]}),
        (faults.none(), {"base_url": "http://127.0.0.1:9/api/v1"}),
        (faults.none(), {"extra_body": {"temperature": 9}}),
    ],
    ids=["402", "401", "500", "cut", "timeout", "budget", "unreachable", "400"],
)
async def test_a_call_that_fails_is_booked_as_the_tracker_books_it(
    openrouter_emulator: Emulator, ask: Ask, fault: Any, settings: dict[str, Any]
):
    openrouter_emulator.fail_next(fault)

    spent, tracked = await booked(ask, reconcile="none", **settings)

    assert spent.totals == tracked.totals


async def test_a_cancelled_call_is_unknown(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.stall_silent())

    spent, tracked = await booked(cancelled, reconcile="none")

    assert spent.totals == tracked.totals
    assert (spent.totals.calls, spent.totals.unknown) == (1, 1)


async def test_a_reply_that_was_cut_off_is_looked_up(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.cut_in_body())

    spent, tracked = await booked(failing)
    openrouter_emulator.wait_idle()
    assert (spent.flush(timeout_s=20), tracked.flush(timeout_s=20)) == ((), ())

    assert spent.totals == tracked.totals
    assert spent.total == openrouter_emulator.total_charged > 0


async def test_a_failure_of_another_model_is_not_booked():
    from langchain_core.language_models.fake_chat_models import FakeListChatModel

    class Broken(FakeListChatModel):
        def _call(self, *_: Any, **__: Any) -> str:
            raise ValueError("Broken.")

    spent = OpenRouterCostCallback()
    with pytest.raises(ValueError, match="Broken"):
        Broken(responses=[]).invoke("Hello", config={"callbacks": [spent]})

    assert spent.calls == []
