"""The wheel, the Makefile and the documents agree with pyproject.toml."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.bootstrap import dependency_group
from tests.house._tree import PACKAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION = runpy.run_path(str(PACKAGES["openrouter_core"] / "_version.py"))["__version__"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def wheel_names(wheel: zipfile.ZipFile) -> set[str]:
    """What a built wheel holds."""
    return set(wheel.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> str:
    """What a package index reads."""
    return wheel.read(f"openrouter_adapters-{VERSION}.dist-info/METADATA").decode()


def test_wheel_holds_all_four_packages_at_its_top(wheel_names: set[str]):
    tops = {name.split("/")[0] for name in wheel_names if ".dist-info" not in name}

    assert tops == set(PACKAGES)


def test_wheel_says_that_every_package_is_typed(wheel_names: set[str]):
    assert {f"{package}/py.typed" for package in PACKAGES} <= wheel_names


def test_wheel_carries_the_licence_and_the_pytest_plugin(wheel_names: set[str]):
    info = f"openrouter_adapters-{VERSION}.dist-info"

    assert {f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= wheel_names


def test_sdist_holds_everything_that_the_project_has(tmp_path: Path):
    """So that it builds and tests itself where it was unpacked: tests read cassettes, documents and `.ci`."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout, so that there is nothing to compare with")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}

    assert {name for name in tracked.stdout.splitlines() if (ROOT / name).exists()} <= held


def test_changelog_has_an_unreleased_section_and_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[?([^\]\s]+)", changelog, re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert VERSION in headings


def test_every_dependency_has_a_lower_bound():
    extras = PROJECT["optional-dependencies"]
    published = [*PROJECT["dependencies"], *(d for extra in extras.values() for d in extra)]
    named = [*published, *dependency_group("dev")]

    assert [d for d in named if ">=" not in d and not d.startswith("openrouter-adapters[")] == []


def test_what_only_development_needs_is_not_published(metadata: str):
    """`pip install openrouter-adapters[dev]` would be a promise to keep; a dependency group is none."""
    extras = set(re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE))

    assert extras == set(PROJECT["optional-dependencies"])
    assert "dev" not in extras
    assert "Requires-Dist: pytest" not in metadata


def test_no_address_is_claimed_until_there_is_one(metadata: str):
    assert re.findall(r"^(?:Project-URL|Home-page|Download-URL):.*$", metadata, re.MULTILINE) == []


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

    assert [line for line in commands if line.startswith("step ")][-6:] == [
        'step "make check" make check',
        'step "make docs" make docs',
        'step "make test" make test',
        'step "make coverage" make coverage',
        'step "make test-all-pythons" make test-all-pythons ARGS=--others',
        'step "make clients" make clients ARGS=--short',
    ]
