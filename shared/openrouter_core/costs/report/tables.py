"""Tables of a report's page: escaped, sortable by their heads, readable by machines that read aloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from openrouter_core.costs.records.latency import Latency
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.tables import CALLS_HEAD, call_cells, money
from openrouter_core.costs.records.totals import BudgetLine, Groups, Totals
from openrouter_core.costs.report.charts import share

MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and what it is sorted by."""

    text: str
    value: Decimal | float | None = None
    """None: a text."""
    bar: str = ""
    """How much of the cell a bar fills, e.g. "40%"."""


def table(head: Sequence[str], lines: Sequence[Sequence[Cell]]) -> str:
    """Return a table without columns that are empty; the first cell of a line is its head."""
    used = [at for at in range(len(head)) if not at or any(line[at].text for line in lines)]
    head = [head[at] for at in used]
    lines = [[line[at] for at in used] for line in lines]
    numbers = [any(line[at].value is not None for line in lines) for at in range(len(head))]
    heads = "".join(
        f"<th scope=col{' class=n' if number else ''}><button>{escape(name)}</button></th>"
        for name, number in zip(head, numbers, strict=True)
    )
    body = "".join(f"<tr>{_line(line)}</tr>" for line in lines)
    return (
        f"<div class=wide><table class=sorts><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _line(line: Sequence[Cell]) -> str:
    first = escape(line[0].text)
    return f'<th scope=row title="{first}">{first}</th>' + "".join(map(_cell, line[1:]))


def _cell(cell: Cell) -> str:
    if cell.value is None:
        return f"<td>{escape(cell.text)}</td>"
    bar = f' style="--w:{cell.bar}"' if cell.bar else ""
    kind = '"n bar"' if cell.bar else "n"
    return f'<td class={kind} data-v="{cell.value}"{bar}>{escape(cell.text)}</td>'


def totals_table(groups: Mapping[str, Totals], latency: Mapping[str, Latency] | None = None) -> str:
    """Return one line for each group, at most thirty; what is beyond them is added up in the last."""
    shown = dict(list(groups.items())[:MOST_LINES])
    rest = list(groups.values())[MOST_LINES:]
    if rest:
        shown[f"{len(rest):,} more"] = sum(rest, Totals())
    top = max((totals.total for totals in shown.values()), default=Decimal(0))
    head = ["", "total", "calls", "failed", "in", "out", "from cache", "saved"]
    lines = [[Cell(name or "(none)"), *_figures(totals, top)] for name, totals in shown.items()]
    if latency:
        head += ["median", "99 %", "first event"]
        for name, line in zip(shown, lines, strict=True):
            line.extend(_times(latency.get(name)))
    return table(head, lines)


def _figures(totals: Totals, top: Decimal) -> list[Cell]:
    sum_of_known = money(totals.total) + ("+?" if totals.unknown else "")
    return [
        Cell(sum_of_known, totals.total, share(max(totals.total, Decimal(0)), top)),
        *(
            Cell(f"{count:,}" if count else "", count)
            for count in (
                *(totals.calls, totals.failed, totals.prompt_tokens),
                *(totals.completion_tokens, totals.cached_tokens),
            )
        ),
        Cell(money(totals.cache_discount) if totals.cache_discount else "", totals.cache_discount),
    ]


def _times(latency: Latency | None) -> list[Cell]:
    if latency is None:
        return [Cell("", 0.0)] * 3
    return list(map(_time, (latency.p50_s, latency.p99_s, latency.first_event_p50_s)))


def _time(seconds: float | None) -> Cell:
    return Cell("" if seconds is None else f"{seconds:.2f} s", seconds or 0.0)


def errors_table(errors: Groups) -> str:
    """Return one line for each class of error and model."""
    top = Decimal(max((totals.calls for totals in errors.values()), default=0))
    return table(
        ("error", "model", "calls"),
        [
            [
                Cell(error),
                Cell(model or "(none)"),
                Cell(f"{totals.calls:,}", totals.calls, share(Decimal(totals.calls), top)),
            ]
            for (error, model), totals in list(errors.items())[:MOST_LINES]
        ],
    )


def budgets_table(budgets: Sequence[BudgetLine]) -> str:
    """Return one line for each scope: what is spent, reserved and left."""
    return table(
        ("budget", "spent", "reserved", "limit", "left"),
        [
            [
                Cell(line.scope.removeprefix("budget:").strip(":") or line.scope),
                Cell(
                    money(line.spent),
                    line.spent,
                    share(min(line.spent, line.limit), line.limit) if line.limit else "",
                ),
                Cell(money(line.reserved), line.reserved),
                Cell(money(line.limit), line.limit or 0),
                Cell(*_left(line)),
            ]
            for line in budgets
        ],
    )


def _left(line: BudgetLine) -> tuple[str, Decimal]:
    if line.limit is None:
        return "?", Decimal(0)
    left = line.limit - line.spent - line.reserved
    return money(left), left


def calls_table(records: Sequence[CostRecord]) -> str:
    """Return one line for each call."""
    return table(("when (UTC)", *CALLS_HEAD, "id"), [_call(record) for record in records])


def _call(record: CostRecord) -> list[Cell]:
    tokens, cost = record.cost.tokens, record.cost
    model, provider, *cells, by, latency = call_cells(record)
    values = (tokens.prompt, tokens.completion, cost.charged, cost.total)
    return [
        Cell(f"{record.at:%m-%d %H:%M:%S}"),
        Cell(model),
        Cell(provider),
        *(Cell(cell, value or 0) for cell, value in zip(cells, values, strict=True)),
        Cell(by),
        Cell(latency, record.latency_s or 0.0),
        Cell(record.id),
    ]
