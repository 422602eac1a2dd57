"""What the newest document allows, the emulator takes; what it requires, the emulator asks for; what it may answer, both know.

Every enum, every alternative of a union, every required field, every status and every error type of the document, operation
by operation. What is refused for another reason than its value stands in `EXPLAINED`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from openrouter_core import ApiStatusError, OpenRouterClient
from openrouter_emulator import Emulator, faults

from . import samples, spec
from .declared import Declared, by_operation
from .emulated import CHAT, World
from .places import Place, alternatives, enums

OPERATIONS = {operation.id: operation for operation in spec.pinned()}
_SKIPPED = {"createCoinbaseCharge": "withdrawn"}
OPERATION_IDS = [id for id in OPERATIONS if id in by_operation() and id not in _SKIPPED]
WITH_BODY = [id for id in OPERATION_IDS if OPERATIONS[id].body and OPERATIONS[id].media == "json"]
BRAND_NEW = "brand-new"

EXPLAINED: dict[str, str] = {
    r"No allowed providers are available": "a provider that does not serve the model is asked for alone",
    r"No endpoints found": "the model of the sample has no such input or output",
    r"No tool call (with this id|found)": "a tool's result in a conversation of its own",
    r"Audio output requires": "sound comes in streams only",
    r"is not available on": "server tools that one shape of the API does not have, by the guides",
    r"image_url: Required": "the document leaves the picture of a picture out",
    r"config\.\w+: Required": "each kind of destination needs settings of its own",
    r"There are \d+ destinations of this type": "five of a kind at most",
    r"order_by.field: Must be": "a field that the sample query does not have",
    r"Invalid code or code_verifier": "codes are for one use, and this one was made by another method",
    r"period: Must be week or month": "categories are counted by weeks, by the guide",
    r"before_id and order=desc": "not on OpenRouter's own storage, by the guide",
    r"file: Required": "an upload without a file",
    r"file_data or file_id is required|An assistant message needs": "an empty part or turn",
    r"Every custom_id|Must be the model of the batch": "batches check their lines",
    r"thinking.budget_tokens|max_tokens. must be greater": "budgets have bounds",
    r"Tool call arguments|Invalid base64|Expected a URL": "samples are only samples",
}
CLOSED: dict[str, str] = {
    "code_challenge_method": "400 by the guide",
    "direction|period|source|api_format|endpoint|keep_members|type": "another value would mean nothing that can be done",
    "reset_interval|limit_reset|usage_limit_type|role": "an unknown span or role would silently do nothing",
    "format": "a provider refuses sound in a format that it cannot decode",
    "response_format": "an unknown format of a sound or transcription cannot be written",
    "metrics|dimensions|field|operator|granularity": "the emulator would have to count what it does not know",
}
"""Open enums of which the emulator takes only what it can act on, by the last name of the place."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Emulator(comments=0, dialects=False) as emulator:
        yield World(emulator)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=30) as client:
        yield client


class Sender:
    """Sends one operation with a body of its own, as plain HTTP."""

    def __init__(self, world: World, http: httpx2.Client, one: Declared) -> None:
        self.world, self.http, self.one = world, http, one

    def send(self, change: Any = None, query: Any = None) -> httpx2.Response:
        """Call with the sample body after `change` has had it."""
        call = self.one.endpoint.describe(None, **self.world.arguments(self.one))
        body = None if call.json is None else json.loads(json.dumps(call.json, default=str))
        if change is not None:
            body = change(body or {})
        bases = {"v1": self.world.emulator.base_url, "root": self.world.emulator.origin}
        url = bases[self.one.route.base] + self.one.route.path.format(**dict(call.path))
        known = {k: v for k, v in call.query.items() if v is not None}
        headers = {"Authorization": f"Bearer {self.world.key_for(self.one)}"}
        return self.http.request(
            self.one.route.method,
            url,
            json=body,
            params={**known, **(query or {})},
            headers=headers,
        )


def _put(place: Place, value: Any) -> Any:
    """A change that puts a value at a place of a body."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        made = place.make(value)
        named = re.match(r"\.(\w+)", place.path)
        return {**body, **({named[1]: made[named[1]]} if named else made)}

    return change


def _complaint(answer: httpx2.Response) -> str | None:
    """Why an answer is a refusal that nothing explains; None when it is none."""
    if answer.status_code < 400:
        return None
    message = answer.json()["error"]["message"] if answer.content else ""
    if answer.status_code < 500 and any(re.search(words, message) for words in EXPLAINED):
        return None
    return f"{answer.status_code} {message[:200]}"


def _sender(world: World, http: httpx2.Client, id: str) -> Sender:
    return Sender(world, http, by_operation()[id][0])


def _places(id: str) -> list[Place]:
    operation = OPERATIONS[id]
    return enums(operation.body or {}, operation.definitions)


def _values(place: Place, id: str) -> tuple[Any, ...]:
    """Every value; of the hundred names of providers only a few beside chat, which has the same list."""
    many = len(place.values) > 50 and id != "sendChatCompletionRequest"
    return (*place.values[:2], place.values[-1]) if many else place.values


@pytest.mark.parametrize("id", WITH_BODY)
def test_every_value_of_every_enum_is_taken(id: str, world: World, http: httpx2.Client):
    sender = _sender(world, http, id)

    refused = [
        (place.path, value, complaint)
        for place in _places(id)
        for value in _values(place, id)
        if (complaint := _complaint(sender.send(_put(place, value))))
    ]

    assert not refused, refused


@pytest.mark.parametrize("id", WITH_BODY)
def test_a_value_of_tomorrow_is_taken_where_the_document_is_open(
    id: str, world: World, http: httpx2.Client
):
    sender = _sender(world, http, id)

    refused = [
        (place.path, complaint)
        for place in _places(id)
        if place.is_open and not _closed(place.path)
        if (complaint := _complaint(sender.send(_put(place, BRAND_NEW))))
    ]

    assert not refused, refused


def _closed(path: str) -> bool:
    name = re.sub(r"\[\]|<[^>]*>", "", path).rpartition(".")[2]
    return any(re.fullmatch(names, name) for names in CLOSED)


@pytest.mark.parametrize("id", WITH_BODY)
def test_every_alternative_of_every_union_is_taken(id: str, world: World, http: httpx2.Client):
    operation, sender = OPERATIONS[id], _sender(world, http, id)

    refused = [
        (place.path, complaint)
        for place in alternatives(operation.body or {}, operation.definitions)
        for value in place.values
        if (complaint := _complaint(sender.send(_put(place, value))))
    ]

    assert not refused, refused


WITH_QUERY = [id for id in OPERATION_IDS if OPERATIONS[id].query]


@pytest.mark.parametrize("id", WITH_QUERY)
def test_every_value_of_a_query_is_taken(id: str, world: World, http: httpx2.Client):
    operation, sender = OPERATIONS[id], _sender(world, http, id)

    refused = [
        (name, value, complaint)
        for name, schema in operation.query.items()
        for place in enums(schema, operation.definitions)
        for value in (*place.values, *([BRAND_NEW] if place.is_open and not _closed(name) else []))
        if (complaint := _complaint(sender.send(query={name: value})))
    ]

    assert not refused, refused


@pytest.mark.parametrize("id", WITH_BODY)
def test_what_is_required_is_asked_for(id: str, world: World, http: httpx2.Client):
    sender = _sender(world, http, id)
    required = (OPERATIONS[id].body or {}).get("required", ())

    taken = [
        name
        for name in required
        if sender.send(
            lambda body, left=name: {k: v for k, v in body.items() if k != left}
        ).status_code
        != 400
    ]

    assert taken == []


@pytest.mark.parametrize("id", OPERATION_IDS)
def test_every_documented_status_reaches_the_caller(id: str, world: World):
    one = by_operation()[id][0]
    call = getattr(getattr(world.user, one.resource), one.method)
    values = world.arguments(one)
    for status in sorted(OPERATIONS[id].statuses):
        if status >= 400:
            headers = {"X-Emulator-Fault": f"status_{status}"}
            with pytest.raises(ApiStatusError) as caught:
                list(samples.call(one, call, {**values, "extra_headers": headers}))
            assert caught.value.status_code == status


def _error_types() -> list[str]:
    found = spec.pinned_document()["$defs"]["ChatStreamChunkMetadata"]["properties"]["error_type"]
    return list(found["enum"])


@pytest.mark.parametrize("error_type", _error_types())
def test_every_error_type_reaches_the_caller_in_every_shape(error_type: str, world: World):
    client: OpenRouterClient = world.user
    messages = [{"role": "user", "content": "Hi"}]
    fault = {"X-Emulator-Fault": f"type_{error_type}"}
    calls = (
        lambda: client.chat.send(messages, model=CHAT, extra_headers=fault),
        lambda: client.responses.create("Hi", model=CHAT, extra_headers=fault),
        lambda: client.messages.create(messages, model=CHAT, extra_headers=fault),
    )
    for call in calls:
        with pytest.raises(ApiStatusError) as caught:
            call()
        assert caught.value.error_type == error_type
        assert caught.value.status_code == faults.STATUS_OF_TYPE[error_type]


def test_every_explanation_is_needed_and_has_a_reason():
    assert all(len(reason) > 10 for reason in (*EXPLAINED.values(), *CLOSED.values()))
