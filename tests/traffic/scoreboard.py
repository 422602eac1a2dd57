"""Counts what was checked, per feature and column, and prints the table at the end of a session.

A pytest plugin that `conftest.py` registers. Under pytest-xdist each worker hands its counts to the
process that prints; that one knows this plugin only if this folder is named on the command line.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

COLUMNS = (
    "core sync",
    "core async",
    "LangChain sync",
    "LangChain async",
    "v3 events sync",
    "v3 events async",
    "LlamaIndex sync",
    "LlamaIndex async",
)
FEATURES = (
    "text",
    "reasoning",
    "reasoning_details",
    "tool calls",
    "invalid tool calls",
    "tokens",
    "cached tokens",
    "reasoning tokens",
    "cost",
    "generation id",
    "model",
    "provider",
    "finish reasons",
    "citations",
    "refusal",
    "logprobs",
    "extra fields",
    "errors",
    "chunks add up",
    "replay next turn",
    "multi-turn round trip",
    "request options",
    "other endpoints",
)
_ROW = "{:<22}" + "{:>18}" * len(COLUMNS)


class Scoreboard:
    """How often each feature was checked, and how often it was right."""

    def __init__(self) -> None:
        self.checked: Counter[tuple[str, str]] = Counter()
        self.ok: Counter[tuple[str, str]] = Counter()
        self.judged: set[tuple[str, str]] = set()
        """Column and recording of the answers that were compared, in this process."""

    def add(self, column: str, feature: str, *, ok: bool) -> None:
        """Count one check."""
        assert column in COLUMNS, column
        assert feature in FEATURES, feature
        self.checked[column, feature] += 1
        self.ok[column, feature] += ok

    def merge(self, checked: list[Any], ok: list[Any]) -> None:
        """Add the counts of another process."""
        self.checked.update({tuple(key): n for key, n in checked})
        self.ok.update({tuple(key): n for key, n in ok})

    def as_plain_data(self) -> tuple[list[Any], list[Any]]:
        """The counts in a form that crosses processes."""
        return (
            [[list(key), n] for key, n in self.checked.items()],
            [[list(key), n] for key, n in self.ok.items()],
        )

    def lines(self) -> list[str]:
        """The table: checked / right, one line per feature."""
        rows = [_ROW.format("checked / ok", *COLUMNS)]
        for feature in FEATURES:
            cells = [self._cell(column, feature) for column in COLUMNS]
            rows.append(_ROW.format(feature, *cells))
        return rows

    def _cell(self, column: str, feature: str) -> str:
        checked, ok = self.checked[column, feature], self.ok[column, feature]
        if not checked:
            return "-"
        return f"{checked} / {ok}" if checked == ok else f"{checked} / {ok} LOSS"


board = Scoreboard()


def counts(column: str, feature: str | None = None) -> pytest.MarkDecorator:
    """Count each run of a test as one check of `feature`; without one, of a whole answer."""
    return pytest.mark.counts(column, feature)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of an xdist worker to the process that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["traffic"] = board.as_plain_data()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take in the counts of an xdist worker."""
    handed_over = getattr(node, "workeroutput", {}).get("traffic")
    if handed_over:
        board.merge(*handed_over)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, when anything was checked."""
    if board.checked:
        terminalreporter.section("recorded traffic against what users see")
        for line in board.lines():
            terminalreporter.write_line(line)
