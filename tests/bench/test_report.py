"""How a benchmark run is judged and shown: pure, on figures that the tests make up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MODULES = ("report", "targets", "rows", "run", "environments", "crew", "import_cost")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The benchmark's own modules, which are scripts beside each other and no package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield import_module
    for name in MODULES:
        sys.modules.pop(name, None)


def test_linear_work_has_the_exponent_one(bench):
    exponent = bench("report").exponent

    assert exponent({100: 0.2, 400: 0.8, 1600: 3.2}) == pytest.approx(1)
    assert exponent({100: 0.01, 200: 0.04, 400: 0.16}) == pytest.approx(2)


def test_a_goal_is_judged_against_both_floors_of_its_framework(bench):
    row = {"floor": 40.0, "langchain_floor": 110.0, "ours_langchain": 450.0}

    judged = {v.against: v for v in bench("targets").verdicts({"call": row})}

    assert judged["limit"].got == pytest.approx(3.0)
    assert judged["limit"].met is True
    assert judged["best peer"].met is None, "no peer was measured"


def test_a_row_that_was_not_measured_is_not_judged(bench):
    assert list(bench("targets").verdicts({"call": {"floor": 40.0}})) == []


def test_every_goal_names_a_row_that_is_measured(bench):
    targets, rows = bench("targets"), bench("rows")
    measured = {row.key for row in rows.ROWS} | {"import"}

    assert {t.row for t in targets.TARGETS} | {
        t.base for t in targets.TARGETS if t.base
    } <= measured
    measured |= {f"growth.{growth.key}" for growth in rows.GROWTHS}
    assert {row for row, _ in targets.REASONS} <= measured


def test_a_reason_is_shown_only_where_the_goal_was_missed(bench, monkeypatch):
    report, targets, run = bench("report"), bench("targets"), bench("run")
    monkeypatch.setitem(targets.REASONS, ("models", "ours_core"), "It builds 400 objects.")
    fast, slow = run.Results(quick=False), run.Results(quick=False)
    fast.figures = {"models": {"floor": [2.0], "ours_core": [3.0]}}
    slow.figures = {"models": {"floor": [2.0], "ours_core": [9.0]}}

    assert "It builds 400 objects." in report.render(slow)
    assert "It builds 400 objects." not in report.render(fast)


def test_two_rows_of_one_job_are_two_readings_of_it(bench):
    rows = {row.key: row for row in bench("rows").ROWS}
    cost = {"cpu_s": 1.0, "wall_s": 2.5, "count": 2000}

    assert rows["many.2000"].job == rows["many.2000.cpu"].job
    assert rows["many.2000"].value(cost) == 2.5
    assert rows["many.2000.cpu"].value(cost) == pytest.approx(500)


def test_memory_is_compared_with_httpx2_and_with_itself(bench):
    report, run = bench("report"), bench("run")
    results = run.Results(quick=False)
    results.endurance = {
        "many": {"httpx2_alone": {2000: 100.0}, "ours_core": {2000: 80.0}},
        "chunks": {"ours_core": {20: 40.0, 1000: 60.0}, "httpx2_alone": {20: 30.0, 1000: 30.0}},
    }

    judged = {v.row: v for v in bench("targets").verdicts(report.medians_of(results))}

    assert judged["memory.many"].got == pytest.approx(0.8)
    assert judged["memory.chunks"].met is False
