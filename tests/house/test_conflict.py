"""The official `langchain-openrouter` owns the same import name: its presence must be said."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_openrouter._other_distribution import warn_of_other_distribution
from tests.house._tree import PACKAGES, ROOT


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A folder in which the other distribution looks installed."""
    info = tmp_path / "langchain_openrouter-0.2.9.dist-info"
    info.mkdir()
    metadata = "Metadata-Version: 2.1\nName: langchain-openrouter\nVersion: 0.2.9\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    return tmp_path


def test_other_distribution_is_named_with_the_commands_that_mend_it(
    official: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(str(official))

    with pytest.warns(RuntimeWarning, match="pip uninstall langchain-openrouter"):
        warn_of_other_distribution()


def test_nothing_is_said_when_it_is_absent(recwarn: pytest.WarningsRecorder):
    warn_of_other_distribution()

    assert not recwarn.list


def test_import_warns(official: Path):
    paths = [str(official), *sys.path]
    code = f"import sys; sys.path[:] = {paths!r}; import langchain_openrouter"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert "langchain-openrouter 0.2.9 is installed too" in done.stderr


def _imported(init: str | None, module: str, *more: Path, tmp_path: Path) -> str:
    """Import a module of a copy of the package whose `__init__` is another's, or gone; return what is said."""
    copy = tmp_path / "copy" / "langchain_openrouter"
    shutil.copytree(PACKAGES["langchain_openrouter"], copy)
    (copy / "__init__.py").unlink()
    if init is not None:
        (copy / "__init__.py").write_text(init, encoding="utf-8")
    elsewhere = [path for path in sys.path if Path(path or ".").resolve() != ROOT]
    paths = [str(copy.parent), *map(str, more), *elsewhere]
    code = f"import sys; sys.path[:] = {paths!r}; import {module}"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_modules_of_ours_notice_that_the_other_was_installed_last(official: Path, tmp_path: Path):
    warned = _imported("", "langchain_openrouter.embeddings", official, tmp_path=tmp_path)

    assert "langchain-openrouter 0.2.9 is installed too" in warned


def test_modules_of_ours_notice_that_the_other_took_files_along(tmp_path: Path):
    warned = _imported(None, "langchain_openrouter.embeddings", tmp_path=tmp_path)

    assert "Files of openrouter-adapters are missing from langchain_openrouter" in warned


def test_a_missing_name_is_explained(official: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(official))

    with (
        pytest.warns(RuntimeWarning, match="pip uninstall langchain-openrouter"),
        pytest.raises(ImportError, match="ChatOpenRouterV2"),
    ):
        from langchain_openrouter import ChatOpenRouterV2  # noqa: F401
