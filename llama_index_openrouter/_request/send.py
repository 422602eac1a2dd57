"""One chat request and its answer, in both colours. Called by `llm` with a request that is ready to go.

A request that a provider refuses because it lost reasoning items is sent once more without them; the
core decides when, and says so in the log.
"""

from __future__ import annotations

from typing import Any

from llama_index.core.base.llms.types import ChatResponse

from llama_index_openrouter._response.message import to_chat_response
from openrouter_core import (
    AsyncOpenRouterClient,
    AsyncStream,
    BadRequestError,
    ChatAccumulator,
    ChatChunk,
    OpenRouterClient,
    Stream,
)
from openrouter_core.chat.recovery import without_lost_items

Wire = list[dict[str, Any]]


def answered(client: OpenRouterClient, wire: Wire, options: dict[str, Any]) -> ChatResponse:
    """Send a request and convert the answer."""
    if _comes_in_streams_only(options):
        with opened(client, wire, options) as stream:
            reply = stream.until_done().result()
            return to_chat_response(reply, generation_id=stream.http.generation_id)
    try:
        answer = client.chat.send(wire, **options)
    except BadRequestError as error:
        answer = client.chat.send(without_lost_items(wire, error), **options)
    return to_chat_response(answer.raw, generation_id=answer.http.generation_id)


async def aanswered(
    client: AsyncOpenRouterClient, wire: Wire, options: dict[str, Any]
) -> ChatResponse:
    """Send a request and convert the answer, awaited."""
    if _comes_in_streams_only(options):
        async with await aopened(client, wire, options) as stream:
            reply = (await stream.until_done()).result()
            return to_chat_response(reply, generation_id=stream.http.generation_id)
    try:
        answer = await client.chat.send(wire, **options)
    except BadRequestError as error:
        answer = await client.chat.send(without_lost_items(wire, error), **options)
    return to_chat_response(answer.raw, generation_id=answer.http.generation_id)


def opened(
    client: OpenRouterClient, wire: Wire, options: dict[str, Any]
) -> Stream[ChatChunk, ChatAccumulator]:
    """Send a request for a stream; the caller enters it, which opens it if it is not open yet."""
    try:
        return client.chat.stream(wire, **options).__enter__()
    except BadRequestError as error:
        return client.chat.stream(without_lost_items(wire, error), **options)


async def aopened(
    client: AsyncOpenRouterClient, wire: Wire, options: dict[str, Any]
) -> AsyncStream[ChatChunk, ChatAccumulator]:
    """Send a request for a stream, awaited; the caller enters it."""
    try:
        return await client.chat.stream(wire, **options).__aenter__()
    except BadRequestError as error:
        return client.chat.stream(without_lost_items(wire, error), **options)


def _comes_in_streams_only(options: dict[str, Any]) -> bool:
    """Whether the answer holds sound: a call for it reads a stream to its end."""
    return "audio" in (options.get("modalities") or ())
