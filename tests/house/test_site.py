"""The documentation site has every page, and its pages name everything that there is to name."""

from __future__ import annotations

import dataclasses
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from openrouter_core import config, errors
from openrouter_core.cli.app import app
from openrouter_core.costs.__main__ import app as costs_app
from tests.house._tree import ROOT, project_files

DOCS = ROOT / "docs"
_COSTS = "python -m openrouter_core.costs "
_VARIABLE = re.compile(r"OPENROUTER_[A-Z_]+[A-Z]")


def _pages(nav: object) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    items = nav.values() if isinstance(nav, dict) else nav
    return [page for item in items for page in _pages(item)]  # type: ignore[attr-defined]  # a list


def _names(page: str) -> set[str]:
    """What stands in backticks, and the headings."""
    text = (DOCS / page).read_text("utf-8")
    quoted = {name for code in re.findall(r"`([^`]+)`", text) for name in re.findall(r"\w+", code)}
    return quoted | set(re.findall(r"^#+ (\w+)$", text, re.MULTILINE))


def test_every_page_is_reached():
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    pages = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))

    assert sorted(_pages(site["nav"])) == pages


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_no_link_leaves_the_site(page):
    """The build refuses it; to files beside the site the text says where they are."""
    targets = re.findall(r"\]\((\.\./[^)#]+)", page.read_text("utf-8"))

    assert [t for t in targets if not (page.parent / t).resolve().is_relative_to(DOCS)] == []


def test_a_language_model_is_shown_every_page():
    listed = re.findall(r"\]\(([\w/.-]+)\)", (DOCS / "llms.txt").read_text("utf-8"))
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))

    assert listed == _pages(site["nav"])


def test_every_environment_variable_is_described():
    sources = [
        path for path in project_files() if path.suffix == ".py" and "tests" not in path.parts
    ]
    packages = [
        p
        for p in sources
        if p.relative_to(ROOT).parts[0] not in ("scripts", "benchmarks", "examples")
    ]
    read = {name for path in packages for name in _VARIABLE.findall(path.read_text("utf-8"))}

    assert read - _names("configuration.md") == set()


def test_every_class_of_error_has_a_section():
    text = (DOCS / "errors.md").read_text("utf-8")
    sections = re.findall(r"^### (\w+)$", text, re.MULTILINE)

    assert sorted(sections) == sorted(set(errors.__all__) - {"OpenRouterError"})


@pytest.mark.parametrize("kind", [config.ClientSettings, config.Timeouts], ids=lambda k: k.__name__)
def test_every_setting_is_described(kind: type):
    names = (
        {field.name for field in dataclasses.fields(kind)}
        if dataclasses.is_dataclass(kind)
        else set(kind.__annotations__)
    )

    assert names - _names("configuration.md") == set()


def test_the_defaults_in_the_table_are_those_of_the_code():
    text = (DOCS / "configuration.md").read_text("utf-8")
    for field in dataclasses.fields(config.Timeouts):
        assert f"| `{field.name}` | {field.default:g} |" in text  # type: ignore[str-format]  # a number


def _shown_commands() -> list[str]:
    """The commands of this project in the shell blocks of the pages and the README."""
    found = set[str]()
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        for block in re.findall(
            r"^```(?:sh|console)\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            found |= {line.partition("  #")[0].strip() for line in block.splitlines()}
    return sorted(line for line in found if line.startswith(("openrouter ", _COSTS)))


@pytest.mark.parametrize("line", _shown_commands())
def test_a_command_that_is_shown_exists_with_its_options(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is run: arguments and options are read as the command reads them."""
    for name in ("chart.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"a file")
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.removeprefix(_COSTS).removeprefix("openrouter "))
    is_costs = line.startswith(_COSTS) or words[0] == "costs"
    command: Any = typer.main.get_command(costs_app if is_costs else app)
    for word in words[words[0] == "costs" :]:
        if not hasattr(command, "commands"):
            break
        words = words[words.index(word) + 1 :]
        command = command.commands[word]

    command.make_context(line, words)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_extras_and_make_targets_of_a_page_exist(page: Path):
    text = page.read_text("utf-8")
    extras = {
        e for group in re.findall(r"pip install '\.\[([\w,-]+)\]'", text) for e in group.split(",")
    }
    targets = set(re.findall(r"`make ([a-z-]+)", text))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert extras <= set(project["optional-dependencies"])
    assert targets <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
