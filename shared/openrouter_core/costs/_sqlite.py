"""SQLite files that several processes open: the write-ahead log, switched on with patience."""

from __future__ import annotations

import sqlite3
import time

BUSY_S = 30
"""How long a connection waits for a file that another writes."""
_PAUSE_S = 0.02


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and the writer go on side by side.

    SQLite does not wait by itself where several open a new file at once.
    """
    deadline_s = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline_s:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
