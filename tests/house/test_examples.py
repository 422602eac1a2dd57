"""Whatever the README and `examples/` show is run here, against the emulator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_emulator import Emulator
from tests.house._tree import ROOT

_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


_READMES = ("README.md", "shared/openrouter_emulator/README.md")
_PART_OF_A_FILE = "Add an endpoint"
"""The heading of a block that shows how the emulator is built; its place is in a file of the emulator."""


def _blocks() -> Iterator[tuple[str, str]]:
    """Each Python block of the READMEs, under the heading it stands below."""
    for file in _READMES:
        for section in re.split(r"^##+ ", (ROOT / file).read_text("utf-8"), flags=re.MULTILINE):
            heading = section.partition("\n")[0]
            if heading != _PART_OF_A_FILE:
                yield from ((heading, match[1]) for match in _BLOCK.finditer(section))


def _run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in _blocks()])
def test_readme_shows_code_that_runs(
    code: str, openrouter_emulator: Emulator, tmp_path: Path
) -> None:
    script = tmp_path / "test_block.py"
    script.write_text(code, encoding="utf-8")
    is_test = "def test_" in code

    command = ("-m", "pytest", "-q", script) if is_test else (script,)
    done = _run(*command, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


@pytest.fixture(scope="module")
def demo() -> subprocess.CompletedProcess[str]:
    """What the demo prints where there is no key."""
    return _run(ROOT / "examples/demo.py")


def test_demo_runs_without_a_key_and_says_so(demo: subprocess.CompletedProcess[str]):
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "No OPENROUTER_API_KEY: this is the local emulator." in demo.stdout


def test_demo_shows_thinking_tool_and_answer_in_both_frameworks(
    demo: subprocess.CompletedProcess[str],
):
    agent, _, chat = demo.stdout.partition("LlamaIndex chat")

    assert [part for part in ("thinks", "calls", "gets", "says") if part not in agent] == []
    assert [part for part in ("thinks", "says") if part not in chat] == []


def test_demo_reconciles_every_call_to_the_price_that_the_answer_named(
    demo: subprocess.CompletedProcess[str],
):
    _, _, rows = demo.stdout.partition("latency")
    calls = [line for line in rows.splitlines() if "$" in line and line.endswith(" s")]

    assert len(calls) == 8
    assert [line for line in calls if not re.search(r"(\$0\.\d+) +\1 ", line)] == []
