"""A job in a database that several processes share, on one machine or on many. Needs SQLAlchemy.

What `store.Store` is for one process: the same items, claimed. Whoever asks an item claims it first, for as
long as its process lives; a claim that nobody renews ends, and another process takes the item. So no item is
paid by two. Times are those of the database.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import event, exc

from openrouter_core.bulk.sql.limits import SharedLimits
from openrouter_core.bulk.sql.tables import (
    create,
    hand_ins,
    insert_into,
    items,
    jobs,
    now,
    place,
)
from openrouter_core.bulk.store import Ended, Entry, HandIn
from openrouter_core.bulk.ticks import Ticks
from openrouter_core.costs.budget.budget import Budget
from openrouter_core.costs.sql.budgets import SqlBudgetStore
from openrouter_core.costs.sql.database import Database
from openrouter_core.costs.sql.engine import sentence_of
from openrouter_core.errors import ConfigurationError

LEASE_S = 60.0
"""How long a claim lasts that is not renewed; a process that lives renews it four times in that time."""
_PAGE = 100
"""Items that a process claims at once: few, so that none waits while another has nothing to do."""
_ROW = dict[str, Any]


class SharedStore:
    """One job of a database. Thread-safe."""

    is_shared = True

    def __init__(self, url: str | sa.URL, job: str) -> None:
        self._database = _opened(sa.make_url(url))
        self._budgets = SqlBudgetStore(self._database)
        self._job = job
        self._worker: str | None = None
        self._mine = items.c.job == job
        with self._database.writing() as db:
            db.execute(
                insert_into(jobs, self._database.engine).values(name=job).on_conflict_do_nothing()
            )

    def close(self) -> None:
        self._budgets.close()
        self._database.close()

    def budget(self, limit_usd: Decimal) -> Budget:
        """The budget of all processes that run this job."""
        return _JobBudget(limit_usd, f"bulk {self._job}", self._budgets, self.spent)

    @contextmanager
    def running(self) -> Generator[None]:
        """Keep the claims of this run alive, and share what is known of limits.

        Raises:
            ConfigurationError: This object runs already.
        """
        if self._worker is not None:
            raise ConfigurationError(
                f"The job {self._job} runs already in this object. Make another Job for another run."
            )
        self._worker = uuid4().hex
        limits = SharedLimits(self._database)
        ticks = Ticks([(limits.every_s, limits.exchange), (LEASE_S / 4, self._renew)])
        try:
            with limits.listening(ticks.wake), ticks:
                yield
        finally:
            self._budgets.flush()
            with self._database.writing() as db:
                db.execute(self._held().values(worker=None, claimed_until=None))
            self._worker = None

    # ------------------------------------------------------------------ what is to be done

    def add(self, rows: Sequence[tuple[str, str, str | None]]) -> int:
        """Add rows of key, digest and prompt; return how many are new. Known ones stay as they are."""
        with self._database.writing() as db:
            lock = sa.select(jobs).where(jobs.c.name == self._job).with_for_update()
            db.execute(lock)  # one process at a time decides which prompt of a key is current
            return sum(self._add(db, some) for some in _without_repetition(rows))

    def _add(self, db: sa.Connection, rows: Mapping[str, tuple[str, str | None]]) -> int:
        statement = sa.select(items.c.id, items.c.key, items.c.digest, items.c.is_current, place)
        known: dict[str, list[Any]] = {}
        for row in db.execute(statement.where(self._mine, items.c.key.in_(list(rows)))):
            known.setdefault(row.key, []).append(row)
        new: list[_ROW] = []
        for key, (digest, prompt) in rows.items():
            others = known.get(key, [])
            same = next((row for row in others if row.digest == digest), None)
            if same is not None and same.is_current:
                continue
            if others:
                old = items.update().where(self._mine, items.c.key == key)
                db.execute(old.values(is_current=False, prompt=None))
            if same is not None:
                kept = sa.case((items.c.status == "done", sa.null()), else_=prompt)
                back = {"is_current": True, "is_delivered": False, "prompt": kept}
                db.execute(items.update().where(items.c.id == same.id).values(back))
                continue
            new.append(
                {"job": self._job, "key": key, "digest": digest, "prompt": prompt, "added_at": time.time(),
                 "place": others[0][4] if others else None}
            )  # fmt: skip
        if new:
            db.execute(items.insert(), new)
        return len(new)

    def pending_of(self, prompts: Mapping[str, str]) -> list[Entry]:
        """Claim those of these keys that are not answered yet, with the prompts that are given here."""
        wanted = items.c.key.in_(list(prompts)), items.c.status == "pending"
        rows = self._claimed(*wanted)
        return [Entry(row["id"], row["key"], prompts[row["key"]], row["cost"]) for row in rows]

    def pending(self) -> Iterator[list[Entry]]:
        """Claim those that are not answered, page by page; an empty page while others ask the last ones."""
        wanted = items.c.status == "pending", items.c.prompt.is_not(None)
        while True:
            page = self._claimed(*wanted, most=_PAGE)
            if not page and not self._with_others(*wanted):
                return
            yield [Entry(row["id"], row["key"], row["prompt"], row["cost"]) for row in page]

    def waiting_of(self, keys: Iterable[str]) -> bool:
        """Whether any of these keys has no answer yet, and another process has it in hand or had it."""
        return self._with_others(items.c.key.in_(list(keys)), items.c.status == "pending")

    def undelivered(self) -> Iterator[list[_ROW]]:
        """Claim items that have ended and that nobody is about to hand over, in pages."""
        for status in ("done", "failed"):
            while page := self._claimed(items.c.status == status, most=_PAGE):
                yield page

    def ended(self) -> Iterator[_ROW]:
        """Items that have ended, in the order in which their keys were first added."""
        last = -1
        over = items.c.status.in_(["done", "failed"])
        statement = sa.select(items, place.label("at")).where(self._mine, items.c.is_current, over)
        while page := self._read(statement.where(place > last).order_by(place).limit(_PAGE * 5)):
            last = page[-1]["at"]
            yield from page

    def ended_of(self, keys: Iterable[str]) -> dict[str, _ROW]:
        """The items of these keys that have ended."""
        over = items.c.status.in_(["done", "failed"]), items.c.key.in_(list(keys))
        rows = self._read(sa.select(items).where(self._mine, items.c.is_current, *over))
        return {row["key"]: row for row in rows}

    def _claimed(self, *conditions: sa.ColumnElement[bool], most: int | None = None) -> list[_ROW]:
        """Claim what is free of what is asked for; return it in the order in which it was added."""
        wanted = sa.select(items.c.id).where(
            self._mine, items.c.is_current, items.c.is_delivered.is_(False), _FREE, *conditions
        )
        wanted = wanted.order_by(items.c.id).limit(most).with_for_update(skip_locked=True)
        claim = {"worker": self._worker, "claimed_until": now() + LEASE_S}
        update = items.update().where(items.c.id.in_(wanted)).values(claim).returning(items)
        with self._database.writing() as db:
            rows = [dict(row) for row in db.execute(update).mappings()]
        return sorted(rows, key=lambda row: row["id"])

    def _with_others(self, *conditions: sa.ColumnElement[bool]) -> bool:
        others = sa.or_(items.c.worker.is_(None), items.c.worker != self._worker)
        wanted = (
            self._mine,
            items.c.is_current,
            items.c.is_delivered.is_(False),
            others,
            *conditions,
        )
        return bool(self._read(sa.select(items.c.id).where(*wanted).limit(1)))

    def _held(self) -> sa.Update:
        return items.update().where(items.c.worker == self._worker)

    def _renew(self) -> None:
        with self._database.writing() as db:
            db.execute(self._held().values(claimed_until=now() + LEASE_S))

    # ------------------------------------------------------------------ what came of it

    def commit(
        self, ended: Sequence[Ended], delivered: Sequence[int], *, keep_prompts: bool
    ) -> None:
        """Write what has ended, and who was handed over, as one transaction. The first answer stays."""
        at = time.time()
        rows = [
            {"b_id": e.id, "status": "failed" if e.error else "done", "b_tries": e.tries, "body": e.body,
             "result": e.result, "generation_id": e.generation_id, "error": e.error, "ended_at": at,
             "cost": None if e.cost is None else format(e.cost, "f")}
            for e in sorted(ended, key=lambda e: e.id)
        ]  # fmt: skip
        with self._database.writing() as db:
            if rows:
                db.execute(_ENDED, rows)
            if delivered:
                kept = _DELIVERED_AND_KEPT if keep_prompts else _DELIVERED
                db.execute(kept, [{"b_id": one} for one in sorted(delivered)])

    def retry_failed(self) -> int:
        """Let those that failed be asked again; return how many."""
        again = {"status": "pending", "is_delivered": False, **_NOBODYS}
        failed = self._mine, items.c.is_current, items.c.status == "failed"
        with self._database.writing() as db:
            return int(db.execute(items.update().where(*failed).values(again)).rowcount)

    def counts(self) -> dict[str, int]:
        """How many there are of each status."""
        statement = sa.select(items.c.status, sa.func.count().label("count"))
        statement = statement.where(self._mine, items.c.is_current).group_by(items.c.status)
        return {row["status"]: row["count"] for row in self._read(statement)}

    def prompts_missing(self) -> int:
        """How many wait to be asked whose prompt is not stored, and which nobody else has in hand."""
        lost = items.c.status == "pending", items.c.prompt.is_(None)
        statement = sa.select(sa.func.count().label("count")).select_from(items)
        return int(
            self._read(statement.where(self._mine, items.c.is_current, _FREE, *lost))[0]["count"]
        )

    def spent(self) -> Decimal:
        """What all its answers cost, those of older prompts included."""
        statement = sa.select(items.c.cost).where(self._mine, items.c.cost.is_not(None))
        return sum((Decimal(row["cost"]) for row in self._read(statement)), Decimal(0))

    # ------------------------------------------------------------------ the Batch API

    def hand_in(
        self,
        token: str,
        model: str,
        ids: Sequence[int],
        usd: Decimal,  # noqa: ARG002  # the budget in the database holds it back
    ) -> None:
        """Note that items, claimed by this run, are about to be handed in as a batch."""
        noted = {"token": token, "job": self._job, "model": model, "count": len(ids)}
        with self._database.writing() as db:
            db.execute(hand_ins.insert().values(**noted, at=time.time()))
            db.execute(_HANDED_IN, [{"b_id": one, "b_token": token} for one in ids])

    def handed_in(self, token: str, batch_id: str | None) -> None:
        """Note the batch that was made of a hand-in; None: nobody knows which."""
        with self._database.writing() as db:
            db.execute(_of_token(hand_ins.update(), token).values(batch_id=batch_id))
            db.execute(items.update().where(items.c.hand_in == token).values(_NOBODYS))

    def give_back(self, token: str) -> None:
        """End a hand-in; what has no answer by now waits to be asked again, by this run if it has it in hand."""
        left = items.c.hand_in == token, items.c.status == "submitted"
        of_others = sa.exists().where(*left, self._is_of_others())
        with self._database.writing() as db:
            db.execute(_of_token(hand_ins.update(), token).where(~of_others).values(is_ended=True))
            free = items.update().where(*left, ~self._is_of_others())
            db.execute(free.values(status="pending"))

    def hand_ins(self, *, ended: bool = False) -> list[HandIn]:
        """Those that have not ended, or all, in the order of time."""
        return self._hand_ins() if ended else self._hand_ins(~hand_ins.c.is_ended)

    def lost(self) -> list[HandIn]:
        """Those whose batch nobody has seen to be made, and nobody alive is making."""
        of_others = sa.exists().where(items.c.hand_in == hand_ins.c.token, self._is_of_others())
        return self._hand_ins(~hand_ins.c.is_ended, hand_ins.c.batch_id.is_(None), ~of_others)

    def _hand_ins(self, *conditions: sa.ColumnElement[bool]) -> list[HandIn]:
        names = ("token", "batch_id", "model", "count", "at")
        found = sa.select(*(hand_ins.c[name] for name in names)).order_by(hand_ins.c.at)
        rows = self._read(found.where(hand_ins.c.job == self._job, *conditions))
        return [HandIn(*(row[name] for name in names)) for row in rows]

    def items_of(self, token: str) -> list[tuple[int, str]]:
        """Claim the items of a hand-in that have no answer yet; return their ids and keys."""
        claim = {"worker": self._worker, "claimed_until": now() + LEASE_S}
        mine = items.c.hand_in == token, items.c.status == "submitted", ~self._is_of_others()
        update = items.update().where(*mine).values(claim).returning(items.c.id, items.c.key)
        with self._database.writing() as db:
            return sorted((row.id, row.key) for row in db.execute(update))

    def _is_of_others(self) -> sa.ColumnElement[bool]:
        """Whether another run, which lives, has an item in hand."""
        return sa.and_(~_FREE, items.c.worker != self._worker)

    def _read(self, statement: sa.Executable) -> list[_ROW]:
        with self._database.reading() as db:
            return [dict(row) for row in db.execute(statement).mappings()]


class _JobBudget(Budget):
    """`max_usd` of all processes: what is spent and held back stands in the job's database."""

    def __init__(
        self, limit_usd: Decimal, name: str, store: SqlBudgetStore, spent: Callable[[], Decimal]
    ) -> None:
        super().__init__(limit_usd, per="total", name=name)
        self._kept = store
        self._spent_until_now = spent

    def _spent_before(self, scope: str) -> Decimal:  # noqa: ARG002  # it has one
        return self._spent_until_now()


_FREE = sa.or_(items.c.claimed_until.is_(None), items.c.claimed_until < now())
"""Nobody has it in hand, or whoever had it lives no more."""
_ENDED = (
    items.update()
    .where(
        items.c.id == sa.bindparam("b_id"),
        sa.or_(items.c.status == "pending", items.c.status == "submitted"),
    )
    .values(tries=items.c.tries + sa.bindparam("b_tries"), is_delivered=False)
)
_NOBODYS: _ROW = {"worker": None, "claimed_until": None}
_over: _ROW = {"is_delivered": True, **_NOBODYS}
_DELIVERED_AND_KEPT = items.update().where(items.c.id == sa.bindparam("b_id")).values(_over)
_DELIVERED = _DELIVERED_AND_KEPT.values(
    prompt=sa.case((items.c.status == "done", sa.null()), else_=items.c.prompt)
)
_HANDED_IN = (
    items.update()
    .where(items.c.id == sa.bindparam("b_id"))
    .values(status="submitted", hand_in=sa.bindparam("b_token"))
)


def _of_token(statement: sa.Update, token: str) -> sa.Update:
    return statement.where(hand_ins.c.token == token)


def _without_repetition(
    rows: Iterable[tuple[str, str, str | None]],
) -> Iterator[dict[str, tuple[str, str | None]]]:
    """The rows in parts that name each key once."""
    part: dict[str, tuple[str, str | None]] = {}
    for key, digest, prompt in rows:
        if key in part:
            yield part
            part = {}
        part[key] = digest, prompt
    yield part


def _opened(url: sa.URL) -> Database:
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise ConfigurationError(f"A job can be in SQLite or PostgreSQL, not in {backend}.")
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        _take(Path(url.database or ""))
    database = Database(url)
    if backend == "sqlite":
        event.listen(database.engine, "connect", _write_to_disk)
        database.engine.dispose()
    try:
        create(database.engine)
    except exc.SQLAlchemyError as error:
        database.close()
        raise ConfigurationError(
            f"The job's tables cannot be made: {sentence_of(error)}"
        ) from error
    return database


def _take(path: Path) -> None:
    """Make a file that nobody else may read; refuse one of a job that is not shared."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path)) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"The job's file {path} cannot be opened: {error}") from error
    if {"items", "hand_ins"} <= tables:
        raise ConfigurationError(
            f"{path} is the file of a job for one process: open it as Job({str(path)!r}, ...)."
        )


def _write_to_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=FULL")  # a paid answer outlives the machine
