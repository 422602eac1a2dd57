"""Whatever an answer or a label holds, its call is booked, and no question breaks on it."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_core.costs import Cost, CostLedger, CostRecord, Labels, cost_labels
from openrouter_core.costs.records.usage import usd
from openrouter_core.observers.storable import LONGEST_TEXT, storable
from tests.openrouter_core.costs.factories import call

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=700))
def test_any_text_becomes_one_that_can_be_kept(text):
    kept = storable(text)

    assert kept.encode().decode() == kept
    assert "\0" not in kept
    assert len(kept) <= LONGEST_TEXT
    assert storable(kept) == kept


@given(st.text(max_size=40).filter(lambda text: "\0" not in text))
def test_good_text_stays_as_it_is(text):
    assert storable(text) == text


def test_different_long_texts_stay_different():
    assert storable("x" * 600 + "a") != storable("x" * 600 + "b")


def test_two_halves_of_a_character_are_joined():
    assert storable("\ud83d\ude00") == "😀"
    assert storable("Zo\udcebe") == "Zo\ufffde"


@given(JSON, JSON, JSON, JSON)
def test_an_odd_answer_is_booked_and_breaks_no_question(generation_id, model, provider, cost):
    ledger = CostLedger(reconcile="none")
    odd = call(generation_id, cost=cost, model=model, provider=provider, requested_model=model)
    ledger.completed(odd, None)

    assert sum(totals.calls for totals in ledger.by("provider").values()) == 1
    assert sum(totals.calls for totals in ledger.by("model").values()) == 1
    assert json.dumps(ledger.records()[0].cost.to_dict(), default=str)
    assert ledger._repr_html_()


@pytest.mark.parametrize(
    "value",
    ["1e999999999", "1" * 5000, 10**5000, 1e300, "NaN", "-inf", [], {}, "0e-99999999"],
    ids=["power", "text", "integer", "float", "NaN", "infinity", "list", "object", "zero"],
)
def test_what_is_no_amount_counts_as_not_said(value):
    assert usd(value) is None


def test_a_count_that_no_database_holds_counts_as_not_said():
    cost = Cost.of_usage({"prompt_tokens": 10**19, "completion_tokens": 10**15, "cost": 1})

    assert (cost.tokens.prompt, cost.tokens.completion) == (None, 10**15)


@pytest.mark.parametrize("tokens", [2**62, 10**15])
def test_the_sum_of_odd_counts_can_be_read(tmp_path: Path, tokens: int):
    pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
    with CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none") as ledger:
        for n in range(5):
            usage = {"cost": 1, "prompt_tokens": tokens}
            ledger.completed(call(usage=usage, generation_id=f"gen-{n}"), None)

        assert ledger.totals().total == 5
        assert ledger.totals().prompt_tokens in {0, 5 * tokens}


def test_labels_are_made_storable_where_they_are_set():
    with cost_labels(run="a\0b", user="Zo\udcebe", tags=["x\udcff"]) as labels:
        assert labels == Labels("a\ufffdb", ("x\ufffd",), None, "Zo\ufffde")


def test_a_long_label_is_found_by_its_own_name():
    ledger = CostLedger(reconcile="none")
    with cost_labels(run="r" * 900):
        ledger.completed(call(cost=1), ledger.admit(None))  # type: ignore[arg-type]  # not looked at

    assert ledger.totals(run="r" * 900).calls == 1


# In a database: one bad record takes no other along, and the writer goes on.

sa = pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
DEEP = json.loads('{"a":' * 900 + "1" + "}" * 900)


@pytest.mark.parametrize(
    "facts",
    [
        {"usage": {"cost": 1, "prompt_tokens": 10**19}},
        {"usage": {"cost": 1, "n\udce9": "\ud800\0"}},
        {"usage": {"cost": 1, "deep": DEEP}},
        {"usage": {"cost": 1, "huge": 10**5000}},
        {"cost": 1, "provider": "Zo\udcebe\0"},
        {"cost": 1, "model": {"a": 1}, "requested_model": ["x"]},
        {"cost": 1, "generation_id": 5},
        {"cost": 1, "body": {"user": "u\udcff", "session_id": "s" * 5000}},
    ],
    ids=["tokens", "surrogates", "deep", "digits", "provider", "model", "id", "labels"],
)
def test_odd_answers_are_kept_in_a_database(facts, tmp_path, caplog):
    with CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none") as ledger:
        for each in (call(cost=1), call(**facts), call(cost=1)):
            ledger.completed(each, None)

        assert (ledger.totals().calls, ledger.totals().total) == (3, Decimal(3))
        assert len(ledger.records()) == 3
    assert caplog.text == ""


def test_a_record_that_cannot_be_written_takes_no_other_along(tmp_path, caplog):
    """E.g. one made by hand with what its type does not allow."""
    good = CostRecord.of_call(call(cost=1), Labels())
    bad = replace(good, id="gen-bad", latency_s=object())  # type: ignore[arg-type]  # that is the test
    missing = replace(good, id="gen-none", operation=None)  # type: ignore[arg-type]  # that is the test
    with CostLedger(f"sqlite:///{tmp_path}/costs.db", reconcile="none") as ledger:
        with caplog.at_level(logging.ERROR, "openrouter.costs"):
            for record in (good, bad, missing, replace(good, id="gen-other")):
                ledger.book(record)
            assert {r.id for r in ledger.records()} == {good.id, "gen-other"}
        ledger.book(replace(good, id="gen-later"))
        assert ledger.totals().calls == 3
    assert "gen-bad" in caplog.text
    assert "gen-none" in caplog.text
