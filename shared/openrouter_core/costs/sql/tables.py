"""The tables of an SQL ledger and the steps that bring an older database up to date. Needs SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from openrouter_core.errors import ConfigurationError
from openrouter_core.observers.calls import OLDER_OUTCOMES


class Usd(TypeDecorator[Decimal]):
    """Money, exact in every database: a plain decimal as text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy gives it
        return None if value is None else format(value, "f")

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> Decimal | None:  # noqa: ARG002  # SQLAlchemy gives it
        if value is None:
            return None
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ConfigurationError(
                f"The cost database is damaged: {str(value)[:40]!r} is not an amount of money. "
                "Put a backup in its place, or correct the row."
            ) from None


class UtcTime(TypeDecorator[datetime]):
    """An aware time. Databases without time zones keep it as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy gives it
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy gives it
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PICO = 10**12
MONEY = ("charged", "upstream", "total", "cache_discount")


def pico_of(usd: Decimal | None) -> int | None:
    """Return an amount as a whole number of 10^-12 USD; None if it is finer, or larger than 64 bits."""
    if not usd:
        return None if usd is None else 0
    if not usd.is_finite() or usd.copy_abs() >= _LARGEST or usd.adjusted() < _FINEST:
        return None
    numerator, denominator = usd.as_integer_ratio()
    whole, rest = divmod(numerator * PICO, denominator)
    return None if rest else whole


_LARGEST = Decimal(2**63) / PICO
_FINEST = -12  # the power of ten of the first digit
metadata = sa.MetaData()

calls = sa.Table(
    "openrouter_calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("requested_model", sa.Text),
    sa.Column("model", sa.Text, index=True),
    sa.Column("provider", sa.Text),
    sa.Column("key_hash", sa.Text),
    sa.Column("base_url", sa.Text),
    sa.Column("run", sa.Text, index=True),
    sa.Column("session", sa.Text, index=True),
    sa.Column("user_label", sa.Text),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("latency_s", sa.Double),
    sa.Column("first_event_s", sa.Double),
    sa.Column("streamed", sa.Boolean, nullable=False),
    sa.Column("lookup", sa.Text, nullable=False, index=True),
    sa.Column("is_refused", sa.Boolean, nullable=False),
    sa.Column("response", sa.Text),
    sa.Column("generation", sa.Text),
    sa.Column("estimate", sa.Text),
    # What follows is derived from the three above, for questions asked in SQL.
    sa.Column("charged", Usd),
    sa.Column("upstream", Usd),
    sa.Column("total", Usd),
    sa.Column("cache_discount", Usd),
    sa.Column("prompt_tokens", sa.BigInteger),
    sa.Column("completion_tokens", sa.BigInteger),
    sa.Column("cached_tokens", sa.BigInteger),
    sa.Column("reasoning_tokens", sa.BigInteger),
    sa.Column("is_unknown", sa.Boolean, nullable=False),
    sa.Column("is_estimate", sa.Boolean, nullable=False),
    *(sa.Column(f"{name}_pico", sa.BigInteger) for name in MONEY),
)
# SQLite reads all that sums need from this index, an eighth of the table. PostgreSQL has a limit for the
# width of an index, which a long label could pass, and reads the table with several workers anyway.
figures = sa.Index(
    "ix_openrouter_calls_figures",
    *(
        calls.c[name]
        for name in (
            *("requested_model", "model", "provider", "operation", "key_hash", "run", "session"),
            *(
                "user_label",
                "tags",
                "at",
                "outcome",
                "error",
                "lookup",
                "is_unknown",
                "is_estimate",
            ),
            *("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens"),
            *(f"{name}_pico" for name in MONEY),
            *MONEY,
        )
    ),
).ddl_if(dialect="sqlite")

budgets = sa.Table(
    "openrouter_budgets",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("spent", Usd, nullable=False),
    sa.Column("limit_usd", Usd),
)

holds = sa.Table(
    "openrouter_budget_holds",
    metadata,
    sa.Column("hold", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True, index=True),
    sa.Column("usd", Usd, nullable=False),
    # Until then the call is under way; later it counts as spent, until somebody says what it cost.
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("job_id", sa.Text),
    sa.Column("at", UtcTime),
    sa.Column("run", sa.Text),
    # Set when the price is looked up, so that another process can do it as well.
    sa.Column("generation_id", sa.Text, index=True),
)

jobs = sa.Table(
    "openrouter_jobs",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("requested_model", sa.Text),
    sa.Column("run", sa.Text),
    sa.Column("session", sa.Text),
    sa.Column("user_label", sa.Text),
    sa.Column("tags", sa.Text, nullable=False),
    # How it is booked: as a whole or result by result; null until its end is seen.
    sa.Column("as_whole", sa.Boolean),
)

_schema = sa.Table(
    "openrouter_schema",
    sa.MetaData(),
    sa.Column("version", sa.Integer, primary_key=True),
)

Step = Callable[[sa.Connection], None]


def _add_jobs(db: sa.Connection) -> None:
    jobs.create(db)
    if "job_id" not in {column["name"] for column in sa.inspect(db).get_columns(holds.name)}:
        db.execute(sa.text("ALTER TABLE openrouter_budget_holds ADD COLUMN job_id TEXT"))


def _rename_outcomes(db: sa.Connection) -> None:
    for older, now in OLDER_OUTCOMES.items():
        db.execute(calls.update().where(calls.c.outcome == older).values(outcome=now))


def _describe_holds(db: sa.Connection) -> None:
    """Say of each hold whose it is. What had expired counts as nothing, as the version before had it."""
    known = sa.inspect(db)
    there = {column["name"] for column in known.get_columns(holds.name)}
    for column in (holds.c.at, holds.c.run, holds.c.generation_id):
        if column.name not in there:
            kind = column.type.compile(db.dialect)
            db.execute(sa.text(f"ALTER TABLE {holds.name} ADD COLUMN {column.name} {kind}"))
    made = {index["name"] for index in known.get_indexes(holds.name)}
    for index in holds.indexes:
        if index.name not in made:
            index.create(db)
    db.execute(holds.delete().where(holds.c.expires_at <= datetime.now(UTC)))


def _add_pico(db: sa.Connection) -> None:
    """Keep money as whole numbers too. In one transaction with the version, so it happens once or not."""
    there = {column["name"] for column in sa.inspect(db).get_columns(calls.name)}
    for name in MONEY:
        if f"{name}_pico" not in there:
            db.execute(sa.text(f"ALTER TABLE {calls.name} ADD COLUMN {name}_pico BIGINT"))
    amounts = sa.select(calls.c.id, *(calls.c[name] for name in MONEY)).order_by(calls.c.id)
    update = calls.update().where(calls.c.id == sa.bindparam("b_id"))
    update = update.values({f"{name}_pico": sa.bindparam(f"b_{name}") for name in MONEY})
    last = ""
    while page := db.execute(amounts.where(calls.c.id > last).limit(_PAGE)).mappings().all():
        db.execute(
            update,
            [{"b_id": r["id"], **{f"b_{n}": pico_of(r[n]) for n in MONEY}} for r in page],
        )
        last = page[-1]["id"]
    made = {index["name"] for index in sa.inspect(db).get_indexes(calls.name)}
    if db.dialect.name == "sqlite" and figures.name not in made:
        figures.create(db)


def _add_limits(db: sa.Connection) -> None:
    if "limit_usd" not in {c["name"] for c in sa.inspect(db).get_columns(budgets.name)}:
        db.execute(sa.text("ALTER TABLE openrouter_budgets ADD COLUMN limit_usd TEXT"))


_PAGE = 10_000
STEPS: tuple[Step, ...] = (
    calls.create,
    lambda db: metadata.create_all(db, tables=[budgets, holds]),
    _add_jobs,
    _rename_outcomes,
    _describe_holds,
    _add_pico,
    _add_limits,
)
"""Step n brings a database from version n to n + 1. Steps are only ever added."""

_POSTGRES_LOCK = 7_364_519_022  # any number, the same for every process


def migrate(engine: sa.Engine) -> None:
    """Create or update the tables. Processes that start together wait for each other.

    Raises:
        ConfigurationError: The database was made by a newer version of this package.
    """
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))
        _schema.create(db, checkfirst=True)
        version = db.scalar(sa.select(sa.func.max(_schema.c.version))) or 0
        if version > len(STEPS):
            raise ConfigurationError(
                f"The cost database has version {version}, and this package knows {len(STEPS)}. "
                "Upgrade openrouter-adapters."
            )
        for step in STEPS[version:]:
            step(db)
        if version < len(STEPS):
            db.execute(_schema.delete())
            db.execute(_schema.insert().values(version=len(STEPS)))
