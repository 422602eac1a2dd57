"""Counts instructions with valgrind's callgrind: `python -m tests.bench._instructions` prints them.

With `--write` the medians of three runs become the base of `instructions.json` for this Python. A count
depends on the build of Python and on the libraries it runs through, so a base names both, and holds for
them alone.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench import _canned
from tests.bench._counted import CHUNKS, FIRST_CHUNKS, SURFACES

ROOT = Path(__file__).resolve().parents[2]
WORK = Path(__file__).with_name("_counted.py")
BASES = Path(__file__).with_name("instructions.json")
LENGTH = FIRST_CHUNKS + CHUNKS + 10

_CLIENT = ("anyio", "h11", "httpcore2", "httpx2", "pydantic", "pydantic-core")
LIBRARIES = {
    "core": _CLIENT,
    "langchain": (*_CLIENT, "langchain-core", "langsmith"),
    "llama_index": (*_CLIENT, "llama-index-core", "llama-index-instrumentation"),
}
ANSWERS = {
    "reply": _canned.reply(),
    "text": [b"".join(_canned.events([_canned.text(n) for n in range(LENGTH)]))],
    "tool_call": [b"".join(_canned.events([_canned.tool_call(n) for n in range(LENGTH)]))],
    "short": [b"".join(_canned.events([_canned.text(n) for n in range(3)]))],
}
"""In one piece each: how often a client reads from its socket must not depend on who is faster."""


def python_build() -> str:
    """What a count depends on besides the libraries."""
    configured = sysconfig.get_config_var("CONFIG_ARGS") or ""
    flags = re.findall(r"-O\w+", sysconfig.get_config_var("OPT") or "")
    flags += re.findall("--enable-optimizations|--with-lto", configured)
    name, compiler = platform.python_implementation(), platform.python_compiler()
    return (
        f"{name} {platform.python_version()}, {compiler}, {platform.machine()}, {' '.join(flags)}"
    )


def library_versions(surface: str) -> dict[str, str]:
    """The installed libraries that the surface's work runs through."""
    return {name: version(name) for name in LIBRARIES[surface]}


def measure(surface: str) -> dict[str, int]:
    """Instructions per item of each work."""
    with tempfile.TemporaryDirectory() as folder, _canned.CannedServer(ANSWERS) as server:
        out = Path(folder) / "out"
        done = subprocess.run(
            [*_valgrind(out), sys.executable, str(WORK), surface, server.url()],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return _per_item(json.loads(done.stdout), out)


def _valgrind(out: Path) -> list[str]:
    options = ("--tool=callgrind", "--instr-atstart=no", "--dump-before=getppid")
    return ["valgrind", *options, f"--callgrind-out-file={out}"]


def _environment() -> dict[str, str]:
    """Little, and the same everywhere: the order of a set depends on the seed."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}",
        "PYTHONHASHSEED": "0",
        "LANGSMITH_TRACING": "false",
    }


def _per_item(parts: list[tuple[str, int]], out: Path) -> dict[str, int]:
    """The second, fourth, ... file holds what was counted; the others what was not."""
    assert len(list(out.parent.glob("out.*"))) == 2 * len(parts), "somebody else called getppid"
    items, instructions = dict[str, int](), dict[str, int]()
    for at, (name, count) in enumerate(parts):
        items[name] = items.get(name, 0) + count
        instructions[name] = instructions.get(name, 0) + _total(out, 2 * at + 2)
    return {name: round(instructions[name] / items[name]) for name in items}


def _total(out: Path, number: int) -> int:
    found = re.search(r"^totals: (\d+)", out.with_suffix(f".{number}").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def base_of(surface: str) -> tuple[dict[str, int], str]:
    """The figures that were measured for this Python and these libraries, or why there are none."""
    bases = json.loads(BASES.read_text(encoding="utf-8"))["bases"]
    base = bases.get(python_build(), {}).get(surface)
    if base is None:
        return {}, f"no base for {python_build()}"
    here, there = library_versions(surface), base["libraries"]
    changed = [
        f"{name} {there.get(name)}, here {v}" for name, v in here.items() if there.get(name) != v
    ]
    return ({}, f"the base is of {'; '.join(changed)}") if changed else (base["figures"], "")


def _write() -> None:
    stored = json.loads(BASES.read_text(encoding="utf-8"))
    stored["bases"][python_build()] = {surface: _base(surface) for surface in SURFACES}
    BASES.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def _base(surface: str) -> dict[str, Any]:
    runs = [measure(surface) for _ in range(3)]
    figures = {name: statistics.median_low(run[name] for run in runs) for name in runs[0]}
    return {"libraries": library_versions(surface), "figures": figures}


if __name__ == "__main__":
    if "--write" in sys.argv:
        _write()
    else:
        sys.stdout.write(json.dumps({s: measure(s) for s in SURFACES}, indent=2) + "\n")
