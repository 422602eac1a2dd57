"""The example runs without a key, against the emulator."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house._tree import ROOT


def test_the_example_goes_on_where_it_stopped():
    pytest.importorskip("langchain_core", reason="needs the extra [langchain]")
    pytest.importorskip("uvicorn", reason="needs the extra [emulator]")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENROUTER_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "shared")])
    done = subprocess.run(
        [sys.executable, ROOT / "examples/bulk.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "new prompts: 100" in done.stdout
    assert "new prompts the second time: 0" in done.stdout
    assert "in order: city 0 city 1 city 2" in done.stdout
    assert "100 of 100 done, 0 failed" in done.stdout
