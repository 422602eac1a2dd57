"""Run every static check, show what each says, and fail if one failed. `make check` calls this.

All of them run even when the first fails, so that one call tells everything there is to mend.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

CHECKS: dict[str, list[str]] = {
    "format (ruff)": ["-m", "ruff", "format", "--check", "."],
    "lint (ruff)": ["-m", "ruff", "check", "."],
    "types (mypy --strict)": ["-m", "mypy"],
    "types (pyright strict)": ["-m", "pyright", "--pythonpath", PYTHON],
    "import rules (import-linter)": [
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ],
}


def main() -> int:
    """Run the checks in turn."""
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(CHECKS)} checks passed")
    return len(failed)


def _passes(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        [PYTHON, *command],
        cwd=ROOT,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    verdict = "FAILED" if done.returncode else "ok"
    print(f"{name:32} {verdict:8} {time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return not done.returncode


if __name__ == "__main__":
    sys.exit(main())
