"""CPU of the client per streamed chunk, through either framework: `python benchmarks/stream_cpu.py`.

The two official packages run beside ours where they are installed (`make bench` installs them). In
microseconds: the best of the rounds, for a busy machine only adds, and the median behind it. All take
turns. Ends with status 1 if the best of one of ours is above the limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from environments import CONTENDERS, is_installed
from processes import Worker, server

OURS = ("ours_langchain", "ours_llama_index")
OFFICIAL = ("langchain_official", "llama_index_official")
WAYS = {
    "one event per packet": ("stream", "text.1000.1"),
    "the same, async": ("astream", "text.1000.1"),
    "20 events per packet": ("stream", "text.1000.20"),
    "the same, async ": ("astream", "text.1000.20"),
}


def main() -> int:
    """Measure and print; say by the status whether ours kept to the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--limit-us", type=float, default=50.0)
    args = parser.parse_args()
    named = {c.module: c for c in CONTENDERS}
    there = [m for m in OFFICIAL if is_installed(named[m].environment)]
    chosen = [named[m] for m in (*OURS, *there)]
    worst = 0.0
    with server() as url:
        workers = [Worker(contender, url) for contender in chosen]
        for title, (work, answer) in WAYS.items():
            taken = _taken(workers, work, answer, args.rounds)
            parts = (
                f"{w.contender.title.strip('*')} {_shown(taken[w.contender.module])}"
                for w in workers
            )
            print(f"{title.strip():<22}{' · '.join(parts)}", flush=True)
            worst = max(worst, *(min(taken[module]) for module in OURS))
        for worker in workers:
            worker.stop()
    print(f"us a chunk, best (median); ours: at most {worst:.0f}, limit {args.limit_us:.0f}")
    return int(worst > args.limit_us)


def _shown(figures: list[float]) -> str:
    return f"{min(figures):,.0f} ({statistics.median(figures):,.0f})"


def _taken(workers: list[Worker], work: str, answer: str, rounds: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {worker.contender.module: [] for worker in workers}
    for at in range(rounds):
        for worker in workers:
            if at > 2 and worker.contender.module in OFFICIAL:
                continue  # three rounds of theirs take as long as all of ours
            cost = worker.ask({"work": work, "answer": answer, "times": 2})
            if "error" in cost:
                raise SystemExit(f"{worker.contender.module}: {cost['error']}")
            taken[worker.contender.module].append(cost["cpu_s"] / cost["count"] * 1e6)
    return taken


if __name__ == "__main__":
    sys.exit(main())
