"""Records as rows of the SQL ledger and back, and filters as conditions. Pure. Needs SQLAlchemy."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.labels import Labels
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Filter
from openrouter_core.costs.sql.tables import calls, pico_of
from openrouter_core.observers.calls import OLDER_OUTCOMES

_SAME = (
    "id",
    "at",
    "operation",
    "outcome",
    "error",
    "requested_model",
    "model",
    "provider",
    "key_hash",
    "base_url",
    "latency_s",
    "first_event_s",
    "streamed",
    "lookup",
    "is_refused",
)
_SOURCES = ("response", "generation", "estimate")
_EQUAL = {
    "provider": calls.c.provider,
    "operation": calls.c.operation,
    "key_hash": calls.c.key_hash,
    "run": calls.c.run,
    "session": calls.c.session,
    "user": calls.c.user_label,
    "lookup": calls.c.lookup,
}


def to_row(record: CostRecord) -> dict[str, Any]:
    """Return the row that keeps a record."""
    cost, labels = record.cost, record.labels
    row: dict[str, Any] = {name: getattr(record, name) for name in _SAME}
    row |= {name: _dumped(getattr(record, name)) for name in _SOURCES}
    money = {
        "charged": cost.charged,
        "upstream": cost.upstream if cost.is_byok else None,
        "total": cost.total,
        "cache_discount": cost.cache_discount,
    }
    row |= money | {f"{name}_pico": pico_of(usd) for name, usd in money.items()}
    return row | {
        "run": labels.run,
        "session": labels.session,
        "user_label": labels.user,
        "tags": json.dumps(labels.tags, ensure_ascii=False),
        "prompt_tokens": cost.tokens.prompt,
        "completion_tokens": cost.tokens.completion,
        "cached_tokens": cost.tokens.cached,
        "reasoning_tokens": cost.tokens.reasoning,
        "is_unknown": record.is_unknown,
        "is_estimate": cost.is_estimate,
    }


def to_record(row: sa.RowMapping) -> CostRecord:
    """Return the record that a row keeps."""
    labels = Labels(row["run"], tuple(json.loads(row["tags"])), row["session"], row["user_label"])
    same = {name: row[name] for name in _SAME}
    same["outcome"] = OLDER_OUTCOMES.get(same["outcome"], same["outcome"])
    return CostRecord(
        **same,
        labels=labels,
        response=_loaded(row["response"]),
        generation=_loaded(row["generation"]),
        estimate=_loaded(row["estimate"]),
    )


def conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """Return what a row must meet. A tag is met by too many rows: `Filter.accepts` decides in the end."""
    found: list[sa.ColumnElement[bool]] = [
        column == value
        for name, column in _EQUAL.items()
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.outcome is not None:
        older = [name for name, now in OLDER_OUTCOMES.items() if now == wanted.outcome]
        found.append(calls.c.outcome.in_([wanted.outcome, *older]))
    if wanted.since is not None:
        found.append(calls.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(calls.c.at < wanted.until)
    if wanted.model is not None:
        found.append(sa.or_(calls.c.model == wanted.model, calls.c.requested_model == wanted.model))
    if wanted.tag is not None:
        quoted = json.dumps(wanted.tag, ensure_ascii=False)
        found.append(calls.c.tags.contains(quoted, autoescape=True))
    return found


def _dumped(cost: Cost | None) -> str | None:
    if cost is None:
        return None
    plain = cost.to_dict()
    try:
        return json.dumps(plain)  # in ASCII: what an answer said may hold lone surrogates
    except (RecursionError, TypeError, ValueError):  # an answer's own words that are no plain JSON
        return json.dumps({name: value for name, value in plain.items() if name != "raw"})


def _loaded(text: str | None) -> Cost | None:
    return None if text is None else Cost.from_dict(json.loads(text))
