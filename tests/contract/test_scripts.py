"""The maintainer's scripts: the list of drift, and the reference page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def _document(*operations: dict) -> str:
    return json.dumps({"operations": list(operations), "$defs": {}})


def _operation(id: str, method: str, path: str, **body: object) -> dict:
    return {
        "operation_id": id,
        "method": method,
        "path": path,
        "params": [],
        "success_json": [],
        "body": {"media": "json", "schema": {"properties": body}} if body else None,
    }


def test_the_reference_page_is_up_to_date():
    done = _run("scripts/make_reference.py", "--check")

    assert done.returncode == 0, done.stdout


def test_drift_is_printed_as_a_list_of_things_to_do(tmp_path: Path):
    path = tmp_path / "newer.json"
    path.write_text(
        _document(
            _operation("inventThings", "POST", "/things"),
            _operation("getKey", "GET", "/keys/by-hash/{hash}"),
            _operation("createKeys", "POST", "/keys", name={}, shape={}),
        )
    )

    done = _run("scripts/check_spec.py", str(path))

    assert done.returncode == 1
    assert "- [ ] declare inventThings: POST /things" in done.stdout
    assert "keys.get: GET /keys/{hash} is now GET /keys/by-hash/{hash}" in done.stdout
    assert "keys.create: take body shape" in done.stdout
    assert "keys.delete: the document no longer has deleteKeys" in done.stdout
