"""The official `langchain-openrouter` owns the same import name: its presence must be said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from langchain_openrouter._other_distribution import warn_of_other_distribution


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
