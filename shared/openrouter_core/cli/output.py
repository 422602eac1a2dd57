"""What commands print: JSON for programs, tables and lines for people. No color where nobody looks."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from openrouter_core.costs.records.tables import Cells, fitted, money, printable, rich_table

_WHOLE_WORDS: Mapping[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
"""Addresses and ids are copied."""
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
    room = (
        console.width + 1
    )  # the last column needs one blank, not three; the first has one before it
    some, cells = fitted(head, lines, room, less, cell_len)
    if fitted(some, cells, room, some[1:], cell_len)[0] != some:
        _print_blocks(console, head, lines)
        return
    table = rich_table(some, cells)
    table.pad_edge, table.columns[0].no_wrap = False, True
    console.print(table)


def _print_blocks(console: Console, head: Cells, lines: Sequence[Cells]) -> None:
    """Print what is too wide for a table, such as ids of 30 characters in a terminal of 40 columns."""
    for first, *rest in lines:
        facts = (f"{name} {cell}" for name, cell in zip(head[1:], rest, strict=True) if cell)
        console.print(Text(first, overflow="fold"), Padding(Text(", ".join(facts)), (0, 0, 0, 2)))


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values, one in a line; what has no value is left out."""
    console, shown = Console(), {name: value for name, value in facts.items() if value}
    width = max(map(len, shown), default=0)
    room = max(20, console.width - width - 2) if console.is_terminal else 0
    for name, value in shown.items():
        text = printable(value)
        first, *more = textwrap.wrap(text, room, **_WHOLE_WORDS) if room else [text]
        print(f"{name:<{width}}  {first}")
        for part in more:
            print(" " * (width + 2) + part)


def usd(amount: Decimal | None) -> str:
    """Return an amount for people; empty when it is not known."""
    return "" if amount is None else money(amount)


def per_million(amount: Decimal | None) -> str:
    """Return a price per token as USD per million tokens; "-" for a router, which has none of its own."""
    if amount is None:
        return ""
    return "-" if amount < 0 else f"${(amount * 10**6).normalize():,f}"
