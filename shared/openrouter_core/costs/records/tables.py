"""Totals as tables: text for terminals (rich if it is installed) and HTML for notebooks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any, Literal

from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Totals

Cells = Sequence[str]

TOTALS_HEAD = ("", "calls", "charged", "total", "in", "out", "cached", "saved", "failed")
CALLS_HEAD = ("model", "provider", "in", "out", "charged", "total", "by", "latency")
TOTALS_LESS = ("saved", "cached", "charged", "failed", "out", "in", "calls")
CALLS_LESS = ("charged", "by", "latency", "out", "in", "provider")
"""What a narrow terminal does without, the least important first."""
_EDGES = 3
_UNBOUNDED = 10_000


def money(amount: Decimal | None) -> str:
    """Return an amount for people: "$0.001234", "$12.34", or "?" when it is not known."""
    if amount is None:
        return "?"
    if amount == 0:
        return "$0"
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    digits = 2 if size >= 1 else min(12, 3 - size.adjusted())
    return f"{sign}${size:,.{digits}f}"


def totals_cells(name: str, totals: Totals) -> Cells:
    """Return one line of a totals table."""
    return (
        name or "(none)",
        str(totals.calls),
        money(totals.charged),
        money(totals.total) + ("+?" if totals.unknown else ""),
        f"{totals.prompt_tokens:,}",
        f"{totals.completion_tokens:,}",
        f"{totals.cached_tokens:,}",
        money(totals.cache_discount),
        str(totals.failed or ""),
    )


def call_cells(record: CostRecord) -> Cells:
    """Return one line of a table of calls."""
    cost = record.cost
    source = "estimate" if cost.is_estimate else "reconciled" if record.generation else "answer"
    return (
        record.model_name or "",
        record.provider or "",
        _number(cost.tokens.prompt),
        _number(cost.tokens.completion),
        money(cost.charged) if not record.is_refused else "-",
        money(cost.total) if not record.is_refused else "-",
        record.error or (source if cost.total is not None else record.lookup),
        "" if record.latency_s is None else f"{record.latency_s:.2f} s",
    )


def text_table(
    head: Cells,
    lines: Sequence[Cells],
    *,
    title: str | None = None,
    columns: int | None = None,
    less: Sequence[str] = (),
) -> str:
    """Return a table as text, drawn by rich if it is installed. No cell can move a terminal's cursor.

    Args:
        columns: How wide the terminal is; None: as wide as the table is.
        less: Columns that a narrow terminal does without, the least important first.
    """
    lines = [[printable(cell) for cell in line] for line in lines]
    if columns is not None:
        head, lines = fitted(head, lines, columns - _EDGES, less)
    try:
        from rich.console import Console
    except ImportError:
        return _plain_table(head, lines, title)
    from io import StringIO

    width = min(_width(head, lines), columns or _UNBOUNDED)
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(rich_table(head, lines, title=title))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]  # it is the StringIO


def rich_table(head: Cells, lines: Sequence[Cells], *, title: str | None = None) -> Any:
    """Return a rich table: text to the left, numbers to the right. Needs rich."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
    for at, name in enumerate(head):
        justify: Literal["left", "right"] = "right" if _is_number(lines, at) else "left"
        table.add_column(name, justify=justify, overflow="fold")
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    return table


def html_table(head: Cells, lines: Sequence[Cells]) -> str:
    """Return a table as HTML; every cell is escaped."""
    numbers = [_is_number(lines, at) for at in range(len(head))]

    def row(cells: Cells, tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if right else ''}>{escape(cell)}</{tag}>"
            for cell, right in zip(cells, numbers, strict=True)
        )

    body = "".join(f"<tr>{row(line, 'td')}</tr>" for line in lines)
    return f"<table><thead><tr>{row(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"


def totals_lines(groups: Mapping[str, Totals], whole: Totals) -> list[Cells]:
    """Return the lines of a totals table, the sum last."""
    return [*(totals_cells(n, t) for n, t in groups.items()), totals_cells("total", whole)]


def html_summary(groups: Mapping[str, Totals], whole: Totals) -> str:
    """Return what a notebook shows: spend by model."""
    note = f"<p>{escape(caveat(whole))}</p>" if not whole.is_complete else ""
    style = "<style scoped>.n{text-align:right}td,th{padding:.2em .6em}</style>"
    return f"<div>{style}{html_table(TOTALS_HEAD, totals_lines(groups, whole))}{note}</div>"


def caveat(totals: Totals) -> str:
    """Say what the sums leave out; empty when they are complete."""
    parts = [
        f"{counted(totals.unknown)} of unknown cost not in the sums" if totals.unknown else "",
        f"{counted(totals.pending)} awaiting the generation record" if totals.pending else "",
        f"{counted(totals.estimated)} estimated from list prices" if totals.estimated else "",
    ]
    sentence = "; ".join(part for part in parts if part)
    return f"{sentence}." if sentence else ""


def counted(calls: int) -> str:
    """Return "1 call", "2 calls"."""
    return f"{calls:,} call{'' if calls == 1 else 's'}"


def printable(text: str) -> str:
    """Return a text that cannot move a terminal's cursor."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _is_number(lines: Sequence[Cells], at: int) -> bool:
    return at > 0 and all(not line[at] or line[at][0] in "$-?0123456789" for line in lines)


def fitted(
    head: Cells,
    lines: Sequence[Cells],
    room: int,
    less: Sequence[str],
    measure: Callable[[str], int] = len,
) -> tuple[Cells, list[Cells]]:
    """Return a table without as many of its columns as needed.

    Args:
        room: Characters for the cells and three beside each.
        less: Columns that may go, the least important first.
        measure: How many columns of a terminal a text takes.
    """
    kept = list(range(len(head)))
    for name in less:
        if name in head and room < _cells_width(head, lines, kept, measure):
            kept.remove(head.index(name))
    return [head[at] for at in kept], [[line[at] for at in kept] for line in lines]


def _width(head: Cells, lines: Sequence[Cells]) -> int:
    return _cells_width(head, lines, range(len(head)), len) + _EDGES


def _cells_width(
    head: Cells, lines: Sequence[Cells], kept: Sequence[int], measure: Callable[[str], int]
) -> int:
    return sum(max(measure(line[at]) for line in (head, *lines)) + 3 for at in kept)


def _plain_table(head: Cells, lines: Sequence[Cells], title: str | None) -> str:
    widths = [max(len(line[at]) for line in (head, *lines)) for at in range(len(head))]
    numbers = [_is_number(lines, at) for at in range(len(head))]

    def drawn(cells: Cells) -> str:
        return "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numbers, strict=True)
        ).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([*([title] if title else []), drawn(head), rule, *map(drawn, lines), ""])
