"""Who takes part, and in which environment. `.venvs/bench-NAME` is made on first use."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from scripts import side_environment as beside  # noqa: E402  # path first

LOGS = ROOT / ".venvs/bench-logs"
"""Where the contenders complain, and a run keeps its figures."""

WANTED = {
    "langchain-ours": ["--editable", f"{ROOT}[langchain]"],
    "llama-index-ours": ["--editable", f"{ROOT}[llama-index]"],
    "openrouter-sdk": ["openrouter>=1.3,<1.4"],
    "openai": ["openai", "langchain-openai"],
    "langchain-official": ["langchain-openrouter==0.2.9"],
    "litellm": ["langchain-litellm"],
    "llama-index-official": ["llama-index-llms-openrouter==0.6.0"],
    "charts": ["matplotlib"],
    "transports": [
        "httpx2[http2]",
        "aiohttp",
        "hypercorn",
        "trustme",
        "pydantic",
        "tenacity",
        "typing_extensions",
    ],
}
"""Environment -> what is installed into it. The name "" stands for this project's own.

The adapters and the floors have environments without what the project develops with: LangChain and
LlamaIndex import more where more is installed, OpenTelemetry for one, and nobody's import would be
comparable.
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """One column of the table."""

    module: str
    title: str
    environment: str
    imports: str
    """What a user's program imports to begin."""
    package: str
    """Whose version is named in the table."""
    slow: bool = False
    """Does less work in each round, for a call takes it milliseconds."""
    in_quick: bool = True


CONTENDERS = (
    Contender("floor", "raw socket, orjson", "", "import socket, asyncio, orjson", "orjson"),
    Contender("httpx2_alone", "httpx2 alone", "", "import httpx2, pydantic", "httpx2"),
    Contender("ours_core", "**our core**", "", "import openrouter_core", "openrouter-adapters"),
    Contender(
        "ours_core_costs",
        "our core, costs on",
        "",
        "import openrouter_core.costs",
        "openrouter-adapters",
    ),
    Contender(
        "openrouter_sdk",
        "openrouter SDK",
        "openrouter-sdk",
        "from openrouter import OpenRouter; import openrouter.components",
        "openrouter",
        slow=True,
    ),
    Contender("openai_sdk", "openai SDK", "openai", "from openai import OpenAI", "openai"),
    Contender(
        "langchain_floor",
        "LangChain floor",
        "langchain-ours",
        "import langchain_core.language_models.chat_models, langchain_core.outputs",
        "langchain-core",
    ),
    Contender(
        "ours_langchain",
        "**our ChatOpenRouter**",
        "langchain-ours",
        "from langchain_openrouter import ChatOpenRouter",
        "openrouter-adapters",
    ),
    Contender(
        "langchain_official",
        "official ChatOpenRouter",
        "langchain-official",
        "from langchain_openrouter import ChatOpenRouter",
        "langchain-openrouter",
        slow=True,
    ),
    Contender(
        "langchain_openai",
        "ChatOpenAI",
        "openai",
        "from langchain_openai import ChatOpenAI",
        "langchain-openai",
    ),
    Contender(
        "langchain_litellm",
        "ChatLiteLLM",
        "litellm",
        "from langchain_litellm import ChatLiteLLM",
        "langchain-litellm",
        slow=True,
        in_quick=False,  # its import alone takes seconds
    ),
    Contender(
        "llama_index_floor",
        "LlamaIndex floor",
        "llama-index-ours",
        "from llama_index.core.llms import CustomLLM",
        "llama-index-core",
    ),
    Contender(
        "ours_llama_index",
        "**our OpenRouter**",
        "llama-index-ours",
        "from llama_index_openrouter import OpenRouter",
        "openrouter-adapters",
    ),
    Contender(
        "llama_index_official",
        "LlamaIndex's OpenRouter",
        "llama-index-official",
        "from llama_index.llms.openrouter import OpenRouter",
        "llama-index-llms-openrouter",
        slow=True,  # its awaited calls make a client each
    ),
)


def python_of(environment: str) -> Path:
    """The interpreter of an environment; this one's where it is the project's own."""
    return beside.python_of(f"bench-{environment}") if environment else Path(sys.executable)


def installed(environment: str) -> str:
    """Install an environment unless it is there; return what went wrong, or an empty string."""
    try:
        if environment:
            beside.python_with(f"bench-{environment}", WANTED[environment], within_s=1800)
    except beside.NotInstalledError as error:
        return str(error)
    return ""


def is_installed(environment: str) -> bool:
    """Whether an environment is there, with what is wanted in it; the project's own always is."""
    return not environment or beside.is_made(f"bench-{environment}", WANTED[environment])


def version_of(contender: Contender) -> str:
    """The version of a contender's package in its environment."""
    code = f"from importlib.metadata import version; print(version({contender.package!r}))"
    python = python_of(contender.environment)
    if not python.exists():
        return ""
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()
