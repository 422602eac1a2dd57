"""Who may import whom, where import-linter has no contract for it: allow-lists and private names.

The rules are drawn in docs/architecture.md.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house._tree import PACKAGES, name_of, package_modules

CORE_MAY_IMPORT = {
    "httpcore2",
    "httpx2",
    "openrouter_core",
    "pydantic",
    "pydantic_core",
    "tenacity",
}
CORE_MAY_IMPORT |= {"typing_extensions"}
CORE_MAY_IMPORT_ON_DEMAND = {"anyio", "rich", "sqlalchemy"}
# Parts that belong to an extra: they import it at once, and the rest imports them on demand.
EXTRAS_IN_CORE = {
    "openrouter_core/costs/exporters/langfuse.py": {"langfuse", "opentelemetry"},
    "openrouter_core/costs/exporters/opentelemetry.py": {"opentelemetry"},
    "openrouter_core/costs/exporters/place.py": {"opentelemetry"},
    "openrouter_core/costs/sql/": {"sqlalchemy"},
    "openrouter_core/bulk/sql/": {"sqlalchemy"},
    "openrouter_core/cli/": {"keyring", "rich", "typer"},
    "openrouter_core/costs/__main__.py": {"rich", "typer", "uvicorn"},
    "openrouter_core/costs/report/serve.py": {"starlette"},
}
USERS_OF_CORE = ["langchain_openrouter", "llama_index_openrouter", "openrouter_emulator"]
# The emulator binds its answers to the client's own routes, so it names the types of a call, and its page
# is guarded as the core's is; the adapters build their frameworks' objects by the core's unchecked copies.
MAY_ALSO_IMPORT = {
    "openrouter_emulator": ("openrouter_core._call.", "openrouter_core._http.loopback."),
    "langchain_openrouter": "openrouter_core._fast.",
    "llama_index_openrouter": "openrouter_core._fast.",
}


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every absolute name that a file imports ("package.module.name"), with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _imports_on_demand(path: Path) -> set[int]:
    """The lines of imports that stand inside a function."""
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    inside = (node for function in functions for node in ast.walk(function))
    return {node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)}


def _is_private(name: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def _foreign(path: Path) -> list[str]:
    """What a module of core imports beyond what the bare install brings."""
    extra = next((e for part, e in EXTRAS_IN_CORE.items() if part in path.as_posix()), set[str]())
    allowed = CORE_MAY_IMPORT | extra | sys.stdlib_module_names
    on_demand = _imports_on_demand(path)
    return [
        f"{name} (line {line})"
        for name, line in _imports(path)
        if (top := name.split(".")[0]) not in allowed
        and not (top in CORE_MAY_IMPORT_ON_DEMAND and line in on_demand)
    ]


def _private(path: Path) -> list[str]:
    """Which names of core that are not public a module imports."""
    user = next(name for name in USERS_OF_CORE if path.is_relative_to(PACKAGES[name]))
    return [
        f"{name} (line {line})"
        for name, line in _imports(path)
        if name.startswith("openrouter_core.")
        and _is_private(name)
        and not name.startswith(MAY_ALSO_IMPORT[user])
    ]


def test_core_imports_only_what_the_bare_install_brings():
    found = {name_of(path): _foreign(path) for path in package_modules("openrouter_core")}

    assert {name: foreign for name, foreign in found.items() if foreign} == {}


@pytest.mark.parametrize("user", USERS_OF_CORE)
def test_users_of_core_import_its_public_names_only(user: str):
    found = {name_of(path): _private(path) for path in package_modules(user)}

    assert {name: private for name, private in found.items() if private} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_that_it_is_typed(package: str):
    assert (PACKAGES[package] / "py.typed").is_file()
