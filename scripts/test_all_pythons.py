"""Run the tests on every supported Python that this machine has. `make test-all-pythons` calls this.

pyproject.toml lists the versions. Each is looked for on PATH, in ~/.pyenv and where the distribution keeps
its own; one that was found twice in different patch versions is tested twice. A version that is not here
is named and left out, or a failure with --strict.

    python scripts/test_all_pythons.py                    every test, on every Python
    python scripts/test_all_pythons.py --others           what CI runs: the tests below, on every Python
                                                          but the one that runs this
    python scripts/test_all_pythons.py --only 3.12 3.13
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.bootstrap import python_of  # noqa: E402  # path first

TESTS_ON_OTHERS = (
    "tests/openrouter_core",
    "tests/lifecycle",
    "tests/house",
    "tests/langchain_openrouter/test_pickles.py",
    "tests/llama_index_openrouter/test_pickles.py",
)
"""What depends on the version of Python: locks, finalizers, dataclasses, pickles. The one list of them."""
PARALLEL = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile")
"""As `make test` has it."""
_ASKED = "import platform, sys; print(platform.python_version(), sys.implementation.name)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Test each version in an environment of its own, and sum up."""
    args = _parser().parse_args(arguments)
    wanted = args.only or _supported()
    found = list(_found(wanted))
    tested = [(exact, python) for exact, python in found if not (args.others and _is_this(python))]
    tests = TESTS_ON_OTHERS if args.others else ()
    verdicts = [(f"Python {exact}", *_tested(exact, python, tests)) for exact, python in tested]
    absent = [v for v in wanted if not any(_minor(exact) == v for exact, _ in found)]
    for name, verdict, took_s in verdicts:
        print(f"{name}: {verdict} in {took_s:.0f} s")
    for version in absent:
        print(f"Python {version}: not on this machine")
    failed = any(verdict == "FAILED" for _, verdict, _ in verdicts)
    return 1 if failed or (args.strict and absent) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--others", action="store_true", help="not this Python, and fewer tests")
    parser.add_argument("--only", nargs="+", metavar="3.N", help="these versions")
    parser.add_argument("--strict", action="store_true", help="fail if a version is not here")
    return parser


def _supported() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r"Programming Language :: Python :: (3\.\d+)", text)


def _found(versions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each exact version that is here once, with its interpreter."""
    seen: set[str] = set()
    for version in versions:
        for python in _candidates(version):
            exact = _version_of(python)
            if exact and _minor(exact) == version and exact not in seen:
                seen.add(exact)
                yield exact, python


def _candidates(version: str) -> list[str]:
    """Where a version may be. A shim of pyenv may not run, and `python3` may be any version."""
    on_path = [
        str(Path(folder) / name)
        for folder in (*os.get_exec_path(), "/usr/local/bin", "/usr/bin")
        for name in (f"python{version}", "python3", "python.exe")
    ]
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    return [p for p in dict.fromkeys([*on_path, *map(str, pyenv)]) if Path(p).exists()]


def _version_of(python: str) -> str:
    """The version of an interpreter that runs, e.g. "3.12.1"; else nothing."""
    done = subprocess.run(
        [python, "-I", "-c", _ASKED], capture_output=True, text=True, check=False, cwd=ROOT
    )
    exact, _, name = done.stdout.strip().partition(" ")
    return exact if name == "cpython" and not done.returncode else ""


def _minor(exact: str) -> str:
    return ".".join(exact.split(".")[:2])


def _is_this(python: str) -> bool:
    return _version_of(python) == _version_of(sys.executable)


def _tested(exact: str, python: str, tests: Sequence[str]) -> tuple[str, float]:
    started = time.monotonic()
    venv = f".venvs/{exact}"
    print(f"== Python {exact}: {python}", flush=True)
    steps = (
        [python, "scripts/bootstrap.py", "--exact", "--venv", venv],
        [str(python_of(ROOT / venv)), "-m", "pytest", "-q", *PARALLEL, *tests],
    )
    failed = any(subprocess.run(step, cwd=ROOT, check=False).returncode for step in steps)
    return "FAILED" if failed else "passed", time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
