"""Makes sure that the right package is under test, and writes down which row each test is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.gaps import subject


def pytest_configure(config: pytest.Config) -> None:  # pytest's name
    config.addinivalue_line(
        "markers", "gap(row, what, official): the row of docs/gaps.md that a test is about"
    )
    if subject.is_official() != subject.IS_OFFICIAL:
        raise pytest.UsageError(
            "The package that Python finds as langchain_openrouter is not the one that GAPS_SUBJECT "
            "names. Run `python scripts/gaps.py`, which sets both."
        )


def pytest_itemcollected(item: pytest.Item) -> None:  # pytest's name
    """Put the mark where the JUnit report shows it."""
    mark = item.get_closest_marker("gap")
    if mark is not None:
        row, what, official = mark.args
        item.user_properties += [("row", row), ("what", what), ("official", official)]


@pytest.fixture(scope="session", autouse=True)
def _say_who(record_testsuite_property: Callable[[str, object], None]) -> None:
    record_testsuite_property("subject", subject.named())
