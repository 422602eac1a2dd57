"""No connection is left to the garbage collector: Python 3.13 warns of each."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra [costs]")

from openrouter_core.costs.sql.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/costs.db")
    yield database
    database.close()


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def used(db: Any) -> Any:
    return db.connection.driver_connection


def test_a_connection_that_is_in_use_at_the_close_is_closed_when_its_transaction_ends(
    database: Database,
):
    with ExitStack() as reading:
        first = used(reading.enter_context(database.reading()))
        with database.reading() as db:
            second = used(db)
            database.close()
            assert not is_closed(second)
        assert is_closed(second)
        assert not is_closed(first)

    assert is_closed(first)


def test_a_closed_database_can_be_used_again_and_closed_again(database: Database):
    database.close()
    with database.reading() as db:
        connection = used(db)
    assert not is_closed(connection)  # it waits for the next one

    database.close()

    assert is_closed(connection)


def test_a_thread_that_writes_while_the_database_is_closed_leaves_nothing_open(database: Database):
    connections: list[Any] = []
    writes, is_over = threading.Event(), threading.Event()

    def write() -> None:
        with database.writing() as db:
            connections.append(used(db))
            writes.set()
            is_over.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    assert writes.wait(10)
    database.close()
    is_over.set()
    thread.join()

    assert [is_closed(each) for each in connections] == [True]
