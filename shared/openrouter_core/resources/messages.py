"""The Messages API: whole, or as a stream of events. Reached as `client.messages`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from openrouter_core._call import Call, StreamCall
from openrouter_core.resources._calls import json_call, stream_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.streaming.messages import MessageAccumulator
from openrouter_core.wire.messages import Message, MessageEvent, MessagesOptions


class Messages(Resource[Mode]):
    """Answers in the shape of Anthropic's Messages API, from any model."""

    @http.post("/messages", "createMessages", billed=True)
    def create(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        model: str,
        **options: Unpack[MessagesOptions],
    ) -> Call[Message]:
        """Ask for one whole answer.

        Args:
            messages: The conversation, oldest first. Content blocks go back as they came.

        Returns:
            The answer: `.text` is its text, `.content` its blocks as plain dicts.

        Source: createMessages
        """
        return json_call(Message, {"model": model, "messages": messages}, options)

    @http.sse("/messages", "createMessages", billed=True)
    def stream(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        model: str,
        **options: Unpack[MessagesOptions],
    ) -> StreamCall[MessageEvent, MessageAccumulator]:
        """Ask for an answer and receive it event by event.

        Raises:
            MidStreamError: The answer failed after it began; the error carries what had arrived.

        Source: createMessages
        """
        body: dict[str, object] = {"model": model, "messages": messages, "stream": True}
        return stream_call(MessageAccumulator, MessageEvent, body, options)
