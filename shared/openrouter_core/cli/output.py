"""What commands print: JSON for programs, tables and lines for people. No color where nobody looks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console

from openrouter_core.costs.records.tables import money, printable, rich_table

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_json(value: Any) -> None:
    """Print plain JSON, also to a terminal."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(
    head: Sequence[str], lines: Sequence[Sequence[str]], *, less: Sequence[str] = ()
) -> None:
    """Print a table. Piped, it is tab-separated text, whole.

    Args:
        less: Columns that a narrow terminal does without, the least important first.
    """
    console, lines = Console(), [[printable(cell) for cell in line] for line in lines]
    if not console.is_terminal:
        print("\n".join("\t".join(line) for line in (head, *lines)))
        return
    kept = list(range(len(head)))
    for name in less:
        if _width(head, lines, kept) > console.width:
            kept.remove(head.index(name))
    table = rich_table([head[at] for at in kept], [[line[at] for at in kept] for line in lines])
    table.pad_edge, table.columns[0].no_wrap = False, True
    console.print(table)


def _width(head: Sequence[str], lines: Sequence[Sequence[str]], kept: Sequence[int]) -> int:
    edges, gaps = 2, 3 * (len(kept) - 1)
    return edges + gaps + sum(max(cell_len(line[at]) for line in (head, *lines)) for at in kept)


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values, one in a line; what has no value is left out."""
    shown = {name: value for name, value in facts.items() if value}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        print(f"{name:<{width}}  {printable(value)}")


def usd(amount: Decimal | None) -> str:
    """Return an amount for people; empty when it is not known."""
    return "" if amount is None else money(amount)


def per_million(amount: Decimal | None) -> str:
    """Return a price per token as USD per million tokens; "-" for a router, which has none of its own."""
    if amount is None:
        return ""
    return "-" if amount < 0 else f"${(amount * 10**6).normalize():,f}"
