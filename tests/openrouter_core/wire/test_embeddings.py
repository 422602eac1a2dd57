"""Embeddings as they cross the wire: base64 or numbers, any order, never nothing."""

from __future__ import annotations

import base64
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_core import OpenRouterClient, ReplyInfo, ResponseShapeError
from openrouter_core.resources import embeddings as resource
from openrouter_core.wire._base import read
from openrouter_core.wire.embeddings import Embeddings
from tests.openrouter_core.both_clients import Async, sync_and_async
from tests.openrouter_core.wire_server import reply

VECTOR = [0.5, -1.25, 3.0]
BASE64 = base64.b64encode(array("f", VECTOR).tobytes()).decode()


def _answer(*vectors: object, **more: object) -> dict[str, object]:
    data = [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]
    return {"object": "list", "data": data, "model": "text-embedding-3-small", **more}


def test_base64_is_asked_for_and_decoded(serve):
    server = serve(reply(_answer(BASE64)))
    client = OpenRouterClient("k", base_url=server.base_url)

    answer = client.embeddings.create("Hi", model="openai/text-embedding-3-small")

    assert server.requests[0].json["encoding_format"] == "base64"
    assert answer.vectors == [VECTOR]
    assert answer.raw["data"][0]["embedding"] == BASE64


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=40))
def test_base64_holds_the_numbers_it_was_made_of(vector):
    encoded = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

    assert read(Embeddings, _answer(encoded), ReplyInfo()).vectors == [vector]


@pytest.mark.parametrize(
    "encoded", ["AA=A", "!!!!", "AAAA\n", "AACAP\u00e9==", "AAAA"],
    ids=["padding-inside", "not-base64", "line-end", "not-ascii", "half-a-number"],
)  # fmt: skip
def test_broken_base64_is_a_wrong_shape(encoded):
    with pytest.raises(ResponseShapeError, match=r"data\.0\.embedding") as caught:
        read(Embeddings, _answer(encoded), ReplyInfo())

    assert caught.value.raw == _answer(encoded)


def test_what_the_user_asks_for_is_sent(serve):
    server = serve(reply(_answer(VECTOR)))
    client = OpenRouterClient("k", base_url=server.base_url)

    answer = client.embeddings.create(
        ["Hi"], model="m", encoding_format="float", input_type="query"
    )

    sent = server.requests[0].json
    assert sent == {
        "model": "m",
        "input": ["Hi"],
        "encoding_format": "float",
        "input_type": "query",
    }
    assert answer.vectors == [VECTOR]


def test_vectors_come_in_the_order_of_the_inputs(serve):
    data = [{"index": 1, "embedding": [1.0]}, {"index": 0, "embedding": [0.0]}]
    server = serve(reply({**_answer(), "data": data}))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert client.embeddings.create(["a", "b"], model="m").vectors == [[0.0], [1.0]]


def test_i2_no_vectors_is_an_error_that_names_the_model(serve):
    """quirks.md I2: OpenRouter can answer 200 with no data."""
    server = serve(reply(_answer()))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(ResponseShapeError, match="'text-embedding-3-small'") as caught:
        client.embeddings.create([1, 2], model="openai/text-embedding-3-small")

    assert caught.value.raw["data"] == []


def test_usage_is_money(serve):
    usage = {"prompt_tokens": 8, "total_tokens": 8, "cost": 1.6e-7}
    server = serve(reply(_answer(VECTOR, usage=usage, id="gen-emb-1")))
    client = OpenRouterClient("k", base_url=server.base_url)

    answer = client.embeddings.create("Hi", model="m")

    assert str(answer.usage.cost) == "1.6E-7"
    assert answer.id == "gen-emb-1"


# ------------------------------------------------------------------------- models without base64


def _answers(*bodies: dict) -> list:
    return [reply(body) for body in bodies]


NOTHING = {"object": "list", "model": "m/none", "data": [], "usage": {"cost": 0}}
FLOATS = {"object": "list", "model": "m/none", "data": [{"index": 0, "embedding": [0.25, 0.5]}]}


@sync_and_async
async def test_i2_a_model_that_answers_nothing_to_base64_is_asked_for_floats(
    serve, connect, monkeypatch
):
    """quirks.md I2: once, and from then on at once; each request is a call of its own."""
    monkeypatch.setattr(resource, "_without_base64", set())
    server = serve(*_answers(NOTHING, FLOATS))
    calls: list = []

    class Observer:
        def admit(self, intent):
            calls.append(intent.body["encoding_format"])

        def completed(self, call, ticket):
            pass

    client = connect(server.base_url, observers=[Observer()]).client

    async def embed() -> list:
        created = client.embeddings.create(["a"], model="m/none")
        return (await created if connect is Async else created).vectors

    assert [await embed(), await embed()] == [[[0.25, 0.5]]] * 2
    assert [r.json["encoding_format"] for r in server.requests] == ["base64", "float", "float"]
    assert calls == ["base64", "float", "float"]


@sync_and_async
@pytest.mark.parametrize(
    "options", [{"encoding_format": "base64"}, {"extra_body": {"encoding_format": "base64"}}]
)
async def test_i2_an_encoding_that_the_user_chose_is_not_changed(
    serve, connect, monkeypatch, options
):
    monkeypatch.setattr(resource, "_without_base64", set())
    server = serve(*_answers(NOTHING, FLOATS))
    client = connect(server.base_url).client

    async def embed() -> None:
        created = client.embeddings.create(["a"], model="m/none", **options)
        if connect is Async:
            await created

    with pytest.raises(ResponseShapeError, match="without any embedding"):
        await embed()
    assert len(server.requests) == 1
