"""The files of the project that the house rules look at."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "openrouter_core": ROOT / "shared/openrouter_core",
    "openrouter_emulator": ROOT / "shared/openrouter_emulator",
    "langchain_openrouter": ROOT / "langchain_openrouter",
    "llama_index_openrouter": ROOT / "llama_index_openrouter",
}
_GENERATED = {"__pycache__", "build", "dist"}


@cache
def project_files() -> tuple[Path, ...]:
    """What git would take into a commit; in a copy without git, everything that is not generated."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        paths = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    else:
        paths = [p for p in ROOT.rglob("*") if not _is_generated(p.relative_to(ROOT))]
    return tuple(p for p in paths if p.is_file())


def _is_generated(path: Path) -> bool:
    folders = path.parts[:-1]
    return any(f in _GENERATED or (f.startswith(".") and f != ".ci") for f in folders)


def python_files() -> list[Path]:
    """Every Python file of the project, tests included."""
    return [p for p in project_files() if p.suffix == ".py"]


def package_modules(package: str) -> list[Path]:
    """The Python files of one import package."""
    return [p for p in python_files() if p.is_relative_to(PACKAGES[package])]


def name_of(path: Path) -> str:
    """How a test names a file."""
    return path.relative_to(ROOT).as_posix()
