"""One declaration for the sync and the async client: what the descriptor binds, shows and keeps as data."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core._call import Call, Route, StreamCall
from openrouter_core.resources import RESOURCES
from openrouter_core.resources._endpoint import Resource, http
from openrouter_core.resources.chat import Chat
from openrouter_core.streaming.raw import RawAccumulator


class _Things(Resource[Any]):
    """Things."""

    @http.get("/things/{id}", "getThing", key="management", base="root")
    def get(self, id: str, *, deep: bool = False) -> Call[dict]:  # type: ignore[type-arg]
        """Fetch a thing."""
        return Call(dict, path={"id": id}, query={"deep": deep})

    @http.post("/things", "createThing", creates=True)
    def create(self, name: str) -> Call[dict]:  # type: ignore[type-arg]
        """Make a thing."""
        return Call(dict, json={"name": name})

    @http.sse("/things/watch", "watchThings")
    def watch(self) -> StreamCall[dict, RawAccumulator]:  # type: ignore[type-arg]
        """Watch things."""
        return StreamCall(RawAccumulator, dict, json={})

    @http.download("/things/{id}/file", "downloadThing")
    def file(self, id: str) -> Call[bytes]:
        """Download a thing."""
        return Call(bytes, path={"id": id})


class _Wire:
    """Stands where a client does: says what it was asked to carry out."""

    def perform(self, route: Route, call: Call[Any], /) -> Any:
        return ("perform", route, call)

    def open(self, route: Route, call: StreamCall[Any, Any], /) -> Any:
        return ("open", route, call)

    def download(self, route: Route, call: Call[bytes], /) -> Any:
        return ("download", route, call)


def test_the_declaration_is_data_on_the_class() -> None:
    route = _Things.get.route

    assert route == Route("GET", "/things/{id}", "getThing", key="management", base="root")
    assert _Things.create.route.creates
    assert _Things.watch.route.answers == "sse"
    assert _Things.file.route.answers == "bytes"
    assert _Things.get.describe(_Things(None), "x").path == {"id": "x"}


def test_each_kind_goes_its_own_way() -> None:
    things = _Things(_Wire())

    assert things.get("x", deep=True) == (
        "perform",
        _Things.get.route,
        Call(dict, path={"id": "x"}, query={"deep": True}),
    )
    assert things.watch()[0] == "open"
    assert things.file("x")[0] == "download"


def test_a_method_shows_its_documentation_and_signature() -> None:
    things = _Things(_Wire())
    signature = inspect.signature(things.get)

    assert things.get.__doc__ == _Things.get.__doc__ == "Fetch a thing."
    assert things.get.__name__ == "get"
    assert list(signature.parameters) == ["id", "deep"]
    assert signature.parameters["deep"].kind is inspect.Parameter.KEYWORD_ONLY
    assert signature.return_annotation == "dict"
    assert things.get.route is _Things.get.route  # type: ignore[attr-defined]  # set by the descriptor


def test_a_wrong_argument_is_a_type_error_at_the_call() -> None:
    with pytest.raises(TypeError, match="wide"):
        _Things(_Wire()).get("x", wide=True)  # type: ignore[call-arg]  # the claim


def test_a_method_is_bound_once_per_resource() -> None:
    first, second = _Things(_Wire()), _Things(_Wire())

    assert first.get is first.get
    assert first.get is not second.get


def _methods(client: Any) -> Iterator[tuple[Any, Any]]:
    """Each endpoint of a client: its declaration and the method a user calls."""
    for name in RESOURCES:
        group = getattr(client, name)
        for method, declared in vars(type(group)).items():
            if hasattr(declared, "route"):
                yield declared, getattr(group, method)


@pytest.mark.parametrize("kind", [OpenRouterClient, AsyncOpenRouterClient])
def test_inspect_shows_every_endpoint_as_it_is(kind: type[Any]) -> None:
    """What is awaited is a coroutine function; streams and downloads are shown as what they return."""
    is_async = kind is AsyncOpenRouterClient
    prefix = "Async" if is_async else ""

    for declared, method in _methods(kind("k")):
        returns = str(inspect.signature(method).return_annotation)
        answers = declared.route.answers
        assert inspect.iscoroutinefunction(method) == (is_async and answers == "json"), method
        assert returns.startswith(f"{prefix}Stream[") == (answers == "sse"), method
        assert (returns == f"{prefix}ByteStream") == (answers == "bytes"), method
        assert "Call[" not in returns, method


def test_both_clients_share_the_declaration() -> None:
    blocking = OpenRouterClient("k", base_url="http://h.test").chat
    waiting = AsyncOpenRouterClient("k", base_url="http://h.test").chat

    assert type(blocking) is type(waiting) is Chat
    assert inspect.signature(blocking.send) == inspect.signature(waiting.send)
    coroutine = waiting.send([{"role": "user"}])
    assert inspect.iscoroutine(coroutine)
    coroutine.close()


def test_a_stream_is_described_without_being_awaited() -> None:
    for client in (OpenRouterClient("k"), AsyncOpenRouterClient("k")):
        assert not inspect.isawaitable(client.chat.stream([{"role": "user"}]))


@pytest.mark.parametrize("messages", [[], "Hi", {"role": "user", "content": "Hi"}, None],
                         ids=["none", "text", "one-message", "null"])  # fmt: skip
def test_messages_that_are_no_list_are_refused_at_once(messages: Any) -> None:
    with pytest.raises(ValueError, match="messages must be a list"):
        OpenRouterClient("k").chat.send(messages)


def test_an_unknown_resource_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = OpenRouterClient("k").nonsense  # type: ignore[attr-defined]  # the claim


def test_resources_are_listed_and_kept() -> None:
    client = OpenRouterClient("k")

    assert {"chat", "models", "generations"} <= set(dir(client))
    assert client.chat is client.chat
    assert "sk-" not in repr(client.chat)
