"""A chat request over a client, whole or streamed, and once more where that can mend a refusal or an empty answer.

Called by both adapters. When to send again, and what, `recovery` knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openrouter_core._call import Call, Route, StreamCall
from openrouter_core._json import as_dict
from openrouter_core.chat.request import ChatRequest
from openrouter_core.config import is_openrouter
from openrouter_core.errors import ApiStatusError
from openrouter_core.wire._base import WireModel

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
    from openrouter_core.config import ClientConfig

    ChatStream = Stream[ChatChunk, ChatAccumulator]
    ChatStreamCall = StreamCall[ChatChunk, ChatAccumulator]
    AsyncChatStream = AsyncStream[ChatChunk, ChatAccumulator]


class ChatReply(WireModel):
    """A whole reply as it came. What of it can be read is decided by `reply`, so nothing is validated here."""


def ask(client: OpenRouterClient, request: ChatRequest) -> tuple[dict[str, Any], ReplyInfo]:
    """Send for a whole reply; what comes in streams only is read to its end.

    Raises:
        OpenRouterError: The call failed.
    """
    if request.needs_stream:
        return _read_stream(client, request)
    try:
        reply = client.perform(*_described(client.chat.send, request.arguments()))
    except ApiStatusError as error:
        reply = client.perform(*_described(client.chat.send, _second(request, error)))
    raw, http = reply.raw, reply.http
    if _asks_again(client.config, request, raw, http):
        reply = client.perform(*_described(client.chat.send, request.arguments()))
        raw, http = reply.raw, reply.http
    return raw, http


async def aask(
    client: AsyncOpenRouterClient, request: ChatRequest
) -> tuple[dict[str, Any], ReplyInfo]:
    """`ask` for an async client."""
    if request.needs_stream:
        return await _aread_stream(client, request)
    try:
        reply = await client.perform(*_described(client.chat.send, request.arguments()))
    except ApiStatusError as error:
        reply = await client.perform(*_described(client.chat.send, _second(request, error)))
    raw, http = reply.raw, reply.http
    if _asks_again(client.config, request, raw, http):
        reply = await client.perform(*_described(client.chat.send, request.arguments()))
        raw, http = reply.raw, reply.http
    return raw, http


def open_stream(client: OpenRouterClient, request: ChatRequest) -> ChatStream:
    """Open a stream; the caller enters and so closes it.

    Raises:
        OpenRouterError: The call was refused.
    """
    if request.wants_usage and not is_openrouter(client.config.base_url):
        request.body.setdefault("stream_options", {"include_usage": True})
    stream = client.chat.stream
    try:
        return client.open(*_opened_with(stream, request.arguments())).open()
    except ApiStatusError as error:
        return client.open(*_opened_with(stream, _second(request, error))).open()


async def aopen_stream(client: AsyncOpenRouterClient, request: ChatRequest) -> AsyncChatStream:
    """`open_stream` for an async client."""
    if request.wants_usage and not is_openrouter(client.config.base_url):
        request.body.setdefault("stream_options", {"include_usage": True})
    stream = client.chat.stream
    try:
        return await client.open(*_opened_with(stream, request.arguments())).open()
    except ApiStatusError as error:
        return await client.open(*_opened_with(stream, _second(request, error))).open()


def open_again(
    client: OpenRouterClient, request: ChatRequest, ended: ChatStream
) -> ChatStream | None:
    """Open a second stream where the one that has ended was empty; None where that one counts.

    Not to be called when anything of the first was handed out.

    Raises:
        OpenRouterError: The call was refused.
    """
    return open_stream(client, request) if _ended_empty(client.config, request, ended) else None


async def aopen_again(
    client: AsyncOpenRouterClient,
    request: ChatRequest,
    ended: AsyncChatStream,
) -> AsyncChatStream | None:
    """`open_again` for an async client."""
    if not _ended_empty(client.config, request, ended):
        return None
    return await aopen_stream(client, request)


def _read_stream(
    client: OpenRouterClient, request: ChatRequest
) -> tuple[dict[str, Any], ReplyInfo]:
    with open_stream(client, request) as stream:
        stream.until_done()
    again = open_again(client, request, stream)
    if again is not None:
        with again as stream:
            stream.until_done()
    return stream.so_far.result(), stream.http


async def _aread_stream(
    client: AsyncOpenRouterClient, request: ChatRequest
) -> tuple[dict[str, Any], ReplyInfo]:
    async with await aopen_stream(client, request) as stream:
        await stream.until_done()
    again = await aopen_again(client, request, stream)
    if again is not None:
        async with again as stream:
            await stream.until_done()
    return stream.so_far.result(), stream.http


def _described(send: Any, arguments: dict[str, Any]) -> tuple[Route, Call[ChatReply]]:
    """What `client.chat.send` sends, its answer as a `ChatReply`: 6 µs less than the validated one."""
    call: Call[ChatReply] = send.describe(**arguments)
    call.into = ChatReply
    return send.route, call


def _opened_with(stream: Any, arguments: dict[str, Any]) -> tuple[Route, ChatStreamCall]:
    """What `client.chat.stream` sends."""
    return stream.route, stream.describe(**arguments)


def _second(request: ChatRequest, error: ApiStatusError) -> dict[str, Any]:
    """The arguments of a second request, the last; the error itself is raised where none can help."""
    from openrouter_core.chat.recovery import second_messages

    request.body["messages"] = second_messages(request, error)
    return request.arguments()


def _ended_empty(
    config: ClientConfig,
    request: ChatRequest,
    stream: ChatStream | AsyncChatStream,
) -> bool:
    so_far = stream.so_far
    if so_far.text or so_far.usage is None:
        return False
    return _asks_again(config, request, so_far.result(), stream.http)


def _asks_again(
    config: ClientConfig, request: ChatRequest, reply: dict[str, Any], http: ReplyInfo
) -> bool:
    """Whether a reply is empty and is asked for once more; `recovery` is loaded for suspects alone."""
    usage = as_dict(reply.get("usage"))
    if usage.get("completion_tokens") or usage.get("cost") != 0:
        return False
    from openrouter_core.chat.recovery import may_ask_again

    return may_ask_again(request, reply, http, config)
