"""Hints and signatures of everything public can be read at run time: frameworks do that."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from starlette.datastructures import FormData

from openrouter_emulator.state.records import KeyRecord
from openrouter_emulator.state.state import State
from tests.house.test_public_names import PUBLIC

MODULES = [*PUBLIC, "langchain_openrouter.errors", "langchain_openrouter.middleware"]


def _own_methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods that a class of this project defines; its constructor too."""
    ours = tuple(name.partition(".")[0] for name in PUBLIC)
    for owner in cls.__mro__:
        if owner.__module__.startswith(ours):
            for name, value in tuple(vars(owner).items()):
                method = getattr(value, "fget", None) or getattr(value, "__func__", value)
                is_public = name == "__init__" or not name.startswith("_")
                if inspect.isfunction(method) and is_public and method.__module__.startswith(ours):
                    yield f"{owner.__name__}.{name}", method


def _named(module: str) -> dict[str, Any]:
    """The public names of a module: those that are pinned, else all without an underscore."""
    loaded = import_module(module)
    names = PUBLIC[module].split() if module in PUBLIC else dir(loaded)
    return {name: getattr(loaded, name) for name in names if not name.startswith("_")}


def _public(*packages: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in MODULES:
        home = module.partition(".")[0]
        if home not in packages:
            continue
        for name, value in _named(module).items():
            if not getattr(value, "__module__", "").startswith(home):
                continue
            if inspect.isclass(value):
                found |= {f"{module}.{label}": method for label, method in _own_methods(value)}
            elif inspect.isfunction(value):
                found[f"{module}.{name}"] = value
    return found


ADAPTERS = _public("langchain_openrouter", "llama_index_openrouter")
CORE = _public("openrouter_core", "openrouter_emulator")
ELSEWHERE = _named("openrouter_core") | _named("openrouter_core.costs")
ELSEWHERE |= {"FormData": FormData, "KeyRecord": KeyRecord, "State": State}
"""Classes of a layer above, which modules of core and emulator name without importing them."""


@pytest.mark.parametrize("method", ADAPTERS.values(), ids=ADAPTERS)
def test_hints_of_the_adapters_can_be_read(method: Any):
    """`RunnableWithFallbacks.__getattr__` reads those of `bind_tools`, and fails when they cannot be read."""
    typing.get_type_hints(method)
    inspect.signature(method)


@pytest.mark.parametrize("method", CORE.values(), ids=CORE)
def test_hints_of_core_and_emulator_name_public_classes(method: Any):
    typing.get_type_hints(method, localns=ELSEWHERE)
    inspect.signature(method)
