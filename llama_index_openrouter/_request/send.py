"""One chat request and its answer, sync and async. Called by `llm` with a request that is ready to go.

When a refused request is sent once more, and with what, is the core's decision.
"""

from __future__ import annotations

from typing import Any

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
from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.chat.recovery import with_recovery, with_recovery_async
from openrouter_core.chat.tool_turns import WireMessage

Wire = list[WireMessage]


def answered(
    client: OpenRouterClient, wire: Wire, options: dict[str, Any], replay: ReplayPolicy
) -> ChatResponse:
    """Send a request and convert the answer."""
    if _comes_in_streams_only(options):
        with opened(client, wire, options, replay) as stream:
            reply = stream.until_done().result()
            return to_chat_response(reply, generation_id=stream.http.generation_id)
    answer = with_recovery(
        lambda messages: client.chat.send(messages, **options), wire, reasoning_replay=replay
    )
    return to_chat_response(answer.raw, generation_id=answer.http.generation_id)


async def aanswered(
    client: AsyncOpenRouterClient, wire: Wire, options: dict[str, Any], replay: ReplayPolicy
) -> ChatResponse:
    """Send a request and convert the answer, awaited."""
    if _comes_in_streams_only(options):
        async with await aopened(client, wire, options, replay) as stream:
            reply = (await stream.until_done()).result()
            return to_chat_response(reply, generation_id=stream.http.generation_id)
    answer = await with_recovery_async(
        lambda messages: client.chat.send(messages, **options), wire, reasoning_replay=replay
    )
    return to_chat_response(answer.raw, generation_id=answer.http.generation_id)


def opened(
    client: OpenRouterClient, wire: Wire, options: dict[str, Any], replay: ReplayPolicy
) -> Stream[ChatChunk, ChatAccumulator]:
    """Send a request for a stream; the caller enters it."""
    return with_recovery(
        lambda messages: client.chat.stream(messages, **options).__enter__(),
        wire,
        reasoning_replay=replay,
    )


async def aopened(
    client: AsyncOpenRouterClient, wire: Wire, options: dict[str, Any], replay: ReplayPolicy
) -> AsyncStream[ChatChunk, ChatAccumulator]:
    """Send a request for a stream, awaited; the caller enters it."""
    return await with_recovery_async(
        lambda messages: client.chat.stream(messages, **options).__aenter__(),
        wire,
        reasoning_replay=replay,
    )


def _comes_in_streams_only(options: dict[str, Any]) -> bool:
    """Whether the answer holds sound: a call for it reads a stream to its end."""
    return "audio" in (options.get("modalities") or ())
