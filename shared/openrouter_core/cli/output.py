"""What commands print: JSON for programs, tables and lines for people. No color where nobody looks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_json(value: Any) -> None:
    """Print plain JSON, also to a terminal."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(head: Sequence[str], lines: Sequence[Sequence[str]], *, numbers: int = 0) -> None:
    """Print a table; the last columns, so many, are numbers. Piped, it is tab-separated text."""
    console = Console()
    if not console.is_terminal:
        for line in (head, *lines):
            print("\t".join(_one_line(cell) for cell in line))
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(head):
        table.add_column(
            name, justify="right" if at >= len(head) - numbers else "left", overflow="fold"
        )
    for line in lines:
        table.add_row(*(Text(_one_line(cell)) for cell in line))
    console.print(table)


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values, one in a line; what has no value is left out."""
    shown = {name: value for name, value in facts.items() if value}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        print(f"{name:<{width}}  {_one_line(value)}")


def _one_line(text: str) -> str:
    """What a server sent cannot move the cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def usd(amount: Decimal | None) -> str:
    """Return an amount for people; empty when it is not known."""
    if amount is None:
        return ""
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    digits = 2 if size >= 1 or not size else min(12, 3 - size.adjusted())
    return f"{sign}${size:,.{digits}f}"


def per_million(amount: Decimal | None) -> str:
    """Return a price per token as USD per million tokens; "-" for a router, which has none of its own."""
    if amount is None:
        return ""
    return "-" if amount < 0 else f"${(amount * 10**6).normalize():,f}"
