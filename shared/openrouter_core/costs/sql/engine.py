"""Opens the database of an SQL ledger and brings its tables up to date. Needs SQLAlchemy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from openrouter_core.costs._sqlite import BUSY_S, write_ahead
from openrouter_core.costs.sql.tables import migrate
from openrouter_core.errors import ConfigurationError

_DAMAGED = ("file is not a database", "malformed")
_REPAIR = (
    "Move the file away or put a backup in its place; `sqlite3 FILE .recover` reads what is left."
)


def open_engine(url: str | sa.URL) -> sa.Engine:
    """Return an engine whose tables are ready.

    Raises:
        ConfigurationError: The URL or its driver is wrong, or the database cannot be opened.
    """
    try:
        engine = _engine(sa.make_url(url))
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            f"The database needs the driver {missing.name}. Install it: pip install {missing.name}"
        ) from missing
    except exc.ArgumentError as wrong:
        raise ConfigurationError(
            'The ledger\'s URL must look like "sqlite:///costs.db" or '
            '"postgresql+psycopg://user@host/db".'
        ) from wrong
    try:
        migrate(engine)
    except exc.DatabaseError as error:
        engine.dispose()
        raise ConfigurationError(
            f"The cost database cannot be opened: {sentence_of(error)}"
        ) from error
    except ConfigurationError:
        engine.dispose()
        raise
    return engine


def sentence_of(error: BaseException) -> str:
    """Return what a database says went wrong, in one line, with advice where the file is damaged."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    sentence = lines[0].rstrip(".") + "."
    damaged = any(words in sentence for words in _DAMAGED)
    return f"{sentence} {_REPAIR}" if damaged else sentence


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, pool_size=2, max_overflow=8)
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            "An SQLite ledger needs a file, e.g. sqlite:///costs.db. "
            "For one in memory leave the URL out: CostLedger()."
        )
    if not url.query.get("uri"):  # `url` says where the file is, also after a change of directory
        url = url.set(database=str(Path(url.database).absolute()))
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    write_ahead(connection)
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Take the write lock at once: a lock taken half-way cannot wait for other processes."""
    connection.exec_driver_sql(
        "BEGIN" if connection.get_execution_options().get("readonly") else "BEGIN IMMEDIATE"
    )
