"""Text completions, the form before chat. Reached as `client.completions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from openrouter_core._call import Call, StreamCall
from openrouter_core.resources._calls import json_call, stream_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.streaming.completions import CompletionAccumulator
from openrouter_core.wire.completions import Completion, CompletionChunk, CompletionOptions


class Completions(Resource[Mode]):
    """Text that goes on from a prompt. OpenRouter keeps this route without documenting it."""

    @http.post("/completions", "createCompletions", billed=True)
    def create(
        self, prompt: str | Sequence[str], *, model: str, **options: Unpack[CompletionOptions]
    ) -> Call[Completion]:
        """Let a model go on from a prompt.

        Source: createCompletions
        """
        return json_call(Completion, {"model": model, "prompt": prompt}, options)

    @http.sse("/completions", "createCompletions", billed=True)
    def stream(
        self, prompt: str | Sequence[str], *, model: str, **options: Unpack[CompletionOptions]
    ) -> StreamCall[CompletionChunk, CompletionAccumulator]:
        """Let a model go on from a prompt and receive the text piece by piece.

        Source: createCompletions
        """
        body: dict[str, object] = {"model": model, "prompt": prompt, "stream": True}
        return stream_call(CompletionAccumulator, CompletionChunk, body, options)
