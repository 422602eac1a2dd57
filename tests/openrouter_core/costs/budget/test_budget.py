"""Limits that refuse before a byte is sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import (
    Budget,
    CallIntent,
    CostLedger,
    CostReconciler,
    Price,
    cost_labels,
    observing,
)
from openrouter_core.costs.budget.budget import _checked
from openrouter_core.costs.budget.reservation import characters, reservation
from openrouter_core.costs.budget.scopes import filters_of, scopes_of
from openrouter_core.costs.records.labels import Labels
from openrouter_core.errors import (
    BudgetExceededError,
    ConfigurationError,
    RateLimitError,
    RequestTimeoutError,
)
from openrouter_emulator import faults
from tests.openrouter_core.costs.factories import call, config

MODEL = "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "How much is a loaf of bread?"}]


def intent(**body) -> CallIntent:
    return CallIntent("sendChatCompletionRequest", {"model": "a/one", **body}, config())


def budget(limit="1", **settings) -> Budget:
    """Every call reserves 0.25 USD."""
    settings.setdefault("price_of", lambda model: None)
    return Budget(limit, reserve_usd="0.25", **settings)


def spend(limited: Budget, cost, **facts) -> None:
    limited.completed(call(cost=cost, **facts), limited.admit(intent()))


def test_a_budget_refuses_what_it_does_not_cover():
    limited = budget("1")
    spend(limited, 0.9)

    with pytest.raises(BudgetExceededError) as caught:
        limited.admit(intent())

    error = caught.value
    assert (error.limit_usd, error.spent_usd, error.reserved_usd, error.requested_usd) == tuple(
        map(Decimal, ("1", "0.9", "0", "0.25"))
    )
    assert "$1.00" in str(error)
    assert "$0.9000 is spent" in str(error)


def test_calls_under_way_count_with_what_they_reserved():
    limited = budget("1")
    for _ in range(4):
        limited.admit(intent())

    with pytest.raises(BudgetExceededError, match=r"\$1\.00 is held for calls under way"):
        limited.admit(intent())


def test_a_call_that_ends_gives_back_what_it_did_not_use():
    limited = budget("1")
    spend(limited, 0.01)

    assert limited.spent_usd() == Decimal("0.01")
    assert limited.reserved_usd() == 0
    assert limited.remaining_usd() == Decimal("0.99")


@pytest.mark.parametrize(
    ("facts", "spent"),
    [
        ({"error": RateLimitError("429", status_code=429), "outcome": "error"}, "0"),
        ({"error": RequestTimeoutError("no answer"), "outcome": "error"}, "0.25"),
        ({"outcome": "ok"}, "0.25"),
    ],
    ids=["refused calls are free", "an unanswered call counts as reserved", "so does no price"],
)
def test_a_call_without_a_price(facts, spent):
    limited = budget("1")

    spend(limited, None, generation_id=None, **facts)

    assert limited.spent_usd() == Decimal(spent)
    assert limited.reserved_usd() == 0


def test_a_call_refused_by_another_observer_gives_its_reservation_back():
    first, second = budget("1"), budget("0.1")
    client = OpenRouterClient(
        "sk-or-v1-x", base_url="http://127.0.0.1:9/api/v1", observers=[first, second]
    )

    with pytest.raises(BudgetExceededError):
        client.chat.send(ASK, model=MODEL)

    assert (first.spent_usd(), first.reserved_usd()) == (0, 0)


def test_a_warning_budget_lets_the_call_go():
    limited = budget("0.1", on_exceeded="warn")

    with pytest.warns(RuntimeWarning, match="does not cover this call"):
        spend(limited, 3)

    assert limited.spent_usd() == 3
    assert limited.remaining_usd() == 0


def test_a_function_decides():
    seen = []
    limited = budget("0.1", on_exceeded=seen.append)
    spend(limited, 3)

    assert [error.requested_usd for error in seen] == [Decimal("0.25")]
    assert limited.spent_usd() == 3


def test_a_function_may_refuse():
    def refuse(error):
        raise error

    with pytest.raises(BudgetExceededError):
        budget("0.1", on_exceeded=refuse).admit(intent())


@pytest.mark.parametrize("bad", [-1, "much", None, True])
def test_a_limit_that_is_no_amount_is_refused(bad):
    with pytest.raises(ConfigurationError, match="limit_usd"):
        Budget(bad)


def test_each_run_has_its_own_limit():
    limited = budget("0.5", per="run")
    with cost_labels(run="one"):
        spend(limited, 0.5)

    with cost_labels(run="two"):
        spend(limited, 0.1)
    with cost_labels(run="one"), pytest.raises(BudgetExceededError, match='per run "one"'):
        limited.admit(intent())
    assert limited.spent_usd("one") == Decimal("0.5")


def test_each_tag_has_its_own_limit_and_a_refusal_leaves_nothing_held():
    limited = budget("0.5", per="tag")
    with cost_labels(tags=["full"]):
        spend(limited, 0.5)

    with cost_labels(tags=["free", "full"]), pytest.raises(BudgetExceededError):
        limited.admit(intent())

    assert limited.reserved_usd("free") == 0


NOON = datetime(2026, 12, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("per", "labels", "scopes"),
    [
        ("run", Labels(run="r"), ("b:run:r",)),
        ("run", Labels(), ("b:run:mine",)),
        ("tag", Labels(tags=("x", "y")), ("b:tag:x", "b:tag:y")),
        ("tag", Labels(), ("b:tag:",)),
        ("day", Labels(), ("b:day:2026-12-31",)),
        ("month", Labels(), ("b:month:2026-12",)),
        ("process", Labels(), ("b:process:",)),
        ("total", Labels(run="r"), ("b:total:",)),
    ],
)
def test_scopes(per, labels, scopes):
    assert scopes_of("b", per, labels, NOON, own_run="mine") == scopes


@pytest.mark.parametrize(
    ("scope", "filters"),
    [
        ("run:r", {"run": "r"}),
        ("tag:x:y", {"tag": "x:y"}),
        ("total:", {}),
        ("process:", None),
        (
            "day:2026-12-31",
            {
                "since": datetime(2026, 12, 31, tzinfo=UTC),
                "until": datetime(2027, 1, 1, tzinfo=UTC),
            },
        ),
        (
            "month:2026-12",
            {"since": datetime(2026, 12, 1, tzinfo=UTC), "until": datetime(2027, 1, 1, tzinfo=UTC)},
        ),
    ],
)
def test_what_was_booked_before_is_found_by_scope(scope, filters):
    assert filters_of(scope) == filters


def test_what_a_ledger_booked_before_counts():
    ledger = CostLedger(reconcile="none")
    ledger.completed(call(cost=0.9, started_at=datetime.now(UTC)), None)

    with pytest.raises(BudgetExceededError):
        budget("1", per="month", ledger=ledger).admit(intent())


# Reservations.

PRICE = Price(Decimal("0.000001"), Decimal("0.00001"))


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        ({"messages": [{"content": "x" * 3000}], "max_tokens": 100}, "0.002"),
        ({"messages": [{"content": "x" * 3000}], "max_completion_tokens": 200}, "0.003"),
        ({"input": "x" * 3000, "max_output_tokens": 100}, "0.002"),
        ({"messages": [{"content": "x" * 3000}], "max_tokens": 100, "n": 3}, "0.004"),
        ({"messages": []}, "0.04096"),
    ],
    ids=["prompt and limit", "newer name", "responses", "several choices", "no limit"],
)
def test_a_reservation_is_the_list_price_of_the_longest_answer(body, amount):
    got = reservation(intent(**body), lambda model: PRICE, Decimal(9))

    assert got.quantize(Decimal("0.00001")) == Decimal(amount).quantize(Decimal("0.00001"))


def test_without_a_list_price_the_default_is_reserved():
    assert reservation(intent(), lambda model: None, Decimal("0.25")) == Decimal("0.25")


LIST = {
    "a/one": PRICE,
    "a/dear": Price(Decimal(0), Decimal("0.001")),
    "a/finder": Price(Decimal(0), Decimal(0), web_search=Decimal("0.02")),
    "a/finder:online": Price(Decimal(0), Decimal(0), web_search=Decimal("0.02")),
    "a/painter": Price(Decimal(0), Decimal("0.00001"), image_output=Decimal("0.0001")),
}


def _reserved(operation: str, **body) -> Decimal:
    return reservation(CallIntent(operation, body, config()), LIST.get, Decimal(9))


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        ({"model": "a/one", "models": ["a/one", "a/dear"]}, "0.1"),
        ({"models": ["a/one", "a/dear"]}, "0.1"),
        ({"model": "a/one", "models": ["not/listed"]}, "9"),
        ({"model": "a/one", "models": []}, "0.001"),
        ({"model": "a/one", "models": "odd"}, "0.001"),
        ({"model": "a/painter"}, "0.001"),
        ({"model": "a/painter", "modalities": ["image", "text"]}, "0.01"),
    ],
    ids=["fallback", "models alone", "not listed", "none", "odd", "text", "picture"],
)
def test_the_most_expensive_that_may_answer_counts(body, amount):
    got = _reserved("sendChatCompletionRequest", max_tokens=100, **body)

    assert got.quantize(Decimal("0.0001")) == Decimal(amount).quantize(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        ({}, "0.001"),
        ({"plugins": [{"id": "web"}]}, "9.001"),
        ({"plugins": [{"id": "file-parser"}, "odd"], "tools": None}, "0.001"),
        ({"tools": [{"type": "openrouter:web_search"}]}, "9.001"),
        ({"tools": [{"type": "web_search_20250305"}]}, "9.001"),
        ({"tools": [{"type": "function", "function": {"name": "web_search"}}]}, "0.001"),
        ({"web_search_options": {}}, "9.001"),
        ({"model": "a/finder", "web_search_options": {}}, "0.02"),
        ({"model": "a/finder:online"}, "0.02"),
    ],
    ids=["none", "plugin", "other", "tool", "of Claude", "own", "options", "listed", "online"],
)
def test_a_search_of_the_web_counts(body, amount):
    """Where its price is not listed, as what has no price; it costs more than most answers."""
    got = _reserved("sendChatCompletionRequest", max_tokens=100, **{"model": "a/one", **body})

    assert abs(got - Decimal(amount)) < Decimal("0.0002")


def test_pictures_of_their_own_endpoint_count_as_pictures():
    got = _reserved("createImages", model="a/painter", prompt="A boat", n=2)
    assert got == 2 * 4096 * Decimal("0.0001")


def test_a_batch_reserves_half_the_price_of_all_its_requests():
    requests = [
        {"custom_id": str(n), "body": {"messages": [], "max_tokens": 200}} for n in range(5)
    ]
    requests.append({"custom_id": "odd", "body": None})

    got = _reserved("createBatches", endpoint="/v1/x", model="a/one", requests=requests)
    assert got.quantize(Decimal("0.0001")) == Decimal("0.0255")  # (5 * 200 + 4096) * 0.00001 / 2
    assert _reserved("createBatches", model="not/listed", requests=requests) == 9


def test_text_that_is_not_english_counts_by_its_bytes():
    """A Chinese character is a token or more."""
    assert characters(["\u4f60\u597d" * 10, "four"]) == 64
    assert characters(["\u4f60" * 30_000]) == 90_000
    assert characters(["\ud800"]) == 3


def test_a_fallback_that_answers_stays_within_what_was_reserved(emulator):
    limited = Budget("0.001", per="total")
    emulator.down_models = {MODEL}
    client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[limited])
    with pytest.raises(BudgetExceededError):
        client.chat.send(ASK, model=MODEL, models=["anthropic/claude-opus-4.1"], max_tokens=100)

    assert emulator.total_charged == 0


def test_a_picture_does_not_count_by_its_length():
    image = {"image_url": {"url": "data:image/png;base64," + "A" * 5_000_000}}

    assert characters([image, "four"]) == 20_004


@given(
    st.lists(st.tuples(st.booleans(), st.decimals(0, "0.25", places=4)), max_size=60),
    st.integers(1, 8),
)
def test_spending_never_passes_the_limit_when_calls_cost_no_more_than_reserved(steps, together):
    limited, under_way = budget("1"), []
    for start, cost in steps:
        if start and len(under_way) < together:
            try:
                under_way.append(limited.admit(intent()))
            except BudgetExceededError:
                state = limited.spent_usd() + limited.reserved_usd()
                assert state + Decimal("0.25") > 1
        elif under_way:
            limited.completed(call(cost=cost), under_way.pop())
        assert limited.spent_usd() + limited.reserved_usd() <= 1


# Over the wire.


def test_b10_a_refused_call_sends_nothing(emulator):
    """quirks.md B10."""
    with OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[budget("0.1")]
    ) as client:
        with pytest.raises(BudgetExceededError):
            client.chat.send(ASK, model=MODEL)
        with pytest.raises(BudgetExceededError), client.chat.stream(ASK, model=MODEL):
            pass

    assert emulator.requests == []


async def test_b10_agents_at_once_stop_at_the_limit(emulator):
    """quirks.md B10."""
    limited = Budget("0.0002", price_of=lambda model: Price(Decimal("1e-6"), Decimal("1e-6")))
    client = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url)

    async def agent() -> int:
        for turn in range(100):
            try:
                await client.chat.send(ASK, model=MODEL, max_tokens=20)
            except BudgetExceededError:
                return turn
        return 100

    with observing(limited):
        turns = await asyncio.gather(*(agent() for _ in range(10)))
    await client.aclose()

    assert max(turns) < 100
    assert emulator.total_charged == limited.spent_usd() <= limited.limit_usd
    assert limited.reserved_usd() == 0


def test_a_cut_stream_counts_when_its_record_is_there(emulator):
    reconciler = CostReconciler(exit_patience_s=0)
    limited = budget("1", reconciler=reconciler)
    with (
        OpenRouterClient(
            emulator.api_key, base_url=emulator.base_url, observers=[limited]
        ) as client,
        client.chat.stream(ASK, model=MODEL) as stream,
    ):
        next(iter(stream))

    assert limited.reserved_usd() == Decimal("0.25")
    assert reconciler.flush(20) == ()
    assert limited.reserved_usd() == 0
    assert limited.spent_usd() == emulator.total_charged > 0
    reconciler.close()


def test_retries_are_one_reservation(emulator):
    emulator.fail_next(faults.bad_gateway(), times=1)
    limited = budget("0.25")
    with OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[limited]
    ) as client:
        client.chat.send(ASK, model=MODEL)

    assert limited.spent_usd() == emulator.total_charged


def test_a_try_that_is_lost_and_made_again_counts(emulator):
    emulator.fail_next(faults.cut_in_body(), times=1)
    reconciler = CostReconciler(exit_patience_s=0)
    limited = budget("1", reconciler=reconciler)
    with OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[limited]
    ) as client:
        client.chat.send(ASK, model=MODEL)

    assert reconciler.flush(20) == ()
    reconciler.close()
    assert len(emulator.charges) == 2
    assert limited.spent_usd() == emulator.total_charged
    assert limited.reserved_usd() == 0


@pytest.mark.parametrize(
    ("remaining", "needs", "passes"),
    [(None, 5, True), (5, 5, True), (4.99, 5, False), (0, 0, False), (0.1, 0, True)],
)
def test_what_the_key_may_still_spend_decides(remaining, needs, passes):
    if passes:
        expected = None if remaining is None else Decimal(str(remaining))
        assert _checked(remaining, Decimal(needs)) == expected
    else:
        with pytest.raises(BudgetExceededError, match="The key may spend"):
            _checked(remaining, Decimal(needs))


async def test_the_key_is_asked_over_the_wire(emulator):
    small = emulator.add_key("small", limit=Decimal("0.5")).secret
    client = AsyncOpenRouterClient(small, base_url=emulator.base_url)

    assert await budget().acheck_key(client, needs_usd="0.5") == Decimal("0.5")
    with pytest.raises(BudgetExceededError):
        await budget().acheck_key(client, needs_usd=1)
    await client.aclose()


@pytest.mark.parametrize("kept", ["memory", "sqlite"])
def test_a_budget_knows_before_its_first_call_what_its_ledger_has_booked(kept, tmp_path):
    if kept == "sqlite":
        pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    url = None if kept == "memory" else f"sqlite:///{tmp_path}/costs.db"
    with CostLedger(url, reconcile="none") as ledger:
        ledger.completed(call(cost="0.5"), None)
        limited = budget(per="total", ledger=ledger)

        before = limited.spent_usd(), limited.remaining_usd()
        limited.admit(intent())

        assert before == (Decimal("0.5"), Decimal("0.5"))
        assert (limited.spent_usd(), limited.remaining_usd()) == (Decimal("0.5"), Decimal("0.25"))
