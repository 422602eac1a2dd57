"""Completion chunks in, the text so far out. Fed by the stream of `client.completions.stream`; no I/O."""

from __future__ import annotations

from openrouter_core.streaming.state import EventState, JsonObject


class CompletionSoFar(EventState):
    """What the chunks of a text completion add up to.

    Attributes:
        usage: The `usage` object, verbatim; None until it arrives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.usage: JsonObject | None = None
        self._head: JsonObject = {}
        self._texts: dict[int, list[str]] = {}
        self._ends: dict[int, JsonObject] = {}

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one chunk."""
        for choice in event.get("choices") or ():
            self._choice(choice)
        self.usage = event.get("usage") or self.usage
        for key, value in event.items():
            if key not in ("choices", "usage", "error") and self._head.get(key) is None:
                self._head[key] = value
        if event.get("error"):
            raise self.failure(event["error"])
        return event

    @property
    def text(self) -> str:
        """The first choice's text so far."""
        return "".join(self._texts.get(0, ()))

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def summary(self) -> JsonObject:
        """Id, model, provider and usage: what cost tracking needs."""
        return {**self._head, "usage": self.usage}

    def result(self) -> JsonObject:
        """Return the text so far in the shape of a reply that was not streamed."""
        choices = [
            {"index": at, "finish_reason": None, **self._ends.get(at, {}), "text": "".join(texts)}
            for at, texts in sorted(self._texts.items())
        ]
        reply: JsonObject = {**self._head, "object": "text_completion", "choices": choices}
        return reply if self.usage is None else {**reply, "usage": self.usage}

    def _choice(self, choice: JsonObject) -> None:
        if choice.get("error"):
            raise self.failure(choice["error"])
        at = choice.get("index") or 0
        self._texts.setdefault(at, []).append(choice.get("text") or "")
        if choice.get("finish_reason"):
            self._ends[at] = {k: v for k, v in choice.items() if k != "text"}
            self._complete = True
