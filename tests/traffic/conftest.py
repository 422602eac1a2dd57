"""One server for the session, the score table, and the seed in every failure report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from . import compare, scoreboard
from .recordings import load_all
from .replay_server import ReplayServer

SEED = int(os.environ.get("OPENROUTER_TRAFFIC_SEED", "20261122"))


@pytest.fixture(autouse=True)
def _is_openrouter(stands_for_openrouter: None) -> None:
    """What answers here was recorded at OpenRouter."""


@pytest.fixture(scope="session")
def server() -> Iterator[ReplayServer]:
    """The replay server of the session, with every recording."""
    with ReplayServer(load_all(), seed=SEED) as running:
        yield running


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "counts(column, feature): a check of the traffic table")
    config.pluginmanager.register(scoreboard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Keep the score, and say with every failure how to get the same byte cuts again."""
    report = yield
    mark = item.get_closest_marker("counts")
    if mark is not None and call.when == "call":
        _count(item, *mark.args, ok=report.passed)
    if report.failed and "server" in getattr(item, "fixturenames", ()):
        report.sections.append(("byte cuts", f"OPENROUTER_TRAFFIC_SEED={SEED} repeats them"))
    return report


def _count(item: Any, column: str, feature: str | None, *, ok: bool) -> None:
    if feature is not None:
        scoreboard.board.add(column, feature, ok=ok)
    elif not ok:
        compare.count_as_lost(column, item.callspec.params["recording"])
