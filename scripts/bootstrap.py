"""Make a virtual environment that holds this project and its tools; do nothing if it is there.

Called by the Makefile before every target, so it uses the standard library only and must be quick when
there is nothing to do. A stamp inside the environment says what it was built from.

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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
WANTED = ".[all,dev]"


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


def _python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _version_of_this() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _version_for(venv: Path, *, forced: bool) -> str:
    """The Python version that the environment has, or gets when it is built now."""
    settings = venv / "pyvenv.cfg"
    if forced or not settings.is_file() or not _python(venv).exists():
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
    if _python(venv).exists() and not (
        exact and _version_for(venv, forced=False) != _version_of_this()
    ):
        return
    if venv.exists():
        shutil.rmtree(venv)
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], check=False)
    if made.returncode:
        sys.exit(
            "This Python cannot make virtual environments. On Debian and Ubuntu: "
            "apt install python3-venv."
        )


def _install(venv: Path, *, lowest: bool) -> None:
    """Install with uv where it can be had, for it is ten times as fast; with pip otherwise."""
    python = str(_python(venv))
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    have_uv = not subprocess.run(
        [*pip, "uv"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode
    uv = [
        python,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--link-mode",
        "copy",
        "--python",
        python,
    ]
    if lowest:
        if not have_uv:
            sys.exit("The oldest dependencies are found with uv, and uv could not be installed.")
        _run([*uv, "--constraints", str(_oldest(venv)), "--editable", WANTED])
    elif not (have_uv and _run([*uv, "--editable", WANTED], may_fail=True)):
        _run([*pip, "--editable", WANTED])


def _oldest(venv: Path) -> Path:
    """Pin what users depend on to the oldest versions that pyproject.toml allows; the tools stay new."""
    pins = venv / "oldest.txt"
    bounds = _lower_bounds()
    pins.write_text("".join(f"{name}=={bound}\n" for name, bound in bounds.items()), "utf-8")
    print("oldest: " + ", ".join(f"{name} {bound}" for name, bound in bounds.items()), flush=True)
    return pins


def _lower_bounds() -> dict[str, str]:
    """What pyproject.toml promises to users: the oldest version of each direct dependency."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].items()
    named = [*project["dependencies"], *(d for extra, ds in extras if extra != "dev" for d in ds)]
    found = (re.match(r"([\w.-]+)>=([\w.]+)", requirement) for requirement in named)
    return {match[1].replace("_", "-"): match[2] for match in found if match}


def _run(command: list[str], *, may_fail: bool = False) -> bool:
    done = subprocess.run(command, check=False, cwd=ROOT)
    if done.returncode and not may_fail:
        sys.exit(f"This failed with exit code {done.returncode}: {' '.join(command)}")
    return not done.returncode


if __name__ == "__main__":
    sys.exit(main())
