"""Charts of a report: stacked columns, as HTML that follows the page's colors. Pure.

Columns are boxes of so many percent: text stays text in any script, and the page decides on the colors.
matplotlib, which drew them before, takes 144 MB, reads `$` in a name as TeX and has one color scheme;
pygal's licence is the LGPL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html import escape

COLORS = 7
_RULES = 3
_TICKS = 4

Values = Sequence[Decimal] | Sequence[int]


def columns(
    labels: Sequence[str],
    series: Mapping[str, Values],
    show: Callable[[Decimal], str],
    *,
    title: str,
) -> str:
    """Return stacked columns, one color for each series, at most seven.

    Args:
        labels: One for each column.
        show: Writes a value.
        title: For readers of screens.
    """
    lines = [tuple(map(Decimal, values)) for values in series.values()]
    sums = [sum(column, Decimal(0)) for column in zip(*lines, strict=True)]
    top = _round_up(max(sums, default=Decimal(0)))
    drawn = "".join(
        f'<div class=col title="{escape(f"{label}: {show(whole)}")}">{_segments(column, top)}</div>'
        for label, whole, column in zip(labels, sums, zip(*lines, strict=True), strict=True)
    )
    return (
        f'<figure role=img aria-label="{escape(title)}"><div class=plot>{_rules(top, show)}{drawn}</div>'
        f"<div class=ticks>{_ticks(labels)}</div></figure><ul class=legend>{_legend(series)}</ul>"
    )


def _segments(column: Sequence[Decimal], top: Decimal) -> str:
    return "".join(
        f'<i class=s{n % COLORS} style="height:{share(value, top)}"></i>'
        for n, value in enumerate(column)
        if value > 0
    )


def share(value: Decimal, top: Decimal) -> str:
    """Return a part of a whole as CSS has it."""
    return f"{float(value / top) * 100 if top > 0 else 0:.2f}%"


def _rules(top: Decimal, show: Callable[[Decimal], str]) -> str:
    heights = [top * n / _RULES for n in range(1, _RULES + 1)] if top else []
    return "".join(
        f'<div class=rule style="bottom:{share(height, top)}">{escape(show(height))}</div>'
        for height in heights
    )


def _ticks(labels: Sequence[str]) -> str:
    """One for each column, so that a label stands below its own; most are empty."""
    step = max(1, -(-len(labels) // _TICKS))
    shown = (label if n % step == 0 else "" for n, label in enumerate(labels))
    return "".join(f"<span>{escape(label)}</span>" for label in shown)


def _legend(series: Mapping[str, Values]) -> str:
    return "".join(
        f'<li title="{escape(name)}"><i class=s{n % COLORS}></i>{escape(name or "(none)")}</li>'
        for n, name in enumerate(series)
    )


def _round_up(value: Decimal) -> Decimal:
    """The next number with one digit that counts and can be divided by three."""
    if value <= 0:
        return Decimal(0)
    unit = Decimal(3).scaleb(value.adjusted() - 1)
    return unit * -(-value // unit)
