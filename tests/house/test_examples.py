"""Whatever the README and `examples/` show is run here, against the emulator."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest

from openrouter_emulator import Emulator
from tests.house._tree import ROOT

_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


_READMES = ("README.md", "shared/openrouter_emulator/README.md")
WIDTHS = (80, 40)
_PART_OF_A_FILE = "Add an endpoint"
"""The heading of a block that shows how the emulator is built; its place is in a file of the emulator."""


def _blocks() -> Iterator[tuple[str, str]]:
    """Each Python block of the READMEs, under the heading it stands below."""
    for file in _READMES:
        for section in re.split(r"^##+ ", (ROOT / file).read_text("utf-8"), flags=re.MULTILINE):
            heading = section.partition("\n")[0]
            if heading != _PART_OF_A_FILE:
                yield from ((heading, match[1]) for match in _BLOCK.finditer(section))


def _run(
    *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**env, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])},
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
def demos() -> dict[int, subprocess.CompletedProcess[str]]:
    """The demo without a key, by the width of the terminal: side by side, for most of its time it waits."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENROUTER_")}

    def run(width: int) -> subprocess.CompletedProcess[str]:
        return _run(ROOT / "examples/demo.py", env={**environment, "COLUMNS": str(width)})

    with ThreadPoolExecutor() as pool:
        return dict(zip(WIDTHS, pool.map(run, WIDTHS), strict=True))


@pytest.fixture(scope="module", params=WIDTHS, ids=["80 columns", "40 columns"])
def demo(
    request: pytest.FixtureRequest, demos: dict[int, subprocess.CompletedProcess[str]]
) -> tuple[int, str]:
    """The width of a terminal, and what the demo prints there."""
    width: int = request.param
    done = demos[width]
    assert done.returncode == 0, done.stdout + done.stderr
    return width, done.stdout


def _parts(printed: str) -> dict[str, str]:
    """What the demo prints, by the first words of its headings."""
    headings = (
        "LangChain: an agent",
        "LlamaIndex: a chat",
        "LlamaIndex: a question",
        "What it cost",
    )
    places = [printed.index(heading) for heading in headings]
    ends = [*places[1:], len(printed)]
    return {h: printed[a:b] for h, a, b in zip(headings, places, ends, strict=True)}


def test_demo_fits_the_terminal_and_says_that_it_is_the_emulator(demo: tuple[int, str]):
    width, printed = demo

    assert printed.startswith("No OPENROUTER_API_KEY: this is the local")
    assert [line for line in printed.splitlines() if len(line.rstrip()) > width] == []


def test_demo_shows_the_code_of_each_part_before_what_it_does(demo: tuple[int, str]):
    _, printed = demo
    code = dict(zip(_parts(printed), ("create_agent(", ".stream_chat(", ".query(", "track_openrouter_cost("), strict=True))  # fmt: skip

    for heading, part in _parts(printed).items():
        shown, _, _ = part.partition("\n\n")
        assert code[heading] in shown, part
        assert "".join(shown.split()).endswith(_last_line(heading)), part


def _last_line(heading: str) -> str:
    """The end of the function that runs, without blanks."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        demo, screen = import_module("demo"), import_module("demo_screen")
    finally:
        sys.path.pop(0)
    run = {
        "LangChain: an agent": demo.agent_code,
        "LlamaIndex: a chat": demo.chat_code,
        "LlamaIndex: a question": demo.answer_of,
        "What it cost": demo.all_parts,
    }
    code: str = screen.code_of(run[heading])
    assert len(list(ast.parse(f"def part():\n{textwrap.indent(code, ' ')}").body[0].body)) <= 5  # type: ignore[attr-defined]  # a function's
    return "".join(code.splitlines()[-1].split())


def test_demo_shows_thinking_tool_and_answer_in_both_frameworks(demo: tuple[int, str]):
    parts = [*_parts(demo[1]).values()]
    wanted = (("user", "thinks", "calls", "gets", "says"), ("user", "thinks", "says"), ("user", "finds", "says"))  # fmt: skip

    for part, labels in zip(parts, wanted, strict=False):
        shown = re.findall(r"^ *(\w+)  \S", part, re.MULTILINE)
        assert [label for label in labels if label not in shown] == [], part


def test_demo_answers_look_like_answers(demo: tuple[int, str]):
    words = " ".join(demo[1].split())

    assert "Take a jacket to Oslo." in words
    assert "9.9 is larger." in words
    for raw in ("You said", "The user says", "The tools say", "Context information", "{'", "-----"):
        assert raw not in words


def test_demo_reconciles_every_call_to_the_price_that_the_answer_named(demo: tuple[int, str]):
    width, printed = demo
    rows = _parts(printed)["What it cost"].partition("\nmodel ")[2].partition("\n\n")[0]
    agrees = r"(\$0\.\d+) +\1 .* s$" if width == 80 else r"\$0\.\d+ +yes$"
    calls = [line for line in rows.splitlines() if "$" in line]

    assert len(calls) == 8
    assert [line for line in calls if not re.search(agrees, line)] == []
