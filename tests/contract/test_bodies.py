"""What each method sends is valid by the API's own JSON Schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from openrouter_core import OpenRouterClient
from openrouter_core._call import SESSION_HEADER
from openrouter_core._http.exchange import encode
from openrouter_core.streaming.stream import Stream
from openrouter_core.wire._options import CACHE_HEADERS

from . import samples
from .calling import KEY, Everything, answering
from .declared import Declared, declared
from .spec import Operation

_RENAMED = {"intern_id", "id"}
HEADERS = {"session_id": SESSION_HEADER, **CACHE_HEADERS}

OLDER_ONLY = {"createMessages", "createCompletions"}


def _call(one: Declared, *, everything: bool = False) -> Any:
    return one.endpoint.describe(None, **samples.arguments(one, everything=everything))


def _sends_json(call: Any) -> bool:
    return call.json is not None and getattr(call, "form", None) is None


WITH_JSON = [
    one
    for one in declared()
    if one.name != "credits.create_coinbase_charge" and _sends_json(_call(one))
]
IN_NEWER = [one for one in WITH_JSON if one.route.operation not in OLDER_ONLY]


def _problems(operation: Operation, body: Any) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema checks the bodies")
    validator = jsonschema.Draft202012Validator(operation.schema(operation.body or {}))
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]


@pytest.mark.parametrize("one", IN_NEWER, ids=repr)
@pytest.mark.parametrize("everything", [False, True], ids=["least", "all"])
def test_a_body_is_valid(one: Declared, everything: bool, newer_operations: dict[str, Operation]):
    operation = newer_operations[one.route.operation]

    body = json.loads(encode(_call(one, everything=everything).json))

    assert _problems(operation, body) == []


@pytest.mark.parametrize("one", WITH_JSON, ids=repr)
def test_a_body_holds_every_option_that_was_given(one: Declared):
    given = samples.arguments(one, everything=True)

    call = _call(one, everything=True)

    outside = {"idempotency_key", "body", *re.findall(r"\{(\w+)\}", one.route.path), *_RENAMED}
    as_headers = {name for name, header in HEADERS.items() if header in call.headers}
    assert set(given) - set(call.json) <= outside | as_headers


def test_the_schemas_refuse_a_wrong_body(newer_operations: dict[str, Operation]):
    assert _problems(newer_operations["createKeys"], {"limit": "much"})


def test_null_is_sent_and_an_absent_option_is_not():
    (update,) = [one for one in declared() if one.name == "keys.update"]

    call = update.endpoint.describe(None, "hash", limit=None)

    assert call.json == {"limit": None}


def test_a_field_that_nobody_knows_is_sent_unchanged():
    (create,) = [one for one in declared() if one.name == "guardrails.create"]

    call = create.endpoint.describe(None, "mine", of_tomorrow={"a": [1, None]}, extra_body={"b": 2})

    assert call.json == {"name": "mine", "of_tomorrow": {"a": [1, None]}, "b": 2}


def test_the_server_learns_a_batch_s_endpoint_and_model_before_its_requests():
    (create,) = [one for one in declared() if one.name == "batches.create"]
    values = samples.arguments(create, everything=True)

    keys = list(json.loads(encode(create.endpoint.describe(None, **values).json)))

    assert keys.index("endpoint") < keys.index("requests")
    assert keys.index("model") < keys.index("requests")


@pytest.fixture(scope="module")
def server() -> Iterator[Everything]:
    with answering() as everything:
        yield everything


def test_amounts_and_times_become_json(server: Everything):
    from datetime import datetime, timedelta, timezone
    from decimal import Decimal

    client = OpenRouterClient(KEY, base_url=server.url)
    summer = timezone(timedelta(hours=2))
    client.keys.create("k", limit=Decimal("2.50"), expires_at=datetime(2030, 1, 1, tzinfo=summer))

    assert server.last.json == {"name": "k", "limit": 2.5, "expires_at": "2029-12-31T22:00:00Z"}


def test_a_file_is_uploaded_as_a_form(server: Everything, tmp_path):
    path = tmp_path / "report.txt"
    path.write_bytes(b"hello there")
    client = OpenRouterClient(KEY, base_url=server.url)

    client.files.create(path, workspace_id="w")

    assert server.last.query == "workspace_id=w"
    assert server.last.headers["content-type"].startswith("multipart/form-data")
    assert b'name="file"; filename="report.txt"' in server.last.body
    assert b"hello there" in server.last.body


def test_a_sound_file_is_uploaded_with_its_settings(server: Everything):
    client = OpenRouterClient(KEY, base_url=server.url)

    client.audio.transcribe_file(
        b"\x01\x02", model="a/b", timestamp_granularities=["word"], provider={"zdr": True}
    )

    body = server.last.body
    assert b'name="model"\r\n\r\na/b' in body
    assert b'name="timestamp_granularities[]"\r\n\r\nword' in body
    assert b'name="provider"\r\n\r\n{"zdr": true}' in body


def test_a_token_exchange_is_sent_as_a_plain_form(server: Everything):
    client = OpenRouterClient(KEY, base_url=server.url)

    client.oauth.exchange_token("jwt", federation_policy_id="p")

    assert server.last.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (
        b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange" in server.last.body
    )


def test_boolean_filters_are_sent_as_words(server: Everything):
    client = OpenRouterClient(KEY, base_url=server.url)

    client.keys.list(include_disabled=True, offset=100)

    assert server.last.query == "offset=100&include_disabled=true"


def test_list_filters_of_models_are_joined_by_commas(server: Everything):
    client = OpenRouterClient(KEY, base_url=server.url)

    client.models.list(supported_parameters=["tools", "seed"], output_modalities="all")

    assert server.last.query == "supported_parameters=tools%2Cseed&output_modalities=all"


def test_a_stream_asks_to_be_streamed(server: Everything):
    client = OpenRouterClient(KEY, base_url=server.url)

    stream = client.responses.stream("Hi", model="a/b")
    assert isinstance(stream, Stream)
    assert stream.until_done().text == "Hi"

    assert server.last.json == {"input": "Hi", "stream": True, "model": "a/b"}
