"""How a benchmark run is judged and shown: pure, on figures that the tests make up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
_CONTENDERS = (
    "floor",
    "httpx2_alone",
    "langchain_official",
    "llama_index_official",
    "openrouter_sdk",
    "langchain_floor",
    "llama_index_floor",
    "ours_core",
    "ours_core_costs",
    "ours_langchain",
    "ours_llama_index",
)
MODULES = (
    "report",
    "explanations",
    "targets",
    "measurements",
    "run",
    "environments",
    "processes",
    "import_cost",
)


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
    targets, measurements = bench("targets"), bench("measurements")
    measured = {row.key for row in measurements.ROWS} | {"import"}

    assert {t.row for t in targets.TARGETS} | {
        t.base for t in targets.TARGETS if t.base
    } <= measured


def test_every_goal_that_can_be_missed_has_a_reason(bench):
    """A figure above every goal, in every row: each gets its sentence."""
    targets, explanations = bench("targets"), bench("explanations")
    figures = {t.row: dict.fromkeys(_CONTENDERS, 1.0) for t in targets.TARGETS}
    figures["growth"] = {"growth.chunks/floor": 1.0, "growth.chunks/ours_core": 2.0}
    silent = {"construct", "base64", "costs.chunk"}  # met by far

    rows = {(t.row, t.ours) for t in targets.TARGETS if t.row not in silent}
    for row, ours in rows | {("growth.chunks", "ours_core")}:
        assert explanations.why_not(row, ours, figures).endswith("."), row
        assert "nan" not in explanations.why_not(row, ours, figures), row


def test_a_reason_names_the_figures_of_its_own_run(bench):
    figures = {
        "call": {
            "floor": 50.0,
            "httpx2_alone": 600.0,
            "ours_core": 500.0,
            "langchain_floor": 200.0,
            "ours_langchain": 900.0,
            "langchain_openai": 1600.0,
        }
    }

    why = bench("explanations").why_not("call", "ours_langchain", figures)

    assert "of 900 µs the framework takes 200 and our core 500" in why
    assert "200 are the adapter's" in why
    assert "12 times the raw socket" in why


@pytest.mark.parametrize(
    ("row", "here_s", "reference"),
    [("many.500", 5.0, "2.5 s"), ("many.2000", 30.2, "13.6 to 16.6 s")],
)
def test_waiting_is_told_in_the_measure_of_its_own_reference(bench, row, here_s, reference):
    figures = {row: {"httpx2_alone": here_s, "ours_langchain": 2.0}}

    why = bench("explanations").why_not(row, "ours_langchain", figures)

    assert f"httpx2 alone took {reference}; here it takes {here_s} s, 2.0 times as long" in why
    assert why.endswith("the figure is 1.00 s.")


def test_a_call_is_compared_with_the_framework_and_an_http_library(bench):
    row = {"floor": 50.0, "httpx2_alone": 600.0, "ours_core": 500.0, "langchain_floor": 200.0}
    peers = {"langchain_openai": 1600.0, "langchain_official": 9000.0}

    why = bench("explanations").why_not(
        "first", "ours_langchain", {"first": row | peers | {"ours_langchain": 900.0}}
    )

    assert (
        "The framework with httpx2 alone would be 3.20 of the limit and 0.50 of the best peer"
        in why
    )


def test_an_import_is_told_beside_what_the_framework_alone_takes(bench):
    row = {"httpx2_alone": 200.0, "ours_core": 240.0, "langchain_floor": 800.0}
    row |= {"ours_langchain": 900.0, "langchain_official": 1000.0}

    why = bench("explanations").why_not("import", "ours_langchain", {"import": row})

    assert "100 ms more than the limit's 800, of which the core's own modules are 40" in why
    assert why.endswith("0.80 of the official package's 1000: that goal leaves 50 ms.")


def test_a_reason_is_shown_only_where_the_goal_was_missed(bench):
    report, run = bench("report"), bench("run")
    fast, slow = run.Results(quick=False), run.Results(quick=False)
    fast.figures = {"models": {"floor": [2.0], "httpx2_alone": [2.5], "ours_core": [3.0]}}
    slow.figures = {"models": {"floor": [2.0], "httpx2_alone": [2.5], "ours_core": [9.0]}}

    assert "2,400 typed objects" in report.render(slow)
    assert "2,400 typed objects" not in report.render(fast)


def test_a_missed_goal_also_shows_the_lowest_rounds(bench):
    results = bench("run").Results(quick=False)
    results.figures = {
        "models": {
            "floor": [2.0, 3.0, 4.0],
            "httpx2_alone": [2.5, 2.5, 2.5],
            "ours_core": [3.9, 9.0, 9.0],
            "openai_sdk": [10.0, 12.0, 12.0],
        }
    }

    report = bench("report").render(results)

    assert (
        "Lowest rounds: 1.95 of the 2.00 of the limit, met; 0.39 of the 0.30 of the best peer."
        in report
    )


def test_two_rows_of_one_job_are_two_readings_of_it(bench):
    rows = {row.key: row for row in bench("measurements").ROWS}
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

    judged = {v.row: v for v in bench("targets").verdicts(report.figures_of(results))}

    assert judged["memory.many"].got == pytest.approx(0.8)
    assert judged["memory.chunks"].met is False


def test_a_contender_that_did_not_take_part_in_a_growth_is_left_out(bench):
    report, run = bench("report"), bench("run")
    results = run.Results(quick=False)
    results.growth = {"history": {"floor": {}, "ours_core": {100: 0.1, 400: 0.4, 1600: 1.6}}}

    assert "| messages of the history (100, 400, 1,600) | - | - | 1.00 | - | - |" in report.render(
        results
    )
