"""The example runs without a key, against the emulator."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house._tree import ROOT


def _run(name: str) -> str:
    pytest.importorskip("langchain_core", reason="needs the extra [langchain]")
    pytest.importorskip("uvicorn", reason="needs the extra [emulator]")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENROUTER_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "shared")])
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_goes_on_where_it_stopped():
    printed = _run("bulk.py")

    assert "new prompts: 100" in printed
    assert "new prompts the second time: 0" in printed
    assert "in order: city 0 city 1 city 2" in printed
    assert "100 of 100 done, 0 failed" in printed


def test_the_example_of_a_corpus_embeds_each_chunk_once():
    pytest.importorskip("langchain_qdrant", reason="writes into Qdrant")
    first, whole, again, found = _run("embed_corpus.py").splitlines()[-4:]

    assert first.startswith("100 of 100 done, 0 failed")
    assert whole.startswith("300 of 300 done, 0 failed")
    assert again == whole
    assert found.startswith("found: {'number':")
