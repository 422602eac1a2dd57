"""Databases that jobs share: a file of SQLite, and PostgreSQL where its server is installed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.openrouter_core.costs import postgres


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server of its own; skip where there is none."""
    if reason := postgres.why_not():
        pytest.skip(reason)
    pytest.importorskip("psycopg", reason="PostgreSQL needs the driver psycopg")
    with postgres.server() as url:
        yield url


def new_database(server_url: str) -> str:
    """The URL of an empty database of a server."""
    import sqlalchemy as sa

    name = f"test_{time.time_ns()}"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(sa.text(f"create database {name}"))
    engine.dispose()
    return f"{server_url.rsplit('/', 1)[0]}/{name}"
