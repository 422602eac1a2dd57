"""The wheel, the Makefile and the documents agree with pyproject.toml."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house._tree import PACKAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION = runpy.run_path(str(PACKAGES["openrouter_core"] / "_version.py"))["__version__"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a built wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_all_four_packages_at_its_top(wheel_names: set[str]):
    tops = {name.split("/")[0] for name in wheel_names if ".dist-info" not in name}

    assert tops == set(PACKAGES)


def test_wheel_says_that_every_package_is_typed(wheel_names: set[str]):
    assert {f"{package}/py.typed" for package in PACKAGES} <= wheel_names


def test_wheel_carries_the_licence_and_the_pytest_plugin(wheel_names: set[str]):
    info = f"openrouter_adapters-{VERSION}.dist-info"

    assert {f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= wheel_names


def test_changelog_has_an_unreleased_section_and_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[?([^\]\s]+)", changelog, re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert VERSION in headings


def test_every_dependency_has_a_lower_bound():
    extras = PROJECT["optional-dependencies"]
    named = [*PROJECT["dependencies"], *(d for extra in extras.values() for d in extra)]

    assert [d for d in named if ">=" not in d and not d.startswith("openrouter-adapters[")] == []


@pytest.mark.parametrize(
    "pinned", ["tenacity==9.1.4", "anyio==4.12.1", "typing-extensions==4.15.0"]
)
def test_versions_that_large_packages_pin_are_allowed(pinned: str):
    """google-genai, browser-use. `make clients` resolves us beside them and others."""
    name, _, version = pinned.partition("==")
    ours = [Requirement(each) for each in PROJECT["dependencies"]]
    (bound,) = [each for each in ours if each.name.replace("_", "-") == name]

    assert version in bound.specifier


def test_tenacity_has_the_bound_of_its_other_users():
    """uv reads direct dependencies first: with 9.2 chosen it went back to pydantic-ai 0.3."""
    ours = [Requirement(each) for each in PROJECT["dependencies"]]
    (bound,) = [each for each in ours if each.name == "tenacity"]

    assert "9.2.1" not in bound.specifier


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")), ids=lambda p: p.name)
def test_make_targets_named_in_documents_exist(document: Path):
    named = set(re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8")))
    exist = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    assert named <= exist


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")), ids=lambda p: p.name)
def test_extras_named_in_documents_exist(document: Path):
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"openrouter-adapters\[([a-z,-]+)\]", text)

    assert {extra for group in named for extra in group.split(",")} <= set(
        PROJECT["optional-dependencies"]
    )


def test_ci_runs_the_checks_and_the_tests_on_every_python():
    commands = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()

    assert [line for line in commands if line.startswith("step ")][-5:] == [
        'step "make check" make check',
        'step "make docs" make docs',
        'step "make test" make test',
        'step "make test-all-pythons" make test-all-pythons ARGS=--others',
        'step "make clients" make clients ARGS=--short',
    ]
