"""The registry of handlers: `@answers(Models.list)` binds one to the client's own route.

`app` turns the registry into routes. A handler takes an `Ask` and returns JSON or a `Draft`; it raises
`ApiError` to refuse. It knows nothing of HTTP servers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from openrouter_core._call import Route
from openrouter_emulator.drafts import Draft, JsonObject

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from openrouter_emulator.state import KeyRecord, State

Answer = JsonObject | list[Any] | Draft


class ApiError(Exception):
    """A refusal, in the API's own envelope.

    Args:
        metadata: `error.metadata`; None leaves the key out.
        extra: Further keys of the `error` object.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        metadata: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
        extra: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata = metadata
        self.headers = headers or {}
        self.extra = extra or {}

    def draft(self) -> Draft:
        """The answer that carries the refusal."""
        error: JsonObject = {"message": self.message, "code": self.status, **self.extra}
        if self.metadata is not None:
            error["metadata"] = self.metadata
        return Draft([{"error": error}], self.status, self.headers)


@dataclass(slots=True)
class RecordedRequest:
    """A request as it arrived."""

    method: str
    path: str
    """Without the base, e.g. "/chat/completions"."""
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    content: bytes = field(repr=False)
    json: Any = None
    """The parsed body; None when there was none or it is not JSON."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __reduce__(self) -> tuple[Any, ...]:
        """What a pickle holds: no headers, for the key is among them."""
        values = {f.name: getattr(self, f.name) for f in fields(self)} | {"headers": {}}
        return type(self), tuple(values.values())


@dataclass(slots=True)
class Ask:
    """One request on its way to a handler."""

    state: State
    route: Route
    request: RecordedRequest
    path: Mapping[str, str]
    """Path parameters."""
    key: KeyRecord | None
    """The key that asks; None on public endpoints."""
    form: FormData | None = None
    """The fields and files of a form."""
    in_batch: bool = False
    """Whether this is one request of a batch."""

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    @property
    def body(self) -> JsonObject:
        """The JSON object that was sent; 400 when it is missing or something else."""
        if not isinstance(self.request.json, dict):
            raise ApiError(400, "The request body must be a JSON object.")
        return self.request.json

    @property
    def origin(self) -> str:
        """The address that the client called, e.g. "http://127.0.0.1:8642"."""
        return f"http://{self.request.headers.get('host', '127.0.0.1')}"

    @property
    def caller(self) -> KeyRecord:
        """The key that asks, where the endpoint demands one."""
        assert self.key is not None
        return self.key


Handler = Callable[[Ask], Answer | Awaitable[Answer]]


class HasRoute(Protocol):
    """A method of the client's resources, seen from its class: `Chat.send`, `Models.list`."""

    @property
    def route(self) -> Route: ...


@dataclass(frozen=True, slots=True)
class Bound:
    """A route and who answers it."""

    route: Route
    handler: Handler
    refusals: Callable[[Draft], Draft] | None = None
    """Puts an error into another envelope than the API's usual one."""


_registry: dict[tuple[str, str, str], Bound] = {}


def answers(
    *operations: HasRoute | Route, refusals: Callable[[Draft], Draft] | None = None
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
                raise ValueError(f"{route.method} {route.path} is answered twice.")
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
