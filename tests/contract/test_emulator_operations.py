"""Every operation of the API is called on the emulator through the client, by both clients.

What comes back satisfies the operation's own JSON Schema.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from openrouter_core import (
    ApiStatusError,
    AsyncOpenRouterClient,
    NotFoundError,
    OpenRouterClient,
)
from openrouter_core.streaming.download import AsyncByteStream, ByteStream
from openrouter_core.streaming.stream import AsyncStream, Stream
from openrouter_emulator import Emulator

from . import samples, spec
from .declared import Declared, by_operation, declared
from .emulated import World

WITHDRAWN = "credits.create_coinbase_charge"
CALLED = [one for one in declared() if one.name != WITHDRAWN]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Emulator(comments=0) as emulator:
        yield World(emulator)


def _bound(client: Any, one: Declared) -> Any:
    return getattr(getattr(client, one.resource), one.method)


@pytest.mark.parametrize("one", CALLED, ids=repr)
def test_the_sync_client_calls_it_on_the_emulator(one: Declared, world: World):
    values = world.arguments(one)
    url = world.emulator.base_url
    with OpenRouterClient(world.key_for(one), base_url=url, max_retries=0) as client:
        answer = samples.call(one, _bound(client, one), values)
        if isinstance(answer, (Stream, ByteStream)):
            with answer as opened:
                answer = list(opened)

    _check(one, answer)


@pytest.mark.parametrize("one", CALLED, ids=repr)
async def test_the_async_client_calls_it_on_the_emulator(one: Declared, world: World):
    values = world.arguments(one)
    url = world.emulator.base_url
    async with AsyncOpenRouterClient(world.key_for(one), base_url=url, max_retries=0) as client:
        answer = samples.call(one, _bound(client, one), values)
        if isinstance(answer, (AsyncStream, AsyncByteStream)):
            async with answer as opened:
                answer = [piece async for piece in opened]
        elif inspect.isawaitable(answer):
            answer = await answer

    _check(one, answer)


NO_404 = {
    "containers.list_files": "a container that does not exist has no files",
    "presets.from_chat": "makes the preset",
    "presets.from_messages": "makes the preset",
    "presets.from_responses": "makes the preset",
    "vault.store": "makes the secret",
}
"""Methods with something in their path that need not exist before."""
NAMED = [one for one in CALLED if "{" in one.route.path and one.name not in NO_404]


@pytest.mark.parametrize("one", NAMED, ids=repr)
def test_what_does_not_exist_is_404(one: Declared, world: World):
    values = world.arguments(one)
    path = one.endpoint.describe(None, **values).path
    client = OpenRouterClient(world.key_for(one), base_url=world.emulator.base_url)

    with client, pytest.raises(NotFoundError):
        list(samples.call(one, _bound(client, one), values | _elsewhere(values, path)))


def _elsewhere(values: dict[str, Any], path: Mapping[str, str]) -> dict[str, Any]:
    """The arguments that make the path, with ids that nothing has; an interval is no id."""
    return {k: "unknown" for k, v in values.items() if v in path.values() and k != "interval"}


def test_no_management_operation_takes_an_inference_key(world: World):
    managed = [one for one in CALLED if one.route.key == "management"]
    headers = {"Authorization": f"Bearer {world.emulator.api_key}"}
    with httpx2.Client(base_url=world.emulator.base_url, headers=headers) as http:
        taken = {
            one.name: answer.status_code
            for one in managed
            if (answer := http.request(one.route.method, one.route.path)).status_code
            not in (401, 403)
        }

    assert taken == {}
    assert len(managed) > 60


def test_the_withdrawn_charge_is_gone(world: World):
    with pytest.raises(ApiStatusError) as caught:
        world.user.request("POST", "/credits/coinbase")

    assert caught.value.status_code == 410


def test_the_schemas_of_the_description_are_there():
    """The calls above are checked against them."""
    checked = [one for one in CALLED if _validator(one.route.operation, events=one.streams)]

    assert len({one.route.operation for one in checked}) >= 125


def test_140_of_140_operations_are_called_by_both_clients():
    called = {one.route.operation for one in CALLED} | {"createCoinbaseCharge"}

    assert called == set(by_operation())
    assert len(called) == 140


# ---------------------------------------------------------------- schemas


@cache
def _description() -> dict[str, Any]:
    """The newest document with its open enums opened."""
    opened: dict[str, Any] = _opened(spec.newest_document())
    return opened


def _opened(schema: Any) -> Any:
    """A schema with its open enums opened: `x-open` says that other values may come."""
    if isinstance(schema, list):
        return [_opened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: _opened(v) for k, v in schema.items() if not (k == "enum" and "x-open" in schema)}


@cache
def _validator(operation: str, *, events: bool) -> Draft202012Validator | None:
    """What the answers, or the events, of an operation have to satisfy."""
    described = {raw["operation_id"]: raw["success_json"] for raw in _description()["operations"]}
    shapes = described.get(operation, ())
    if operation in spec.MISNAMED or len(shapes) <= events:
        return None
    return Draft202012Validator({**shapes[events], "$defs": _description()["$defs"]})


def _problems(one: Declared, body: Any, *, events: bool = False) -> list[str]:
    validator = _validator(one.route.operation, events=events)
    if validator is None:
        return []
    return [
        f"{deep.json_path}: {deep.message[:200]}"
        for error in validator.iter_errors(body)
        for deep in (error.context or [error])
    ]


def _check(one: Declared, answer: Any) -> None:
    """The answer is what the method promises, and fits the description where there is one."""
    if one.route.answers == "sse":
        assert answer
        assert [p for event in answer for p in _problems(one, {"data": event}, events=True)] == []
    elif isinstance(answer, (list, bytes)) or answer is None:
        assert answer is None or b"".join(answer if isinstance(answer, list) else [answer])
    else:
        assert _problems(one, answer.raw) == []
