"""A report as one HTML page that needs nothing else: tables, inlined charts, readable on a phone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from openrouter_core.costs.records.latency import Latency
from openrouter_core.costs.records.tables import (
    CALLS_HEAD,
    TOTALS_HEAD,
    call_cells,
    caveat,
    counted,
    html_table,
    money,
    totals_lines,
)
from openrouter_core.costs.records.totals import Totals
from openrouter_core.costs.report import charts
from openrouter_core.costs.report.summary import Summary

LATENCY_HEAD = ("model", "calls", "median", "90 %", "99 %", "first event")

_CSS = """
:root { color-scheme: light; --ink: #1d2129; --soft: #5b6470; --line: #e4e4e4; --back: #f6f7f9; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 900px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: .5rem 0 0; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
.soft { color: var(--soft); margin: .2rem 0 1rem; }
.warn { background: #fff4d6; border-radius: 8px; padding: .6rem .9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem;
  margin: 0 0 .8rem; padding: 0; }
.tiles div, section { background: #fff; border: 1px solid var(--line); border-radius: 10px;
  padding: .8rem .9rem; }
.tiles dt { color: var(--soft); font-size: .8rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
section { margin: 0 0 .8rem; }
.wide { overflow-x: auto; }
svg { width: 100%; max-width: 660px; height: auto; display: block; margin: 0 auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; white-space: nowrap; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
td:first-child { position: sticky; left: 0; background: #fff; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 600px) {
  th, td { padding: .3rem .4rem; }
  td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 30vw; max-width: 34vw; }
}
"""


def page(
    summary: Summary, *, title: str = "OpenRouter costs", made_at: datetime | None = None
) -> str:
    """Return the report as HTML."""
    made_at = made_at or datetime.now(UTC)
    parts = [_head(summary, title, made_at), _tiles(summary), _caveat(summary.totals)]
    if summary.days:
        parts += _sections(summary)
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _sections(summary: Summary) -> list[str]:
    return [
        _chart("Spend per day", charts.stacked_by_day(summary.days, summary.spend, is_money=True)),
        ""
        if summary.burn is None
        else _chart("What is left of the budget", charts.burn_down(summary.burn)),
        _groups("By model", summary.by_model),
        _groups("By provider", summary.by_provider),
        _groups("By tag", summary.by_tag) if set(summary.by_tag) != {""} else "",
        _chart(
            "Tokens per day", charts.stacked_by_day(summary.days, summary.tokens, is_money=False)
        ),
        _section("Latency", html_table(LATENCY_HEAD, [latency_cells(x) for x in summary.latency])),
        _section("Most expensive calls", _dearest(summary)),
    ]


def latency_cells(latency: Latency) -> tuple[str, ...]:
    """Return one line of the latency table."""
    first = latency.first_event_p50_s
    return (
        latency.model,
        f"{latency.calls:,}",
        *(f"{s:.2f} s" for s in (latency.p50_s, latency.p90_s, latency.p99_s)),
        "" if first is None else f"{first:.2f} s",
    )


def _head(summary: Summary, title: str, made_at: datetime) -> str:
    ends = dict.fromkeys(f"{day}" for day in (*summary.days[:1], *summary.days[-1:]))
    span = f"{' to '.join(ends)} (UTC)." if ends else "No calls."
    return f'<h1>{escape(title)}</h1><p class="soft">{span} Made {made_at:%Y-%m-%d %H:%M} UTC.</p>'


def _tiles(summary: Summary) -> str:
    totals = summary.totals
    prompt = totals.prompt_tokens
    cached = f"{totals.cached_tokens / prompt:.0%}" if prompt else "-"
    tiles = {
        "total": money(totals.total),
        "charged by OpenRouter": money(totals.charged),
        "paid to providers (BYOK)": money(totals.upstream),
        "calls": f"{totals.calls:,}",
        "failed or interrupted": f"{totals.failed:,}",
        "tokens in / out": f"{prompt:,} / {totals.completion_tokens:,}",
        "prompt from cache": cached,
        "saved by caching": money(totals.cache_discount),
    }
    cells = "".join(f"<div><dt>{n}</dt><dd>{escape(v)}</dd></div>" for n, v in tiles.items())
    return f'<dl class="tiles">{cells}</dl>'


def _caveat(totals: Totals) -> str:
    return "" if totals.is_complete else f'<p class="warn">{escape(caveat(totals))}</p>'


def _groups(title: str, groups: Mapping[str, Totals]) -> str:
    whole = sum(groups.values(), Totals())
    table = html_table(TOTALS_HEAD, totals_lines(groups, whole)[:-1])
    return _section(title, f"{charts.bars(groups)}</div><div class=wide>{table}")


def _dearest(summary: Summary) -> str:
    if not summary.most_expensive:
        return f"<p>{counted(0)} with a price.</p>"
    lines = [(f"{r.at:%m-%d %H:%M}", *call_cells(r), r.id) for r in summary.most_expensive]
    return html_table(("when", *CALLS_HEAD, "id"), lines)


def _chart(title: str, svg: str) -> str:
    return _section(title, svg)


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{escape(title)}</h2><div class=wide>{inner}</div></section>"
