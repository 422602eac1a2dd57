"""A database server that restarts under a ledger and a budget: nothing is lost, no limit is passed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal

import pytest

from openrouter_core.costs import Budget, CostLedger
from openrouter_core.errors import BudgetExceededError, ConfigurationError
from tests.openrouter_core.costs import postgres, writers
from tests.openrouter_core.costs.factories import call

pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
pytest.importorskip("psycopg", reason="a ledger in PostgreSQL needs psycopg")
pytestmark = pytest.mark.skipif(postgres.why_not() is not None, reason=str(postgres.why_not()))


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


def test_a_server_that_restarts_loses_no_record_and_no_settlement(
    server: postgres.Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    with CostLedger(server.url, reconcile="none") as ledger:
        limited = Budget(
            1, per="total", ledger=ledger, price_of=lambda model: None, reserve_usd="0.4"
        )
        before, during = limited.admit(writers.INTENT), limited.admit(writers.INTENT)
        ledger.completed(call("gen-before", cost=0.25), None)
        limited.completed(call("gen-before", cost=0.25), before)
        ledger.flush()

        server.stop()
        ledger.completed(call("gen-during", cost=0.125), None)
        limited.completed(call("gen-during", cost=0.125), during)
        with caplog.at_level(logging.WARNING, "openrouter.costs"):
            _is_refused(limited, ledger, monkeypatch)
        server.start()

        assert ledger.totals().total == Decimal("0.375")
        assert (limited.spent_usd(), limited.reserved_usd()) == (Decimal("0.375"), 0)
        limited.admit(writers.INTENT)
        with pytest.raises(BudgetExceededError, match="limit"):
            limited.admit(writers.INTENT)
    assert "trying on" in caplog.text


def _is_refused(limited: Budget, ledger: CostLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the server is away nothing is granted, and a question is answered in words."""
    from openrouter_core.costs.sql import writer

    with monkeypatch.context() as patched:
        patched.setattr(writer, "_FLUSH_S", 1.0)
        with pytest.raises(BudgetExceededError, match="cannot be checked"):
            limited.admit(writers.INTENT)
        with pytest.raises((ConfigurationError, TimeoutError), match="database"):
            ledger.totals()
