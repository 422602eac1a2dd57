"""Percentiles of a large ledger: the database ranks the times, and only the wanted ones are read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from openrouter_core.costs.records.latency import PERCENTS, Latency, Ordered, latencies_of
from openrouter_core.costs.records.totals import Filter
from openrouter_core.costs.sql.groups import ASKED_MODEL
from openrouter_core.costs.sql.rows import conditions
from openrouter_core.costs.sql.tables import calls


def latencies(db: sa.Connection, wanted: Filter) -> list[Latency]:
    """Return the latency of each model, of the calls that meet a filter without a tag."""
    whole, first = (_ranked(db, wanted, c) for c in (calls.c.latency_s, calls.c.first_event_s))
    return latencies_of(whole, first)


def _ranked(db: sa.Connection, wanted: Filter, column: sa.ColumnElement[Any]) -> dict[str, Ordered]:
    met = (*conditions(wanted), calls.c.outcome == "ok", column.is_not(None))
    named = sa.select(ASKED_MODEL.label("model"), column.label("s")).where(*met).subquery()
    model, s = named.c.model, named.c.s
    rank = sa.func.row_number().over(partition_by=model, order_by=s)
    count = sa.func.count().over(partition_by=model)
    ranked = sa.select(model, s, (rank - 1).label("place"), count.label("calls")).subquery()
    lows = [(percent * (ranked.c.calls - 1)) // 100 for percent in PERCENTS]
    wanted_places = sa.or_(*(ranked.c.place.in_([low, low + 1]) for low in lows))
    found: dict[str, tuple[int, dict[int, float]]] = {}
    for row in db.execute(sa.select(ranked).where(wanted_places)).mappings():
        _, times = found.setdefault(row["model"], (row["calls"], {}))
        times[row["place"]] = row["s"]
    return {model: (count, times.__getitem__) for model, (count, times) in found.items()}
