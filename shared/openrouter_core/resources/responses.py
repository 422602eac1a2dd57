"""The Responses API: whole, or as a stream of events. Reached as `client.responses`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call, StreamCall
from openrouter_core.resources._calls import json_call, stream_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.streaming.responses import ResponseAccumulator
from openrouter_core.wire.responses import (
    Response,
    ResponseEvent,
    ResponseInput,
    ResponsesOptions,
)


class Responses(Resource[Mode]):
    """Answers in the shape of OpenAI's Responses API. Nothing is kept on the server."""

    @http.post("/responses", "createResponses", billed=True)
    def create(self, input: ResponseInput, **options: Unpack[ResponsesOptions]) -> Call[Response]:
        """Ask for one whole answer.

        Args:
            input: Text, or the whole history as items. Output items go back as they came.

        Returns:
            The answer: `.answer` is its text, `.output` its items as plain dicts.

        Raises:
            ApiStatusError: OpenRouter or the provider refused, also from inside a 200.

        Source: createResponses
        """
        return json_call(Response, {"input": input}, options)

    @http.sse("/responses", "createResponses", billed=True)
    def stream(
        self, input: ResponseInput, **options: Unpack[ResponsesOptions]
    ) -> StreamCall[ResponseEvent, ResponseAccumulator]:
        """Ask for an answer and receive it event by event.

        Raises:
            MidStreamError: The answer failed after it began; the error carries what had arrived.

        Source: createResponses
        """
        body: dict[str, object] = {"input": input, "stream": True}
        return stream_call(ResponseAccumulator, ResponseEvent, body, options)
