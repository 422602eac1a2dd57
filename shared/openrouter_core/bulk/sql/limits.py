"""A 429 that one process meets holds back the others: closings of gates, exchanged through a database.

Each process keeps its own gate, and with it the rate that went through for itself; only the closings are
shared, so that no call waits for the database. Needs SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

import sqlalchemy as sa

from openrouter_core._http import shared_gates
from openrouter_core._http.gate import FORGET_S
from openrouter_core.bulk.sql.tables import insert_into, limits, now
from openrouter_core.costs.sql.database import Database


class SharedLimits:
    """What this process and the others know of limits."""

    every_s = 0.25

    def __init__(self, database: Database) -> None:
        self._database = database
        self._met = SimpleQueue[tuple[str, float]]()
        self._seen: dict[str, int] = {}

    @contextmanager
    def listening(self, wake: Callable[[], object]) -> Generator[None]:
        """Learn of each gate that is closed in this process."""

        def closed(digest: str, wait_s: float) -> None:
            self._met.put((digest, wait_s))
            wake()

        shared_gates.listeners.append(closed)
        try:
            yield
        finally:
            shared_gates.listeners.remove(closed)

    def exchange(self) -> None:
        """Tell the others what was met here, and close what was met elsewhere."""
        while True:
            try:
                self._publish(*self._met.get_nowait())
            except Empty:
                break
        left = (limits.c.opens_at - now()).label("left")
        statement = sa.select(limits.c.digest, limits.c.closing, left).where(left > -FORGET_S)
        with self._database.reading() as db:
            rows = db.execute(statement).all()
        for digest, closing, left_s in rows:
            if self._seen.get(digest) != closing:
                self._seen[digest] = closing
                shared_gates.close(digest, float(left_s))

    def _publish(self, digest: str, wait_s: float) -> None:
        opens_at: Any = now() + wait_s
        closed = {"closing": limits.c.closing + 1, "opens_at": opens_at}
        row = insert_into(limits, self._database.engine).values(
            digest=digest, closing=1, opens_at=opens_at
        )
        row = row.on_conflict_do_update(index_elements=[limits.c.digest], set_=closed)
        with self._database.writing() as db:
            number = db.scalar(row.returning(limits.c.closing))
        self._seen[digest] = int(number or 0)
