"""Let programs that nobody here wrote do their main job with our models, or with the emulator as their OpenRouter.

Each gets an environment of its own under .venvs, made once and kept while its requirements stay the same, and
runs one file of tests/clients/programs against an emulator; the file asserts what must come out. `make clients`
calls this, CI with --short. Then `scripts/resolve_neighbours.py` looks at what would be installed beside us. Ends
with 1 when a program failed, with 3 when one cannot be installed.

    python scripts/clients.py                      all of them
    python scripts/clients.py --short              three programs, and one instrumentation per framework
    python scripts/clients.py --only trustcall     one
    python scripts/clients.py --list               their names and requirements
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from scripts import resolve_neighbours  # noqa: E402  # path first
from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    clean_environment,
    python_with,
)

PROGRAMS = ROOT / "tests" / "clients" / "programs"
HELPERS = PROGRAMS.parent / "helpers"
"""What programs share; they may import it."""
RECIPES = ROOT / "docs" / "other_frameworks.md"
OPENROUTER = "https://openrouter.ai/api/v1"
_INSTALL_S = 400
_RUN_S = 180


@dataclass(frozen=True)
class Client:
    """A program: what is installed for it, and whether our adapters are."""

    name: str
    requires: tuple[str, ...]
    extra: str = ""
    """The extra of ours that it needs; "" for a client of the emulator alone."""
    is_short: bool = False
    """Whether CI runs it."""
    recipe: str = ""
    """The heading in docs/other_frameworks.md below which the lines stand that its file goes on from."""

    @property
    def wanted(self) -> list[str]:
        """Everything to install."""
        ours = [f"--editable={ROOT}[{self.extra}]"] if self.extra else []
        return [*ours, *self.requires]

    @property
    def file(self) -> Path:
        """What it runs."""
        return PROGRAMS / f"{self.name.replace('-', '_')}.py"

    def source(self, base_url: str) -> str:
        """Return what it runs: the recipe, asking another server, then its file."""
        text = self.file.read_text(encoding="utf-8")
        if not self.recipe:
            return text
        _, _, below = RECIPES.read_text(encoding="utf-8").partition(f"\n## {self.recipe}\n")
        _, _, block = below.partition("```python\n")
        return block.partition("```")[0].replace(OPENROUTER, base_url) + text


def _with_langchain(name: str, *requires: str, is_short: bool = False) -> Client:
    return Client(name, requires or (name,), "langchain", is_short)


def _with_llama_index(name: str, *requires: str, is_short: bool = False) -> Client:
    return Client(name, requires or (name,), "llama-index", is_short)


CLIENTS = (
    _with_langchain(
        "langgraph-supervisor", "langgraph-supervisor>=0.0.31", "langchain>=1.4", is_short=True
    ),
    _with_langchain("langgraph-swarm", "langgraph-swarm>=0.1"),
    _with_langchain("checkpoint-sqlite", "langgraph-checkpoint-sqlite>=3", "langchain>=1.4"),
    _with_langchain(
        "checkpoint-postgres",
        "langgraph-checkpoint-postgres>=3",
        "psycopg[binary]",
        "langchain>=1.4",
    ),
    _with_langchain("deepagents", "deepagents>=0.7"),
    _with_langchain(
        "langchain-mcp-adapters", "langchain-mcp-adapters>=0.3", "mcp>=1.30,<2", "langchain>=1.4"
    ),
    _with_langchain("litellm-proxy", "litellm[proxy]>=1.100"),
    _with_langchain("deepagents-code", "deepagents-code>=0.1.50"),
    _with_langchain("trustcall", "trustcall>=0.0.39", is_short=True),
    _with_langchain("langmem", "langmem>=0.0.30"),
    _with_langchain("langchain-classic", "langchain-classic>=1", "numpy"),
    _with_langchain("langchain-experimental", "langchain-experimental>=0.4.2"),
    _with_langchain("openevals", "openevals>=0.2"),
    _with_langchain("ragas", "ragas>=0.4.3", "langchain-community<0.4.2"),
    _with_langchain(
        "nemoguardrails", "nemoguardrails>=0.20", "langchain>=1.4", "langchain-community"
    ),
    _with_langchain("guardrails-ai", "guardrails-ai>=0.11"),
    _with_langchain("neo4j-graphrag", "neo4j-graphrag>=1.20"),
    _with_langchain("mem0ai", "mem0ai>=2", "langchain>=1.4"),
    _with_langchain("open-deep-research"),
    _with_langchain("mlflow", "mlflow>=3.17", "langchain>=1.4"),
    _with_langchain("langfuse", "langfuse>=5,<6", "langchain>=1.4"),
    _with_langchain(
        "openinference-langchain",
        "openinference-instrumentation-langchain>=0.1.80",
        "opentelemetry-sdk",
        "langchain>=1.4",
        is_short=True,
    ),
    _with_langchain(
        "traceloop-langchain",
        "opentelemetry-instrumentation-langchain>=0.62",
        "opentelemetry-sdk",
        "langchain>=1.4",
    ),
    _with_llama_index(
        "openinference-llama-index",
        "openinference-instrumentation-llama-index>=4.6",
        "opentelemetry-sdk",
        is_short=True,
    ),
    _with_llama_index("llama-index-workflows", "llama-index-workflows"),
    _with_llama_index("lightrag", "lightrag-hku>=1.5"),
    Client("crewai", ("crewai>=1.10",), "langchain", recipe="crewAI"),
    Client("litellm", ("litellm>=1.100",), recipe="LiteLLM"),
    Client("instructor", ("instructor>=1.17", "openai"), is_short=True, recipe="instructor"),
    Client("dspy", ("dspy>=3",), recipe="DSPy"),
    Client("pydantic-ai", ("pydantic-ai-slim[openai]>=2.60",), recipe="pydantic-ai"),
    Client("agno", ("agno>=3", "openai"), recipe="agno"),
    Client("smolagents", ("smolagents[openai]>=1.26",), recipe="smolagents"),
    Client("haystack", ("haystack-ai>=3.4",), recipe="Haystack"),
    Client("semantic-kernel", ("semantic-kernel>=1.40",)),
    Client("autogen", ("autogen-agentchat", "autogen-ext[openai]"), recipe="AutoGen"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the programs one after the other, say how each went, and fail if one failed."""
    args = _parser().parse_args(arguments)
    chosen = [c for c in CLIENTS if c.is_short or not args.short]
    if args.only:
        chosen = [c for c in CLIENTS if c.name in args.only]
    if args.list:
        print("\n".join(f"{c.name:28}{' '.join(c.requires)}" for c in chosen))
        return 0
    try:
        failed = [client.name for client in chosen if not run(client)]
    except NotInstalledError as error:
        print(error)
        return NOT_INSTALLED
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(chosen)} programs did their job")
    if args.only:
        return 1 if failed else 0
    beside = resolve_neighbours.main(["--short"] if args.short else [])
    return 1 if failed else beside


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", choices=[c.name for c in CLIENTS])
    parser.add_argument("--short", action="store_true", help="what CI runs")
    parser.add_argument("--list", action="store_true", help="show what there is; run nothing")
    return parser


def run(client: Client) -> bool:
    """Run one program against an emulator of its own; print how it went."""
    began = time.monotonic()
    python = python_with(f"client-{client.name}", client.wanted, within_s=_INSTALL_S)
    installed_s = time.monotonic() - began
    why_not = _failure(python, client)
    took_s = time.monotonic() - began - installed_s
    verdict = "FAILED" if why_not else "ok"
    print(f"{client.name:28}{verdict:8}{installed_s:6.1f} s to install{took_s:7.1f} s", flush=True)
    if why_not:
        print(why_not, flush=True)
    return not why_not


def _failure(python: Path, client: Client) -> str:
    from openrouter_emulator import Emulator
    from tests.openrouter_core.costs import postgres

    with ExitStack() as servers:
        emulator = servers.enter_context(Emulator())
        program = Path(servers.enter_context(TemporaryDirectory())) / "program.py"
        program.write_text(client.source(emulator.base_url), encoding="utf-8")
        settings = {
            "OPENROUTER_API_KEY": emulator.api_key,
            "OPENROUTER_BASE_URL": emulator.base_url,
            "PYTHONPATH": str(HELPERS),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }
        if "postgres" in client.name:
            settings["POSTGRES_URL"] = servers.enter_context(postgres.server())
        unwanted = ("OPENAI_", "ANTHROPIC_", "LANGCHAIN_", "LANGSMITH_", "LANGFUSE_")
        try:
            done = subprocess.run(
                [str(python), "-P", str(program)],
                env={**clean_environment(*unwanted), **settings},
                capture_output=True,
                text=True,
                timeout=_RUN_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"It was not done after {_RUN_S} seconds."
    return (done.stdout + done.stderr).strip()[-3000:] if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
