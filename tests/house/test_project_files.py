"""The files that a hosting site reads say the same as the project does."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from scripts import test_all_pythons as all_pythons
from tests.house._tree import ROOT

GITHUB = ROOT / ".github"


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def commands(workflow: Any) -> list[str]:
    return [s["run"] for job in workflow["jobs"].values() for s in job["steps"] if "run" in s]


def test_the_workflow_tests_every_python_on_three_systems():
    workflow = read(".github/workflows/tests.yml")
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]

    assert matrix["python"] == list(all_pythons._supported())
    assert [system.partition("-")[0] for system in matrix["system"]] == [
        "ubuntu",
        "macos",
        "windows",
    ]
    assert "bash .ci/run" in commands(workflow)
    assert "python scripts/bootstrap.py" in commands(workflow)


@pytest.mark.parametrize("name", ["tests", "publish"])
def test_no_workflow_may_write_or_holds_a_stored_secret(name):
    text = (GITHUB / f"workflows/{name}.yml").read_text("utf-8")

    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert "secrets." not in text


@pytest.mark.parametrize("form", ["bug", "idea"])
def test_a_form_asks_something(form):
    found = read(f".github/ISSUE_TEMPLATE/{form}.yml")

    fields = [item for item in found["body"] if item["type"] != "markdown"]
    assert found["name"]
    assert found["description"]
    assert len({item["id"] for item in fields}) == len(fields)
    assert any(item.get("validations", {}).get("required") for item in fields)


def test_the_citation_names_the_project():
    found = read("CITATION.cff")

    assert (found["title"], found["license"]) == ("openrouter-adapters", "MIT")
