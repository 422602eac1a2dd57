"""How users write code against the resources, for mypy and pyright; never run.

A line with an `ignore` must be an error in both checkers: an unneeded `ignore` fails the check.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_type

from openrouter_core import AsyncOpenRouterClient, AsyncStream, OpenRouterClient, Secret, Stream
from openrouter_core.catalog.models import ModelCatalog, ModelFacts
from openrouter_core.oauth import sign_in
from openrouter_core.pagination import aiterate, iterate
from openrouter_core.streaming.download import AsyncByteStream, ByteStream
from openrouter_core.streaming.responses import ResponseAccumulator
from openrouter_core.wire.batches import Batch
from openrouter_core.wire.embeddings import Embeddings
from openrouter_core.wire.files import StoredFile
from openrouter_core.wire.guardrails import Guardrail
from openrouter_core.wire.keys import CreatedKey, Key
from openrouter_core.wire.models import Model
from openrouter_core.wire.responses import Response, ResponseEvent
from openrouter_core.wire.videos import Video


def answers_have_exact_types(client: OpenRouterClient) -> None:
    created = client.keys.create("mine", limit=Decimal("2.5"), limit_reset="daily")
    assert_type(created, CreatedKey)
    assert_type(created.key, Secret)
    assert_type(created.data.limit, Decimal | None)
    assert_type(created.data.created_at, datetime | None)
    assert_type(client.embeddings.create("Hi", model="a/b"), Embeddings)
    assert_type(client.files.create(Path("a.pdf")), StoredFile)
    assert_type(client.responses.create("Hi", model="a/b"), Response)
    assert_type(client.audio.speak("Hi", model="a/b", voice="x"), bytes)
    assert_type(client.videos.wait("job", timeout_s=60), Video)
    assert_type(client.vault.delete("name"), None)


def streams_have_exact_types(client: OpenRouterClient) -> None:
    stream = client.responses.stream("Hi", model="a/b")
    assert_type(stream, Stream[ResponseEvent, ResponseAccumulator])
    for event in stream:
        if event["type"] == "response.output_text.delta":
            assert_type(event.get("delta"), str | None)
    assert_type(client.videos.download("job"), ByteStream)


def lists_cross_pages_with_their_type(client: OpenRouterClient) -> None:
    for guardrail in iterate(client.guardrails.list, limit=100):
        assert_type(guardrail, Guardrail)
    for model in iterate(client.models.list):
        assert_type(model, Model)


def mistakes_are_errors(client: OpenRouterClient) -> None:
    client.keys.create("mine", limit_rest="daily")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.models.list(max_price="cheap")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.embeddings.create("Hi")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def async_answers_come_by_await(client: AsyncOpenRouterClient) -> None:
    assert_type(await client.keys.get("hash"), Key)
    assert_type(await client.batches.wait("b"), Batch)
    assert_type(client.files.download("f"), AsyncByteStream)
    async with client.responses.stream("Hi", model="a/b") as stream:
        assert_type(stream, AsyncStream[ResponseEvent, ResponseAccumulator])
    async for key in aiterate(client.keys.list):
        assert_type(key, Key)


def around_the_client(client: OpenRouterClient) -> None:
    assert_type(ModelCatalog().facts("a/b"), ModelFacts | None)
    assert_type(sign_in(client, open_url=print), Secret)
