"""From figures to Markdown: the table of medians, the goals, the growth. Pure but for asking versions."""

from __future__ import annotations

import math
import platform
import statistics
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from environments import CONTENDERS, version_of
from explanations import why_not
from measurements import ENDURANCES, ENDURING, GROWING, GROWTHS, ROWS
from targets import FAMILIES, Verdict, limit_of, verdicts

if TYPE_CHECKING:
    from run import Results

TITLES = {c.module: c.title for c in CONTENDERS}
ROW_TITLES = {row.key: row.title for row in ROWS} | {
    "import": "import",
    "memory.many": "memory at 2,000 calls at once",
    "memory.chunks": "memory after a million chunks",
    **{f"growth.{g.key}": f"growth with the number of {g.title}" for g in GROWTHS},
}
Medians = dict[str, dict[str, float]]


def render(results: Results) -> str:
    """Write the whole report."""
    medians = figures_of(results)
    judged = list(verdicts(medians))
    lowest = {_goal(v): v for v in verdicts(figures_of(results, min))}
    return "\n".join((*_head(results), *_goals(judged, medians, lowest), *_table(results, medians),
                      *_imports(results), *_endurance(results), *_growth(results), *_versions()))  # fmt: skip


def figures_of(
    results: Results, one_of: Callable[[list[float]], float] = statistics.median
) -> Medians:
    """Row -> contender -> one figure of its rounds, with a row each for imports, exponents and memory."""
    figures = {k: {c: one_of(v) for c, v in row.items()} for k, row in results.figures.items()}
    if results.imports:
        figures["import"] = {c: one_of(i["ms"]) for c, i in results.imports.items()}
    figures["growth"] = {
        f"growth.{key}/{contender}": exponent(costs)
        for key, grown in results.growth.items()
        for contender, costs in grown.items()
        if len(costs) > 1
    }
    figures["endurance"] = dict(_memory(results))
    return figures


def _memory(results: Results) -> Iterator[tuple[str, float]]:
    """Memory at 2,000 calls against httpx2 alone's, and after a million chunks against that of a few."""
    at_once, chunks = (results.endurance.get(key, {}) for key in ("many", "chunks"))
    if {"ours_core", "httpx2_alone"} <= at_once.keys():
        ours, alone = (max(at_once[c].values()) for c in ("ours_core", "httpx2_alone"))
        yield "many/ours_core", ours / alone
    for contender, grown in chunks.items():
        if contender in FAMILIES and len(grown) > 1:
            yield f"chunks/{contender}", grown[max(grown)] / grown[min(grown)]


def exponent(costs: Mapping[int, float]) -> float:
    """The slope of log(cost) over log(n): 1 is linear, 2 quadratic."""
    points = [(math.log(n), math.log(cost)) for n, cost in costs.items()]
    mean_x, mean_y = (statistics.fmean(axis) for axis in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else math.nan


def _head(results: Results) -> Iterator[str]:
    form = "the quick form" if results.quick else "the full form"
    yield f"# Speed, side by side ({form})\n"
    yield (
        "Made by `make bench`. CPU time of the client's process unless the row says wall; medians, with "
        "the lowest and highest round in brackets. Read the ratios: figures change with the machine.\n"
    )
    yield f"Python {platform.python_version()}, {platform.system()} {platform.machine()}.\n"


def _goal(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.row, verdict.ours, verdict.against


def _goals(
    judged: list[Verdict], medians: Medians, lowest: Mapping[tuple[str, str, str], Verdict]
) -> Iterator[str]:
    met = sum(verdict.met is True for verdict in judged)
    yield f"## Goals: {met} of {len(judged)} met\n"
    yield "| Work | Ours | Against | Goal | Measured | |"
    yield "|---|---|---|---|---|---|"
    for verdict in judged:
        got = "no figure" if verdict.got is None else _ratio(verdict.got)
        mark = {True: "met", False: "**not met**", None: "-"}[verdict.met]
        title = ROW_TITLES.get(verdict.row, verdict.row)
        yield (
            f"| {title} | {TITLES[verdict.ours]} | {verdict.against} "
            f"| {_ratio(verdict.wanted)} | {got} | {mark} |"
        )
    missed: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in judged:
        if verdict.met is False:
            missed.setdefault((verdict.row, verdict.ours), []).append(lowest[_goal(verdict)])
    if missed:
        yield (
            "\nWhy not, and what the ratios are between the lowest rounds, for a busy machine only adds:\n"
        )
    for (row, ours), least in missed.items():
        why = why_not(row, ours, medians) or "no reason is known."
        yield f"- {ROW_TITLES.get(row, row)}, {TITLES[ours]}: {why} {_of_lowest(least)}"
    yield (
        "\nThe limit of the core is the raw socket; that of an adapter is the raw socket and its "
        "framework's floor, a model that answers from memory.\n"
    )


def _of_lowest(verdicts: list[Verdict]) -> str:
    parts = (
        f"{_ratio(v.got or 0)} of the {_ratio(v.wanted)} of the {v.against}{', met' if v.met else ''}"
        for v in verdicts
    )
    return f"Lowest rounds: {'; '.join(parts)}."


def _table(results: Results, medians: Medians) -> Iterator[str]:
    columns = [c.module for c in CONTENDERS]
    yield "## Everything\n"
    yield f"| Work | Unit | {' | '.join(TITLES[c] for c in columns)} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for row in ROWS:
        if row.key in medians:
            cells = (_cell(results, medians, row.key, column) for column in columns)
            yield f"| {row.title} | {row.unit} | {' | '.join(cells)} |"
    yield "\nIn italics: the ratio of ours to its limit. -: the package offers no such thing.\n"
    notes = [
        f"- {ROW_TITLES[row]}, {TITLES[who]}: {note}"
        for row, notes in results.notes.items()
        for who, note in notes.items()
    ]
    yield from ("Not measured, or not whole:\n", *notes, "") if notes else ()


def _cell(results: Results, medians: Medians, row: str, column: str) -> str:
    rounds = results.figures.get(row, {}).get(column)
    if not rounds:
        return "see below" if column in results.notes.get(row, {}) else "-"
    text = f"{_plain(_median(rounds))} ({_plain(min(rounds))}-{_plain(max(rounds))})"
    limit = limit_of(column, medians[row], row) if column in FAMILIES else None
    return f"{text} *{_median(rounds) / limit:.1f}x*" if limit else text


def _imports(results: Results) -> Iterator[str]:
    if not results.imports:
        return
    yield "## Import\n"
    yield "| Package | CPU, ms | Modules | Memory, MB |"
    yield "|---|---|---|---|"
    for contender, costs in results.imports.items():
        ms, modules, mb = (_median(costs[name]) for name in ("ms", "modules", "mb"))
        yield f"| {TITLES[contender]} | {ms:.0f} | {modules:.0f} | {mb:.0f} |"
    yield ""


def _endurance(results: Results) -> Iterator[str]:
    if not results.endurance:
        return
    yield "## Highest memory of a process of its own, MB\n"
    steps = [(e, n) for e in ENDURANCES for n in e.times]
    yield "| | " + " | ".join(f"{n:,} {e.title}" for e, n in steps) + " |"
    yield "|---|" + "---|" * len(steps)
    for contender in ENDURING:
        cells = (
            f"{results.endurance.get(e.key, {}).get(contender, {}).get(n, math.nan):.0f}"
            for e, n in steps
        )
        yield f"| {TITLES[contender]} | {' | '.join(cells)} |"
    yield ""


def _growth(results: Results) -> Iterator[str]:
    if not results.growth:
        return
    yield "## Growth: the exponent of CPU over N (1 is linear)\n"
    yield "| N | " + " | ".join(TITLES[c] for c in GROWING) + " |"
    yield "|---|" + "---|" * len(GROWING)
    for growth in GROWTHS:
        grown = results.growth.get(growth.key, {})
        if grown:
            sizes = ", ".join(f"{n:,}" for n in growth.sizes)
            cells = (
                f"{exponent(grown[c]):.2f}" if len(grown.get(c, ())) > 1 else "-" for c in GROWING
            )
            yield f"| {growth.title} ({sizes}) | {' | '.join(cells)} |"
    yield ""


def _versions() -> Iterator[str]:
    yield "## Versions\n"
    yield ", ".join(sorted({f"{c.package} {version_of(c) or 'missing'}" for c in CONTENDERS}))


def _median(values: list[float]) -> float:
    return statistics.median(values)


def _ratio(value: float) -> str:
    return f"1/{1 / value:.0f}" if 0 < value < 0.1 else f"{value:.2f}"


def _plain(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
