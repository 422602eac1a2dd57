"""The registry of handlers: `@handles(Models.list)` binds one to the client's own route.

`app` turns the registry into routes. A handler takes a `HandlerRequest` and returns JSON or a
`PlannedResponse`; it raises `ApiError` to refuse. It does not depend on an HTTP server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from openrouter_core._call import Route
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.requests import HandlerRequest

Answer = JsonObject | list[Any] | PlannedResponse


Handler = Callable[[HandlerRequest], Answer | Awaitable[Answer]]


class HasRoute(Protocol):
    """A method of the client's resources, seen from its class: `Chat.send`, `Models.list`."""

    @property
    def route(self) -> Route: ...


@dataclass(frozen=True, slots=True)
class Bound:
    """A route and who answers it."""

    route: Route
    handler: Handler
    refusals: Callable[[PlannedResponse], PlannedResponse] | None = None
    """Puts an error into another envelope than the API's usual one."""


_registry: dict[tuple[str, str, str], Bound] = {}


def handles(
    *operations: HasRoute | Route,
    refusals: Callable[[PlannedResponse], PlannedResponse] | None = None,
) -> Callable[[Handler], Handler]:
    """Bind a handler to one or more of the client's operations.

    Args:
        refusals: Rewrites answers with an error status, where the endpoint has an envelope of its own.

    Raises:
        ValueError: Another handler has the method and path already.
    """

    def bind(handler: Handler) -> Handler:
        for operation in operations:
            route = operation if isinstance(operation, Route) else operation.route
            place = (route.method, route.base, route.path)
            taken = _registry.get(place)
            if taken is not None and taken.handler is not handler:
                raise ValueError(f"{route.method} {route.path} is handled twice.")
            _registry[place] = Bound(route, handler, refusals)
        return handler

    return bind


def handler_of(operation: HasRoute) -> Bound:
    """Who answers one of the client's operations."""
    route = operation.route
    return _registry[route.method, route.base, route.path]


def bound() -> list[Bound]:
    """Every route that has a handler."""
    return list(_registry.values())
