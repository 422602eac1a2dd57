"""What is said where the package of an extra is missing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from openrouter_core.extras import _MODULES, needs

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def without(module: str, statement: str) -> subprocess.CompletedProcess[str]:
    """Run a statement where a module is not installed."""
    program = f"import sys; sys.modules[{module!r}] = None; {statement}"
    path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"}
    return subprocess.run(
        [sys.executable, "-c", program], env=path, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("module", "statement", "owner", "extra"),
    [
        ("langchain_core", "from langchain_openrouter import ChatOpenRouter", "ChatOpenRouter", "langchain"),
        ("langchain_core", "from langchain_openrouter import OpenRouterRerank", "OpenRouterRerank", "langchain"),
        ("llama_index", "import llama_index_openrouter", "llama_index_openrouter", "llama-index"),
        ("llama_index", "import llama_index_openrouter.rerank", "llama_index_openrouter", "llama-index"),
        ("uvicorn", "from openrouter_emulator import Emulator", "The emulator", "emulator"),
        ("sqlalchemy", "from openrouter_core.costs import CostLedger as L; L('sqlite:///x.db')",
         "A ledger in a database", "ledger"),
        ("typer", "import openrouter_core.costs.__main__", "This command", "cli"),
        ("rich", "import openrouter_core.costs.__main__", "This command", "cli"),
        ("opentelemetry", "from openrouter_core.costs.exporters import OpenTelemetryCostExporter",
         "OpenTelemetryCostExporter", "otel"),
        ("langfuse", "from openrouter_core.costs.exporters import LangfuseCostExporter",
         "LangfuseCostExporter", "langfuse"),
    ],
)  # fmt: skip
def test_a_missing_extra_is_named(module: str, statement: str, owner: str, extra: str):
    last = without(module, statement).stderr.strip().splitlines()[-1]

    assert last.endswith(
        f"{owner} needs {module}, which is not installed. "
        f"In a checkout of openrouter-adapters: pip install '.[{extra}]'"
    )


def test_every_extra_exists():
    assert _MODULES.keys() <= PROJECT["optional-dependencies"].keys()


def test_another_missing_module_is_passed_on_as_it_is():
    with (
        pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"),
        needs("This", "ledger"),
    ):
        import no_such_module  # noqa: F401


def test_import_star_takes_what_the_langchain_extra_alone_can_import():
    names = "ChatOpenRouter, 'BudgetMiddleware' in dir()"

    done = without("langchain", f"from langchain_openrouter import *; print({names})")

    assert done.stderr == ""
    assert done.stdout.endswith("chat_models.ChatOpenRouter'> False\n")


def test_a_middleware_without_langchain_still_says_what_to_install():
    done = without("langchain", "from langchain_openrouter import BudgetMiddleware")

    assert 'pip install "langchain>=1.3"' in done.stderr.splitlines()[-1]


def test_no_hint_names_a_distribution_that_is_not_published():
    packages = ("langchain_openrouter", "llama_index_openrouter", "shared")
    files = [path for name in packages for path in (ROOT / name).rglob("*.py")]

    assert files
    assert [p for p in files if "'openrouter-adapters[" in p.read_text(encoding="utf-8")] == []
