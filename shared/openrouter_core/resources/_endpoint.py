"""One declaration per endpoint, bound to a sync or an async client.

A resource method *describes* a call: it returns a `Call` and sends nothing. The descriptors in this
file turn it into a method that *makes* the call. On `Resource[Sync]` the method returns `T`, on
`Resource[Async]` a coroutine of `T`. The declaration stays reachable as data (`Guardrails.list.route`),
and the emulator, the contract tests and the docs read that same object.

The verbs live in the namespace `http`, because a resource may itself have a method named `get`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    Protocol,
    TypeVar,
    cast,
    overload,
)

from openrouter_core._call import Base, Call, JobStep, KeyKind, P, Pages, Route, S, StreamCall, T
from openrouter_core.resources._arguments import SUSPECTS, refuse_misplaced

if TYPE_CHECKING:
    from openrouter_core.streaming.download import AsyncByteStream, ByteStream
    from openrouter_core.streaming.stream import AsyncStream, Stream


class Sync(Protocol):
    """A client that makes calls at once."""

    def perform(self, route: Route, call: Call[T], /) -> T: ...
    def open(self, route: Route, call: StreamCall[T, S], /) -> Stream[T, S]: ...
    def download(self, route: Route, call: Call[bytes], /) -> ByteStream: ...


class Async(Protocol):
    """A client that makes calls when awaited."""

    async def perform(self, route: Route, call: Call[T], /) -> T: ...
    def open(self, route: Route, call: StreamCall[T, S], /) -> AsyncStream[T, S]: ...
    def download(self, route: Route, call: Call[bytes], /) -> AsyncByteStream: ...


Mode = TypeVar("Mode", bound="Sync | Async", covariant=True)


class Resource(Generic[Mode]):
    """A group of endpoints, bound to a sync or an async client."""

    def __init__(self, io: Mode) -> None:
        self.io = io

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {type(self.io).__name__}>"


class _Endpoint(Generic[P]):
    """What the three descriptors share: the route, and binding to a resource."""

    verb: str

    def __init__(self, route: Route, describe: Callable[..., Any]) -> None:
        self.route = route
        self.describe = describe
        self.__doc__ = describe.__doc__
        self.__wrapped__ = describe

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.group = owner.__name__.lower()

    def bind(self, resource: Resource[Any]) -> Callable[P, Any]:
        """Return the method that makes the call; kept on the resource, so it is built once."""
        describe = self.describe.__get__(resource)
        is_async = inspect.iscoroutinefunction(resource.io.perform)
        bound: Any = self._method(getattr(resource.io, self.verb), describe, is_async=is_async)
        update_wrapper(bound, describe)
        signature = inspect.signature(describe)
        returns = _shown(self.verb, str(signature.return_annotation), is_async=is_async)
        bound.__signature__ = signature.replace(return_annotation=returns)
        bound.route = self.route  # lets pagination ask for the style
        bound.describe = describe  # lets `chat.send` read an answer in another way
        resource.__dict__[self.name] = bound
        return cast("Callable[P, Any]", bound)

    def _method(
        self, go: Callable[..., Any], describe: Callable[P, Any], *, is_async: bool
    ) -> Callable[P, Any]:
        del is_async  # a stream or a download is described at once by either client
        route, group, name, turning = self.route, self.group, self.name, _turning(self.route)

        def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            extra: Any = kwargs.get("extra_body") or ()
            if "stream" in extra or not SUSPECTS.isdisjoint(kwargs):
                refuse_misplaced(describe, kwargs, group, name)
            value = go(route, describe(*args, **kwargs))
            if turning:
                value.__pydantic_private__["_turning"] = (*turning, bound, args, kwargs)
            return value

        return bound


def _turning(route: Route) -> tuple[Callable[..., Any], ...]:
    """What a page fetches those behind it with, sync and async; nothing where there are no pages."""
    if route.pages == "none":
        return ()
    from openrouter_core.pagination import arest_of, rest_of  # most programs list nothing

    return rest_of, arest_of


def _shown(verb: str, described: str, *, is_async: bool) -> str:
    """What `help()` names as the answer, where the declaration says what describes the call."""
    prefix = "Async" if is_async else ""
    if verb == "download":
        return f"{prefix}ByteStream"
    if described.startswith("StreamCall["):
        return f"{prefix}Stream{described.removeprefix('StreamCall')}"
    return described[5:-1] if described.startswith("Call[") else described


class Unary(_Endpoint[P], Generic[P, T]):
    """One request, one answer."""

    verb = "perform"

    def _method(
        self, go: Callable[..., Any], describe: Callable[P, Any], *, is_async: bool
    ) -> Callable[P, Any]:
        if not is_async:
            return super()._method(go, describe, is_async=is_async)
        route, group, name, turning = self.route, self.group, self.name, _turning(self.route)

        async def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            extra: Any = kwargs.get("extra_body") or ()
            if "stream" in extra or not SUSPECTS.isdisjoint(kwargs):
                refuse_misplaced(describe, kwargs, group, name)
            value = await go(route, describe(*args, **kwargs))
            if turning:
                value.__pydantic_private__["_turning"] = (*turning, bound, args, kwargs)
            return value

        return bound

    @overload
    def __get__(self, resource: None, owner: type) -> Unary[P, T]: ...
    @overload
    def __get__(self, resource: Resource[Sync], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, resource: Resource[Async], owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:
        return self if resource is None else self.bind(resource)


class Streamed(_Endpoint[P], Generic[P, T, S]):
    """One request, a stream of events."""

    verb = "open"

    @overload
    def __get__(self, resource: None, owner: type) -> Streamed[P, T, S]: ...
    @overload
    def __get__(self, resource: Resource[Sync], owner: type) -> Callable[P, Stream[T, S]]: ...
    @overload
    def __get__(self, resource: Resource[Async], owner: type) -> Callable[P, AsyncStream[T, S]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:
        return self if resource is None else self.bind(resource)


class Downloaded(_Endpoint[P]):
    """One request, a stream of bytes."""

    verb = "download"

    @overload
    def __get__(self, resource: None, owner: type) -> Downloaded[P]: ...
    @overload
    def __get__(self, resource: Resource[Sync], owner: type) -> Callable[P, ByteStream]: ...
    @overload
    def __get__(self, resource: Resource[Async], owner: type) -> Callable[P, AsyncByteStream]: ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:
        return self if resource is None else self.bind(resource)


class _Verb:
    """`http.get(path, operation)` and its siblings."""

    def __init__(self, method: str) -> None:
        self.method = method

    def __call__(
        self,
        path: str,
        operation: str,
        *,
        key: KeyKind = "inference",
        base: Base = "v1",
        pages: Pages = "none",
        creates: bool = False,
        billed: bool = False,
        job: JobStep = "none",
    ) -> Callable[[Callable[Concatenate[Any, P], Call[T]]], Unary[P, T]]:
        route = Route(self.method, path, operation, key, base, pages, "json", creates, billed, job)
        return lambda describe: Unary(route, describe)


class http:
    """The verbs of a declaration."""

    get = _Verb("GET")
    post = _Verb("POST")
    put = _Verb("PUT")
    patch = _Verb("PATCH")
    delete = _Verb("DELETE")

    @staticmethod
    def sse(
        path: str, operation: str, *, key: KeyKind = "inference", billed: bool = False
    ) -> Callable[[Callable[Concatenate[Any, P], StreamCall[T, S]]], Streamed[P, T, S]]:
        """POST whose answer is an event stream."""
        route = Route("POST", path, operation, key, answers="sse", is_billed=billed)
        return lambda describe: Streamed(route, describe)

    @staticmethod
    def download(
        path: str,
        operation: str,
        *,
        method: str = "GET",
        key: KeyKind = "inference",
        billed: bool = False,
    ) -> Callable[[Callable[Concatenate[Any, P], Call[bytes]]], Downloaded[P]]:
        """A request whose answer is read as a stream of bytes."""
        route = Route(method, path, operation, key, answers="bytes", is_billed=billed)
        return lambda describe: Downloaded(route, describe)
