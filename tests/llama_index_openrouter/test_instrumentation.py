"""What the cost handlers book, against the emulator's own books."""

from __future__ import annotations

import copy
from decimal import Decimal

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import MockLLM
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.dispatcher import instrument_tags

from llama_index_openrouter import (
    OpenRouterCostCallback,
    OpenRouterCostHandler,
    OpenRouterEmbedding,
    OpenRouterRerank,
    track_openrouter_cost,
)
from openrouter_core import BudgetExceededError, MidStreamError, OpenRouterError
from openrouter_core.costs import Budget, CostLedger, cost_labels
from openrouter_emulator import Emulator, Reply, faults
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.test_chat import (
    Ask,
    by_acomplete,
    by_astream_complete,
    by_complete,
    by_stream_complete,
    four_ways,
)
from tests.llama_index_openrouter.test_rerank import nodes

HI = [ChatMessage(content="Hi")]
PRICED = "anthropic/claude-haiku-4.5"


@four_ways
async def test_b13_handler_books_what_was_charged(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    with OpenRouterCostHandler() as costs:
        await ask(make_llm(PRICED), HI)

    [booking], [record] = openrouter_emulator.charges, costs.calls
    assert costs.total == booking.cost
    assert (record.id, record.requested_model) == (booking.generation_id, PRICED)
    assert (record.provider, record.outcome) == (booking.provider, "ok")
    assert record.streamed == booking.streamed
    assert record.cost.tokens.prompt == booking.prompt_tokens


@pytest.mark.parametrize(
    "complete", [by_complete, by_acomplete, by_stream_complete, by_astream_complete]
)
async def test_completions_are_booked_once(
    openrouter_emulator: Emulator, make_llm: MakeLlm, complete
):
    with OpenRouterCostHandler() as costs:
        await complete(make_llm(PRICED), "Hi")

    assert len(costs.calls) == 1
    assert costs.total == openrouter_emulator.total_charged


@four_ways
async def test_callback_books_the_same(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    costs = OpenRouterCostCallback()

    await ask(make_llm(PRICED, callback_manager=CallbackManager([costs])), HI)

    assert costs.total == openrouter_emulator.total_charged
    assert costs.calls[0].requested_model == PRICED


async def test_i4_embeddings_and_rerank_are_booked(openrouter_emulator: Emulator):
    embedding = OpenRouterEmbedding("openai/text-embedding-3-small", embed_batch_size=1)
    rerank = OpenRouterRerank("cohere/rerank-v3.5")

    with OpenRouterCostHandler() as costs:
        embedding.get_text_embedding_batch(["one", "two"])
        await embedding.aget_query_embedding("one")
        rerank.postprocess_nodes(nodes(), query_str="one")

    assert costs.total == openrouter_emulator.total_charged
    assert [r.operation for r in costs.calls] == ["createEmbeddings"] * 3 + ["createRerank"]


async def test_b1_byok_counts_the_providers_bill(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.byok = True

    with OpenRouterCostHandler() as costs:
        make_llm(PRICED).chat(HI)

    [booking] = openrouter_emulator.charges
    assert costs.total == booking.cost + booking.upstream_cost > 0


def test_b6_stream_left_early_is_booked_as_cut_and_looked_up(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.chunk_gap_s = 0.005
    openrouter_emulator.script(Reply("word " * 300))

    with OpenRouterCostHandler() as costs:
        stream = make_llm(PRICED).stream_chat(HI)
        next(stream)
        stream.close()
    openrouter_emulator.wait_idle()
    pending = costs.flush(timeout_s=20)

    [record] = costs.calls
    assert pending == ()
    assert (record.outcome, record.error) == ("interrupted", "GeneratorExit")
    assert costs.total == openrouter_emulator.total_charged


def test_broken_stream_is_booked_as_cut(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script(Reply("word " * 40))
    openrouter_emulator.fail_next(faults.midstream_error())

    costs = OpenRouterCostHandler(ledger=CostLedger(reconcile="none"))
    with costs, pytest.raises(MidStreamError) as caught:
        list(make_llm(PRICED).stream_chat(HI))

    [record] = costs.calls
    assert (record.outcome, record.error) == ("interrupted", type(caught.value).__name__)
    assert record.id == caught.value.generation_id


def test_refused_call_costs_nothing(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.fail_next(faults.payment_required())

    with OpenRouterCostHandler() as costs, pytest.raises(OpenRouterError):
        make_llm(PRICED).chat(HI)

    assert [(record.is_refused, record.is_unknown) for record in costs.calls] == [(True, False)]
    assert costs.total == 0


def test_other_models_are_not_booked():
    with OpenRouterCostHandler() as costs:
        MockLLM().chat(HI)

    assert costs.calls == []


def test_labels_come_from_the_context_or_from_llama_index(make_llm: MakeLlm):
    llm = make_llm(PRICED)

    with OpenRouterCostHandler() as costs:
        with cost_labels(run="nightly"):
            llm.chat(HI)
        with instrument_tags({"team": "blue"}):
            llm.chat(HI)

    assert [(r.labels.run, r.labels.tags) for r in costs.calls] == [
        ("nightly", ()),
        (None, ("team=blue",)),
    ]


def test_handler_leaves_with_its_block(make_llm: MakeLlm):
    before = list(get_dispatcher().event_handlers)

    with OpenRouterCostHandler() as costs:
        make_llm(PRICED).chat(HI)
    make_llm(PRICED).chat(HI)

    assert len(costs.calls) == 1
    assert get_dispatcher().event_handlers == before


def test_tracker_and_handler_agree(openrouter_emulator: Emulator, make_llm: MakeLlm):
    with track_openrouter_cost() as spent, OpenRouterCostHandler() as costs:
        make_llm(PRICED).chat(HI)
        list(make_llm(PRICED).stream_chat(HI))

    assert spent.total == costs.total == openrouter_emulator.total_charged


@four_ways
async def test_b10_budget_among_the_observers_refuses_calls(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    llm = make_llm(PRICED, observers=[Budget(Decimal("0.0000001"))])

    async def spend() -> None:
        for _ in range(3):
            await ask(llm, HI)

    with pytest.raises(BudgetExceededError):
        await spend()

    assert len(openrouter_emulator.requests) < 3


def test_copies_share_the_budget(make_llm: MakeLlm):
    budget = Budget(Decimal(1))

    twin = copy.deepcopy(make_llm(PRICED, observers=[budget]))

    assert twin.observers == [budget]
