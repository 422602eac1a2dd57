"""Databases that are locked, full, read-only, damaged: a sentence or patience, never a lost record."""

from __future__ import annotations

import gc
import logging
import sqlite3
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from openrouter_core.costs import Budget, CostLedger
from openrouter_core.errors import BudgetExceededError, ConfigurationError
from tests.openrouter_core.costs import writers
from tests.openrouter_core.costs.factories import call

sa = pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "costs.db"


@pytest.fixture
def ledger(path) -> Iterator[CostLedger]:
    with CostLedger(f"sqlite:///{path}", reconcile="none") as opened:
        opened.completed(call(cost=1), None)
        opened.flush()
        yield opened


def budget(ledger: CostLedger) -> Budget:
    known = {"price_of": lambda model: None, "reserve_usd": "0.5"}
    return Budget(9, per="total", ledger=ledger, **known)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "overwritten"])
def test_a_damaged_file_is_refused_in_words(path, damage):
    with CostLedger(f"sqlite:///{path}", reconcile="none") as ledger:
        for _ in range(200):
            ledger.completed(call(cost=1), None)
    content = path.read_bytes()
    harmed = {
        "garbage": b"not a database at all " * 50,
        "truncated": content[: len(content) // 3],
        "overwritten": content[:200] + b"\xff" * (len(content) - 200),
    }
    path.write_bytes(harmed[damage])

    with (
        pytest.raises(ConfigurationError, match=r"cannot be (opened|read)"),
        CostLedger(f"sqlite:///{path}", reconcile="none") as ledger,
    ):
        ledger.totals()


def test_a_file_damaged_while_it_is_used_answers_in_words(ledger, path):
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET rootpage = 9999 WHERE name = 'openrouter_calls'")
    db.close()
    ledger.store._database.engine.dispose()

    with pytest.raises(ConfigurationError, match=r"cannot be read: .*Move the file away"):
        ledger.totals()


@pytest.mark.parametrize("column", ["spent", "usd"])
def test_a_budget_whose_rows_are_no_amounts_refuses_in_words(ledger, path, column):
    limited = budget(ledger)
    limited.admit(writers.INTENT)
    table = "openrouter_budgets" if column == "spent" else "openrouter_budget_holds"
    with sqlite3.connect(path) as db:
        db.execute(f"UPDATE {table} SET {column} = 'x'")  # noqa: S608  # one of two names
    db.close()

    with pytest.raises(BudgetExceededError, match="cannot be checked"):
        limited.admit(writers.INTENT)
    with pytest.raises(ConfigurationError, match=r"damaged: 'x' is not an amount"):
        limited.spent_usd()


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_what_a_full_or_read_only_database_refuses_is_written_when_it_can(ledger, fault, caplog):
    limited = budget(ledger)
    ticket = limited.admit(writers.INTENT)
    engine = ledger.store._database.engine
    engine.dispose()
    switch = {"full": "PRAGMA max_page_count = 1", "read-only": "PRAGMA query_only = ON"}[fault]

    def harm(connection, _record) -> None:
        connection.execute(switch)

    sa.event.listen(engine, "connect", harm)
    with caplog.at_level(logging.WARNING, "openrouter.costs"):
        for _ in range(300):  # more than fits on the pages there are
            ledger.completed(call(cost=1, body={"user": "u" * 400}), None)
        limited.completed(call(cost=1), ticket)
        time.sleep(1.5)
    assert "cannot be written; trying on" in caplog.text
    sa.event.remove(engine, "connect", harm)
    engine.dispose()

    assert ledger.totals().total == 301
    assert limited.spent_usd() == 2


def test_a_database_that_does_not_come_back_is_named_in_the_error(ledger, monkeypatch):
    from openrouter_core.costs.sql import writer

    def fail(_entries) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the disk is on fire"))

    monkeypatch.setattr(writer, "_FLUSH_S", 0.5)
    monkeypatch.setattr(ledger.store._writer, "_write", writes := fail)
    ledger.completed(call(cost=1), None)

    with pytest.raises(TimeoutError, match=r"did not take 1 cost records.*the disk is on fire"):
        ledger.totals()
    assert writes is fail
    monkeypatch.undo()
    assert ledger.totals().total == 2


def test_a_writer_that_dies_is_started_again_and_loses_nothing(ledger, monkeypatch):
    class Killed(BaseException):
        """What no handler of errors catches."""

    def die(_entries) -> None:
        raise Killed

    monkeypatch.setattr("threading.excepthook", lambda _args: None)
    writer = ledger.store._writer
    with monkeypatch.context() as patched:
        patched.setattr(writer, "_write", die)
        ledger.completed(call(cost=1), None)
        writer._thread.join(5)
    ledger.completed(call(cost=1), None)

    assert ledger.totals().total == Decimal(3)


def test_a_limit_holds_while_prices_in_the_catalogue_are_no_numbers(ledger):
    from openrouter_core.costs import Price

    odd = Price(Decimal("NaN"), Decimal(1))
    for price in (odd, Price(Decimal(-1), Decimal(-1))):
        limited = Budget(9, per="process", price_of=lambda model, p=price: p, reserve_usd="0.5")
        limited.admit(writers.INTENT)
        assert limited.reserved_usd() == Decimal("0.5")


def test_a_ledger_that_is_forgotten_leaves_no_connection_open(path):
    ledger = CostLedger(f"sqlite:///{path}")
    closed: list[object] = []
    sa.event.listen(ledger.store._database.engine, "close", lambda *args: closed.append(args))
    assert ledger.totals().calls == 0
    assert closed == []

    del ledger
    gc.collect()

    assert len(closed) == 1


def test_a_new_file_that_others_are_opening_is_waited_for(monkeypatch):
    """`PRAGMA journal_mode=WAL` fails at once there, whatever the connection's timeout."""
    from openrouter_core.costs import _sqlite

    class Busy:
        tries = 0

        def execute(self, statement: str) -> None:
            self.tries += 1
            if self.tries < 3:
                raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(_sqlite, "_PAUSE_S", 0)
    _sqlite.write_ahead(busy := Busy())
    assert busy.tries == 3

    monkeypatch.setattr(_sqlite, "BUSY_S", -1)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        _sqlite.write_ahead(Busy())
