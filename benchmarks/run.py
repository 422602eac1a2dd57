"""Measure ours, the peers and the floors side by side, in one run: `make bench`.

Every contender runs in a process and an environment of its own, against one server with pre-rendered
answers. The contenders take turns in every round, so that a busy moment of the machine touches all.

    python benchmarks/run.py                 everything, and results/latest.md with its charts
    python benchmarks/run.py --quick         a shorter form: key rows first, three minutes
    python benchmarks/run.py --rows text call --contenders ours_core floor      a part, printed only
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import report
from environments import CONTENDERS, LOGS, Contender, installed, python_of
from import_cost import import_cost
from measurements import ENDURANCES, ENDURING, GROWING, GROWTHS, ROWS, Growth, Row
from processes import Worker, server

RESULTS = Path(__file__).with_name("results")
KEPT = LOGS / "last-run.pickle"
"""The figures of the last run, so that a report can be made of them anew."""
TURNS = 3
"""Turns in a round of all but the slow contenders: their work is over in a moment."""


@dataclass
class Results:
    """What a run found, ready to be written as JSON."""

    quick: bool
    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """Row -> contender -> one figure per round."""
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Row -> contender -> why there is no figure, or what else must be known."""
    costs: dict[tuple[str, str, int], dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    """Job -> contender -> the answers, for rows that read the same job in another way."""
    endurance: dict[str, dict[str, dict[int, float]]] = field(default_factory=dict)
    """Endurance -> contender -> how often -> highest resident memory by then, in MB."""
    growth: dict[str, dict[str, dict[int, float]]] = field(default_factory=dict)
    """Growth -> contender -> size -> CPU seconds."""
    imports: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """Contender -> "ms", "modules", "mb" -> one figure per round."""
    memory: dict[str, dict[str, float]] = field(default_factory=dict)
    """Row -> contender -> highest resident memory so far, in MB."""

    def add(self, row: Row, name: str, cost: dict[str, Any]) -> None:
        """Take in the answer to one job."""
        self.costs.setdefault(row.job, {}).setdefault(name, []).append(cost)
        if "error" in cost:
            self.notes.setdefault(row.key, {})[name] = cost["error"]
            return
        if cost["failed"]:
            self.notes.setdefault(row.key, {})[name] = f"{cost['failed']} failed"
        self.figures.setdefault(row.key, {}).setdefault(name, []).append(row.value(cost))
        self.memory.setdefault(row.key, {})[name] = cost["rss_mb"]


def main() -> int:
    """Measure, print, and write the report."""
    args = _arguments()
    if args.again:
        results = pickle.loads(KEPT.read_bytes())  # noqa: S301  # our own
        _publish(results, only_print=False)
        return 0
    started = time.monotonic()
    rows = [row for row in ROWS if (row.in_quick or not args.quick) and _wanted(row.key, args.rows)]
    results = Results(quick=args.quick)
    rounds = args.rounds or (2 if args.quick else 5)
    contenders = [c for c in CONTENDERS if c.in_quick or not args.quick]
    with server() as url:
        workers = [Worker(c, url) for c in contenders if _wanted(c.module, args.contenders)]
        if _wanted("import", args.rows):
            _measure_imports(workers, results)
        for row in rows:
            if time.monotonic() - started > args.minutes * 60:
                results.notes[row.key] = {"floor": "not reached in the time of this run"}
                continue
            _measure(row, workers, results, rounds)
        for growth in GROWTHS:
            if _wanted(growth.key, args.rows) and not args.quick:
                _measure_growth(growth, workers, results)
        for worker in workers:
            worker.stop()
        if _wanted("endurance", args.rows) and not args.quick:
            _measure_endurance([w.contender for w in workers], url, results)
    _say(f"measured in {time.monotonic() - started:.0f} s")
    is_part = bool(args.rows or args.contenders)
    if not is_part:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_bytes(pickle.dumps(results))
    _publish(results, only_print=is_part)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no 2,000 at once")
    parser.add_argument("--again", action="store_true", help="write the last run's report anew")
    parser.add_argument("--minutes", type=float, help="begin no row after that time")
    parser.add_argument("--rounds", type=int, help="rounds of every row")
    parser.add_argument("--rows", nargs="+", help="only rows whose key begins like this")
    parser.add_argument("--contenders", nargs="+", help="only these modules of contenders/")
    args = parser.parse_args()
    args.minutes = args.minutes or (3 if args.quick else math.inf)
    return args


def _wanted(name: str, chosen: list[str] | None) -> bool:
    return chosen is None or any(name == c or name.startswith(f"{c}.") for c in chosen)


def _turns(workers: list[Worker], results: Results, rounds: int) -> Iterator[Worker]:
    """Who is next: in a whole run, all but the slow have several turns in a round."""
    each = 1 if results.quick else TURNS
    for turn, worker in product(range(rounds * each), workers):
        if not (worker.contender.slow and turn % each):
            yield worker


def _measure_imports(workers: list[Worker], results: Results) -> None:
    _say("import")
    able = [worker for worker in workers if not worker.trouble]
    for worker in able:
        import_cost(worker.contender)  # what is imported for the first time is compiled
    for worker in _turns(able, results, 1 if results.quick else 5):
        mine = results.imports.setdefault(worker.contender.module, {})
        for name, figure in import_cost(worker.contender).items():
            mine.setdefault(name, []).append(figure)


def _measure(row: Row, workers: list[Worker], results: Results, rounds: int) -> None:
    """One row: who can, does it in turns; who fails once is not asked again."""
    _say(row.title)
    known = results.costs.pop(row.job, {})
    for name, costs in known.items():
        for cost in costs:
            results.add(row, name, cost)
    others = [w for w in workers if w.contender.module not in known]
    taking_part = [w for w in others if _takes_part(row, w, results)]
    for worker in _turns(taking_part, results, min(row.rounds or rounds, rounds)):
        name = worker.contender.module
        if not _gave_up(results, row, name):
            times = row.slow_times if worker.contender.slow else row.times
            job = {"work": row.work, "answer": row.answer, "times": times}
            results.add(row, name, worker.ask(job, timeout_s=20 if results.quick else 60))


def _gave_up(results: Results, row: Row, name: str) -> bool:
    return name in results.notes.get(row.key, {}) and "failed" not in results.notes[row.key][name]


def _takes_part(row: Row, worker: Worker, results: Results) -> bool:
    """Whether a contender offers the work, and delivers the answer at all."""
    if "floor" in worker.contender.module and _is_pointless(row, worker):
        return False
    offered = worker.ask({"work": "offers", "names": [row.needs]})
    if "error" in offered:
        results.notes.setdefault(row.key, {})[worker.contender.module] = offered["error"]
        return False
    if row.needs not in offered["offers"]:
        return False
    if row.needs in {"embed", "models", "without_costs"}:
        return True
    kind, *numbers = row.answer.split(".")
    short = f"{kind}.5.1" if len(numbers) > 1 else kind
    answer = worker.ask({"work": "delivers", "way": row.needs, "answer": short})
    if not answer.get("delivers"):
        note = answer.get("error", "does not deliver it")
        results.notes.setdefault(row.key, {})[worker.contender.module] = note
    return bool(answer.get("delivers"))


def _is_pointless(row: Row, worker: Worker) -> bool:
    """A framework that answers from memory waits for nothing."""
    return worker.contender.module != "floor" and row.metric == "wall_s"


def _measure_growth(growth: Growth, workers: list[Worker], results: Results) -> None:
    _say(f"growth with the number of {growth.title}")
    growing = [w for w in workers if w.contender.module in GROWING]
    grown = results.growth.setdefault(growth.key, {})
    for _, n, worker in product(range(5), growth.sizes, growing):
        best = grown.setdefault(worker.contender.module, {})
        if best.get(n, 0.0) > 5:
            continue  # seconds of it are no noise
        job = {"work": growth.work, "answer": growth.answer.format(n=n)}
        cost = worker.ask({**job, "times": n if growth.per_n else 1})
        if "cpu_s" in cost:
            best[n] = min(cost["cpu_s"], best.get(n, math.inf))


def _measure_endurance(contenders: list[Contender], url: str, results: Results) -> None:
    """Memory, in processes of their own."""
    enduring = [c for c in contenders if c.module in ENDURING]
    for endurance, contender in product(ENDURANCES, enduring):
        _say(f"memory of {contender.module}: {endurance.title}")
        worker = Worker(contender, url)
        for times in endurance.times:
            job = {"work": endurance.work, "answer": endurance.answer, "times": times}
            cost = worker.ask(job, timeout_s=300)
            mine = results.endurance.setdefault(endurance.key, {})
            mine.setdefault(contender.module, {})[times] = cost.get("rss_mb", math.nan)
        worker.stop()


def _publish(results: Results, *, only_print: bool) -> None:
    """Print the report; a whole run also writes it, with its data and charts."""
    text = report.render(results)
    print(text)
    if only_print:
        return
    RESULTS.mkdir(exist_ok=True)
    name = "quick" if results.quick else "latest"
    data = RESULTS / f"{name}.json"
    medians = {
        k: {c: statistics.median(v) for c, v in r.items()} for k, r in results.figures.items()
    }
    data.write_text(json.dumps(medians, indent=1) + "\n", "utf-8")
    (RESULTS / f"{name}.md").write_text(text, "utf-8")
    if trouble := installed("charts"):
        _say(f"no charts: {trouble}")
        return
    draw = Path(__file__).with_name("draw_charts.py")
    subprocess.run([str(python_of("charts")), str(draw), str(data)], check=True)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
