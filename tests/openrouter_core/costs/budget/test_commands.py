"""`python -m openrouter_core.costs pending`, `settle` and `release`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from openrouter_core.costs import Budget, CostLedger, cost_labels
from openrouter_core.errors import ConfigurationError
from tests.openrouter_core.costs import writers

pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
testing = pytest.importorskip("typer.testing", reason="commands need the extra [cli]")


@pytest.fixture
def path(tmp_path) -> Path:
    """A database with the hold of a process that has died."""
    path = tmp_path / "costs.db"
    with CostLedger(f"sqlite:///{path}", reconcile="none") as ledger:
        limited = Budget(1, ledger=ledger, reserve_usd="0.5", price_of=lambda model: None)
        with cost_labels(run="nightly"):
            limited.admit(writers.INTENT)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE openrouter_budget_holds SET expires_at = '2020-01-01 00:00:00'")
    db.close()
    return path


def command(*words: str):
    from openrouter_core.costs.__main__ import app

    return testing.CliRunner().invoke(app, list(words))


def spent(path: Path) -> object:
    with CostLedger(f"sqlite:///{path}", reconcile="none") as ledger:
        return Budget(1, ledger=ledger).spent_usd("nightly")


def hold_of(path: Path) -> str:
    with CostLedger(f"sqlite:///{path}", reconcile="none") as ledger:
        return Budget(1, ledger=ledger).pending()[0].id


def test_pending_holds_are_listed(path):
    output = command("pending", str(path)).output

    assert hold_of(path) in output
    assert "$0.5000" in output
    assert "nightly" in output


def test_a_pending_hold_is_settled(path):
    assert command("settle", str(path), hold_of(path), "0.1").exit_code == 0

    assert str(spent(path)) == "0.1"
    assert "Nothing is pending." in command("pending", str(path)).output


def test_a_pending_hold_is_released(path):
    assert command("release", str(path), hold_of(path)).exit_code == 0

    assert spent(path) == 0


def test_an_unknown_hold_is_refused_in_words(path):
    done = command("release", str(path), "nobody")

    assert isinstance(done.exception, ConfigurationError)
    assert "There is no reservation" in str(done.exception)
