"""Public figures: rankings, session costs and task shares from the charges; benchmark scores made up.

The emulator's own calls are the whole market, so an empty emulator has empty rankings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openrouter_core.resources.benchmarks import Benchmarks
from openrouter_core.resources.classifications import Classifications
from openrouter_core.resources.datasets import Datasets
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import usage_stats
from openrouter_emulator.billing.usage_stats import Call, calls, grouped, share, total
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.handlers._crud import now
from openrouter_emulator.handlers._paging import whole_number
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest

_WINDOW = 30
_FIRST_DAY = date(2025, 1, 1)
_TURNS = (("1-turn", 1), ("2-9-turns", 9), ("10-49-turns", 49))


def _span(request: HandlerRequest) -> tuple[str, str]:
    """The days asked for, as ISO dates; by default the last thirty."""
    today = datetime.now(UTC).date()
    start = _date(request, "start_date", today - timedelta(days=_WINDOW))
    end = _date(request, "end_date", today)
    if end < _FIRST_DAY or end < start:
        raise ApiError(400, "end_date: Must not lie before start_date or 2025-01-01")
    return max(start, _FIRST_DAY).isoformat(), end.isoformat()


def _date(request: HandlerRequest, name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.query[name]) if name in request.query else default
    except ValueError:
        raise ApiError(400, f"{name}: Must be YYYY-MM-DD") from None


def _meta(start: str, end: str) -> JsonObject:
    return {"as_of": now(), "version": "v1", "start_date": start, "end_date": end}


def _within(request: HandlerRequest, start: str, end: str) -> list[Call]:
    return [call for call in calls(request.state) if start <= call.day <= end]


def _page(
    rows: Sequence[JsonObject], request: HandlerRequest, *, default: int, most: int
) -> list[JsonObject]:
    offset = whole_number("offset", request.query.get("offset", "0"), low=0)
    limit = whole_number("limit", request.query.get("limit", str(default)), low=1, high=most)
    return list(rows[offset : offset + limit])


@handles(Datasets.app_rankings)
def app_rankings(request: HandlerRequest) -> JsonObject:
    """Apps (by the Referer that they send) by tokens."""
    start, end = _span(request)
    groups = grouped(_within(request, start, end), lambda c: c.app or "Unknown")
    ranked = sorted(groups.items(), key=lambda item: -total(item[1], "tokens"))
    rows = [
        {
            "rank": at,
            "app_id": int(hashlib.sha256(str(app).encode()).hexdigest()[:6], 16),
            "app_name": app,
            "total_tokens": str(total(group, "tokens")),
            "total_requests": len(group),
        }
        for at, (app, group) in enumerate(ranked, 1)
    ]
    return {"data": _page(rows, request, default=50, most=100), "meta": _meta(start, end)}


@handles(Datasets.rankings_daily)
def rankings_daily(request: HandlerRequest) -> JsonObject:
    """Models by tokens, day by day."""
    if request.query.get("period", "day") == "day" and (
        "category" in request.query or "language_type" in request.query
    ):
        raise ApiError(400, "period: Must be week or month with category and language_type")
    start, end = _span(request)
    groups = grouped(_within(request, start, end), lambda c: (c.day, c.permaslug))
    rows = [
        {
            "date": group[0].day,
            "model_permaslug": group[0].permaslug,
            "total_tokens": str(total(group, "tokens")),
        }
        for group in groups.values()
    ]
    rows.sort(key=lambda row: (row["date"], -int(row["total_tokens"])))
    return {"data": rows, "meta": _meta(start, end)}


@handles(Datasets.session_cost)
def session_cost(request: HandlerRequest) -> JsonObject:
    """The median cost of sessions, by app, model and number of turns."""
    sessions = grouped(calls(request.state), lambda c: (c.session_id or c.id, c.permaslug))
    kinds = grouped(sessions.values(), lambda s: (s[0].app or "unknown", s[0].permaslug, _turns(s)))
    rows = [
        {
            "app_slug": app,
            "app_name": app,
            "model_permaslug": model,
            "turn_range": turns,
            "median_session_cost_usd": usage_stats.median([usage_stats.cost(s) for s in group]),
        }
        for (app, model, turns), group in _keyed(kinds)
    ]
    wanted = {"app_slug": "app_slug", "model": "model_permaslug", "turn_range": "turn_range"}
    rows = [
        row
        for row in rows
        if all(
            row[field] == request.query[name]
            for name, field in wanted.items()
            if name in request.query
        )
    ]
    today = datetime.now(UTC).date().isoformat()
    facts = {"as_of": now(), "version": "v1", "window_days": _WINDOW, "window_end_date": today}
    return {"data": _page(rows, request, default=100, most=500), "meta": facts}


def _keyed(groups: Any) -> Iterator[tuple[tuple[str, str, str], list[list[Call]]]]:
    yield from groups.items()


def _turns(session: Sequence[Call]) -> str:
    return next((name for name, most in _TURNS if len(session) <= most), "50-plus-turns")


@handles(Classifications.tasks)
def tasks(request: HandlerRequest) -> JsonObject:
    """Shares of tasks: everything is one task here, so the models' shares are what there is to see."""
    if request.query.get("window", "7d") != "7d":
        raise ApiError(400, "window: Must be 7d")
    rows = calls(request.state)
    groups = grouped(rows, lambda c: c.permaslug)
    models = [
        {
            "id": name,
            "tag_token_share": share(total(group, "tokens"), total(rows, "tokens")),
            "tag_usage_share": share(float(usage_stats.cost(group)), float(usage_stats.cost(rows))),
        }
        for name, group in groups.items()
    ]
    whole = {"token_share": 1.0 if rows else 0.0, "usage_share": 1.0 if rows else 0.0}
    task = {
        "tag": "general_qa",
        "display_name": "General questions",
        "macro_category": "general",
        "category_token_share": whole["token_share"],
        "category_usage_share": whole["usage_share"],
        **whole,
        "models": models,
    }
    macro = {"key": "general", "label": "General", **whole}
    data = {"window_days": 7, "as_of": now()}
    return {"data": {**data, "classifications": [task], "macro_categories": [macro]}}


# ---------------------------------------------------------------- benchmarks


def _score(model: ModelSpec, what: str) -> float:
    """A made-up but fixed score, 0 to 100."""
    return hashlib.sha256(f"{model.slug}{what}".encode()).digest()[0] * 100 / 255


def _scored(model: ModelSpec, source: str) -> JsonObject:
    named = {"source": source, "model_permaslug": model.slug, "display_name": model.name}
    prices = {name: model.prices[name] for name in ("prompt", "completion")}
    return {**named, **_SCORES[source](model, prices)}


def _analysis(model: ModelSpec, prices: JsonObject) -> JsonObject:
    kinds = ("agentic", "coding", "intelligence")
    return {f"{k}_index": round(_score(model, k), 1) for k in kinds} | {"pricing": prices}


def _arena(model: ModelSpec, prices: JsonObject) -> JsonObject:
    places = ("first_place", "second_place", "third_place", "fourth_place", "total")
    return {
        "arena": "models",
        "category": "website",
        "elo": round(1000 + 4 * _score(model, "elo")),
        "win_rate": round(_score(model, "wins") / 100, 3),
        "avg_generation_time_ms": None,
        "pricing": prices,
        "tournament_stats": dict.fromkeys(places),
    }


def _own(model: ModelSpec, _prices: JsonObject) -> JsonObject:
    return {
        "benchmark_type": "gpqa_diamond",
        "accuracy": round(_score(model, "gpqa") / 100, 3),
        "accuracy_stddev": None,
        "avg_cost_per_task": None,
        "last_run_timestamp": "2026-01-01T00:00:00.000Z",
        "total_tasks": 198,
    }


_SCORES: dict[str, Callable[[ModelSpec, JsonObject], JsonObject]] = {
    "artificial-analysis": _analysis,
    "design-arena": _arena,
    "openrouter": _own,
}


@handles(Benchmarks.list)
def benchmarks(request: HandlerRequest) -> JsonObject:
    """Scores of the catalogue's text models; made up, but the same every time."""
    source = request.query.get("source")
    if source is not None and source not in _SCORES:
        raise ApiError(400, f"source: Expected one of: {', '.join(_SCORES)}")
    models = [m for m in request.state.catalogue if "text" in m.outputs and not m.router]
    rows = [_scored(m, s) for s in ([source] if source else _SCORES) for m in models]
    most = whole_number("max_results", request.query.get("max_results", str(len(rows))), low=1)
    facts = {"as_of": now(), "version": "v1", "model_count": len(models), "source": source}
    empty = {"source_url": None, "citation": None, "task_type": request.query.get("task_type")}
    return {"data": rows[:most], "meta": {**facts, **empty}}
