"""One call over the core's client; once more if the provider has lost reasoning items of earlier turns.

Called by the chat model's four calls. What to send the second time is the core's decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_openrouter._request.build import Request
from openrouter_core import (
    AsyncOpenRouterClient,
    AsyncStream,
    BadRequestError,
    ChatAccumulator,
    OpenRouterClient,
    Stream,
)
from openrouter_core.chat.recovery import without_lost_items

if TYPE_CHECKING:
    from openrouter_core import ChatChunk, ChatResult


def sent(client: OpenRouterClient, request: Request) -> ChatResult:
    """Send for a whole reply."""
    try:
        return client.chat.send(**request.arguments())
    except BadRequestError as error:
        return client.chat.send(**_repeated(request, error).arguments())


async def asent(client: AsyncOpenRouterClient, request: Request) -> ChatResult:
    """Send for a whole reply."""
    try:
        return await client.chat.send(**request.arguments())
    except BadRequestError as error:
        return await client.chat.send(**_repeated(request, error).arguments())


def opened(client: OpenRouterClient, request: Request) -> Stream[ChatChunk, ChatAccumulator]:
    """Open a stream."""
    try:
        return client.chat.stream(**request.arguments()).__enter__()
    except BadRequestError as error:
        return client.chat.stream(**_repeated(request, error).arguments())


async def aopened(
    client: AsyncOpenRouterClient, request: Request
) -> AsyncStream[ChatChunk, ChatAccumulator]:
    """Open a stream."""
    try:
        return await client.chat.stream(**request.arguments()).__aenter__()
    except BadRequestError as error:
        return client.chat.stream(**_repeated(request, error).arguments())


def _repeated(request: Request, error: BadRequestError) -> Request:
    messages = without_lost_items(request.body["messages"], error)
    return Request({**request.body, "messages": messages}, request.options)
