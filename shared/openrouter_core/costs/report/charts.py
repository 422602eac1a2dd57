"""Charts of a report as SVG, drawn by matplotlib. Called by `page`; needs the extra `[cli]`."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openrouter_core.costs.records.tables import money
from openrouter_core.errors import ConfigurationError
from openrouter_core.extras import how_to_install

if TYPE_CHECKING:
    from openrouter_core.costs.records.totals import Totals
    from openrouter_core.costs.report.summary import Burn

# Seven colours that stay apart for colour-blind readers (after Paul Tol), the last for "others".
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 10,
    "svg.fonttype": "none",  # text stays text: small, selectable, in the page's font
    "svg.hashsalt": "openrouter",  # the same records give the same file
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
}


_WIDTH = 4.6  # inches: as wide as a phone, so that text keeps its size there


def stacked_by_day(
    days: Sequence[date], series: Mapping[str, Sequence[float | Decimal]], *, is_money: bool
) -> str:
    """Return bars per day, one colour per series."""
    figure, axes = _figure(3.2)
    base = [0.0] * len(days)
    for colour, (name, values) in zip(_COLOURS, series.items(), strict=False):
        heights = [float(value) for value in values]
        axes.bar(
            range(len(days)), heights, bottom=base, color=colour, label=_short(name), width=0.8
        )
        base = [low + height for low, height in zip(base, heights, strict=True)]
    _name_days(axes, days)
    if is_money:
        axes.yaxis.set_major_formatter(_as_money)
    else:
        axes.yaxis.set_major_formatter(_as_count)
    axes.grid(visible=False, axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=8, frameon=False)
    return _svg(figure)


def bars(groups: Mapping[str, Totals]) -> str:
    """Return one bar per group, most expensive on top."""
    shown = list(groups.items())[:12][::-1]
    figure, axes = _figure(0.7 + 0.34 * len(shown))
    spent = [float(totals.total) for _, totals in shown]
    drawn = axes.barh([_short(name or "(none)") for name, _ in shown], spent, color=_COLOURS[0])
    axes.bar_label(drawn, labels=[money(t.total) for _, t in shown], padding=4, fontsize=9)
    axes.set_xlim(right=max(spent, default=0.0) * 1.25 or 1.0)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.grid(visible=False)
    return _svg(figure)


def burn_down(burn: Burn) -> str:
    """Return the line of what is left of a budget."""
    figure, axes = _figure(2.6)
    left = [float(value) for value in (burn.limit, *burn.left)]
    ends = [at - 0.5 for at in range(len(left))]  # a day is as wide as its bar in the other charts
    axes.plot(ends, left, color=_COLOURS[0], linewidth=2)
    axes.fill_between(ends, left, color=_COLOURS[0], alpha=0.15)
    axes.axhline(0, color=_COLOURS[1], linewidth=1)
    axes.set_ylim(top=float(burn.limit) * 1.05)
    _name_days(axes, burn.days)
    axes.yaxis.set_major_formatter(_as_money)
    return _svg(figure)


def _figure(height: float) -> tuple[Any, Any]:
    """A figure without pyplot: no global state, so it can be drawn in any thread."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise ConfigurationError(how_to_install("A chart", "matplotlib", "cli")) from missing
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        return figure, figure.subplots()


def _svg(figure: Any) -> str:
    import matplotlib as mpl

    with mpl.rc_context(_STYLE), io.StringIO() as out:
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
        text = out.getvalue()
    return text[text.index("<svg") :]


def _name_days(axes: Any, days: Sequence[date]) -> None:
    """Name at most five days, without the year; a few days do not fill the whole width."""
    step = max(1, -(-len(days) // 5))
    axes.set_xticks(range(0, len(days), step), [f"{day:%m-%d}" for day in days[::step]])
    space = max(0.1, (5 - len(days)) / 2)
    axes.set_xlim(-0.5 - space, len(days) - 0.5 + space)


def _as_money(value: float, _position: object) -> str:
    return f"${value:,.6f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"${value:,.2f}"


def _as_count(value: float, _position: object) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"
