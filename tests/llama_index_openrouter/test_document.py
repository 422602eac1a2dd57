"""The blocks of docs/llama_index.md run, in order, against the local emulator; so does the example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from openrouter_core.catalog import endpoints
from openrouter_core.catalog.models import ModelCatalog
from openrouter_emulator import Emulator
from tests.pages import run_page

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "llama_index.md"


# LlamaIndex leaves the event loop open that it makes where none runs.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_page_is_true(openrouter_emulator: Emulator, capsys: pytest.CaptureFixture[str]):
    ran = run_page(PAGE)
    endpoints.reset()
    ModelCatalog(openrouter_emulator.base_url).reset()

    assert ran > 12
    assert "sunny in Lisbon" in capsys.readouterr().out


def test_the_example_answers_from_the_documents_and_says_what_it_cost():
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "llama_index_docs.py")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    operations = re.findall(r"^  \$(0\.\d+)  (\w+)", done.stdout, re.MULTILINE)
    *embedded, ranked, answered = [name for _, name in operations]
    assert set(embedded) == {"createEmbeddings"}
    assert len(embedded) >= 2  # the sections, a hundred at a time, and the question
    assert (ranked, answered) == ("createRerank", "sendChatCompletionRequest")
    assert re.search(r"^Together: \$0\.0*[1-9]", done.stdout, re.MULTILINE)
    assert ".md: " in done.stdout
