"""Fuzzes for as long as it is told, with another seed in each round: `python -m tests.fuzz --minutes 60`."""

from __future__ import annotations

import argparse
import itertools
import os
import random
import subprocess
import sys
import time


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--examples", type=int, default=1000, help="for each test and round")
    options = parser.parse_args()
    until = time.monotonic() + options.minutes * 60
    environment = {**os.environ, "FUZZ_EXAMPLES": str(options.examples)}
    for number in itertools.count(1):
        seed = random.randrange(2**32)
        print(f"round {number}, seed {seed}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", "tests/fuzz", f"--hypothesis-seed={seed}"]
        played = subprocess.run([*command, "--timeout=3600"], env=environment, check=False)
        if played.returncode or time.monotonic() > until:
            return played.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
