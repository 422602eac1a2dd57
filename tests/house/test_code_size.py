"""Files and functions stay short enough to be read at one sitting."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house._tree import name_of, python_files

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 50


def _too_long(path: Path, *, limit: int) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > limit:
                yield f"{node.name} (line {node.lineno}) has {length} lines, limit {limit}"


def test_files_have_at_most_600_lines():
    lengths = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in python_files()}

    assert {name: n for name, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_functions_have_at_most_50_lines():
    found = {name_of(p): list(_too_long(p, limit=MAX_FUNCTION_LINES)) for p in python_files()}

    assert {name: long for name, long in found.items() if long} == {}


def test_a_long_function_would_be_found(tmp_path: Path):
    body = "\n".join(f"    x = {n}" for n in range(50))
    path = tmp_path / "long.py"
    path.write_text(f"async def wordy():\n{body}\n", encoding="utf-8")

    assert list(_too_long(path, limit=MAX_FUNCTION_LINES)) == [
        "wordy (line 1) has 51 lines, limit 50"
    ]
