"""Schemathesis, which nobody here wrote, finds no 500 and no answer that the newest document forbids.

`make fuzz` does the same with other requests each time, for as long as is wished.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "fuzz.py"
NOT_INSTALLED = 3
FAILED = 1


def _fuzz(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == NOT_INSTALLED:
        pytest.skip(done.stdout.strip())
    return done


@pytest.mark.timeout(400)  # the environment may have to be made first
def test_no_request_that_the_document_allows_or_forbids_breaks_the_emulator():
    done = _fuzz("--seconds", "35", "--seed", "1")

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert done.stdout.count(" generated, ") == 2, done.stdout


@pytest.mark.timeout(400)
def test_an_answer_that_the_document_forbids_is_found():
    """A whole answer and an event of a stream, spoilt on purpose; examples of both come first."""
    done = _fuzz("--seconds", "30", "--only", "createImages", "--spoil")

    assert done.returncode == FAILED, done.stdout
    assert "response_schema" in done.stdout or "violates schema" in done.stdout
    assert "events_conform" in done.stdout
