"""Build the documentation site into build/site: `make docs`. Warnings are errors.

    python scripts/docs.py            build
    python scripts/docs.py --serve    build, show it on loopback, and build again on every change

zensical builds it: it is the successor of Material for MkDocs, whose maintenance has ended, and reads the same
`mkdocs.yml`. Ends with 3 when its environment cannot be made.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    python_with,
)

WANTED = ("zensical>=0.0.41", "mkdocstrings-python>=2")
_INSTALL_S = 300


def main() -> int:
    options = _options()
    try:
        python = python_with("docs", WANTED, within_s=_INSTALL_S)
    except NotInstalledError as error:
        print(error, file=sys.stderr)
        return NOT_INSTALLED
    what = ["serve"] if options.serve else ["build", "--strict", "--clean"]
    return subprocess.run([python, "-m", "zensical", *what], cwd=ROOT, check=False).returncode


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--serve", action="store_true", help="show it, and build again on every change"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
