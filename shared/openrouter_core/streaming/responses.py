"""Responses events in, the answer so far out. Fed by the stream of `client.responses.stream`; no I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, cast

from openrouter_core._json import as_dict
from openrouter_core.streaming.accumulator import Accumulator, JsonObject, Pieces


class _Place(NamedTuple):
    """Where a text that grows stands in its output item."""

    item: str
    """The type of the item."""
    field: str
    part: str = ""
    """The type of the part of a list that holds the text; empty when the item holds it itself."""
    text: str = ""


_GROWING = {
    "response.output_text": _Place("message", "content", "output_text", "text"),
    "response.refusal": _Place("message", "content", "refusal", "refusal"),
    "response.reasoning_text": _Place("reasoning", "content", "reasoning_text", "text"),
    "response.reasoning_summary_text": _Place("reasoning", "summary", "summary_text", "text"),
    "response.function_call_arguments": _Place("function_call", "arguments"),
    "response.custom_tool_call_input": _Place("custom_tool_call", "input"),
    "response.code_interpreter_call_code": _Place("code_interpreter_call", "code"),
}


class ResponseAccumulator(Accumulator):
    """What the events of a Responses stream add up to.

    Attributes:
        response: The newest snapshot that the server sent; whole once the stream is complete.
    """

    __slots__ = ("_done", "_growing", "_is_complete", "_items", "response")

    def __init__(self) -> None:
        self.response: JsonObject = {}
        self._is_complete = False
        self._items: dict[int, JsonObject] = {}
        self._done: set[int] = set()
        self._growing: dict[int, dict[tuple[_Place, int], Pieces]] = {}

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one event. A reply that was not streamed is read as a `response.completed`."""
        if "type" not in event and "output" in event:
            event = {"type": "response.completed", "response": event}
        kind = event.get("type", "")
        take = self._TAKE.get(kind)
        if take:
            take(self, event)
        elif place := _GROWING.get(kind.removesuffix(".delta")):
            self._grow(place, event)
        elif event.get("type") is None and event.get("error"):
            raise self.failure(event["error"])
        return event

    @property
    def is_complete(self) -> bool:
        """Whether the end of the answer has come."""
        return self._is_complete

    @property
    def text(self) -> str:
        """The answer's text so far."""
        messages = (item for item in self.output if item.get("type") == "message")
        parts = (as_dict(part) for item in messages for part in _list(item.get("content")))
        return "".join(str(p.get("text") or "") for p in parts if p.get("type") == "output_text")

    def text_in(self, event: JsonObject) -> object:
        """What an event adds to the text."""
        return event.get("delta") if event.get("type") == "response.output_text.delta" else ""

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def output(self) -> list[JsonObject]:
        """The output items so far, in their order; the last word on them is the final snapshot."""
        if self._is_complete and self.response.get("output"):
            return list(map(as_dict, _list(self.response["output"])))
        return [self._item_at(at) for at in sorted(self._items.keys() | self._growing.keys())]

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

    def _item_at(self, at: int) -> JsonObject:
        """An item with the texts that have come for it, where it did not come whole."""
        item = self._items.get(at, {})
        whole = item if at in self._done else {}
        for (place, index), pieces in self._growing.get(at, {}).items():
            if not whole.get(place.field):
                item = _with_text(item, place, index, str(pieces))
        return item

    def _at(self, event: JsonObject) -> int:
        """The position of the item that an event is about; some providers name only its id."""
        at = event.get("output_index")
        if isinstance(at, int):
            return at
        identity = event.get("item_id")
        known = (place for place, item in self._items.items() if item.get("id") == identity)
        at = next(known, None)
        if at is None:
            at = max(self._items, default=-1) + 1
            self._items[at] = {"id": identity} if identity else {}
        return at

    # ------------------------------------------------------------------------ events

    def _snapshot(self, event: JsonObject) -> None:
        self.response = {**self.response, **as_dict(event.get("response"))}

    def _ended(self, event: JsonObject) -> None:
        self._snapshot(event)
        self._is_complete = True

    def _failed(self, event: JsonObject) -> None:
        self._snapshot(event)
        error = self.response.get("error") or "The provider gave no reason."
        body = cast("JsonObject", error) if isinstance(error, dict) else {"message": str(error)}
        raise self.failure({"error_type": self.response.get("error_type"), **body})

    def _error(self, event: JsonObject) -> None:
        raise self.failure(event.get("error") or {k: v for k, v in event.items() if k != "type"})

    def _item(self, event: JsonObject) -> None:
        at = event.get("output_index")
        at = at if isinstance(at, int) else len(self._items)
        self._items[at] = as_dict(event.get("item"))
        if event["type"].endswith(".done"):
            self._done.add(at)

    def _grow(self, place: _Place, event: JsonObject) -> None:
        index = event.get("content_index", event.get("summary_index"))
        key = (place, index if isinstance(index, int) else 0)
        self._growing.setdefault(self._at(event), {}).setdefault(key, Pieces()).add(
            event.get("delta")
        )

    _TAKE: ClassVar[dict[str, Callable[[ResponseAccumulator, JsonObject], None]]] = {
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
    }


def _with_text(item: JsonObject, place: _Place, index: int, text: str) -> JsonObject:
    """A copy of an item that holds the text at its place."""
    filled = {"type": place.item, **item}
    if place.item == "message":
        filled = {"role": "assistant", **filled}
    if not place.part:
        return {**filled, place.field: text}
    parts = list(map(as_dict, _list(item.get(place.field))))
    parts += [_part(place) for _ in range(len(parts), index + 1)]
    parts[index] = {**parts[index], "type": place.part, place.text: text}
    return {**filled, place.field: parts}


def _part(place: _Place) -> JsonObject:
    part: JsonObject = {"type": place.part, place.text: ""}
    return {**part, "annotations": []} if place.part == "output_text" else part


def _list(value: object) -> Sequence[Any]:
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()
