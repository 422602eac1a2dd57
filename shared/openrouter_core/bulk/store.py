"""The file of a job: an SQLite database with one row per prompt. Every answer is committed before it is shown.

An item is its key together with a digest of its prompt and of the settings: a changed one is a new row,
and the old answer stays for the day it is asked for again. Keys of the API are never in here.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from openrouter_core.bulk.item import Item, ItemKey
from openrouter_core.costs._sqlite import BUSY_S, write_ahead
from openrouter_core.costs.budget.budget import Budget
from openrouter_core.errors import ConfigurationError

_PAGE = 500
_VERSION = 2
_TABLES = """
CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    place INTEGER NOT NULL,
    is_current INTEGER NOT NULL DEFAULT 1,
    status TEXT NOT NULL DEFAULT 'pending',
    is_delivered INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    prompt TEXT,
    body TEXT,
    result TEXT,
    generation_id TEXT,
    cost TEXT,
    error TEXT,
    hand_in TEXT,
    added_at REAL NOT NULL,
    ended_at REAL,
    UNIQUE (key, digest)
);
CREATE INDEX IF NOT EXISTS items_by_status ON items (status, is_delivered, id) WHERE is_current;
CREATE INDEX IF NOT EXISTS items_by_hand_in ON items (hand_in) WHERE hand_in IS NOT NULL;
CREATE TABLE IF NOT EXISTS hand_ins (
    token TEXT PRIMARY KEY,
    batch_id TEXT,
    model TEXT NOT NULL,
    count INTEGER NOT NULL,
    at REAL NOT NULL,
    is_ended INTEGER NOT NULL DEFAULT 0,
    usd TEXT
);
CREATE INDEX IF NOT EXISTS items_by_place ON items (place) WHERE is_current;
"""
_ENDED = """
UPDATE items SET status = ?, tries = tries + ?, body = ?, result = ?, generation_id = ?, cost = ?, error = ?,
    ended_at = ?, is_delivered = 0 WHERE id = ?
"""
_DELIVERED = """
UPDATE items SET is_delivered = 1, prompt = CASE WHEN status = 'done' AND NOT ? THEN NULL ELSE prompt END
    WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A prompt that waits to be asked."""

    id: int
    key: str
    """As JSON text."""
    prompt: str
    """As `values.encode` wrote it."""
    cost: str | None = None
    """What earlier runs paid for it without getting its answer."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an entry."""

    id: int
    key: str
    tries: int
    error: str | None = None
    result: str | None = None
    body: str | None = None
    generation_id: str | None = None
    cost: Decimal | None = None

    def item(self, result: Any, body: Mapping[str, Any] | None) -> Item[Any]:
        """The item that is handed over."""
        key: ItemKey = json.loads(self.key)
        return Item(key, result, self.error, self.cost, self.tries, self.generation_id, body)


@dataclass(frozen=True, slots=True)
class HandIn:
    """What was handed in as one batch."""

    token: str
    batch_id: str | None
    """None while nobody has seen whether the batch was created."""
    model: str
    count: int
    at: float
    """Seconds of the epoch."""


class Store:
    """One file. Thread-safe; one transaction at a time."""

    is_shared = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = _open(path)
        # Nobody closes a job that is forgotten; Python 3.13 warns of connections left open.
        weakref.finalize(self, self._db.close).atexit = False

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def running(self) -> Generator[None]:
        """Keep other runs of the same file out, also those of other processes; a killed one lets go.

        Raises:
            ConfigurationError: Somebody else runs it.
        """
        guard = sqlite3.connect(
            f"{self._path}-running",
            timeout=0,
            isolation_level=None,
            check_same_thread=False,  # a run that is dropped ends in whichever thread collects it
        )
        try:
            guard.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            guard.close()
            raise ConfigurationError(
                f"The job {self._path} runs already, here or in another process."
            ) from error
        try:
            yield
        finally:
            guard.close()

    def add(self, rows: Sequence[tuple[str, str, str | None]]) -> int:
        """Add rows of key, digest and prompt; return how many are new. Known ones stay as they are."""
        with self._writing() as db:
            return sum(_add(db, *row) for row in rows)

    def pending_of(self, prompts: Mapping[str, str]) -> list[Entry]:
        """Those of these keys that are not answered yet, with the prompts that are given here."""
        sql = (
            "SELECT id, key, cost FROM items WHERE is_current AND status = 'pending' "
            "AND key IN (SELECT value FROM json_each(?)) ORDER BY id"
        )
        rows = self._rows(sql, [json.dumps(list(prompts))])
        return [Entry(row["id"], row["key"], prompts[row["key"]], row["cost"]) for row in rows]

    def pending(self) -> Iterator[list[Entry]]:
        """Those that are not answered and whose prompt is stored, in pages."""
        last = 0
        sql = (
            "SELECT id, key, prompt, cost FROM items WHERE is_current AND status = 'pending' "
            "AND is_delivered = 0 AND id > ? AND prompt IS NOT NULL ORDER BY id LIMIT ?"
        )
        while page := self._rows(sql, (last, _PAGE)):
            last = page[-1][0]
            yield [Entry(*row) for row in page]

    def waiting_of(self, keys: Iterable[str]) -> bool:  # noqa: ARG002  # as in a shared store
        """Whether another process has any of these keys in hand: there is no other."""
        return False

    def ended_of(self, keys: Iterable[str]) -> dict[str, sqlite3.Row]:
        """The items of these keys that have ended."""
        sql = (
            "SELECT * FROM items WHERE is_current AND status IN ('done', 'failed') "
            "AND key IN (SELECT value FROM json_each(?))"
        )
        return {row["key"]: row for row in self._rows(sql, [json.dumps(list(keys))])}

    def budget(self, limit_usd: Decimal) -> Budget:
        """What is left of a limit, as a budget of one run. Batches under way count with what they may cost."""
        under_way = self._rows("SELECT usd FROM hand_ins WHERE NOT is_ended AND usd IS NOT NULL")
        left = limit_usd - self.spent() - sum((Decimal(row[0]) for row in under_way), Decimal(0))
        return Budget(max(Decimal(0), left), per="total", name="job")

    def undelivered(self) -> Iterator[list[sqlite3.Row]]:
        """Items that have ended and were not handed over, in pages."""
        sql = (
            "SELECT * FROM items WHERE is_current AND status = ? AND is_delivered = 0 AND id > ? "
            "ORDER BY id LIMIT ?"
        )
        for status in ("done", "failed"):
            last = 0
            while page := self._rows(sql, (status, last, _PAGE)):
                last = page[-1]["id"]
                yield page

    def ended(self) -> Iterator[sqlite3.Row]:
        """Items that have ended, in the order in which their keys were first added."""
        last = -1
        sql = "SELECT * FROM items WHERE is_current AND place > ? ORDER BY place LIMIT ?"
        while page := self._rows(sql, (last, _PAGE)):
            last = page[-1]["place"]
            yield from (row for row in page if row["status"] in {"done", "failed"})

    def commit(
        self, ended: Sequence[Ended], delivered: Sequence[int], *, keep_prompts: bool
    ) -> None:
        """Write what has ended, and who was handed over, as one transaction."""
        now = time.time()
        with self._writing() as db:
            db.executemany(
                _ENDED,
                [
                    ("failed" if e.error else "done", e.tries, e.body, e.result, e.generation_id,
                     None if e.cost is None else format(e.cost, "f"), e.error, now, e.id)
                    for e in ended
                ],
            )  # fmt: skip
            db.executemany(_DELIVERED, [(keep_prompts, one) for one in delivered])

    def hand_in(self, token: str, model: str, ids: Sequence[int], usd: Decimal) -> None:
        """Note that items are about to be handed in as a batch, which may cost so much."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO hand_ins (token, model, count, at, usd) VALUES (?, ?, ?, ?, ?)",
                (token, model, len(ids), time.time(), format(usd, "f")),
            )
            db.executemany(
                "UPDATE items SET status = 'submitted', hand_in = ? WHERE id = ?",
                [(token, one) for one in ids],
            )

    def handed_in(self, token: str, batch_id: str | None) -> None:
        """Note the batch that was made of a hand-in; None: nobody knows which."""
        with self._writing() as db:
            db.execute("UPDATE hand_ins SET batch_id = ? WHERE token = ?", (batch_id, token))

    def give_back(self, token: str) -> None:
        """End a hand-in; what has no answer by now waits to be asked again."""
        with self._writing() as db:
            db.execute("UPDATE hand_ins SET is_ended = 1 WHERE token = ?", (token,))
            db.execute(
                "UPDATE items SET status = 'pending' WHERE hand_in = ? AND status = 'submitted'",
                (token,),
            )

    def hand_ins(self, *, ended: bool = False) -> list[HandIn]:
        """Those that have not ended, or all, in the order of time."""
        sql = (
            "SELECT token, batch_id, model, count, at FROM hand_ins WHERE ? OR NOT is_ended "
            "ORDER BY at"
        )
        return [HandIn(*row) for row in self._rows(sql, (ended,))]

    def lost(self) -> list[HandIn]:
        """Those whose batch nobody has seen to be made: this run is the only one."""
        return [one for one in self.hand_ins() if one.batch_id is None]

    def items_of(self, token: str) -> list[tuple[int, str]]:
        """The ids and keys of a hand-in that have no answer yet."""
        sql = "SELECT id, key FROM items WHERE hand_in = ? AND status = 'submitted' ORDER BY id"
        return [(row["id"], row["key"]) for row in self._rows(sql, (token,))]

    def retry_failed(self) -> int:
        """Let those that failed be asked again; return how many."""
        with self._writing() as db:
            done = db.execute(
                "UPDATE items SET status = 'pending', is_delivered = 0 WHERE is_current AND status = 'failed'"
            )
            return done.rowcount

    def counts(self) -> dict[str, int]:
        """How many there are of each status."""
        sql = "SELECT status, COUNT(*) FROM items WHERE is_current GROUP BY status"
        return dict(self._rows(sql))

    def prompts_missing(self) -> int:
        """How many wait to be asked whose prompt is not stored."""
        sql = (
            "SELECT COUNT(*) FROM items WHERE is_current AND status = 'pending' AND prompt IS NULL"
        )
        return int(self._rows(sql)[0][0])

    def spent(self) -> Decimal:
        """What all its answers cost, those of older prompts included."""
        costs = self._rows("SELECT cost FROM items WHERE cost IS NOT NULL")
        return sum((Decimal(row[0]) for row in costs), Decimal(0))

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


class Commits(Protocol):
    """What an engine needs of a store."""

    def commit(
        self, ended: Sequence[Ended], delivered: Sequence[int], *, keep_prompts: bool
    ) -> None:
        """Write what has ended, and who was handed over, as one transaction."""
        ...


if TYPE_CHECKING:
    from openrouter_core.bulk.sql.store import SharedStore

    AnyStore: TypeAlias = "Store | SharedStore"


def key_text(key: object) -> str:
    """A key as JSON text, so that 1 and "1" are two.

    Raises:
        ConfigurationError: It is neither a string nor a whole number.
    """
    if isinstance(key, bool) or not isinstance(key, (str, int)):
        raise ConfigurationError(f"The key of an item is a string or a whole number, not {key!r}.")
    return json.dumps(key, ensure_ascii=False)


def _add(db: sqlite3.Connection, key: str, digest: str, prompt: str | None) -> bool:
    known = db.execute(
        "SELECT id, digest, place, is_current FROM items WHERE key = ?", (key,)
    ).fetchall()
    same = next((row for row in known if row["digest"] == digest), None)
    if same is not None and same["is_current"]:
        return False
    if known:
        db.execute("UPDATE items SET is_current = 0, prompt = NULL WHERE key = ?", (key,))
    if same is not None:
        db.execute(
            "UPDATE items SET is_current = 1, is_delivered = 0, "
            "prompt = CASE WHEN status = 'done' THEN NULL ELSE ? END WHERE id = ?",
            (prompt, same["id"]),
        )
        return False
    place = known[0]["place"] if known else None
    db.execute(
        "INSERT INTO items (key, digest, place, prompt, added_at) VALUES "
        "(?, ?, COALESCE(?, (SELECT COALESCE(MAX(id), 0) + 1 FROM items)), ?, ?)",
        (key, digest, place, prompt, time.time()),
    )
    return True


def _open(path: Path) -> sqlite3.Connection:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # answers are nobody else's business
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            _set_up(db, path)
        except BaseException:
            db.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"The job's file {path} cannot be opened: {error}") from error
    return db


def _set_up(db: sqlite3.Connection, path: Path) -> None:
    db.row_factory = sqlite3.Row
    write_ahead(db)
    db.execute(
        "PRAGMA synchronous=FULL"
    )  # a paid answer outlives the machine, not only the process
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'openrouter_bulk_items'").fetchone():
        raise ConfigurationError(
            f'{path} is of a shared job: open it as Job("sqlite:///{path}", ...).'
        )
    if version not in (0, 1, _VERSION):
        raise ConfigurationError(f"{path} is of version {version}; this one reads {_VERSION}.")
    db.executescript(_TABLES)
    if version == 1:
        db.execute("ALTER TABLE hand_ins ADD COLUMN usd TEXT")
    db.execute(f"PRAGMA user_version={_VERSION}")
