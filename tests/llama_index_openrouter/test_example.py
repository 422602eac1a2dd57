"""The example over the project's documents runs. What pages show is run by `tests/house/test_pages.py`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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
