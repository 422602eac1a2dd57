"""The report: text for the terminal, JSON for programs, a page for the browser."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from openrouter_core.costs.records.totals import Filter, Filters, GroupKey
from openrouter_core.costs.report.summary import Summary, summarize

if TYPE_CHECKING:
    from openrouter_core.costs.ledger import CostLedger


def summary_of(
    ledger: CostLedger,
    *,
    by: Sequence[GroupKey] = (),
    budget_usd: Decimal | None = None,
    **filters: Unpack[Filters],
) -> Summary:
    """Compute the report of a ledger's calls.

    Args:
        by: More groups than those that every report has: models, providers, runs, tags, users, keys, endpoints.
        budget_usd: Show how a budget over the whole period is used up. USD.
    """
    return summarize(ledger.store, Filter(**filters), by=by, budget_usd=budget_usd)


def write_report(
    ledger: CostLedger,
    path: str | Path,
    *,
    title: str = "OpenRouter costs",
    budget_usd: Decimal | None = None,
    **filters: Unpack[Filters],
) -> Summary:
    """Write the report as one HTML file that needs no other.

    Args:
        budget_usd: Show how a budget over the whole period is used up. USD.

    Returns:
        What the report says, as values.
    """
    from openrouter_core.costs.report.page import page

    summary = summary_of(ledger, budget_usd=budget_usd, **filters)
    Path(path).write_text(page(summary, title=title), encoding="utf-8")
    return summary
