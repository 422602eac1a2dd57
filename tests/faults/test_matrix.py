"""Every fault of a raw server against every kind of call: `make faults` plays all, this one or two of each group.

It runs in a process of its own, for it counts descriptors, threads and memory.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(400)
def test_every_call_survives_every_group_of_faults():
    command = [sys.executable, "-m", "tests.faults.matrix", "--short"]
    played = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    print(played.stdout[-6000:], played.stderr[-2000:])  # noqa: T201  # the table
    assert "did not survive" in played.stdout
    assert played.returncode == 0
