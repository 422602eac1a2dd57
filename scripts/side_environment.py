"""Environments beside the project's own, for packages that it competes with or checks itself against.

Used by the scripts that run such packages. Each is made once and kept while what is wanted stays the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.bootstrap import UV_SETTINGS
from scripts.bootstrap import python_of as python_in

ROOT = Path(__file__).resolve().parent.parent
NOT_INSTALLED = 3
"""What a script ends with where an environment cannot be made."""
_STAMP = ".stamp"
_NODE = 20
"""The oldest node with which today's packages run."""
_NPM = (
    *("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
    *("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000"),
)
"""npm's own two retries take 70 seconds for each package where its registry cannot be reached."""


class NotInstalledError(Exception):
    """An environment cannot be made here."""


def python_with(name: str, wanted: Sequence[str], *, within_s: int) -> Path:
    """Return the Python of `.venvs/NAME`, which has what is wanted; make it where needed.

    Raises:
        NotInstalledError: The packages cannot be fetched.
    """
    python = python_of(name)
    if not is_made(name, wanted):
        venv = ROOT / ".venvs" / name
        shutil.rmtree(venv, ignore_errors=True)
        for command in _installing(venv, python, wanted):
            _run(command, name, within_s)
        (venv / _STAMP).write_text(_stamp(wanted), encoding="utf-8")
    return python


def node_with(name: str, wanted: Sequence[str], *, within_s: int) -> tuple[str, Path]:
    """Return node, and the folder `.venvs/NAME` that has the packages wanted; make it where needed.

    Raises:
        NotInstalledError: There is no node here, or the packages cannot be fetched.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or _major(node) < _NODE:
        raise NotInstalledError(f"{name} needs node {_NODE} or newer, with npm.")
    folder = ROOT / ".venvs" / name
    stamp = folder / _STAMP
    if not stamp.is_file() or stamp.read_text("utf-8") != _stamp(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        _run([npm, "install", "--prefix", str(folder), *_NPM, *wanted], name, within_s)
        stamp.write_text(_stamp(wanted), encoding="utf-8")
    return node, folder


def _major(node: str) -> int:
    printed = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    major = printed.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def python_of(name: str) -> Path:
    """The Python of `.venvs/NAME`, whether it is made yet or not."""
    return python_in(ROOT / ".venvs" / name)


def is_made(name: str, wanted: Sequence[str]) -> bool:
    """Whether `.venvs/NAME` is there and was made for what is wanted."""
    stamp = ROOT / ".venvs" / name / _STAMP
    is_stamped = stamp.is_file() and stamp.read_text("utf-8") == _stamp(wanted)
    return is_stamped and python_of(name).exists()


def _stamp(wanted: Sequence[str]) -> str:
    return "\n".join([str(sys.version_info[:2]), *wanted])


def _installing(venv: Path, python: Path, wanted: Sequence[str]) -> list[list[str]]:
    """The commands that make an environment: uv's where there is uv, else pip's."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        make = [sys.executable, "-m", "venv", str(venv)]
        return [make, [str(python), "-m", "pip", "install", "--quiet", *wanted]]
    make = [uv, "venv", "--quiet", "--python", sys.executable, str(venv)]
    return [make, [uv, "pip", "install", "--quiet", "--python", str(python), *wanted]]


def _run(command: list[str], name: str, within_s: int) -> None:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
            env={**UV_SETTINGS, **os.environ},
        )
        lines = (done.stderr or done.stdout).strip().splitlines()
        reasons = [line for line in lines if "failed, reason: " in line] or lines  # npm's first
        why = (reasons or ["no reason was given"])[-1] if done.returncode else ""
    except subprocess.TimeoutExpired:
        why = f"not done after {within_s} seconds"
    if why:
        raise NotInstalledError(
            f"The environment {name} could not be made ({why}); "
            "check the package index and run this again."
        )


def clean_environment(*unwanted: str) -> dict[str, str]:
    """The environment variables without keys, proxies and whatever begins like `unwanted`."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("OPENROUTER_", "PYTHON", *unwanted))
        and "PROXY" not in name.upper()
    }
