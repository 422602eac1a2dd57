"""Files that other programs read: a spreadsheet runs nothing that a label says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openrouter_core.costs import CostLedger, cost_labels
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


def test_plain_names_and_negative_amounts_stay_as_they_are(tmp_path):
    found = row(tmp_path / "costs.csv", user="ann-1=2")

    assert (found["user"], found["cache_discount_usd"]) == ("ann-1=2", "-0.5")
