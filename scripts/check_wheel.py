"""Install the built wheel with each extra into an empty environment and see that it does what is promised: `make check-wheel`.

For each extra: what it brings works (calls go to an emulator), what it does not bring says which extra does, and no
requirement is in conflict. Prints how many packages and megabytes each extra takes. `--only cli` takes one; `ray`, which is
half a gigabyte, is tried when it is named. Ends with 3 when packages cannot be fetched.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from openrouter_emulator import Emulator  # noqa: E402  # path first
from scripts.bootstrap import UV_SETTINGS  # noqa: E402  # as above
from scripts.bootstrap import python_of as python_in  # noqa: E402  # as above
from scripts.side_environment import NOT_INSTALLED, clean_environment  # noqa: E402  # as above

HALF_A_GIGABYTE = frozenset({"ray"})
_ASK = "[{'role': 'user', 'content': 'Hi'}], model='openai/gpt-4o-mini'"
_CLIENT = "from openrouter_core import OpenRouterClient as C; from openrouter_core.costs import CostLedger as L"
PROMISES = {
    "": f"{_CLIENT}; l = L(); print(C(observers=[l]).chat.send({_ASK}).text, l.totals().total)",
    "langchain": "from langchain_openrouter import *; print(ChatOpenRouter(model='openai/gpt-4o-mini').invoke('Hi').text);"
    "print(len(OpenRouterEmbeddings(model='openai/text-embedding-3-small').embed_query('Hi')))",
    "llama-index": "from llama_index_openrouter import *; print(OpenRouter('openai/gpt-4o-mini').complete('Hi'));"
    "print(len(OpenRouterEmbedding('openai/text-embedding-3-small').get_text_embedding('Hi')))",
    "emulator": "from openrouter_emulator import Emulator; from openrouter_core import OpenRouterClient as C\n"
    f"with Emulator() as e: print(C(e.api_key, base_url=e.base_url).chat.send({_ASK}).text)",
    "ledger": f"{_CLIENT}; l = L('sqlite:///calls.db'); C(observers=[l]).chat.send({_ASK});"
    "l.flush(); print(L('sqlite:///calls.db').totals())",
    "cli": "import subprocess, sys, os; o = os.path.join(os.path.dirname(sys.executable), 'openrouter')\n"
    "for c in (['--help'], ['ask', '-m', 'openai/gpt-4o-mini', 'Hi'], ['models', '--limit', '3'], ['costs', '--help'], ['key', '--json']):\n"
    "    d = subprocess.run([o, *c], capture_output=True, text=True); print(d.stdout[:80]); print(d.stderr, file=sys.stderr)\n"
    "    d.check_returncode()",
    "otel": "from openrouter_core.costs.exporters import OpenTelemetryCostExporter as E; from openrouter_core import OpenRouterClient as C;"
    f"e = E(); print(C(observers=[e]).chat.send({_ASK}).text); e.flush()",
    "langfuse": "from openrouter_core.costs.exporters import LangfuseCostExporter as E; print(E)",
    "bulk": "from openrouter_core.bulk import Job\nwith Job('job.db', str.upper) as j: j.add([('a', 'hi')]); print([i.result for i in j.run()])\n"
    "import psycopg; print(psycopg.__version__)",
    "ray": "import ray.data; print(ray.__version__)",
}  # fmt: skip
"""What works with each extra; "" is what needs none."""
_SAYS_WHAT_TO_INSTALL = (
    "langchain",
    "llama-index",
    "emulator",
    "ledger",
    "cli",
    "otel",
    "langfuse",
)
"""Extras without which a sentence names them."""


def main() -> int:
    """Try every extra; print a line for each."""
    args = _arguments()
    extras = _extras()
    chosen = args.only or ["", *(e for e in extras if e not in HALF_A_GIGABYTE)]
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Emulator() as emulator:
        wheel = _wheel(Path(folder))
        print(f"{wheel.name}  {wheel.stat().st_size / 1e6:.1f} MB")
        for extra in chosen:
            began = time.monotonic()
            venv = Path(folder) / (extra or "nothing")
            if why := _install(venv, f"{wheel}[{extra}]" if extra else str(wheel)):
                print(f"[{extra}] could not be installed: {why}", file=sys.stderr)
                return NOT_INSTALLED
            found = [*_faults(venv, extra, extras, emulator)]
            print(_line(venv, extra, time.monotonic() - began, ok=not found), flush=True)
            faults += found
    print(*faults, sep="\n\n")
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="EXTRA")
    return parser.parse_args()


def _extras() -> dict[str, set[str]]:
    """Each extra with those that it holds, itself among them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    prefix = f"{project['name']}["
    named = project["optional-dependencies"]

    def held(extra: str) -> set[str]:
        inner = [
            d.removeprefix(prefix)[:-1].split(",") for d in named[extra] if d.startswith(prefix)
        ]
        return {extra}.union(*(held(one) for names in inner for one in names))

    return {extra: held(extra) for extra in named}


def _wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _install(venv: Path, wanted: str) -> str:
    """Make the environment; return why that failed."""
    python = python_in(venv)
    uv = [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "--quiet", "--python", sys.executable, str(venv)],
        [*uv, "pip", "install", "--quiet", "--python", str(python), wanted],
        [*uv, "pip", "check", "--quiet", "--python", str(python)],
    ):
        done = _run(command, venv.parent, {**UV_SETTINGS, **os.environ})
        if done.returncode:
            return done.stderr.strip()
    return ""


def _faults(
    venv: Path, extra: str, extras: dict[str, set[str]], emulator: Emulator
) -> Iterator[str]:
    """What does not work though it is promised, and what is missing without a word."""
    environment = {
        **clean_environment(),
        "OPENROUTER_API_KEY": emulator.api_key,
        "OPENROUTER_BASE_URL": emulator.base_url,
    }
    has = {"", *extras.get(extra, ())}
    for promise, program in PROMISES.items():
        if promise in HALF_A_GIGABYTE - has:
            continue
        place = Path(tempfile.mkdtemp(dir=venv))
        done = _run([str(python_in(venv)), "-c", program], place, environment)
        if promise in has and (done.returncode or not done.stdout.strip()):
            yield f"[{extra}] {promise or 'nothing'} does not work:\n{done.stderr.strip()}"
        is_named = f"pip install '.[{promise}]'" in done.stderr
        if promise in _SAYS_WHAT_TO_INSTALL and done.returncode and not is_named:
            yield f"[{extra}] {promise} is missing without a word:\n{done.stderr.strip()}"


def _run(
    command: Sequence[str], place: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def _line(venv: Path, extra: str, took_s: float, *, ok: bool) -> str:
    packages = next((venv / "lib").glob("python*/site-packages"), venv / "Lib/site-packages")
    megabytes = sum(f.stat().st_size for f in packages.rglob("*") if f.is_file()) / 1e6
    count = len(list(packages.glob("*.dist-info")))
    name = f"[{extra}]" if extra else "no extra"
    return f"{name:<14}{'passed' if ok else 'FAILED':<8}{count:>4} packages{megabytes:>8.0f} MB{took_s:>6.0f} s"


if __name__ == "__main__":
    sys.exit(main())
