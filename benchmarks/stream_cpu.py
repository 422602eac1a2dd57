"""CPU of the client per streamed chunk, through either framework: `python benchmarks/stream_cpu.py`.

The two official packages run beside ours where they are installed (`make bench` installs them). Medians
of rounds in which all take turns, in microseconds; ends with status 1 if one of ours is above the limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from crew import Worker, server
from environments import CONTENDERS, is_installed

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
    chosen = [named[m] for m in (*OURS, *OFFICIAL) if is_installed(named[m].environment)]
    worst = 0.0
    with server() as url:
        workers = [Worker(contender, url) for contender in chosen]
        for title, (work, answer) in WAYS.items():
            figures = _medians(workers, work, answer, args.rounds)
            said = (
                f"{w.contender.title.strip('*')} {figures[w.contender.module]:,.0f}"
                for w in workers
            )
            print(f"{title.strip():<22}{' · '.join(said)} us a chunk", flush=True)
            worst = max(worst, *(figures[module] for module in OURS))
        for worker in workers:
            worker.stop()
    print(f"ours: at most {worst:.0f} us a chunk (limit {args.limit_us:.0f})")
    return int(worst > args.limit_us)


def _medians(workers: list[Worker], work: str, answer: str, rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {worker.contender.module: [] for worker in workers}
    for at in range(rounds):
        for worker in workers:
            if at > 2 and worker.contender.module in OFFICIAL:
                continue  # three rounds of theirs take as long as all of ours
            cost = worker.ask({"work": work, "answer": answer, "times": 2})
            if "error" in cost:
                raise SystemExit(f"{worker.contender.module}: {cost['error']}")
            taken[worker.contender.module].append(cost["cpu_s"] / cost["count"] * 1e6)
    return {module: statistics.median(figures) for module, figures in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
