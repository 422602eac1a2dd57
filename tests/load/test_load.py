"""The load of `make load` for a few seconds: every call ends, and the books agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")
ROOT = Path(__file__).parents[2]
SMALL = ["--seconds", "6", "--calls", "60", "--streams", "20", "--answer-s", "1", "--rate", "0.1"]


@pytest.mark.timeout(300)
def test_ledger_and_budget_equal_the_books_under_load_and_faults():
    command = [sys.executable, "-m", "tests.load.run", *SMALL]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    print(done.stdout, done.stderr[-2000:])  # the figures
    assert "books" in done.stdout
    assert done.returncode == 0
