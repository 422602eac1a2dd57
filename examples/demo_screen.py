"""How the demo is shown: code, a conversation as it streams, and what it cost, at any width of the terminal."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from openrouter_core.costs import CostRecord

screen = Console(highlight=False)
NARROW = 70
"""Columns below which the table of costs has one price and no providers."""
_INDENT = 9
_STYLES = {"user": "bold", "thinks": "dim italic", "calls": "cyan", "gets": "cyan"}


def heading(title: str, more: str) -> None:
    """Begin a part."""
    screen.print(f"\n[b]{title}[/b]  [dim]{more}[/dim]")


def code_of(function: Callable[..., Any]) -> str:
    """The lines inside a function, as they run."""
    source = textwrap.dedent(inspect.getsource(function))
    (whole,) = ast.parse(source).body
    assert isinstance(whole, ast.FunctionDef)
    first = whole.body[1] if ast.get_docstring(whole) else whole.body[0]
    return textwrap.dedent("\n".join(source.splitlines()[first.lineno - 1 :]))


def show_code(function: Callable[..., Any]) -> None:
    """Show the code of a part before it runs."""
    lines = [part for line in code_of(function).splitlines() for part in _fitted(line)]
    shown = Syntax("", "python", theme="ansi_dark").highlight("\n".join(lines))
    for line in shown.split():
        screen.print(Text("  ").append_text(line), soft_wrap=True)
    screen.print()


def _fitted(line: str) -> list[str]:
    """A line of code, folded where the screen is narrower."""
    code = line.lstrip()
    margin = " " * (2 + len(line) - len(code))
    room = screen.width - len(margin)
    folded = textwrap.wrap(code, room, subsequent_indent="    ", break_on_hyphens=False)
    return [margin[2:] + part for part in folded]


class Transcript:
    """Prints a stream as it comes, wrapped behind a label that says whose words they are."""

    def __init__(self) -> None:
        self._kind = ""
        self._word = ""
        self._column = 0

    def say(self, kind: str, piece: str, *, anew: bool = False) -> None:
        """Print a piece of the user's, the model's or a tool's part."""
        if not piece:
            return
        if kind != self._kind or anew:
            self.end()
            self._kind, self._column = kind, _INDENT
            screen.print(f"{kind:>7}  ", style="dim", end="")
        *words, self._word = re.split(r"(?<=\s)", self._word + piece)
        for word in words:
            self._print(word)

    def end(self) -> None:
        """Print what is left of the last word, and end its line."""
        if self._kind:
            self._print(self._word)
            screen.print()
        self._kind = self._word = ""

    def _print(self, word: str) -> None:
        room = screen.width - self._column
        if len(word.rstrip()) > room and self._column > _INDENT:
            screen.print(f"\n{'':{_INDENT}}", end="")
            self._column = _INDENT
        self._column += len(word)
        text = Text(word.replace("\n", " "), style=_STYLES.get(self._kind, ""))
        screen.print(text, end="", soft_wrap=True)
        screen.file.flush()


def table_of(calls: list[CostRecord]) -> Table:
    """One line for each call."""
    wide = screen.width >= NARROW
    table = Table("model", box=None, pad_edge=False)
    if wide:
        table.add_column("provider")
    named = ("tokens", "charged", "reconciled", "latency") if wide else ("charged", "agrees")
    for name in named:
        table.add_column(name, justify="right", no_wrap=True)
    for record in calls:
        table.add_row(*(_wide(record) if wide else _narrow(record)))
    return table


def _wide(record: CostRecord) -> list[str]:
    charged, confirmed, tokens = record.response, record.generation, record.cost.tokens
    return [
        record.requested_model or "?",
        record.provider or "?",
        f"{tokens.prompt or 0}+{tokens.completion or 0}",
        usd(charged and charged.charged),
        usd(confirmed.charged) if confirmed else record.lookup,
        "?" if record.latency_s is None else f"{record.latency_s:.2f} s",
    ]


def _narrow(record: CostRecord) -> list[str]:
    agrees = {0: "yes", None: "?"}.get(record.difference, "no")
    name = (record.requested_model or "?").rpartition("/")[2]
    return [name, usd(record.cost.total), agrees]


def usd(amount: Decimal | None) -> str:
    """An amount for people, with all the digits that small amounts need."""
    return "?" if amount is None else f"${amount:.6f}"
