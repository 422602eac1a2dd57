"""One call over the core's client, and once more where that can mend a refusal of earlier turns.

Called by the chat model's four calls. When to send again, and what, is the core's decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openrouter_core import (
    AsyncOpenRouterClient,
    AsyncStream,
    ChatAccumulator,
    OpenRouterClient,
    Stream,
)
from openrouter_core.chat.recovery import with_recovery, with_recovery_async
from openrouter_core.chat.request import ChatRequest

if TYPE_CHECKING:
    from openrouter_core import ChatChunk, ChatResult


def sent(client: OpenRouterClient, request: ChatRequest) -> ChatResult:
    """Send for a whole reply."""
    return with_recovery(lambda messages: client.chat.send(**request.arguments(messages)), request)


async def asent(client: AsyncOpenRouterClient, request: ChatRequest) -> ChatResult:
    """Send for a whole reply."""
    return await with_recovery_async(
        lambda messages: client.chat.send(**request.arguments(messages)), request
    )


def opened(client: OpenRouterClient, request: ChatRequest) -> Stream[ChatChunk, ChatAccumulator]:
    """Open a stream."""
    return with_recovery(
        lambda messages: client.chat.stream(**request.arguments(messages)).open(), request
    )


async def aopened(
    client: AsyncOpenRouterClient, request: ChatRequest
) -> AsyncStream[ChatChunk, ChatAccumulator]:
    """Open a stream."""
    return await with_recovery_async(
        lambda messages: client.chat.stream(**request.arguments(messages)).open(), request
    )
