"""The book of calls, in memory. Calls are reported to it the way the client reports them."""

from __future__ import annotations

import copy
import csv
import json
import pickle
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_core.costs import Budget, Cost, CostLedger, CostReconciler, Price, cost_labels
from openrouter_core.costs.records.export import COLUMNS
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.errors import (
    BudgetExceededError,
    ConfigurationError,
    ConnectionFailedError,
    EdgeTimeoutError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)
from tests.openrouter_core.costs.factories import START, call, config


def ledger_of(*calls) -> CostLedger:
    ledger = CostLedger(reconcile="none")
    for one in calls:
        ledger.completed(one, ledger.admit(None))
    return ledger


def late(generation_id: str, amount: str) -> Cost:
    return Cost(charged=Decimal(amount), generation_id=generation_id, source="generation")


def test_a_ledger_adds_up_calls():
    totals = ledger_of(call(cost=0.1), call(cost=0.2)).totals()

    assert totals.total == totals.charged == Decimal("0.3")
    assert (totals.calls, totals.prompt_tokens, totals.completion_tokens) == (2, 20, 10)
    assert totals.is_complete


def test_one_generation_reported_twice_is_booked_once():
    assert ledger_of(call("gen-1", cost=0.1), call("gen-1", cost=0.1)).totals().calls == 1


def test_a_call_without_an_id_is_booked_once_per_call_whoever_reports_it():
    nameless = call(None, cost=0.1)

    assert ledger_of(nameless, nameless, call(None, cost=0.1)).totals().calls == 2


def test_a_call_whose_cost_nobody_said_is_counted_as_unknown():
    totals = ledger_of(call(), call(cost=0.1)).totals()

    assert totals.unknown == 1
    assert totals.total == Decimal("0.1")
    assert not totals.is_complete


@pytest.mark.parametrize(
    ("error", "generation_id", "may_be_billed"),
    [
        (RateLimitError("429", status_code=429), None, False),
        (RateLimitError("429", status_code=429), "gen-1", False),
        (ServerError("502", status_code=502), None, False),
        (ServerError("502", status_code=502), "gen-1", True),
        (EdgeTimeoutError("499", status_code=499), None, True),
        (EdgeTimeoutError("408", status_code=408), "gen-1", True),
        (RequestTimeoutError("no answer"), None, True),
        (ConnectionFailedError("broken"), None, True),
        (KeyboardInterrupt(), None, True),
    ],
)
def test_only_a_failed_call_that_may_have_been_carried_out_is_of_unknown_cost(
    error, generation_id, may_be_billed
):
    ledger = ledger_of(call(generation_id, outcome="error", error=error, model=None))

    assert ledger.totals().unknown == may_be_billed
    assert ledger.records()[0].error == type(error).__name__


def test_a_connection_that_was_never_made_costs_nothing():
    error = ConnectionFailedError("refused", was_sent=False)

    assert ledger_of(call(None, outcome="error", error=error)).totals().unknown == 0


def test_a_call_that_a_budget_refused_is_not_booked():
    refused = call(None, outcome="error", error=BudgetExceededError("no"))

    assert ledger_of(refused).totals().calls == 0


def test_calls_that_are_not_billed_are_not_booked():
    assert ledger_of(call(None, operation="createGuardrail")).totals().calls == 0


def test_a_video_is_booked_when_it_is_done_not_when_it_starts():
    started = call("job-1", operation="createVideos")
    done = call("gen-vid-1", operation="getVideos", cost=0.07)

    assert ledger_of(started, done, done).totals().calls == 1


def test_a_late_price_wins_and_the_early_guess_is_kept():
    ledger = ledger_of(call("gen-1", cost=0.1))

    ledger.store.settle("gen-1", "found", late("gen-1", "0.13"))

    record = ledger.get("gen-1")
    assert record is not None
    assert record.cost.total == ledger.totals().total == Decimal("0.13")
    assert record.response is not None
    assert record.response.total == Decimal("0.1")
    assert record.cost.tokens.prompt == 10


def test_differences_between_answer_and_record_are_listed():
    ledger = ledger_of(call("gen-1", cost=0.1), call("gen-2", cost=0.1))
    ledger.store.settle("gen-1", "found", late("gen-1", "0.13"))
    ledger.store.settle("gen-2", "found", late("gen-2", "0.1"))

    found = ledger.differences()

    assert [(d.record.id, d.usd) for d in found] == [("gen-1", Decimal("0.03"))]
    assert ledger.differences(above_usd=Decimal("0.05")) == []


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["gen-1", "gen-2", "gen-3"]),
        st.sampled_from(["unpriced answer", "priced answer", "record", "not found"]),
    ),
    max_size=14,
)


@given(EVENTS)
def test_any_interleaving_of_reports_and_late_prices_gives_the_right_total(events):
    """A record tells 0.13 where the answer guessed 0.1; what was last heard does not matter."""
    ledger = CostLedger(reconcile="none")
    booked, priced, known = set(), set(), set()
    for name, event in events:
        if event == "record":
            ledger.store.settle(name, "found", late(name, "0.13"))
            known |= {name} & booked
        elif event == "not found":
            ledger.store.settle(name, "not_found", None)
        else:
            cost = 0.1 if event == "priced answer" else None
            ledger.completed(call(name, cost=cost), ledger.admit(None))
            booked.add(name)
            priced |= {name} if cost else set()

    totals = ledger.totals()
    expected = len(known) * Decimal("0.13") + len(priced - known) * Decimal("0.1")
    assert totals.total == expected
    assert totals.calls == len(booked)
    assert totals.unknown == len(booked - priced - known)


def test_a_bounded_ledger_forgets_calls_and_keeps_the_total():
    ledger = CostLedger(reconcile="none", max_records=3)
    for _ in range(10):
        ledger.completed(call(cost=0.1), None)

    assert len(ledger.records()) == 3
    assert ledger.totals().total == 1
    assert ledger.totals().calls == 10


@pytest.fixture
def booked() -> CostLedger:
    ledger = CostLedger(reconcile="none")

    def book(one):
        ledger.completed(one, ledger.admit(None))

    with cost_labels(run="r1", tags=["search"], user="ann"):
        book(call("gen-1", cost=1, model="a/one", provider="A", after_s=0))
        with cost_labels(tags=["deep"], session="s1"):
            book(call("gen-2", cost=2, model="b/two", provider="B", after_s=60))
    book(
        call(
            "gen-3", cost=4, model="b/two", after_s=90_000, body={"session_id": "s2", "user": "bo"}
        )
    )
    book(call("gen-4", cost=8, operation="createEmbeddings", after_s=90_001, outcome="interrupted"))
    return ledger


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, "1234"),
        ({"run": "r1"}, "12"),
        ({"tag": "search"}, "12"),
        ({"tag": "deep"}, "2"),
        ({"session": "s1"}, "2"),
        ({"session": "s2"}, "3"),
        ({"user": "ann"}, "12"),
        ({"user": "bo"}, "3"),
        ({"model": "b/two"}, "23"),
        ({"model": "openai/gpt-x"}, "1234"),
        ({"provider": "A"}, "1"),
        ({"operation": "createEmbeddings"}, "4"),
        ({"outcome": "interrupted"}, "4"),
        ({"since": START + timedelta(seconds=60)}, "234"),
        ({"until": START + timedelta(seconds=60)}, "1"),
        ({"tag": "search", "model": "b/two"}, "2"),
    ],
    ids=str,
)
def test_a_ledger_answers_questions(booked, filters, ids):
    assert [r.id for r in booked.records(**filters)] == [f"gen-{n}" for n in ids]
    assert booked.totals(**filters).total == sum(2 ** (int(n) - 1) for n in ids)


@pytest.mark.parametrize(
    ("key", "sums"),
    [
        ("model", {"openai/gpt-x": 15}),
        ("answered_model", {"openai/gpt-x-20260101": 8, "b/two": 6, "a/one": 1}),
        ("provider", {"OpenAI": 12, "B": 2, "A": 1}),
        ("tag", {"": 12, "search": 3, "deep": 2}),
        ("run", {"": 12, "r1": 3}),
        ("day", {"2026-10-02": 12, "2026-10-01": 3}),
        ("hour", {"2026-10-02 13": 12, "2026-10-01 12": 3}),
        ("month", {"2026-10": 15}),
        ("error", {"": 15}),
        ("user", {"": 8, "bo": 4, "ann": 3}),
    ],
)
def test_a_ledger_groups_most_expensive_first(booked, key, sums):
    found = {name: totals.total for name, totals in booked.by(key).items()}

    assert found == sums
    assert list(found) == sorted(sums, key=lambda name: -sums[name])


def test_keys_are_told_apart_and_not_kept():
    ledger = CostLedger(reconcile="none")
    for key in ("sk-or-v1-one", "sk-or-v1-two", "sk-or-v1-one"):
        ledger.completed(call(cost=1, config=config(key)), None)

    assert sorted(t.calls for t in ledger.by("key_hash").values()) == [1, 2]
    assert "sk-or" not in repr(ledger.records()) + repr(ledger.rows())


@pytest.mark.parametrize(
    "make",
    [CostLedger, partial(Budget, 1), CostReconciler],
    ids=["ledger", "budget", "reconciler"],
)
def test_what_belongs_to_a_process_is_shared_by_copies_and_refuses_pickles(make):
    one = make()

    assert copy.deepcopy(one) is copy.copy(one) is one
    with pytest.raises(TypeError, match="Make one in each process"):
        pickle.dumps(one)


def test_prompts_are_not_kept():
    assert "secret words" not in repr(ledger_of(call(cost=1)).records())


def test_an_unpriced_call_is_estimated_and_marked_when_prices_are_given():
    ledger = CostLedger(
        reconcile="none", price_of=lambda model: Price(Decimal("0.01"), Decimal("0.02"))
    )
    usage = {"prompt_tokens": 10, "completion_tokens": 5}

    ledger.completed(call(usage=usage), None)

    record = ledger.records()[0]
    assert record.cost.total == Decimal("0.20")
    assert record.cost.is_estimate
    assert ledger.totals().estimated == 1
    assert not ledger.totals().is_complete


def test_an_estimate_gives_way_to_the_truth():
    record = CostRecord("gen-1", START, "sendChatCompletionRequest", estimate=Cost(Decimal(9)))

    assert record.settled("found", late("gen-1", "1")).cost.total == 1


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_calls_are_exported_as_text(booked, tmp_path: Path, ending):
    path = tmp_path / f"costs.{ending}"

    assert booked.export(path) == 4

    text = path.read_text()
    rows = json.loads(text) if ending == "json" else list(csv.DictReader(text.splitlines()))
    assert [row["id"] for row in rows] == ["gen-1", "gen-2", "gen-3", "gen-4"]
    assert set(rows[0]) == set(COLUMNS)
    assert rows[1]["total_usd"] == "2"
    assert rows[0]["at"] == "2026-10-01T12:00:00+00:00"


def test_calls_are_exported_as_parquet(booked, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet needs pyarrow")

    booked.export(tmp_path / "costs.parquet")

    table = parquet.read_table(tmp_path / "costs.parquet")
    assert sum(table["total_usd"].to_pylist()) == 15
    assert table["tags"].to_pylist()[1] == ["search", "deep"]
    assert table["at"].to_pylist()[0] == START


def test_calls_become_a_dataframe(booked):
    pytest.importorskip("pandas", reason="a DataFrame needs pandas")

    frame = booked.to_dataframe(user="ann")

    assert list(frame["total_usd"]) == [1, 2]


def test_an_unknown_format_is_refused_with_advice(booked, tmp_path):
    with pytest.raises(ConfigurationError, match=r"\.csv, \.json or \.parquet"):
        booked.export(tmp_path / "costs.xls")


def test_a_notebook_shows_spend_by_model_and_what_is_missing(booked):
    booked.completed(call("gen-9", requested_model="<b>"), None)

    html = booked._repr_html_()

    assert "$15.00+?" in html
    assert "1 call of unknown cost not in the sums" in html
    assert "&lt;b&gt;" in html
