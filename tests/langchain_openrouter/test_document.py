"""The blocks of docs/langchain.md run, in order, against the local emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrouter_core.catalog import endpoints
from openrouter_emulator import Emulator
from tests.pages import run_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "langchain.md"


def test_the_page_is_true(openrouter_emulator: Emulator, capsys: pytest.CaptureFixture[str]):
    ran = run_page(PAGE)
    endpoints.reset()

    assert ran > 15
    assert capsys.readouterr().out
