"""Responses events in, the answer so far out. Fed by the stream of `client.responses.stream`; no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

from openrouter_core.streaming.state import EventState, JsonObject


class ResponseSoFar(EventState):
    """What the events of a Responses stream add up to.

    Attributes:
        response: The newest snapshot that the server sent; whole once the stream is complete.
    """

    def __init__(self) -> None:
        super().__init__()
        self.response: JsonObject = {}
        self._items: dict[int, JsonObject] = {}
        self._texts: dict[Any, list[str]] = {}

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one event. A reply that was not streamed is read as a `response.completed`."""
        if "type" not in event and "output" in event:
            event = {"type": "response.completed", "response": event}
        take = self._TAKE.get(event.get("type", ""))
        if take:
            take(self, event)
        elif event.get("type") is None and event.get("error"):
            raise self.failure(event["error"])
        return event

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(piece for pieces in self._texts.values() for piece in pieces)

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def output(self) -> list[JsonObject]:
        """The output items so far, in their order; the last word on them is the final snapshot."""
        if self._complete and self.response.get("output"):
            return cast("list[JsonObject]", self.response["output"])
        if self._items:
            return [self._filled(at) for at in sorted(self._items)]
        return [_message(self.text)] if self._texts else []

    @property
    def usage(self) -> JsonObject | None:
        """The `usage` object, verbatim; None until it arrives."""
        return self.response.get("usage")

    @property
    def summary(self) -> JsonObject:
        """Id, model and usage: what cost tracking needs."""
        return {key: self.response.get(key) for key in ("id", "model", "usage")}

    def result(self) -> JsonObject:
        """Return the answer so far in the shape of a reply that was not streamed."""
        return {**self.response, "output": self.output}

    def _filled(self, at: int) -> JsonObject:
        """An item whose text is still coming in, with the text that has come."""
        item = self._items[at]
        if item.get("type") != "message" or item.get("content"):
            return item
        texts = self._texts.get(at) or self._texts.get(item.get("id"))
        return {**item, "content": _message("".join(texts))["content"]} if texts else item

    def _snapshot(self, event: JsonObject) -> None:
        self.response = {**self.response, **(event.get("response") or {})}

    def _ended(self, event: JsonObject) -> None:
        self._snapshot(event)
        self._complete = True

    def _failed(self, event: JsonObject) -> None:
        self._snapshot(event)
        error = self.response.get("error") or {"message": "The provider gave no reason."}
        raise self.failure({"error_type": self.response.get("error_type"), **error})

    def _error(self, event: JsonObject) -> None:
        raise self.failure(event.get("error") or {k: v for k, v in event.items() if k != "type"})

    def _item(self, event: JsonObject) -> None:
        self._items[event.get("output_index", len(self._items))] = event.get("item") or {}

    def _text(self, event: JsonObject) -> None:
        place = event.get("output_index", event.get("item_id"))
        self._texts.setdefault(place, []).append(event.get("delta") or "")

    _TAKE: ClassVar[dict[str, Callable[[ResponseSoFar, JsonObject], None]]] = {
        "response.created": _snapshot,
        "response.in_progress": _snapshot,
        "response.completed": _ended,
        "response.done": _ended,
        "response.incomplete": _ended,
        "response.failed": _failed,
        "response.error": _error,
        "error": _error,
        "response.output_item.added": _item,
        "response.output_item.done": _item,
        "response.output_text.delta": _text,
    }


def _message(text: str) -> JsonObject:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": content}
