"""What both cost handlers book of calls that fail, are cancelled or left: what the tracker books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import MockLLM

from llama_index_openrouter import (
    OpenRouter,
    OpenRouterCostCallback,
    OpenRouterCostHandler,
    track_openrouter_cost,
)
from openrouter_core import OpenRouterError
from openrouter_core.costs import Budget, CostLedger, Totals
from openrouter_core.costs.ledger import Reconcile
from openrouter_emulator import Emulator, Reply, faults
from tests.llama_index_openrouter.factories import MakeLlm

HI = [ChatMessage("Hi")]
MODEL = "anthropic/claude-haiku-4.5"
Ask = Callable[[OpenRouter], Awaitable[None]]


async def stream_left(llm: OpenRouter) -> None:
    for _ in llm.stream_chat(HI):
        break


async def astream_left(llm: OpenRouter) -> None:
    stream: Any = await llm.astream_chat(HI)
    await anext(stream)
    await stream.aclose()


async def stream_complete_left(llm: OpenRouter) -> None:
    stream: Any = llm.stream_complete("Hi")
    next(stream)
    stream.close()


async def stream_cancelled(llm: OpenRouter) -> None:
    async def read() -> None:
        async for _ in await llm.astream_chat(HI):
            begun.set()

    begun = asyncio.Event()
    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancelled(llm: OpenRouter) -> None:
    task = asyncio.create_task(llm.achat(HI))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def failing(llm: OpenRouter) -> None:
    with pytest.raises(OpenRouterError):
        await asyncio.to_thread(llm.chat, HI)


async def afailing(llm: OpenRouter) -> None:
    with pytest.raises(OpenRouterError):
        await llm.acomplete("Hi")


async def failing_stream(llm: OpenRouter) -> None:
    with pytest.raises(OpenRouterError):
        await asyncio.to_thread(lambda: list(llm.stream_chat(HI)))


async def failing_astream(llm: OpenRouter) -> None:
    with pytest.raises(OpenRouterError):
        _ = [response async for response in await llm.astream_complete("Hi")]


class Booked:
    """The three that watch one call."""

    def __init__(self, reconcile: Reconcile = "none") -> None:
        self.reconcile: Reconcile = reconcile
        self.handler = OpenRouterCostHandler(ledger=CostLedger(reconcile=reconcile))
        self.callback = OpenRouterCostCallback(ledger=CostLedger(reconcile=reconcile))

    async def watch(self, ask: Ask, make_llm: MakeLlm, **settings: Any) -> Booked:
        manager = CallbackManager([self.callback])
        with track_openrouter_cost(reconcile=self.reconcile) as self.tracked, self.handler:
            await ask(make_llm(MODEL, callback_manager=manager, max_retries=0, **settings))
        return self

    def totals(self) -> list[Totals]:
        return [self.handler.totals, self.callback.totals, self.tracked.totals]


@pytest.mark.parametrize("ask", [stream_left, astream_left, stream_complete_left, stream_cancelled])
async def test_b6_a_stream_that_is_left_is_booked(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    """By its id; the older callback learns it of a cancellation alone, else the cost stays unknown there."""
    openrouter_emulator.chunk_gap_s = 0.005
    openrouter_emulator.script(Reply("word " * 300))

    booked = await Booked("missing").watch(ask, make_llm)
    await asyncio.to_thread(openrouter_emulator.wait_idle)  # LlamaIndex lets the loop close streams
    for book in (booked.handler, booked.tracked, booked.callback):
        assert book.flush(20) == ()

    by_handler, by_callback, by_tracker = booked.totals()
    assert by_handler == by_tracker
    assert by_handler.total == openrouter_emulator.total_charged > 0
    is_unknown = ask is not stream_cancelled
    assert (by_callback.calls, by_callback.unknown, by_callback.failed) == (1, is_unknown, 1)
    assert by_callback == by_tracker or is_unknown


@pytest.mark.parametrize("ask", [failing, afailing, failing_stream, failing_astream])
@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        (faults.payment_required(), {}),
        (faults.unauthorized(), {}),
        (faults.server_error(), {}),
        (faults.cut_before_headers(), {}),
        (faults.stall_silent(), {"timeout_s": 0.3}),
        (faults.none(), {"observers": [Budget("0.0000000001")]}),
        (faults.none(), {"api_base": "http://127.0.0.1:9/api/v1"}),
        (faults.none(), {"extra_body": {"temperature": 9}}),
    ],
    ids=["402", "401", "500", "cut", "timeout", "budget", "unreachable", "400"],
)
async def test_a_call_that_fails_is_booked_as_the_tracker_books_it(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask, fault: Any, settings: dict[str, Any]
):
    openrouter_emulator.fail_next(fault)

    by_handler, by_callback, by_tracker = (await Booked().watch(ask, make_llm, **settings)).totals()

    assert by_handler == by_callback == by_tracker


async def test_a_cancelled_call_is_unknown(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.fail_next(faults.stall_silent())

    by_handler, by_callback, by_tracker = (await Booked().watch(cancelled, make_llm)).totals()

    assert by_handler == by_callback == by_tracker
    assert (by_tracker.calls, by_tracker.unknown) == (1, 1)


async def test_a_failure_of_another_model_is_not_booked():
    class Broken(MockLLM):
        def chat(self, *_: Any, **__: Any) -> Any:
            raise ValueError("Broken.")

    booked = Booked()
    llm = Broken(max_tokens=None, callback_manager=CallbackManager([booked.callback]))
    with booked.handler, pytest.raises(ValueError, match="Broken"):
        llm.chat(HI)

    assert (booked.handler.calls, booked.callback.calls) == ([], [])
