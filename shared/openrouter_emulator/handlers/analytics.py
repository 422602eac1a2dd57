"""Activity and analytics, computed from the charges. The day that is not over yet counts too."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openrouter_core.resources.analytics import Analytics
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing.usage_stats import Call, calls, cost, grouped, share, total
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import checks

# ---------------------------------------------------------------- activity


@handles(Analytics.activity)
def activity(request: HandlerRequest) -> JsonObject:
    """Usage by day, model and provider."""
    query = request.query
    by_workspace = query.get("group_by") == "workspace"
    if query.get("date") is not None:
        _day(query["date"])
    kept = [call for call in calls(request.state) if _is_wanted(call, query)]
    groups = grouped(
        kept, lambda c: (c.day, c.permaslug, c.provider, c.workspace_id if by_workspace else None)
    )
    rows = [_activity_row(group) for group in groups.values()]
    if by_workspace:
        for row, group in zip(rows, groups.values(), strict=True):
            row["workspace_id"] = group[0].workspace_id
    return {"data": rows}


def _day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ApiError(400, "date: Must be YYYY-MM-DD") from None


def _is_wanted(call: Call, query: Any) -> bool:
    fields = {
        "date": call.day,
        "api_key_hash": call.key_hash,
        "user_id": call.user,
        "workspace_id": call.workspace_id,
    }
    return all(query[name] == value for name, value in fields.items() if name in query)


def _activity_row(group: Sequence[Call]) -> JsonObject:
    first = group[0]
    names = ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens")
    return {
        "date": first.day,
        "model": first.model,
        "model_permaslug": first.permaslug,
        "endpoint_id": f"{first.permaslug}:{first.provider}",
        "provider_name": first.provider,
        "requests": len(group),
        **{name: total(group, name) for name in names},
        "usage": cost(group),
        "byok_usage_inference": sum((c.upstream_cost for c in group if c.is_byok), Decimal(0)),
    }


# ---------------------------------------------------------------- analytics

Measure = Callable[[Sequence[Call]], Any]

_METRICS: dict[str, tuple[str, str, Measure]] = {
    "request_count": ("Requests", "number", len),
    "total_usage": ("Spend", "currency", cost),
    "tokens_total": ("Tokens", "number", lambda g: total(g, "tokens")),
    "tokens_prompt": ("Prompt tokens", "number", lambda g: total(g, "prompt_tokens")),
    "tokens_completion": ("Completion tokens", "number", lambda g: total(g, "completion_tokens")),
    "reasoning_tokens": ("Reasoning tokens", "number", lambda g: total(g, "reasoning_tokens")),
    "cache_hit_rate": (
        "Cache hit rate",
        "percent",
        lambda g: share(total(g, "cached_tokens"), total(g, "prompt_tokens")),
    ),
}
_DIMENSIONS: dict[str, tuple[str, Callable[[Call], Any]]] = {
    "model": ("Model", lambda c: c.permaslug),
    "provider": ("Provider", lambda c: c.provider),
    "api_key_id": ("API key", lambda c: c.key_hash),
    "workspace": ("Workspace", lambda c: c.workspace_id),
    "user": ("User", lambda c: c.user),
    "app": ("App", lambda c: c.app),
    "generation_id": ("Generation", lambda c: c.id),
}
_GRAINS: dict[str, Callable[[datetime], datetime]] = {
    "minute": lambda t: t.replace(second=0, microsecond=0),
    "hour": lambda t: t.replace(minute=0, second=0, microsecond=0),
    "day": lambda t: t.replace(hour=0, minute=0, second=0, microsecond=0),
    "week": lambda t: _GRAINS["day"](t) - timedelta(days=t.weekday()),
    "month": lambda t: _GRAINS["day"](t).replace(day=1),
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
    "gt": lambda a, b: a is not None and a > b,
    "gte": lambda a, b: a is not None and a >= b,
    "lt": lambda a, b: a is not None and a < b,
    "lte": lambda a, b: a is not None and a <= b,
}
_ARRAYS = ("in", "not_in")
_FILTER = checks.fields(
    {"field": checks.one_of(*_DIMENSIONS), "operator": checks.one_of(*_OPERATORS)},
    required=["field", "operator", "value"],
)
_MOMENT = checks.string(least=1)
_QUERY = checks.fields(
    {
        "metrics": checks.array(checks.one_of(*_METRICS), least=1),
        "dimensions": checks.nullable(checks.array(checks.one_of(*_DIMENSIONS), most=2)),
        "filters": checks.nullable(checks.array(_FILTER, most=20)),
        "granularity": checks.nullable(checks.one_of(*_GRAINS)),
        "limit": checks.nullable(checks.integer(1)),
        "group_limit": checks.nullable(checks.integer(1)),
        "order_by": checks.nullable(
            checks.fields(
                {"field": checks.string(), "direction": checks.one_of("asc", "desc")},
                required=["field", "direction"],
            )
        ),
        "time_range": checks.nullable(
            checks.fields({"start": _MOMENT, "end": _MOMENT}, required=["start", "end"])
        ),
    },
    required=["metrics"],
)
_DEFAULT_LIMIT = 1000


@handles(Analytics.meta)
def meta(_request: HandlerRequest) -> JsonObject:
    """What can be asked for."""
    return {
        "data": {
            "metrics": [
                {
                    "name": name,
                    "display_label": label,
                    "display_format": form,
                    "is_rate": form == "percent",
                }
                for name, (label, form, _) in _METRICS.items()
            ],
            "dimensions": [
                {"name": name, "display_label": label} for name, (label, _) in _DIMENSIONS.items()
            ],
            "operators": [
                {"name": name, "value_type": "array" if name in _ARRAYS else "scalar"}
                for name in _OPERATORS
            ],
            "granularities": [
                {"name": name, "display_label": name.capitalize()} for name in _GRAINS
            ],
        }
    }


@handles(Analytics.query)
def query(request: HandlerRequest) -> JsonObject:
    """Figures, grouped and narrowed as asked."""
    began = time.monotonic()
    body = request.body
    _QUERY(body, "")
    kept = [call for call in calls(request.state) if _passes(call, body)]
    rows = [_row(group, body) for group in grouped(kept, lambda c: _place(c, body)).values()]
    if not kept and not _axes(body):
        rows = [_row([], body)]
    rows = _ordered(rows, body)
    limit = body.get("limit") or _DEFAULT_LIMIT
    facts = {
        "query_time_ms": round((time.monotonic() - began) * 1000, 3),
        "row_count": len(rows[:limit]),
        "truncated": len(rows) > limit,
    }
    return {"data": {"data": rows[:limit], "metadata": facts}}


def _axes(body: JsonObject) -> list[str]:
    return [
        *(body.get("dimensions") or []),
        *([body["granularity"]] if body.get("granularity") else []),
    ]


def _passes(call: Call, body: JsonObject) -> bool:
    span = body.get("time_range")
    if span and not _moment(span["start"]) <= call.at <= _moment(span["end"]):
        return False
    return all(_fits(call, condition) for condition in body.get("filters") or [])


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(400, "time_range: Must be ISO 8601 times") from None
    if moment.tzinfo is None:
        raise ApiError(400, "time_range: Times need an offset, e.g. Z")
    return moment


def _fits(call: Call, condition: JsonObject) -> bool:
    value = _DIMENSIONS[condition["field"]][1](call)
    if value is None:
        return bool(condition.get("include_unset"))
    return _OPERATORS[condition["operator"]](value, condition["value"])


def _place(call: Call, body: JsonObject) -> tuple[Hashable, ...]:
    """The group that a call belongs to."""
    names: list[str] = body.get("dimensions") or []
    values: list[Hashable] = [_DIMENSIONS[name][1](call) for name in names]
    if body.get("granularity"):
        values.append(_GRAINS[body["granularity"]](call.at))
    return tuple(values)


def _row(group: Sequence[Call], body: JsonObject) -> JsonObject:
    row: JsonObject = {}
    grain = body.get("granularity")
    if grain:
        row[f"date__{grain}"] = _GRAINS[grain](group[0].at).isoformat()
    for name in body.get("dimensions") or []:
        row[name] = _DIMENSIONS[name][1](group[0])
    return row | {name: _METRICS[name][2](group) for name in body["metrics"]}


def _ordered(rows: list[JsonObject], body: JsonObject) -> list[JsonObject]:
    order = body.get("order_by")
    if not order:
        return rows
    field = order["field"]
    if field == "date":
        field = f"date__{body.get('granularity')}"
    if rows and field not in rows[0]:
        raise ApiError(400, "order_by.field: Must be a metric or dimension of the query")
    return sorted(rows, key=lambda row: row[field] or 0, reverse=order["direction"] == "desc")
