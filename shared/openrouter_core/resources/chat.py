"""Chat completions: one reply, or a stream of chunks. Reached as `client.chat`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from openrouter_core._call import Call, StreamCall
from openrouter_core.errors import ConfigurationError
from openrouter_core.resources._calls import json_call, stream_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.streaming.chat import ChatAccumulator
from openrouter_core.wire.chat import ChatChunk, ChatOptions, ChatResult


class Chat(Resource[Mode]):
    """Conversations with a model."""

    @http.post("/chat/completions", "sendChatCompletionRequest", billed=True)
    def send(
        self, messages: Sequence[Mapping[str, Any]], **options: Unpack[ChatOptions]
    ) -> Call[ChatResult]:
        """Ask for one whole reply.

        Args:
            messages: The conversation, oldest first: `{"role": ..., "content": ...}`.
            options: Body fields of a chat completion, sent as they are; what is not given is not
                sent. `extra_body`, `extra_headers`, `extra_query` and `timeout_s` (seconds) too.

        Returns:
            The reply. `.text` is the answer, `.usage.cost` what it cost in USD, `.raw` the JSON.

        Raises:
            ApiStatusError: OpenRouter or the provider refused, also from inside a 200.
            TransportError: No complete answer arrived.
            BudgetExceededError: A budget refuses the call.

        Source: sendChatCompletionRequest
        """
        return json_call(ChatResult, {"messages": _checked(messages)}, options)

    @http.sse("/chat/completions", "sendChatCompletionRequest", billed=True)
    def stream(
        self, messages: Sequence[Mapping[str, Any]], **options: Unpack[ChatOptions]
    ) -> StreamCall[ChatChunk, ChatAccumulator]:
        """Ask for a reply and receive it chunk by chunk.

        Args:
            messages: As for `send`.
            options: As for `send`.

        Returns:
            A stream of chunks: plain dicts, as received. `stream.so_far` is what they add up to,
            `stream.so_far.usage` has the cost once the last chunk is in.

        Raises:
            ApiStatusError: The call was refused, before the first chunk.
            MidStreamError: It failed later; the error carries what had arrived.
            StreamInterruptedError: The stream ended or went silent before the answer was complete.

        Source: sendChatCompletionRequest
        """
        body = {"messages": _checked(messages), "stream": True}
        return stream_call(ChatAccumulator, ChatChunk, body, options)


def _checked(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    if isinstance(messages, (str, Mapping)) or not messages:
        raise ConfigurationError(
            'messages must be a list of at least one message, e.g. [{"role": "user", "content": "Hi"}].'
        )
    return list(messages)
