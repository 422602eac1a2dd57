"""What README and docs show is free of type errors, for those who write strictly typed programs.

Each page is one program, as it is when the pages are run; README's blocks are one each. Beside them stand the
files of this folder, for the checker that `make check` does not run: mypy with pydantic's plugin.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES.remove(ROOT / "docs" / "other_frameworks.md")  # shows packages that are not installed here
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CHECK_S = 300
"""A checker without a cache reads both frameworks first: minutes where a machine is busy."""
pytestmark = pytest.mark.timeout(_CHECK_S)
_LENIENT = "# mypy: allow-redefinition, allow-untyped-defs\n"
"""A page gives one name to several things; a test of pytest's has no annotations."""


def _programs() -> dict[str, str]:
    found: dict[str, str] = {}
    for page in PAGES:
        blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
        parts = blocks if page.name == "README.md" else ["\n".join(blocks)]
        name = re.sub(r"\W", "_", page.relative_to(ROOT).with_suffix("").as_posix().lower())
        found |= {f"{name}_{n}": part for n, part in enumerate(parts) if part}
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def programs(folder: Path) -> list[Path]:
    paths = [folder / f"{name}.py" for name in _programs()]
    for path, program in zip(paths, _programs().values(), strict=True):
        path.write_text(_LENIENT + program, encoding="utf-8")
    return paths


def _check(*command: str | Path) -> str:
    """Run a type checker; return what it objects to."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_CHECK_S - 5,
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_pages_have_programs() -> None:
    names = {name.rpartition("_")[0] for name in _programs()}

    assert names >= {"readme", "docs_client", "docs_costs", "docs_how_to_tools", "docs_langchain"}


@pytest.mark.usefixtures("programs")
def test_pyright_finds_no_error(folder: Path) -> None:
    config = folder / "pyrightconfig.json"
    settings = {
        "extraPaths": [str(ROOT), str(ROOT / "shared")],
        "pythonVersion": "3.11",
        "typeCheckingMode": "standard",
    }
    config.write_text(json.dumps(settings), encoding="utf-8")

    assert not _check("pyright", "--pythonpath", sys.executable, "-p", config)


def test_mypy_finds_no_error(programs: list[Path]) -> None:
    assert not _check("mypy", *programs)


def test_mypy_with_the_plugin_of_pydantic_finds_no_error(
    programs: list[Path], tmp_path: Path
) -> None:
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        "[mypy]\nstrict = True\npython_version = 3.11\nplugins = pydantic.mypy\n"
        "explicit_package_bases = True\nnamespace_packages = True\n"
        f"mypy_path = {ROOT}:{ROOT / 'shared'}\ncache_dir = {ROOT / '.mypy_cache' / 'pydantic'}\n",
        encoding="utf-8",
    )
    usage = sorted((ROOT / "tests" / "typing").glob("*_usage.py"))

    assert not _check("mypy", "--config-file", settings, *usage, *programs)
