"""Under which names a call counts in a budget, and which booked calls count under a name. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from openrouter_core.costs.records.labels import Labels
from openrouter_core.costs.records.totals import Filters

Per = Literal["run", "tag", "day", "month", "process", "total"]


def scopes_of(
    name: str, per: Per, labels: Labels, now: datetime, *, own_run: str = ""
) -> tuple[str, ...]:
    """Return the names under which a call counts.

    Args:
        own_run: Where calls without a run label count.
    """
    values: dict[Per, tuple[str, ...]] = {
        "run": (labels.run or own_run,),
        "tag": labels.tags or ("",),
        "day": (f"{now:%Y-%m-%d}",),
        "month": (f"{now:%Y-%m}",),
        "process": ("",),
        "total": ("",),
    }
    return tuple(f"{name}:{per}:{value}" for value in values[per])


def filters_of(scope: str) -> Filters | None:
    """Return which booked calls count under a scope; None if none do."""
    per, _, value = scope.partition(":")
    if per == "total":
        return {}
    if per == "process" or not value:
        return None
    if per == "run":
        return {"run": value}
    if per == "tag":
        return {"tag": value}
    since = datetime.fromisoformat(value if per == "day" else f"{value}-01").replace(tzinfo=UTC)
    days = 1 if per == "day" else 31
    until = since + timedelta(days=days)
    return {"since": since, "until": until if per == "day" else until.replace(day=1)}
