"""Spending limits of real agents against the local emulator, whose books say what was spent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

from langchain_openrouter import BudgetMiddleware, track_openrouter_cost
from langchain_openrouter.errors import BudgetExceededError, StreamError
from openrouter_core.costs import Budget, CostLedger, observing
from openrouter_core.costs.reconcile.reconciler import shared_reconciler
from openrouter_emulator import Emulator, Reply, ToolCall, faults
from tests.langchain_openrouter.agents import BOTH, Ask, get_weather, model, question


class Answer(BaseModel):
    """An answer."""

    text: str


def weather_calls(times: int) -> list[Any]:
    """Replies of a model that asks for the weather again and again."""
    return [[ToolCall("get_weather", {"city": "Rome"}, f"c{n}")] for n in range(times)]


def reserved_for_one_call(emulator: Emulator) -> Decimal:
    """What the first call of the weather agent holds back."""
    agent = create_agent(model(), tools=[get_weather], middleware=[BudgetMiddleware(0)])
    with pytest.raises(BudgetExceededError) as raised:
        agent.invoke(question())
    assert emulator.requests == []
    return raised.value.requested_usd


@BOTH
async def test_b10_agent_within_its_budget_is_not_disturbed(
    openrouter_emulator: Emulator, ask: Ask
):
    """quirks.md B10."""
    agent = create_agent(model(), tools=[get_weather], middleware=[BudgetMiddleware(1)])

    state = await ask(agent, question())

    assert [m.type for m in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert set(state) == {"messages"}


@BOTH
async def test_b10_error_stops_the_loop_at_the_limit(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B10: the limit is in USD of real cost, and is not passed."""
    limit = reserved_for_one_call(openrouter_emulator) * 2
    openrouter_emulator.script(weather_calls(200))
    agent = create_agent(model(), tools=[get_weather], middleware=[BudgetMiddleware(limit)])

    with pytest.raises(BudgetExceededError, match="per run does not cover the next call") as raised:
        await ask(agent, question(), config={"recursion_limit": 1000})

    spent = openrouter_emulator.total_charged
    assert len(openrouter_emulator.requests) > 2
    assert raised.value.spent_usd == spent
    assert limit / 2 < spent + raised.value.requested_usd
    assert spent <= limit == raised.value.limit_usd


@BOTH
async def test_b10_end_ends_the_agent_with_a_message(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B10."""
    limit = reserved_for_one_call(openrouter_emulator) * Decimal("1.05")
    openrouter_emulator.script(weather_calls(200))
    budget = BudgetMiddleware(limit, on_exceeded="end")
    agent = create_agent(model(), tools=[get_weather], middleware=[budget])

    state = await ask(agent, question(), config={"recursion_limit": 1000})

    last = state["messages"][-1]
    assert isinstance(last, AIMessage)
    assert "does not cover the next call" in last.text
    assert not last.tool_calls
    assert 0 < openrouter_emulator.total_charged <= limit


@pytest.mark.parametrize("strategy", [ProviderStrategy, ToolStrategy])
def test_b10_end_ends_an_agent_that_owes_a_structured_answer(
    openrouter_emulator: Emulator, strategy: Any
):
    """quirks.md B10: it does not ask again."""
    budget = BudgetMiddleware(0, on_exceeded="end")
    agent = create_agent(model(), middleware=[budget], response_format=strategy(Answer))

    state = agent.invoke(question())

    assert "does not cover" in state["messages"][-1].text
    assert state.get("structured_response") is None
    assert len(state["messages"]) == 2


def test_updates_of_a_stream_can_be_stored_as_json(openrouter_emulator: Emulator):
    agent = create_agent(model(), middleware=[BudgetMiddleware(1, per="thread")])

    [update] = agent.stream(question("Hi"), stream_mode="updates")

    note = update["model"]["openrouter_thread_budget"]
    assert json.loads(json.dumps(note)) == note
    assert Decimal(note["spent_usd"]) == openrouter_emulator.total_charged


async def test_b10_warn_lets_the_call_go(openrouter_emulator: Emulator):
    """quirks.md B10."""
    agent = create_agent(model(), middleware=[BudgetMiddleware(0, on_exceeded="warn")])

    with pytest.warns(RuntimeWarning, match="made nevertheless"):
        state = agent.invoke(question("Hi"))

    assert state["messages"][-1].text


@BOTH
async def test_b10_each_run_has_the_whole_budget(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B10: also on one thread."""
    limit = reserved_for_one_call(openrouter_emulator) * Decimal("1.2")
    agent = create_agent(
        model(), middleware=[BudgetMiddleware(limit)], checkpointer=InMemorySaver()
    )
    thread = {"configurable": {"thread_id": "t"}}

    for _ in range(3):
        await ask(agent, question("Hi"), config=thread)

    assert len(openrouter_emulator.requests) == 3


@BOTH
async def test_b10_a_thread_keeps_its_budget(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B10: over runs, and in another process; other threads have their own."""
    limit = reserved_for_one_call(openrouter_emulator) * Decimal("1.3")
    saver = InMemorySaver()

    def agent() -> Any:
        budget = BudgetMiddleware(limit, per="thread")
        return create_agent(model(), tools=[get_weather], middleware=[budget], checkpointer=saver)

    def on(thread: str) -> dict[str, Any]:
        return {"configurable": {"thread_id": thread}}

    async def ask_on_and_on() -> None:
        for _ in range(200):
            await ask(agent(), question("Hi"), config=on("a"))

    with pytest.raises(BudgetExceededError, match="per thread") as raised:
        await ask_on_and_on()
    spent = openrouter_emulator.total_charged
    await ask(agent(), question("Hi"), config=on("b"))

    assert raised.value.spent_usd == spent > 0
    assert openrouter_emulator.total_charged > spent


@BOTH
async def test_a_thread_that_goes_from_one_process_to_another_and_back_has_one_budget(
    openrouter_emulator: Emulator, ask: Ask
):
    """What the first still has in memory is older than the thread's state."""
    saver = InMemorySaver()
    thread = {"configurable": {"thread_id": "a"}}
    here, there = (
        create_agent(model(), middleware=[BudgetMiddleware(1, per="thread")], checkpointer=saver)
        for _ in range(2)
    )

    for agent in (here, there, here):
        state = await ask(agent, question("Hi"), config=thread)

    noted = saver.get(thread)["channel_values"]["openrouter_thread_budget"]
    assert state["messages"]
    assert Decimal(noted["spent_usd"]) == openrouter_emulator.total_charged > 0


@BOTH
async def test_b10_run_and_thread_budgets_go_together(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B10."""
    middleware = [BudgetMiddleware(1), BudgetMiddleware(0, per="thread", on_exceeded="end")]
    agent = create_agent(model(), middleware=middleware)

    state = await ask(agent, question())

    assert "per thread" in state["messages"][-1].text
    assert openrouter_emulator.requests == []


def with_sub_agent(inner: list[Any], outer: list[Any]) -> Any:
    """An agent whose only tool is an agent."""
    worker = create_agent(model(), middleware=inner)

    @tool
    def research(topic: str) -> str:
        """Research a topic."""
        return worker.invoke(question(topic))["messages"][-1].text

    @tool
    async def aresearch(topic: str) -> str:
        """Research a topic."""
        return (await worker.ainvoke(question(topic)))["messages"][-1].text

    research.coroutine = aresearch.coroutine  # type: ignore[attr-defined]  # one tool, both ways
    return create_agent(model(), tools=[research], middleware=outer)


@BOTH
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "own"])
async def test_b10_sub_agents_are_counted_once(
    openrouter_emulator: Emulator, ask: Ask, shared: bool
):
    """quirks.md B10: whether they share the middleware or have one of their own."""
    call = [ToolCall("research", {"topic": "Rome"}, "c1")]
    openrouter_emulator.script([call, Reply("Rome is old"), Reply("Done")])
    budget = BudgetMiddleware(1)
    own = [budget] if shared else [BudgetMiddleware(1)]
    agent = with_sub_agent(own, [budget])

    await ask(agent, question())

    [only] = budget._budgets.values()
    assert len(openrouter_emulator.requests) == 3
    assert only.spent_usd == openrouter_emulator.total_charged


@BOTH
async def test_b10_refused_sub_agent_is_a_failed_tool(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B10: "end" ends the whole agent gracefully, also from within a tool."""
    limit = reserved_for_one_call(openrouter_emulator) * Decimal("1.001")
    call = [ToolCall("research", {"topic": "Rome " * 50}, "c1")]
    openrouter_emulator.script([call, *[Reply("Done")] * 5])
    agent = with_sub_agent([], [BudgetMiddleware(limit, on_exceeded="end")])

    state = await ask(agent, question())

    result, last = state["messages"][-2:]
    assert isinstance(result, ToolMessage)
    assert (result.status, result.name) == ("error", "research")
    assert "does not cover" in result.text
    assert isinstance(last, AIMessage)
    assert len(openrouter_emulator.requests) <= 2


def test_b10_a_stream_that_breaks_off_is_counted(openrouter_emulator: Emulator):
    """quirks.md B10: it is billed, at a price that is found out afterwards."""
    openrouter_emulator.fail_next(faults.cut_midstream())
    budget = BudgetMiddleware(1)
    agent = create_agent(model(streaming=True), middleware=[budget])

    with pytest.raises(StreamError):
        agent.invoke(question("Tell a story about a long journey through the night"))
    openrouter_emulator.wait_idle()
    shared_reconciler().flush()

    [only] = budget._budgets.values()
    assert only.spent_usd == openrouter_emulator.total_charged > 0


def test_another_budgets_refusal_is_not_swallowed(openrouter_emulator: Emulator):
    theirs = Budget(0, price_of=lambda _: None)
    agent = create_agent(
        model(observers=[theirs]), middleware=[BudgetMiddleware(1, on_exceeded="end")]
    )

    with pytest.raises(BudgetExceededError, match="per run"):
        agent.invoke(question())


def test_labels_of_the_users_ledger_stay(openrouter_emulator: Emulator):
    ledger = CostLedger(reconcile="none")
    agent = create_agent(model(), middleware=[BudgetMiddleware(1)])

    with observing(ledger), track_openrouter_cost(run="job") as spent:
        agent.invoke(question("Hi"))

    [record] = ledger.records()
    assert record.labels.run == "job"
    assert spent.total == openrouter_emulator.total_charged


@pytest.mark.parametrize(
    "settings",
    [{"limit_usd": -1}, {"limit_usd": 1, "per": "day"}, {"limit_usd": 1, "on_exceeded": "raise"}],
)
def test_settings_of_a_budget_are_checked(settings: dict[str, Any]):
    with pytest.raises(ValueError, match="must be"):
        BudgetMiddleware(**settings)
