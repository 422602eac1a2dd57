"""docs/costs.md says nothing that does not run: its examples, in order, against the emulator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "costs.md"


def test_the_examples_run_in_order(emulator, monkeypatch, tmp_path, capsys):
    pytest.importorskip("sqlalchemy", reason="the ledger's example needs the extra [ledger]")
    pytest.importorskip("opentelemetry", reason="the tracer's example needs the extra [otel]")
    monkeypatch.setenv("OPENROUTER_API_KEY", emulator.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", emulator.base_url)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}

    for block in blocks:
        exec(compile(block, DOCUMENT.name, "exec"), names)  # noqa: S102  # the document is the test
    names["ledger"].close()

    printed = capsys.readouterr().out
    assert len(blocks) == 6
    assert (tmp_path / "costs.csv").read_text(encoding="utf-8").count("\n") == 2
    assert "1 call, $0.0" in printed
    assert "0 prices are still awaited" in printed
    assert len(emulator.charges) == 4
