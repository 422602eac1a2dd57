"""Each example runs without a key, as it would be typed, and prints what its page promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house._tree import ROOT

EXAMPLES = ROOT / "examples"
HELPERS = {"api.py", "replies.py", "demo_answers.py", "demo_screen.py"}
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
PRINTED = {
    "web_agent.py": ["calls minutes_per_10_km", "25.0 minutes", "https://example.com/ferries", "of $0.10"],
    "rag_pdf.py": ["3 pages", "handbook.pdf, page 2", "140 euros", "text-embedding-3-small"],
    "make_images.py": ["picture-1.png", "picture-2.png", "$0.0"],
    "voice.py": ["A recording of", "62 metres tall", "openai/gpt-4o-mini-tts"],
    "deep_research.py": ["172 pounds", "lead ", "reader ", "critic "],
    "graph_with_memory.py": ["waits for a person: refund", "were paid back", "checkpoints in"],
    "fastapi_app.py": ["200 text/event-stream", "event: text", "event: cost", '"usd": '],
    "tracing.py": ["Linha de ferry", "headline", "  chat openai/gpt-4o-mini"],
    "vision.ipynb": ["2 x Bread", "14.85 EUR", "adds up"],
    "extract_csv.ipynb": ["5 of 5 done", "t-102", "billing"],
    "compare_models.ipynb": ["deepseek/deepseek-v3.2", "usd_per_1000"],
}  # fmt: skip
WRITTEN = {
    "make_images.py": ["pictures/picture-1.png", "pictures/picture-2.png"],
    "voice.py": ["question.wav", "answer.wav"],
    "compare_models.ipynb": ["models.png"],
}
ELSEWHERE = {
    "bulk.py", "dask_frame.py", "demo.py", "embed_corpus.py", "llama_index_docs.py", "ray_data.py", "spark_udf.py",
    "test_with_emulator.py",
}  # fmt: skip
"""Tests of their own run them, or `make clusters`; the last is one itself."""


def environment() -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("OPENROUTER_", "OTEL_"))}
    return {**own, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])}


def command(example: Path, folder: Path) -> list[str]:
    """As a reader would run it; a notebook as its cells in order."""
    if example.suffix == ".ipynb":
        script = folder / "cells.py"
        script.write_text(f"import sys\nsys.path.insert(0, {str(EXAMPLES)!r})\n{code_of(example)}")
        return [str(script)]
    return [str(example)]


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_every_example_is_here():
    found = {p.name for p in EXAMPLES.iterdir() if p.suffix in {".py", ".ipynb"}}

    assert found - HELPERS - ELSEWHERE == set(PRINTED)


@pytest.mark.parametrize("name", PRINTED)
def test_it_runs_without_a_key(name: str, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, *command(EXAMPLES / name, tmp_path)],
        cwd=tmp_path,
        env={**environment(), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert [words for words in PRINTED[name] if words not in done.stdout] == [], done.stdout
    assert "Traceback" not in done.stderr
    assert [file for file in WRITTEN.get(name, ()) if (tmp_path / file).stat().st_size < 1000] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(notebook: Path):
    held = json.loads(notebook.read_text("utf-8"))

    assert (held["nbformat"], held["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in held["cells"]}) == len(held["cells"])
    for cell in held["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_the_page_lists_every_example_with_the_command_that_runs_it():
    page = (ROOT / "docs/examples.md").read_text("utf-8")
    listed = set(re.findall(r"`examples/([\w.]+)`", page))

    assert listed == {*PRINTED, *ELSEWHERE}
