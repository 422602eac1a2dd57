"""Measure which lines and branches of core and adapters their tests reach, and hold the floor.

`make coverage` calls this. The floor, and what does not count, stand in pyproject.toml under `tool.coverage`.
A tracer makes tests slow, so whether they pass is not asked here: `make test` says that.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = (
    "tests/openrouter_core",
    "tests/langchain_openrouter",
    "tests/llama_index_openrouter",
    "tests/adapters",
)
LEFT_OUT = (
    "*/costs/test_overhead.py",  # times what a tracer makes slow
    "*/costs/test_books.py",  # takes minutes for lines that other tests reach as well
    "*/openrouter_core/faults/*",  # as above
)
PYTEST = ("-m", "pytest", "-q", "--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile")


def main() -> int:
    """Run the tests under the tracer, in all their processes, and show what they did not reach."""
    _coverage("erase")
    _coverage(
        "run", *PYTEST, *TESTS, *(f"--ignore-glob={path}" for path in LEFT_OUT), *sys.argv[1:]
    )
    _coverage("combine", "--quiet")
    return _coverage("report")


def _coverage(*arguments: str) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
