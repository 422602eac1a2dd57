"""A report as text for the terminal and as plain values for JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from openrouter_core.costs.records.latency import Latency
from openrouter_core.costs.records.tables import (
    CALLS_HEAD,
    CALLS_LESS,
    TOTALS_HEAD,
    TOTALS_LESS,
    Cells,
    call_cells,
    caveat,
    counted,
    money,
    text_table,
    totals_lines,
)
from openrouter_core.costs.records.totals import GroupKey, Totals
from openrouter_core.costs.report.summary import Summary

_LATENCY_HEAD = ("model", "calls", "median", "90 %", "99 %", "first event")
_LATENCY_LESS = ("first event", "90 %", "calls", "99 %")
_BUDGETS_HEAD = ("budget", "spent", "reserved", "limit")


def text_report(
    summary: Summary, by: Sequence[GroupKey] = (), *, columns: int | None = None
) -> str:
    """Return the report as text: the headline, and a table for each group.

    Args:
        by: The groups. Default: models and providers, with latency, budgets and the most expensive calls.
        columns: How wide the terminal is; a narrow one is shown less. None: as wide as the tables are.
    """
    if not summary.totals.calls:
        return "No calls.\n"
    keys = by or ("model", "provider")
    parts = [headline(summary), *(_groups(summary, key, columns) for key in keys)]
    if not by:
        rest = (_latency, _budgets, _most_expensive)
        parts += [table(summary, columns) for table in rest]
    return "\n".join(part for part in [*parts, caveat(summary.totals)] if part).rstrip() + "\n"


def headline(summary: Summary) -> str:
    """Return what was spent, when, and by how many calls, in one line."""
    totals = summary.totals
    period = " to ".join(dict.fromkeys(summary.period))
    failed = f", {totals.failed:,} of them failed or interrupted" if totals.failed else ""
    unknown = "+?" if totals.unknown else ""
    return f"{money(totals.total)}{unknown} for {counted(totals.calls)}{failed}, {period} (UTC).\n"


def plain_report(summary: Summary, by: Sequence[GroupKey] = ()) -> dict[str, Any]:
    """Return the report as values for JSON; money is text, so that no digit is lost."""
    found: dict[str, Any] = {
        "since": summary.period[0],
        "until": summary.period[1],
        "totals": asdict(summary.totals),
        "by": {key: _plain_groups(summary.groups[key]) for key in by or summary.groups},
        "errors": [
            {"error": error, "model": model, "calls": totals.calls}
            for (error, model), totals in summary.errors.items()
        ],
        "budgets": [asdict(line) for line in summary.budgets],
    }
    return {name: _plain(value) for name, value in found.items()}


def _plain_groups(groups: Mapping[str, Totals]) -> dict[str, Any]:
    return {name: asdict(totals) for name, totals in groups.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return format(value, "f") if isinstance(value, Decimal) else value


def _groups(summary: Summary, key: GroupKey, columns: int | None) -> str:
    lines = totals_lines(summary.groups[key], summary.totals)
    title = f"By {key.replace('_', ' ')}"
    return text_table(TOTALS_HEAD, lines, title=title, columns=columns, less=TOTALS_LESS)


def _latency(summary: Summary, columns: int | None) -> str:
    lines = [latency_cells(latency) for latency in summary.latency.values()]
    return _table("Latency", _LATENCY_HEAD, lines, columns, _LATENCY_LESS)


def latency_cells(latency: Latency) -> tuple[str, ...]:
    """Return one line of the latency table."""
    first = latency.first_event_p50_s
    return (
        latency.model,
        f"{latency.calls:,}",
        *(f"{s:.2f} s" for s in (latency.p50_s, latency.p90_s, latency.p99_s)),
        "" if first is None else f"{first:.2f} s",
    )


def _budgets(summary: Summary, columns: int | None) -> str:
    lines = [(b.scope, money(b.spent), money(b.reserved), money(b.limit)) for b in summary.budgets]
    return _table("Budgets", _BUDGETS_HEAD, lines, columns, ("reserved",))


def _most_expensive(summary: Summary, columns: int | None) -> str:
    lines = [call_cells(record) for record in summary.most_expensive]
    return _table("Most expensive calls", CALLS_HEAD, lines, columns, CALLS_LESS)


def _table(
    title: str, head: Cells, lines: Sequence[Cells], columns: int | None, less: Sequence[str]
) -> str:
    return text_table(head, lines, title=title, columns=columns, less=less) if lines else ""
