"""Run the tests on every supported Python. `make test-all-pythons` calls this.

A version that is not on this machine is named and makes the run fail: "all" was not shown then.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Test each version in an environment of its own, and sum up."""
    verdicts = {version: _test(version) for version in _supported()}
    print("\n".join(f"Python {version}: {verdict}" for version, verdict in verdicts.items()))
    return 0 if set(verdicts.values()) == {"passed"} else 1


def _supported() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r"Programming Language :: Python :: (3\.\d+)", text)


def _test(version: str) -> str:
    python = _find(version)
    if python is None:
        return f"not found on this machine (looked for python{version} on PATH and in ~/.pyenv)"
    venv = f".venvs/{version}"
    print(f"== Python {version}: {python}", flush=True)
    steps = (
        [python, "scripts/bootstrap.py", "--exact", "--venv", venv],
        [f"{venv}/bin/python", "-m", "pytest", "-q"],
    )
    failed = any(subprocess.run(step, cwd=ROOT, check=False).returncode for step in steps)
    return "FAILED" if failed else "passed"


def _find(version: str) -> str | None:
    """An interpreter that runs and is of this version; a shim of pyenv may do neither."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
    candidates = [shutil.which(f"python{version}"), *map(str, pyenv)]
    return next((c for c in candidates if c and _is(c, version)), None)


def _is(python: str, version: str) -> bool:
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


if __name__ == "__main__":
    sys.exit(main())
