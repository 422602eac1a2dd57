"""One chat request and its answer, sync and async. Called by `llm` with a request that is ready to go.

When a refused request is sent once more, and with what, is the core's decision.
"""

from __future__ import annotations

from llama_index.core.base.llms.types import ChatResponse

from llama_index_openrouter._response.message import to_chat_response
from openrouter_core import (
    AsyncOpenRouterClient,
    AsyncStream,
    ChatAccumulator,
    ChatChunk,
    OpenRouterClient,
    Stream,
)
from openrouter_core.chat.recovery import with_recovery, with_recovery_async
from openrouter_core.chat.request import ChatRequest


def answered(client: OpenRouterClient, request: ChatRequest) -> ChatResponse:
    """Send a request and convert the answer."""
    if request.needs_stream:
        with opened(client, request) as stream:
            reply = stream.until_done().result()
            return to_chat_response(
                reply, generation_id=stream.http.generation_id, reader=request.reply_reader()
            )
    answer = with_recovery(
        lambda messages: client.chat.send(**request.arguments(messages)), request
    )
    return to_chat_response(
        answer.raw, generation_id=answer.http.generation_id, reader=request.reply_reader()
    )


async def aanswered(client: AsyncOpenRouterClient, request: ChatRequest) -> ChatResponse:
    """Send a request and convert the answer, awaited."""
    if request.needs_stream:
        async with await aopened(client, request) as stream:
            reply = (await stream.until_done()).result()
            return to_chat_response(
                reply, generation_id=stream.http.generation_id, reader=request.reply_reader()
            )
    answer = await with_recovery_async(
        lambda messages: client.chat.send(**request.arguments(messages)), request
    )
    return to_chat_response(
        answer.raw, generation_id=answer.http.generation_id, reader=request.reply_reader()
    )


def opened(client: OpenRouterClient, request: ChatRequest) -> Stream[ChatChunk, ChatAccumulator]:
    """Send a request for a stream; the caller enters it."""
    return with_recovery(
        lambda messages: client.chat.stream(**request.arguments(messages)).open(), request
    )


async def aopened(
    client: AsyncOpenRouterClient, request: ChatRequest
) -> AsyncStream[ChatChunk, ChatAccumulator]:
    """Send a request for a stream, awaited; the caller enters it."""
    return await with_recovery_async(
        lambda messages: client.chat.stream(**request.arguments(messages)).open(), request
    )
