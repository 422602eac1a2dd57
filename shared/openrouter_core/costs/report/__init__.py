"""The report: a table for the terminal and a page for the browser. Used by the CLI and from programs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from openrouter_core.costs.records.tables import (
    CALLS_HEAD,
    TOTALS_HEAD,
    call_cells,
    caveat,
    text_table,
    totals_lines,
)
from openrouter_core.costs.records.totals import Filter, Filters
from openrouter_core.costs.report.summary import Summary, summarize

if TYPE_CHECKING:
    from openrouter_core.costs.ledger import CostLedger


def summary_of(
    ledger: CostLedger, *, budget_usd: Decimal | None = None, **filters: Unpack[Filters]
) -> Summary:
    """Compute the report of a ledger's calls."""
    return summarize(ledger.store, Filter(**filters), budget_usd=budget_usd)


def text_report(summary: Summary) -> str:
    """Return the report as text: spend by model and by provider, and the most expensive calls."""
    from openrouter_core.costs.report.page import LATENCY_HEAD, latency_cells

    parts = [
        text_table(TOTALS_HEAD, totals_lines(groups, summary.totals), title=title)
        for title, groups in (("By model", summary.by_model), ("By provider", summary.by_provider))
    ]
    if summary.latency:
        waits = [latency_cells(latency) for latency in summary.latency]
        parts.append(text_table(LATENCY_HEAD, waits, title="Latency"))
    if summary.most_expensive:
        calls = [call_cells(record) for record in summary.most_expensive]
        parts.append(text_table(CALLS_HEAD, calls, title="Most expensive calls"))
    return "\n".join([*parts, caveat(summary.totals)]).rstrip() + "\n"


def write_report(
    ledger: CostLedger,
    path: str | Path,
    *,
    title: str = "OpenRouter costs",
    budget_usd: Decimal | None = None,
    **filters: Unpack[Filters],
) -> Summary:
    """Write the report as one HTML file that needs no other (needs the extra `[cli]`).

    Args:
        budget_usd: Show how a budget over the whole period is used up. USD.

    Returns:
        What the report says, as values.
    """
    from openrouter_core.costs.report.page import page

    summary = summary_of(ledger, budget_usd=budget_usd, **filters)
    Path(path).write_text(page(summary, title=title), encoding="utf-8")
    return summary
