"""A chat request over a client, whole or streamed, and once more where that can mend a refusal.

Called by both adapters. When to send again, and what, `recovery` knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openrouter_core.chat.request import ChatRequest
from openrouter_core.errors import ApiStatusError

if TYPE_CHECKING:
    from openrouter_core import (
        AsyncOpenRouterClient,
        AsyncStream,
        ChatAccumulator,
        ChatChunk,
        OpenRouterClient,
        ReplyInfo,
        Stream,
    )


def ask(client: OpenRouterClient, request: ChatRequest) -> tuple[dict[str, Any], ReplyInfo]:
    """Send for a whole reply; what comes in streams only is read to its end.

    Raises:
        OpenRouterError: The call failed.
    """
    if request.needs_stream:
        with open_stream(client, request) as stream:
            return stream.until_done().result(), stream.http
    try:
        reply = client.chat.send(**request.arguments())
    except ApiStatusError as error:
        reply = client.chat.send(**_second(request, error))
    return reply.raw, reply.http


async def aask(
    client: AsyncOpenRouterClient, request: ChatRequest
) -> tuple[dict[str, Any], ReplyInfo]:
    """`ask` for an async client."""
    if request.needs_stream:
        async with await aopen_stream(client, request) as stream:
            return (await stream.until_done()).result(), stream.http
    try:
        reply = await client.chat.send(**request.arguments())
    except ApiStatusError as error:
        reply = await client.chat.send(**_second(request, error))
    return reply.raw, reply.http


def open_stream(
    client: OpenRouterClient, request: ChatRequest
) -> Stream[ChatChunk, ChatAccumulator]:
    """Open a stream; the caller enters and so closes it.

    Raises:
        OpenRouterError: The call was refused.
    """
    try:
        return client.chat.stream(**request.arguments()).open()
    except ApiStatusError as error:
        return client.chat.stream(**_second(request, error)).open()


async def aopen_stream(
    client: AsyncOpenRouterClient, request: ChatRequest
) -> AsyncStream[ChatChunk, ChatAccumulator]:
    """`open_stream` for an async client."""
    try:
        return await client.chat.stream(**request.arguments()).open()
    except ApiStatusError as error:
        return await client.chat.stream(**_second(request, error)).open()


def _second(request: ChatRequest, error: ApiStatusError) -> dict[str, Any]:
    """The arguments of a second request, the last; the error itself is raised where none can help."""
    from openrouter_core.chat.recovery import second_messages

    return request.arguments(second_messages(request, error))
