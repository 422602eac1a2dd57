"""The import rules refuse what they are there to refuse: each illegal import is put into a copy and found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house._tree import PACKAGES, ROOT

ILLEGAL = [
    # up, inside core
    ("openrouter_core.wire.chat", "openrouter_core.costs.ledger"),
    ("openrouter_core.wire.chat", "openrouter_core.costs.records.labels"),
    ("openrouter_core.wire.chat", "openrouter_core._http.pool"),
    ("openrouter_core.errors._body", "openrouter_core.config"),
    ("openrouter_core.streaming.reader", "openrouter_core._client.base"),
    ("openrouter_core.streaming.chat", "openrouter_core._http.retry"),
    ("openrouter_core.streaming.tool_calls", "openrouter_core.client"),
    ("openrouter_core.streaming.stream", "openrouter_core.client"),
    ("openrouter_core.chat.reasoning", "openrouter_core.oauth"),
    ("openrouter_core.costs.records.usage", "openrouter_core.costs.sql.store"),
    ("openrouter_core.costs.records.record", "openrouter_core.costs.report.charts"),
    ("openrouter_core.costs.ledger", "openrouter_core.bulk.job"),
    ("openrouter_core.bulk.store", "openrouter_core.bulk.engine"),
    # up, inside an adapter, and past the public names
    ("langchain_openrouter._request.content_parts", "openrouter_core._http.exchange"),
    ("langchain_openrouter._request.content_parts", "langchain_openrouter.chat_models"),
    ("langchain_openrouter._settings.client", "langchain_openrouter.middleware"),
    ("llama_index_openrouter._request.tools", "llama_index_openrouter.llm"),
    # up, inside the emulator
    ("openrouter_emulator.planned_response", "openrouter_emulator.handlers.chat"),
]

Lint = Callable[[], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four packages and their rules, where a line can be added to them."""
    place = tmp_path_factory.mktemp("copy")
    for folder in PACKAGES.values():
        target = place / folder.relative_to(ROOT)
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    for file in ("__init__.py", "_tree.py", "test_import_rules.py"):
        if (ROOT / "tests/house" / file).exists():
            (place / "tests/house").mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "tests/house" / file, place / "tests/house" / file)
    return place


def _lint(place: Path) -> str:
    """What the import rules say of a copy; empty when they find nothing."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "pyproject.toml"]
    environment = {"PYTHONPATH": f"{place}:{place / 'shared'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        rules = [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider",
                 "tests/house/test_import_rules.py"]  # fmt: skip
        done = subprocess.run(
            rules, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_copy_as_it_is_breaks_no_rule(copy: Path):
    assert _lint(copy) == ""


@pytest.mark.parametrize(("importer", "imported"), ILLEGAL, ids=[" -> ".join(i) for i in ILLEGAL])
def test_an_illegal_import_is_refused(copy: Path, importer: str, imported: str):
    folder = "shared/" if importer.startswith(("openrouter_core", "openrouter_emulator")) else ""
    file = copy / f"{folder}{importer.replace('.', '/')}.py"
    before = file.read_text("utf-8")
    file.write_text(f"{before}\nimport {imported}\n", "utf-8")

    found = _lint(copy)

    file.write_text(before, "utf-8")
    assert importer.rpartition(".")[2] in found
    assert imported in found
