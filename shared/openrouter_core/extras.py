"""Says what to install when a package is missing that belongs to an extra, or is there twice. Imports nothing.

The distribution has no name on a package index yet, so a checkout of it is what can be installed from.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

_MODULES = {
    "langchain": ("langchain_core", "langsmith"),
    "llama-index": ("llama_index", "llama_index_instrumentation"),
    "emulator": ("starlette", "uvicorn", "python_multipart"),
    "ledger": ("sqlalchemy",),
    "bulk": ("sqlalchemy", "psycopg"),
    "ray": ("ray",),
    "cli": ("typer", "rich", "starlette", "uvicorn", "keyring"),
    "otel": ("opentelemetry",),
    "langfuse": ("langfuse",),
}
"""What an import misses without the extra of that name."""


def how_to_install(owner: str, module: str, extra: str) -> str:
    """Return the sentence for somebody who lacks an extra."""
    return (
        f"{owner} needs {module}, which is not installed. "
        f"In a checkout of openrouter-adapters: pip install '.[{extra}]'"
    )


@contextmanager
def needs(owner: str, extra: str) -> Generator[None]:
    """Let the imports in a block say what to install.

    Raises:
        ModuleNotFoundError: A module of this extra is missing; others are passed on as they are.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in _MODULES[extra]:
            raise
        raise ModuleNotFoundError(how_to_install(owner, module, extra), name=error.name) from error


OTHER_DISTRIBUTION = "langchain-openrouter"
"""LangChain's own: it installs an import package of the same name, `langchain_openrouter`."""
REINSTALL = (
    "in a checkout of openrouter-adapters, `pip install --force-reinstall --no-deps .` puts its "
    "files back."
)


def other_distribution() -> str | None:
    """Return what is wrong, and the two commands that mend it, when the other distribution is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version(OTHER_DISTRIBUTION)
    except PackageNotFoundError:
        return None
    return (
        f"{OTHER_DISTRIBUTION} {found} is installed too, and both it and openrouter-adapters own the package "
        f"langchain_openrouter: their files overwrite each other. Keep one: "
        f"`pip uninstall {OTHER_DISTRIBUTION}`, then, {REINSTALL}"
    )
