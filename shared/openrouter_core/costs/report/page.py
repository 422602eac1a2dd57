"""A report as one HTML page that needs nothing else: light and dark, readable on a phone. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from html import escape

from openrouter_core.costs.records.tables import caveat, money
from openrouter_core.costs.records.totals import GroupKey, Totals
from openrouter_core.costs.report import charts, tables
from openrouter_core.costs.report.style import CSS, SORT, hash_of
from openrouter_core.costs.report.summary import Period, Summary, differs

_TITLES: dict[GroupKey, str] = {
    "model": "By model",
    "provider": "By provider",
    "run": "By run",
    "tag": "By tag",
    "user": "By user",
    "key_hash": "By key",
    "operation": "By endpoint",
}


def page(
    summary: Summary, *, title: str = "OpenRouter costs", made_at: datetime | None = None
) -> str:
    """Return the report as HTML."""
    made_at = made_at or datetime.now(UTC)
    return document(
        title, [head(summary.totals, summary.period, title, made_at), *sections(summary)]
    )


def document(title: str, parts: list[str], scripts: str = SORT) -> str:
    """Return parts as a whole page. It loads nothing, and runs its own script alone.

    Args:
        scripts: What the page runs.
    """
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {hash_of(scripts)}"
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; connect-src \'self\'">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head>\n"
        f"<body><main>\n{body}\n</main><script>{scripts}</script></body></html>\n"
    )


def head(totals: Totals, period: Period, title: str, made_at: datetime) -> str:
    """Return the title, the period and the most important figures."""
    ends = dict.fromkeys(day for day in period if day)
    span = f"{' to '.join(ends)} (UTC)." if ends else "No calls."
    parts = [
        f'<h1>{escape(title)}</h1><p class="soft">{span} Made {made_at:%Y-%m-%d %H:%M} UTC.</p>',
        _tiles(totals),
        "" if totals.is_complete else f"<p class=warn>{escape(caveat(totals))}</p>",
    ]
    return "\n".join(part for part in parts if part)


def sections(summary: Summary) -> list[str]:
    """Return the charts and tables; without calls only the budgets."""
    found = [_spend(summary), _burn(summary), _budgets(summary)]
    for key, title in _TITLES.items():
        groups = summary.groups[key]
        if differs(groups):
            latency = summary.latency if key == "model" else None
            found.append(section(title, tables.totals_table(groups, latency)))
    if summary.errors:
        found.append(section("Errors", tables.errors_table(summary.errors)))
    found.append(_tokens(summary))
    if summary.most_expensive:
        found.append(section("Most expensive calls", tables.calls_table(summary.most_expensive)))
    return found


def section(title: str, inner: str) -> str:
    """Return a part of the page with its title."""
    return f"<section><h2>{escape(title)}</h2>{inner}</section>"


def _tiles(totals: Totals) -> str:
    prompt = totals.prompt_tokens
    tiles = {
        "charged by OpenRouter": money(totals.charged) if totals.upstream else "",
        "paid to providers (BYOK)": money(totals.upstream) if totals.upstream else "",
        "calls": f"{totals.calls:,}",
        "failed or interrupted": f"{totals.failed:,}",
        "tokens in / out": f"{prompt:,} / {totals.completion_tokens:,}",
        "prompt from cache": f"{totals.cached_tokens / prompt:.0%}" if prompt else "",
        "saved by caching": money(totals.cache_discount) if totals.cache_discount else "",
    }
    main = f"<div class=main><dt>total</dt><dd>{escape(money(totals.total))}</dd></div>"
    cells = "".join(f"<div><dt>{n}</dt><dd>{escape(v)}</dd></div>" for n, v in tiles.items() if v)
    return f"<dl class=tiles>{main}{cells}</dl>"


def _spend(summary: Summary) -> str:
    timeline = summary.timeline
    if not timeline.spend:
        return ""
    title = f"Spend per {timeline.unit}"
    return section(
        title, charts.columns(timeline.labels, timeline.spend, _short_money, title=title)
    )


def _tokens(summary: Summary) -> str:
    timeline = summary.timeline
    if not any(map(any, timeline.tokens.values())):
        return ""
    title = f"Tokens per {timeline.unit}"
    return section(title, charts.columns(timeline.labels, timeline.tokens, _count, title=title))


def _burn(summary: Summary) -> str:
    burn, labels = summary.burn, summary.timeline.labels
    if burn is None:
        return ""
    title = f"What is left of {money(burn.limit)}"
    left = tuple(max(value, Decimal(0)) for value in burn.left)
    now = f"<p class=soft>{escape(money(burn.left[-1] if burn.left else burn.limit))} are left.</p>"
    return section(title, now + charts.columns(labels, {"left": left}, _short_money, title=title))


def _budgets(summary: Summary) -> str:
    return section("Budgets", tables.budgets_table(summary.budgets)) if summary.budgets else ""


def _short_money(value: Decimal) -> str:
    return money(value) if value >= 1 or not value else f"${value:.{max(2, 1 - value.adjusted())}f}"


def _count(value: Decimal) -> str:
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{float(value / size):.3g}{unit}"
    return f"{float(value):.3g}"
