"""The tables of jobs that several processes share, beside those of an SQL ledger. Needs SQLAlchemy."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

metadata = sa.MetaData()
_LOCK = 7_364_519_023  # any number, the same for every process

jobs = sa.Table("openrouter_bulk_jobs", metadata, sa.Column("name", sa.Text, primary_key=True))
items = sa.Table(
    "openrouter_bulk_items",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    # A changed prompt stands where the first one stood; None: where it was added.
    sa.Column("place", sa.BigInteger),
    sa.Column("is_current", sa.Boolean, nullable=False, default=True),
    sa.Column("status", sa.Text, nullable=False, default="pending"),
    sa.Column("is_delivered", sa.Boolean, nullable=False, default=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    *(sa.Column(n, sa.Text) for n in ("prompt", "body", "result", "generation_id", "cost")),
    sa.Column("error", sa.Text),
    sa.Column("hand_in", sa.Text, index=True),
    sa.Column("added_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
    # Who has it in hand, and until when, if nobody says that it still does.
    sa.Column("worker", sa.Text),
    sa.Column("claimed_until", sa.Double),
    sa.UniqueConstraint("job", "key", "digest"),
)
place = sa.func.coalesce(items.c.place, items.c.id)
_current: dict[str, Any] = {
    "postgresql_where": items.c.is_current,
    "sqlite_where": items.c.is_current,
}
sa.Index("ix_openrouter_bulk_items_place", items.c.job, place, **_current)
sa.Index(
    "ix_openrouter_bulk_items_status",
    *(items.c[name] for name in ("job", "status", "is_delivered", "id")),
    **_current,
)
_held: sa.ColumnElement[bool] = items.c.worker.is_not(None)
sa.Index(
    "ix_openrouter_bulk_items_worker", items.c.worker, postgresql_where=_held, sqlite_where=_held
)
hand_ins = sa.Table(
    "openrouter_bulk_hand_ins",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("job", sa.Text, nullable=False, index=True),
    sa.Column("batch_id", sa.Text),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("is_ended", sa.Boolean, nullable=False, default=False),
)
limits = sa.Table(
    "openrouter_bulk_limits",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("closing", sa.BigInteger, nullable=False),
    sa.Column("opens_at", sa.Double, nullable=False),
)


class now(FunctionElement[float]):  # noqa: N801  # a function of SQL
    """Seconds of the epoch by the clock of the database, which is the same for all machines."""

    type = sa.Double()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(_element: now, _compiler: Any, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now)
def _now(_element: now, _compiler: Any, **_options: Any) -> str:
    return "extract(epoch from clock_timestamp())"


def insert_into(table: sa.Table, engine: sa.Engine) -> Any:
    """An INSERT of the database's own kind, which knows ON CONFLICT."""
    dialect = sqlite if engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def create(engine: sa.Engine) -> None:
    """Make what is missing. Processes that start together wait for each other."""
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        metadata.create_all(db)
