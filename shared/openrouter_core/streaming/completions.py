"""Completion chunks in, the text so far out. Fed by the stream of `client.completions.stream`; no I/O."""

from __future__ import annotations

from openrouter_core._json import as_dict
from openrouter_core.streaming.accumulator import Accumulator, JsonObject, Pieces


class CompletionAccumulator(Accumulator):
    """What the chunks of a text completion add up to.

    Attributes:
        usage: The `usage` object, verbatim; None until it arrives.
    """

    __slots__ = ("_ends", "_head", "_texts", "usage")

    def __init__(self) -> None:
        self.usage: JsonObject | None = None
        self._head: JsonObject = {}
        self._texts: dict[int, Pieces] = {}
        self._ends: dict[int, JsonObject] = {}

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one chunk."""
        for choice in event.get("choices") or ():
            self._choice(choice)
        self.usage = as_dict(event.get("usage")) or self.usage
        for key, value in event.items():
            if key not in ("choices", "usage", "error") and self._head.get(key) is None:
                self._head[key] = value
        if event.get("error"):
            raise self.failure(event["error"])
        return event

    @property
    def is_complete(self) -> bool:
        """Whether a finish reason has come."""
        return bool(self._ends)

    @property
    def text(self) -> str:
        """The first choice's text so far."""
        return str(self._texts.get(0, ""))

    def text_in(self, event: JsonObject) -> object:
        """What a chunk adds to the first choice's text."""
        choices = [c for c in event.get("choices") or () if not c.get("index")]
        return choices[0].get("text") if choices else ""

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def summary(self) -> JsonObject:
        """Id, model, provider, usage and why it ended: what cost tracking needs."""
        return {**self._head, "usage": self.usage, "choices": list(self._ends.values())}

    def result(self) -> JsonObject:
        """Return the text so far in the shape of a reply that was not streamed."""
        choices = [
            {"index": at, "finish_reason": None, **self._ends.get(at, {}), "text": str(text)}
            for at, text in sorted(self._texts.items())
        ]
        reply: JsonObject = {**self._head, "object": "text_completion", "choices": choices}
        return reply if self.usage is None else {**reply, "usage": self.usage}

    def _choice(self, choice: JsonObject) -> None:
        if choice.get("error"):
            raise self.failure(choice["error"])
        index = choice.get("index")
        at = index if isinstance(index, int) else 0
        self._texts.setdefault(at, Pieces()).add(choice.get("text"))
        if choice.get("finish_reason"):
            self._ends[at] = {k: v for k, v in choice.items() if k != "text"}
