"""What the core declares: every endpoint of every resource, and what its method can be given."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, get_args, get_origin, get_type_hints

from openrouter_core._call import Route
from openrouter_core.resources import RESOURCES
from openrouter_core.resources._endpoint import Streamed, _Endpoint
from openrouter_core.wire._options import CallOptions

ONE_OFF = frozenset(get_type_hints(CallOptions))


@dataclass(frozen=True)
class Declared:
    """One method of one resource."""

    resource: str
    method: str
    endpoint: Any
    owner: type

    @property
    def route(self) -> Route:
        return self.endpoint.route

    @property
    def streams(self) -> bool:
        return isinstance(self.endpoint, Streamed)

    @property
    def name(self) -> str:
        return f"{self.resource}.{self.method}"

    def __repr__(self) -> str:
        return self.name

    def signature(self) -> list[inspect.Parameter]:
        """The arguments as they are declared."""
        return [*inspect.signature(self.endpoint.describe).parameters.values()]

    def parameters(self) -> dict[str, tuple[Any, bool]]:
        """The arguments by name: their type, and whether they must be given."""
        hints = get_type_hints(self.endpoint.describe, include_extras=True)
        found: dict[str, tuple[Any, bool]] = {}
        for name, parameter in inspect.signature(self.endpoint.describe).parameters.items():
            if name == "self":
                continue
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                options = get_args(hints[name])[0]
                found |= {key: (hint, False) for key, hint in get_type_hints(options).items()}
            else:
                found[name] = (hints[name], parameter.default is inspect.Parameter.empty)
        return {name: what for name, what in found.items() if name not in ONE_OFF}


@cache
def declared() -> tuple[Declared, ...]:
    """Every declared endpoint, in the order of the resources."""
    found: list[Declared] = []
    for resource, (module, name) in RESOURCES.items():
        owner = getattr(import_module(module), name)
        for method, value in vars(owner).items():
            if isinstance(value, _Endpoint):
                found.append(Declared(resource, method, value, owner))
    return tuple(found)


def by_operation() -> dict[str, list[Declared]]:
    """The declared endpoints under their operation ids."""
    grouped: dict[str, list[Declared]] = {}
    for one in declared():
        grouped.setdefault(one.route.operation, []).append(one)
    return grouped


def plain_type(hint: Any) -> Any:
    """A type without None, Required and NotRequired."""
    while get_origin(hint) in (typing.Required, typing.NotRequired):
        hint = get_args(hint)[0]
    if isinstance(hint, Mapping):
        return dict
    return hint
