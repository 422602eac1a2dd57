"""What a job costs beside its calls: CPU per item, and memory at 100,000 items.

`python benchmarks/bulk_job.py [--items 100000]`. The calls take no time here, so all that is measured is the
job's own: rows added, digests, commits, items handed over.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from openrouter_core.bulk import Job

TEXT = "word " * 40


async def answer(prompt: str) -> str:
    await asyncio.sleep(0)
    return prompt


def measure(items: int) -> None:
    """Run a job of so many items and print the figures."""
    with tempfile.TemporaryDirectory() as folder, Job(Path(folder) / "job.db", answer) as job:
        cpu, begun = time.process_time(), time.perf_counter()
        added = job.add((n, f"{n} {TEXT}") for n in range(items))
        added_s = time.process_time() - cpu
        half, peak = 0, 0
        for count, _ in enumerate(job.run(), 1):
            if count == items // 10:
                half = _peak_mb()
        peak = _peak_mb()
        ran_s = time.process_time() - cpu - added_s
        assert (added, count) == (items, items)
        print(
            f"{items:,} items: add {added_s / items * 1e6:.0f} us, run {ran_s / items * 1e6:.0f} us of CPU "
            f"each; {items / (time.perf_counter() - begun):,.0f} items/s; peak memory {half} MB after a "
            f"tenth, {peak} MB at the end"
        )


def _peak_mb() -> int:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes // (1024 if sys.platform != "darwin" else 1024 * 1024)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--items", type=int, default=100_000)
    measure(options.parse_args().items)
