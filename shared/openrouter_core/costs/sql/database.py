"""The database of an SQL ledger in use: short transactions that stand still while the process forks.

SQLite keeps its locks in the memory of the process: a child that is forked in the middle of a transaction
believes for ever that somebody writes. So before a fork every transaction ends and every idle connection
is closed, and the child begins with none. Needs SQLAlchemy.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from openrouter_core.costs.sql.engine import open_engine, sentence_of
from openrouter_core.errors import ConfigurationError

log = logging.getLogger("openrouter.costs")

_FORK_WAIT_S = 35.0  # a little more than SQLite waits for a locked file
_PAGE = 2000


class Database:
    """An engine, and who uses it at the moment."""

    def __init__(self, url: str | sa.URL) -> None:
        self.engine = open_engine(url)
        # Nobody closes a ledger that came by pickle; Python 3.13 warns of connections left open.
        weakref.finalize(self, self.engine.dispose).atexit = False
        self.reset()
        _live.add(self)

    def reset(self) -> None:
        """Begin with nobody using it."""
        self._changed = threading.Condition()
        self._users = 0
        self._forks = 0

    @contextmanager
    def writing(self) -> Generator[sa.Connection]:
        """One transaction that changes something. Not to be nested."""
        with self._in_use(), self.engine.begin() as db:
            yield db

    @contextmanager
    def reading(self) -> Generator[sa.Connection]:
        """One transaction that only reads. Not to be nested.

        Raises:
            ConfigurationError: The database cannot be read; the message says why.
        """
        with self._in_use(), _in_words(), self.engine.connect() as db:
            yield db.execution_options(readonly=True)

    def rows(
        self, statement: sa.Select[Any], by: Sequence[sa.Column[Any]]
    ) -> Iterator[sa.RowMapping]:
        """The rows that a statement selects, in the order of `by`, which identifies each of them.

        They are read in pages, and no connection is open between two pages: the user may take long,
        and a fork may come there.
        """
        ordered = statement.order_by(*by).limit(_PAGE)
        page: Sequence[sa.RowMapping] = self._page(ordered)
        yield from page
        while len(page) == _PAGE:
            last = [sa.literal(page[-1][column], column.type) for column in by]
            page = self._page(ordered.where(sa.tuple_(*by) > sa.tuple_(*last)))
            yield from page

    def close(self) -> None:
        """Close the idle connections now, and those in use when their transaction ends."""
        with self._changed:
            self.engine.dispose()

    def stand_still(self) -> None:
        """Wait until no transaction is open, and let none begin. Runs before a fork."""
        with self._changed:
            self._forks += 1
            if not self._changed.wait_for(lambda: not self._users, _FORK_WAIT_S):
                log.warning("The process forks while its cost database is busy.")
        self.close()

    def go_on(self) -> None:
        """Let transactions begin again. Runs after a fork, in the parent."""
        with self._changed:
            self._forks -= 1
            self._changed.notify_all()

    def leave_parent(self) -> None:
        """Give up what belongs to the parent. Runs after a fork, in the child."""
        self.engine.dispose(close=False)
        self.reset()

    def _page(self, statement: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        with self.reading() as db:
            return db.execute(statement).mappings().all()

    @contextmanager
    def _in_use(self) -> Generator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._forks)
            self._users += 1
            pool = self.engine.pool
        try:
            yield
        finally:
            if pool is not self.engine.pool:  # it was closed meanwhile, but for what was in use:
                pool.dispose()  # SQLAlchemy leaves that to the garbage collector; Python 3.13 warns
            with self._changed:
                self._users -= 1
                self._changed.notify_all()


@contextmanager
def _in_words() -> Generator[None]:
    try:
        yield
    except exc.DatabaseError as error:
        raise ConfigurationError(
            f"The cost database cannot be read: {sentence_of(error)}"
        ) from error


_live: weakref.WeakSet[Database] = weakref.WeakSet()


def _before_fork() -> None:
    for database in list(_live):
        database.stand_still()


def _after_in_parent() -> None:
    for database in list(_live):
        database.go_on()


def _after_in_child() -> None:
    for database in list(_live):
        database.leave_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
