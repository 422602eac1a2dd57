"""Sums that the database computes: `GROUP BY` over the calls, exact to the last digit. Needs SQLAlchemy.

Databases add decimals in text as floating-point numbers, so money is also kept as a whole number of
10^-12 USD. An amount that is finer or larger has no such number; it is added here, one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import sqlalchemy as sa

from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Filter, GroupKey, Groups, Totals, most_expensive_of
from openrouter_core.costs.sql.rows import conditions, to_record
from openrouter_core.costs.sql.tables import MONEY, PICO, calls, pico_of

_SPLIT = 10**6
"""Whole numbers are added in two halves: a sum of 64-bit integers that overflows ends a statement."""
_TOKENS = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")
_COUNTS: dict[str, sa.ColumnElement[bool]] = {
    "failed": calls.c.outcome != "ok",
    "unknown": calls.c.is_unknown.is_(True),
    "estimated": calls.c.is_estimate.is_(True),
    "pending": calls.c.lookup == "pending",
}
ASKED_MODEL = sa.func.coalesce(sa.func.nullif(calls.c.requested_model, ""), calls.c.model, "")
_COLUMNS: dict[GroupKey, sa.ColumnElement[Any]] = {
    "model": ASKED_MODEL,
    "answered_model": calls.c.model,
    "provider": calls.c.provider,
    "operation": calls.c.operation,
    "key_hash": calls.c.key_hash,
    "run": calls.c.run,
    "tag": calls.c.tags,
    "session": calls.c.session,
    "user": calls.c.user_label,
    "error": calls.c.error,
}
_DATES: dict[GroupKey, tuple[int, str]] = {
    "hour": (13, "YYYY-MM-DD HH24"),
    "day": (10, "YYYY-MM-DD"),
    "month": (7, "YYYY-MM"),
}


def can_group(dialect: str, keys: Iterable[GroupKey]) -> bool:
    """Whether a database of this kind can group by these keys: each has words of its own for dates."""
    return dialect in ("sqlite", "postgresql") or not any(key in _DATES for key in keys)


def grouped(db: sa.Connection, wanted: Filter, keys: Sequence[GroupKey]) -> Groups:
    """Sum the calls that meet a filter by the values of some properties."""
    columns: list[sa.Label[Any]] = [
        _column(key, db.dialect.name).label(f"by_{key}") for key in keys
    ]
    if wanted.tag is not None and "tag" not in keys:
        columns.append(calls.c.tags.label("by_tag"))
    met = conditions(wanted)
    groups: Groups = {}
    has_odd = False
    # By their names: PostgreSQL takes two expressions with parameters for different ones.
    by: list[sa.ColumnClause[Any]] = [sa.literal_column(column.name) for column in columns]
    for row in db.execute(_sums(columns).where(*met).group_by(*by)).mappings():
        _add(groups, _names(row, wanted, keys), _totals(row))
        has_odd = has_odd or bool(row["odd"])
    if has_odd:
        odd = sa.select(*columns, *(calls.c[name] for name in MONEY)).where(*met, _is_odd(*MONEY))
        for row in db.execute(odd).mappings():
            _add(groups, _names(row, wanted, keys), _rest(row))
    return groups


def most_expensive(db: sa.Connection, wanted: Filter, count: int) -> list[CostRecord]:
    """Return the calls with the highest price, the most expensive first."""
    statement = sa.select(calls).where(*conditions(wanted))
    dear = statement.where(calls.c.total_pico > 0).order_by(calls.c.total_pico.desc(), calls.c.id)
    found = [to_record(row) for row in db.execute(dear.limit(count)).mappings()]
    found += [to_record(row) for row in db.execute(statement.where(_is_odd("total"))).mappings()]
    return most_expensive_of(found, count)


def _column(key: GroupKey, dialect: str) -> sa.ColumnElement[Any]:
    if key not in _DATES:
        return sa.func.coalesce(_COLUMNS[key], "")
    length, form = _DATES[key]
    if dialect == "postgresql":
        return sa.func.to_char(sa.func.timezone("UTC", calls.c.at), form)
    return sa.func.substr(sa.type_coerce(calls.c.at, sa.Text), 1, length)


def _sums(columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
    money = [calls.c[f"{name}_pico"] for name in MONEY]
    return sa.select(
        *columns,
        sa.func.count().label("calls"),
        *(sa.func.sum(column // _SPLIT).label(f"{column.name}_high") for column in money),
        *(sa.func.sum(_low(column)).label(f"{column.name}_low") for column in money),
        *(sa.func.sum(calls.c[name]).label(name) for name in _TOKENS),
        *(sa.func.sum(sa.case((met, 1), else_=0)).label(name) for name, met in _COUNTS.items()),
        sa.func.max(sa.case((_is_odd(*MONEY), 1), else_=0)).label("odd"),
    )


def _low(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return column - (column // _SPLIT) * _SPLIT  # databases differ in `%` of negative numbers


def _is_odd(*names: str) -> sa.ColumnElement[bool]:
    """Whether one of these amounts has no whole number."""
    return sa.or_(*(calls.c[n].is_not(None) & calls.c[f"{n}_pico"].is_(None) for n in names))


def _totals(row: sa.RowMapping) -> Totals:
    counts: dict[str, Any] = {name: int(row[name] or 0) for name in ("calls", *_TOKENS, *_COUNTS)}
    money: dict[str, Any] = {
        name: _usd(row[f"{name}_pico_high"], row[f"{name}_pico_low"]) for name in MONEY
    }
    return Totals(**counts, **money)


def _usd(high: Any, low: Any) -> Decimal:
    """The sum of both halves, in USD; None, where nothing was added, is nothing."""
    return Decimal(int(high or 0) * _SPLIT + int(low or 0)) / PICO


def _rest(row: sa.RowMapping) -> Totals:
    """What the sums of whole numbers leave out of this call."""
    odd: dict[str, Any] = {
        n: row[n] for n in MONEY if row[n] is not None and pico_of(row[n]) is None
    }
    return Totals(**odd)


def _names(
    row: sa.RowMapping, wanted: Filter, keys: Sequence[GroupKey]
) -> Iterable[tuple[str, ...]]:
    """The groups that a row counts in: one, but for tags, of which a call may have several or none."""
    tags = json.loads(row["by_tag"] or "[]") if "by_tag" in row else []
    if wanted.tag is not None and wanted.tag not in tags:
        return ()
    return product(*((tags or [""]) if key == "tag" else [row[f"by_{key}"]] for key in keys))


def _add(groups: Groups, names: Iterable[tuple[str, ...]], totals: Totals) -> None:
    for name in names:
        groups[name] = groups[name] + totals if name in groups else totals
