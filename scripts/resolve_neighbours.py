"""Install us beside big packages, on paper: none of them may get an older version because we are there.

A resolver that reads our bounds first may choose a version of a shared dependency that others do not take, and
then goes back years for them. So each neighbour is resolved alone, after us and before us; the three must name
one version of it. `make clients` calls this, CI with --short.

    python scripts/resolve_neighbours.py                  20 neighbours with uv, two with pip too
    python scripts/resolve_neighbours.py --short          two, with uv
    python scripts/resolve_neighbours.py --only crewai    one, with uv and pip
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.side_environment import NOT_INSTALLED, clean_environment  # noqa: E402  # path first

OURS = "openrouter-adapters[langchain,llama-index]"
SHORT = ("pydantic-ai", "browser-use")
"""One that would have to go back, one that would be shut out, by narrower bounds. pip is asked about them too."""
NEIGHBOURS = (
    *SHORT,
    "chromadb",
    "crewai",
    "deepagents",
    "dspy",
    "fastapi",
    "google-adk",
    "google-genai",
    "haystack-ai",
    "instructor",
    "langchain-anthropic",
    "langchain-google-genai",
    "langchain-openai",
    "litellm",
    "llama-index",
    "mcp",
    "openai",
    "smolagents",
    "streamlit",
)
_WITHIN_S = 240


class NoAnswerError(Exception):
    """A resolver could not find versions, or not fetch them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Resolve each neighbour in three ways, show what came out, and fail if it differs."""
    args = _parser().parse_args(arguments)
    names = args.only or (SHORT if args.short else NEIGHBOURS)
    asked = [("uv", name) for name in names]
    asked += [("pip", name) for name in names if args.only or (name in SHORT and not args.short)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        build_wheel(Path(folder))
        try:
            verdicts = list(pool.map(lambda ask: compare(ask[0], ask[1], Path(folder)), asked))
        except NoAnswerError as error:
            print(error)
            return NOT_INSTALLED
    return 0 if all(verdicts) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", metavar="PACKAGE", help="this neighbour")
    parser.add_argument("--short", action="store_true", help="two neighbours, with uv alone")
    return parser


def build_wheel(folder: Path) -> None:
    """Build what an index would have of us."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def compare(tool: str, name: str, wheels: Path) -> bool:
    """Say which versions one neighbour gets, and whether they are one."""
    began = time.monotonic()
    resolve = _with_uv if tool == "uv" else _with_pip
    alone = resolve([name], name, wheels)
    together = [resolve(order, name, wheels) for order in ([OURS, name], [name, OURS])]
    is_right = {alone} == set(together)
    shown = alone if is_right else f"{alone} alone, {together[0]} after us, {together[1]} before us"
    seconds = time.monotonic() - began
    print(f"{tool:5}{name:26}{shown:24}{'' if is_right else 'WRONG':7}{seconds:6.1f} s", flush=True)
    return is_right


def _with_uv(wanted: Sequence[str], name: str, wheels: Path) -> str:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    command = [uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    command += ["--python-version", "3.12", "--find-links", str(wheels), "-"]
    printed = _run(command, "\n".join(wanted))
    return _version(name, printed.splitlines())


def _with_pip(wanted: Sequence[str], name: str, wheels: Path) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--dry-run", "--ignore-installed", "--report", "-", "--find-links", str(wheels)]
    report = json.loads(_run([*command, *wanted], ""))
    chosen = (one["metadata"] for one in report["install"])
    return _version(name, [f"{one['name']}=={one['version']}" for one in chosen])


def _run(command: list[str], requirements: str) -> str:
    try:
        done = subprocess.run(
            command,
            input=requirements,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAnswerError(f"{command[0]} gave no answer: {error}") from error
    if done.returncode:
        raise NoAnswerError(f"{' '.join(command)} failed: {done.stderr.strip()[-1500:]}")
    return done.stdout


def _version(name: str, lines: Iterable[str]) -> str:
    for line in lines:
        found, _, version = line.partition("==")
        if re.sub(r"\[.*|[-_.]+", lambda m: "" if m[0][0] == "[" else "-", found).lower() == name:
            return version.split()[0]
    raise NoAnswerError(f"{name} is not among what was resolved.")


if __name__ == "__main__":
    sys.exit(main())
