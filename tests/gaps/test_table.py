"""That no row of the table is without a gap test, that the document says what the tests claim, and that
`scripts/gaps.py` takes nothing for a loss that is none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scripts.gaps import DOCUMENT, LAST_ROW, LEFT_OUT, Outcome, joined, read_outcome, wrongs

HERE = Path(__file__).parent


def _gaps() -> Iterator[tuple[int, str]]:
    """The row and the expectation of every mark."""
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gap":
                yield ast.literal_eval(node.args[0]), ast.literal_eval(node.args[1])


def test_every_row_is_tested_or_left_out_for_a_reason():
    rows = {row for row, _ in _gaps()}

    assert rows - {0} == {*range(1, LAST_ROW + 1)} - LEFT_OUT.keys()


def test_the_document_has_a_line_for_every_expectation():
    lines = DOCUMENT.read_text("utf-8").splitlines()

    missing = [
        (row, what)
        for row, what in _gaps()
        if row and not any(line.startswith(f"| {row} | {what} |") for line in lines)
    ]
    assert missing == [], "run `python scripts/gaps.py --write`"


# ------------------------------------------------------------------ how the script judges

LOST = '<failure message="AssertionError: no image is in the message"/>'


def _outcome(end: str, expected: str) -> Outcome:
    mark = {"row": "6", "what": "images", "official": expected}
    properties = "".join(f'<property name="{k}" value="{v}"/>' for k, v in mark.items())
    case = f"<testcase name='t'><properties>{properties}</properties>{end}</testcase>"
    return read_outcome(ET.fromstring(case))  # noqa: S314  # of our own making


@pytest.mark.parametrize(
    ("end", "expected", "ours", "official"),
    [
        ("", "no image", True, False),
        (LOST, "no image", False, True),
        ('<failure message="ConnectError: refused"/>', "no image", False, False),
        ('<error message="no image"/>', "no image", False, False),
        (f'{LOST}<error message="no image"/>', "no image", False, False),
        ('<skipped message="no image"/>', "no image", False, False),
        ("", "", True, True),
        (LOST, "", False, False),
    ],
    ids=["pass", "loss", "other", "setup", "teardown", "skip", "kept", "kept-but-failed"],
)
def test_only_the_named_failure_in_a_tests_body_is_a_loss(
    end: str, expected: str, ours: bool, official: bool
):
    outcome = _outcome(end, expected)

    assert outcome.holds("ours") is ours
    assert outcome.holds("official") is official


def test_a_test_that_ran_with_one_subject_only_proves_nothing():
    passed, lost = _outcome("", "no image"), _outcome(LOST, "no image")

    def about_row6(ours: list[Outcome], official: list[Outcome]) -> list[str]:
        return [wrong for wrong in wrongs([*joined(ours, official)]) if "row 6" in wrong]

    assert about_row6([passed], [lost]) == []
    assert about_row6([passed, passed], [lost]) != []
    assert about_row6([passed], []) != []


def test_a_row_without_a_test_is_said():
    assert "NOT AS CLAIMED: row 55 has no test" in wrongs([])
    assert not [wrong for wrong in wrongs([]) if "row 46" in wrong]
