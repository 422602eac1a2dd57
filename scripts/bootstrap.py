"""Make a virtual environment that holds this project and its tools; do nothing if it is there.

Called by the Makefile before every target, so it uses the standard library only and must be quick when
there is nothing to do. A stamp inside the environment says what it was built from. Where there is no make
(Windows), call it yourself, then the Python of the environment, which is .venv/Scripts/python.exe there.

    python3 scripts/bootstrap.py                              .venv, newest versions
    python3.12 scripts/bootstrap.py --venv .venvs/3.12        another place
    python3 scripts/bootstrap.py --venv .venvs/lowest --lowest    oldest allowed dependencies
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
PROJECT = ("--editable", ".[all]")
NO_SETTINGS: Mapping[str, str] = {}
UV_SETTINGS = {"UV_SYSTEM_CERTS": "true"}
"""uv trusts what pip and the machine trust, unless its own environment variables say otherwise."""


def main() -> int:
    """Build the environment unless its stamp says that it is current."""
    args = _arguments()
    if sys.version_info < OLDEST:
        return _refuse()
    venv = ROOT / args.venv
    stamp = venv / ".stamp"
    wanted = _fingerprint(lowest=args.lowest, version=_version_for(venv, forced=args.exact))
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    started = time.monotonic()
    print(f"setting up {args.venv} (only needed when pyproject.toml changes) ...", flush=True)
    _make_venv(venv, exact=args.exact)
    _install(venv, lowest=args.lowest)
    wanted = _fingerprint(lowest=args.lowest, version=_version_for(venv, forced=False))
    stamp.write_text(wanted, encoding="utf-8")
    print(f"{args.venv} is ready after {time.monotonic() - started:.0f} s", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--venv", default=".venv", help="where, relative to the project")
    parser.add_argument("--lowest", action="store_true", help="oldest allowed dependencies")
    parser.add_argument(
        "--exact", action="store_true", help="rebuild if the environment has another Python version"
    )
    return parser.parse_args()


def _refuse() -> int:
    have, need = (".".join(map(str, v)) for v in (sys.version_info[:3], OLDEST))
    print(
        f"This is Python {have}; the project needs {need} or newer. "
        f"Name one that you have: make PYTHON=python{need} ...",
        file=sys.stderr,
    )
    return 1


def python_of(venv: Path) -> Path:
    """Return where an environment keeps its Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _version_of_this() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _version_for(venv: Path, *, forced: bool) -> str:
    """The Python version that the environment has, or gets when it is built now."""
    settings = venv / "pyvenv.cfg"
    if forced or not settings.is_file() or not python_of(venv).exists():
        return _version_of_this()
    for line in settings.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() in {"version", "version_info"}:
            return ".".join(value.strip().split(".")[:2])
    return _version_of_this()


def _fingerprint(*, lowest: bool, version: str) -> str:
    """Everything that a finished environment depends on; its place too, for it cannot be moved."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes())
    digest.update(Path(__file__).read_bytes())
    return f"{version} {'lowest' if lowest else 'newest'} {digest.hexdigest()} {ROOT}\n"


def _make_venv(venv: Path, *, exact: bool) -> None:
    if python_of(venv).exists() and not (
        exact and _version_for(venv, forced=False) != _version_of_this()
    ):
        return
    shutil.rmtree(venv, ignore_errors=True)
    if find_spec("ensurepip") is None:
        sys.exit(
            "This Python cannot make virtual environments. On Debian and Ubuntu: "
            "apt install python3-venv."
        )
    try:
        _run([sys.executable, "-m", "venv", str(venv)])
    except SystemExit:
        shutil.rmtree(venv, ignore_errors=True)  # half of one would be taken for a whole one
        raise


def _install(venv: Path, *, lowest: bool) -> None:
    """Install with uv where it can be had, for it is ten times as fast; with pip otherwise."""
    python = str(python_of(venv))
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--link-mode=copy", "--python", python]
    wanted = [*PROJECT, *dependency_group("dev")]
    why_not = _failure([*pip, "uv"])
    if lowest:
        if why_not:
            sys.exit(f"The oldest dependencies are found with uv, and it is not here: {why_not}")
        _run([*uv, "--constraints", str(_oldest(venv)), *wanted], UV_SETTINGS)
        return
    why_not = why_not or _failure([*uv, *wanted], UV_SETTINGS)
    if why_not:
        print(
            f"using pip, which takes a few minutes: uv does not work here ({why_not})", flush=True
        )
        _run([*pip, *wanted])


def dependency_group(name: str) -> list[str]:
    """The requirements of a dependency group, with those of the groups that it includes.

    Read here and not by pip, which knows groups since 25.1: Debian 12 has 23.0.
    """
    entries = _read_project()["dependency-groups"][name]
    parts = [[e] if isinstance(e, str) else dependency_group(e["include-group"]) for e in entries]
    return [requirement for part in parts for requirement in part]


def _read_project() -> dict[str, Any]:
    import tomllib

    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _oldest(venv: Path) -> Path:
    """Pin what users depend on to the oldest versions that pyproject.toml allows; the tools stay new."""
    pins = venv / "oldest.txt"
    bounds = _lower_bounds()
    pins.write_text("".join(f"{name}=={bound}\n" for name, bound in bounds.items()), "utf-8")
    print("oldest: " + ", ".join(f"{name} {bound}" for name, bound in bounds.items()), flush=True)
    return pins


def _lower_bounds() -> dict[str, str]:
    """What pyproject.toml promises to users: the oldest version of each direct dependency."""
    project = _read_project()["project"]
    extras = project["optional-dependencies"].values()
    named = [*project["dependencies"], *(d for extra in extras for d in extra)]
    found = (re.match(r"([\w.-]+)>=([\w.]+)", requirement) for requirement in named)
    return {match[1].replace("_", "-"): match[2] for match in found if match}


def _run(command: list[str], settings: Mapping[str, str] = NO_SETTINGS) -> None:
    done = subprocess.run(command, check=False, cwd=ROOT, env={**settings, **os.environ})
    if done.returncode:
        sys.exit(f"This failed with exit code {done.returncode}: {' '.join(command)}")


def _failure(command: list[str], settings: Mapping[str, str] = NO_SETTINGS) -> str:
    """Run what may fail, in silence; return the last thing it said if it did."""
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env={**settings, **os.environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    causes = [line for line in lines if not line.startswith("hint:")]
    return (causes or [f"exit code {done.returncode}"])[-1] if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
