"""`make clients` runs what it says: every listed program has its file, and a program that fails is told."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from scripts import clients
from scripts.clients import CLIENTS, OPENROUTER, PROGRAMS, RECIPES, Client


def test_every_program_has_its_file_and_every_file_its_program():
    assert {client.file for client in CLIENTS} == set(PROGRAMS.glob("*.py"))


def test_every_recipe_of_the_documents_is_run():
    headings = re.findall(r"^## (.+)$", RECIPES.read_text("utf-8"), re.MULTILINE)

    assert sorted(headings) == sorted(c.recipe for c in CLIENTS if c.recipe)
    for client in CLIENTS:
        text = client.source("http://127.0.0.1:1/api/v1")
        assert (text != client.file.read_text("utf-8")) == bool(client.recipe)
        assert OPENROUTER not in text


def test_what_ci_runs_has_three_programs_and_an_instrumentation_of_each_framework():
    short = [client for client in CLIENTS if client.is_short]
    instrumentations = [client for client in short if "openinference" in client.name]

    assert len(short) - len(instrumentations) >= 3
    assert {client.extra for client in instrumentations} == {"langchain", "llama-index"}


@pytest.mark.parametrize(
    ("program", "reason"),
    [("assert 1 == 1", ""), ("assert 1 == 2, 'the wrong sum'", "the wrong sum")],
)
def test_a_program_that_fails_is_told(
    program: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "one_of_mine.py").write_text(program, encoding="utf-8")
    monkeypatch.setattr(clients, "PROGRAMS", tmp_path)
    why_not = clients._failure(Path(sys.executable), Client("one-of-mine", ()))

    assert bool(why_not) == bool(reason)
    assert reason in why_not


def test_programs_know_where_the_emulator_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = (
        "import os; from openrouter_core import OpenRouterClient; "
        "assert OpenRouterClient().chat.send([{'role': 'user', 'content': 'Hi'}], "
        "model='openai/gpt-4o-mini').text; assert '127.0.0.1' in os.environ['OPENROUTER_BASE_URL']"
    )
    (tmp_path / "mine.py").write_text(program, encoding="utf-8")
    monkeypatch.setattr(clients, "PROGRAMS", tmp_path)

    assert clients._failure(Path(sys.executable), Client("mine", ())) == ""
