"""Files that other programs read: a spreadsheet runs nothing that a label says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrouter_core.costs import CostLedger, cost_labels
from openrouter_core.observers.storable import storable
from tests.openrouter_core.costs.factories import call


def row(path: Path, **labels: str) -> dict[str, str]:
    ledger = CostLedger(reconcile="none")
    with cost_labels(**labels, tags=[labels.get("user", "t")]):
        usage = {"cost": 1, "cache_discount": -0.5}
        model = labels.get("user", "m")
        ledger.completed(call(usage=usage, model=model, provider=model), ledger.admit(None))
    ledger.export(path)
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.DictReader(file))


@pytest.mark.parametrize(
    "name",
    ['=HYPERLINK("http://e")', "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\uff1d1"],
)
def test_a_formula_is_quoted_in_every_column_of_text(tmp_path, name):
    found = row(tmp_path / "costs.csv", user=name, session=name, run=name)

    columns = ("user", "session", "run", "tags", "model", "provider")
    assert [found[column] for column in columns] == ["'" + name] * len(columns)


STARTS = [
    "",
    " ",
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "'",
    '"',
    ",",
    ";",
    "\uff1d",
    "\uff0b",
    "\x1b[",
]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), spaces=st.sampled_from(["", " ", "   "]), rest=st.text())
def test_no_name_is_a_formula_or_another_row(tmp_path, start, spaces, rest):
    name = storable(spaces + start + rest) or "x"

    found = row(tmp_path / "costs.csv", user=name)

    assert found["user"] in {name, "'" + name}
    assert found["user"].lstrip(" ")[:1] not in {*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"}
    assert (found["total_usd"], found["model"]) == ("1", found["user"])


def test_plain_names_and_negative_amounts_stay_as_they_are(tmp_path):
    found = row(tmp_path / "costs.csv", user="ann-1=2")

    assert (found["user"], found["cache_discount_usd"]) == ("ann-1=2", "-0.5")
