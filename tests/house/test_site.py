"""The documentation site has every page, and its pages name everything that there is to name."""

from __future__ import annotations

import dataclasses
import re

import pytest
import yaml

from openrouter_core import config, errors
from tests.house._tree import ROOT, project_files

DOCS = ROOT / "docs"
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
