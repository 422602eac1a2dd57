"""Chat chunks in, the message so far out. Fed once per chunk by the stream; no I/O.

The work per chunk does not grow with the answer: strings go into buffers and lists, and whatever needs
the whole (merged reasoning, the reply-shaped `result()`) is put together when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openrouter_core.chat.reasoning import ReasoningDetail
from openrouter_core.streaming.accumulator import Accumulator
from openrouter_core.streaming.choice import Choice

if TYPE_CHECKING:
    from openrouter_core.wire.chat import ChatChunk

_SETTLED = frozenset({"choices", "object", "usage"})


class ChatAccumulator(Accumulator):
    """What the chunks of a chat stream add up to.

    Attributes:
        first: The first choice, the only one unless several were asked for. It tells what the latest chunk
            added: `new_text`, `new_reasoning`, `new_details` and `new_calls`.
        usage: The `usage` object, verbatim; None until it arrives.
    """

    __slots__ = ("_awaited", "_choices", "_keys", "_scalars", "first", "usage")

    def __init__(self) -> None:
        self._scalars: dict[str, Any] = {}
        self._awaited: set[str] = set()
        self._keys: frozenset[str] = frozenset()
        """Those of the latest chunk that was searched for scalars."""
        self.first = Choice(0)
        self._choices: dict[int, Choice] = {0: self.first}
        self.usage: dict[str, Any] | None = None

    def add(self, event: Any) -> ChatChunk:
        """Take in one parsed chunk and return it.

        Raises:
            MidStreamError: The chunk carries a failure, beside its choices or without any.
        """
        if event.keys() != self._keys or self._awaited:
            self._note_scalars(event)
        first = self.first
        first.new_text = first.new_reasoning = ""
        first.new_details = first.new_calls = ()
        for choice in event.get("choices") or ():
            index = choice.get("index")
            (self._choice(index) if index and isinstance(index, int) else first).add(choice)
        if event.get("usage") and isinstance(event["usage"], dict):
            self.usage = event["usage"]
            self._note_scalars(event)
        if event.get("error"):
            raise self._failure(event)
        if first.error is not None:
            raise self._failure({**event, "error": first.error})
        chunk: ChatChunk = event  # not by `cast`, which is a call for each chunk
        return chunk

    def skip(self, error: Exception) -> None:
        """Refuse a chunk of a strange shape: no later one tells again what it held.

        Raises:
            StreamInterruptedError: Always.
        """
        raise self.interrupted("an event of the stream is not a chat chunk") from error

    def finish(self, *, is_marked: bool = False) -> None:
        """Accept the end of the stream.

        Raises:
            StreamInterruptedError: No finish reason had come.
        """
        super().finish(is_marked=is_marked)
        self.first.finish()

    @property
    def is_complete(self) -> bool:
        """Whether a finish reason has come."""
        return self.first.finish_reason is not None

    @property
    def id(self) -> str | None:
        """The generation id."""
        identity = self._scalars.get("id")
        return identity if isinstance(identity, str) else None

    @property
    def model(self) -> str | None:
        """The model that answers."""
        return self._scalars.get("model")

    @property
    def provider(self) -> str | None:
        """The provider's display name."""
        return self._scalars.get("provider")

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self.first.text

    def text_in(self, event: Any) -> str:  # noqa: ARG002  # read by the first choice
        """What the latest chunk adds to the text."""
        return self.first.new_text

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def reasoning(self) -> str | None:
        """The reasoning text so far; None if none came."""
        return self.first.reasoning

    @property
    def refusal(self) -> str | None:
        """The refusal so far; None if none came."""
        return self.first.refusal

    @property
    def reasoning_details(self) -> list[ReasoningDetail] | None:
        """The details, one entry per block; `[]` if only empty lists came, None if none did."""
        return self.first.reasoning_details

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """The tool calls so far in wire shape; argument strings joined, not parsed."""
        return self.first.tool_calls.entries()

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """Citations and parsed files, in order of arrival."""
        return self.first.lists.get("annotations", [])

    @property
    def images(self) -> list[dict[str, Any]]:
        """Output images, in order of arrival."""
        return self.first.lists.get("images", [])

    @property
    def audio(self) -> dict[str, Any] | None:
        """Output audio: base64 `data` and `transcript` joined; None if none came."""
        return self.first.audio

    @property
    def logprobs(self) -> Any:
        """Token log-probabilities so far."""
        return self.first.logprobs

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended; `tool_calls` wins over what is said after or before it."""
        return self.first.finish_reason

    @property
    def native_finish_reason(self) -> str | None:
        """The provider's own word for it, from the chunk that gave `finish_reason`."""
        return self.first.native_finish_reason

    @property
    def summary(self) -> dict[str, Any]:
        """Id, model, provider, usage and why it ended: what cost tracking needs."""
        ends = [{"finish_reason": choice.finish_reason} for choice in self._choices.values()]
        return {**self._scalars, "usage": self.usage, "choices": ends}

    def result(self) -> dict[str, Any]:
        """The whole answer so far, in the shape of a reply that was not streamed."""
        reply = {**self._scalars, "object": "chat.completion"}
        reply["choices"] = [choice.result() for _, choice in sorted(self._choices.items())]
        if self.usage is not None:
            reply["usage"] = self.usage
        return reply

    def _choice(self, index: int) -> Choice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = Choice(index)
        return choice

    def _note_scalars(self, chunk: dict[str, Any]) -> None:
        """Keep the first value that is not null of every top-level field."""
        self._keys = frozenset(chunk)
        for key, value in chunk.items():
            if key not in _SETTLED and key != "error" and self._scalars.get(key) is None:
                self._scalars[key] = value
                (self._awaited.add if value is None else self._awaited.discard)(key)
