"""Lint the files that a hosting site reads, with the linters made for them: `make lint-files`.

check-jsonschema and actionlint read the workflows, zizmor looks for what an attacker could use, cffconvert reads
CITATION.cff. They live in environments of their own; actionlint needs node. Nothing is sent anywhere. Ends with 3
when the linters cannot be installed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    node_with,
    python_with,
)

WANTED = ("check-jsonschema>=0.39", "zizmor>=1.32")
WANTED_FOR_CITATION = ("cffconvert>=2",)
"""Alone, for it wants a jsonschema that is older than those of the others."""
WANTED_OF_NODE = ("actionlint@2",)
_INSTALL_S = 300
_ACTIONLINT = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const found = createRequire(process.argv[1] + "/").resolve("actionlint");
const { createLinter } = await import(pathToFileURL(found));
const lint = await createLinter();
const faults = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
for (const { file, line, column, message } of faults) console.log(`${file}:${line}:${column}: ${message}`);
process.exit(faults.length ? 1 : 0);
"""


def main() -> int:
    """Run every linter, also after one that failed."""
    try:
        failed = [name for name, command in _linters() if not _passes(name, command)]
    except NotInstalledError as error:
        print(error, file=sys.stderr)
        return NOT_INSTALLED
    return 1 if failed else 0


def _linters() -> Iterator[tuple[str, list[str]]]:
    programs = python_with("lint-files", WANTED, within_s=_INSTALL_S).parent
    workflows = [str(path) for path in sorted((ROOT / ".github/workflows").glob("*.yml"))]
    by_schema = [str(programs / "check-jsonschema"), "--builtin-schema"]
    yield "workflows: schema", [*by_schema, "vendor.github-workflows", *workflows]
    required = "custom.github-workflows-require-timeout"
    yield "workflows: time limits", [*by_schema, required, *workflows]
    dependabot = str(ROOT / ".github/dependabot.yml")
    yield "dependabot: schema", [*by_schema, "vendor.dependabot", dependabot]
    yield "workflows: zizmor", [str(programs / "zizmor"), "--offline", "--quiet", ".github"]
    citation = python_with("lint-citation", WANTED_FOR_CITATION, within_s=_INSTALL_S).parent
    yield "CITATION.cff", [str(citation / "cffconvert"), "--validate"]
    node, folder = node_with("lint-files-node", WANTED_OF_NODE, within_s=_INSTALL_S)
    run = [node, "--input-type=module", "--eval", _ACTIONLINT, "--", str(folder)]
    yield "workflows: actionlint", [*run, *workflows]


def _passes(name: str, command: list[str]) -> bool:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"{name}: {'passed' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
