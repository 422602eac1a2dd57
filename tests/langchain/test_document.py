"""The blocks of docs/langchain.md run, in order, against the local emulator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openrouter_core import offers
from openrouter_emulator import Emulator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "langchain.md"
_BLOCK = re.compile(r"^## ([^\n]+)$|^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_is_true(openrouter_emulator: Emulator, capsys: pytest.CaptureFixture[str]):
    names: dict[str, object] = {"__name__": "page"}
    heading, ran = "", 0
    for title, code in _BLOCK.findall(PAGE.read_text("utf-8")):
        heading = title or heading
        if code:
            exec(compile(code, f"{PAGE.name}: {heading}", "exec", dont_inherit=True), names)
            ran += 1
    offers.forget()

    assert ran > 15
    assert capsys.readouterr().out
