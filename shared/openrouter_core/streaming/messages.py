"""Messages events in, the message so far out. Fed by the stream of `client.messages.stream`; no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from openrouter_core._json import as_dict, lenient_json
from openrouter_core.streaming.accumulator import Accumulator, JsonObject, Pieces

_JOINED = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}
"""Deltas that add to a string of their block, by type; the delta and the block name it alike."""
_SUMMARY = ("id", "model", "provider", "usage", "stop_reason")


class MessageAccumulator(Accumulator):
    """What the events of a Messages stream add up to."""

    __slots__ = ("_blocks", "_is_complete", "_message", "_pieces")

    def __init__(self) -> None:
        self._is_complete = False
        self._message: JsonObject = {}
        self._blocks: dict[int, JsonObject] = {}
        self._pieces: dict[tuple[int, str], Pieces] = {}

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one event. A reply that was not streamed is one event too."""
        take = self._TAKE.get(event.get("type", ""))
        if take:
            take(self, event)
        elif event.get("error"):
            raise self.failure(event["error"])
        return event

    @property
    def is_complete(self) -> bool:
        """Whether the end of the message has come."""
        return self._is_complete

    @property
    def content(self) -> list[JsonObject]:
        """The content blocks so far, with their strings joined and tool inputs parsed."""
        return [self._block(at) for at in sorted(self._blocks)]

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(b.get("text") or "" for b in self.content if b.get("type") == "text")

    def text_in(self, event: JsonObject) -> object:
        """What an event adds to the text."""
        delta = as_dict(event.get("delta"))
        return delta.get("text") if delta.get("type") == "text_delta" else ""

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def usage(self) -> JsonObject | None:
        """The newest usage; figures that came as null keep their last value."""
        return self._message.get("usage")

    @property
    def summary(self) -> JsonObject:
        """Id, model, provider, usage and why it ended: what cost tracking needs."""
        return {key: self._message.get(key) for key in _SUMMARY}

    def result(self) -> JsonObject:
        """Return the message so far in the shape of a reply that was not streamed."""
        return {**self._message, "content": self.content}

    def _block(self, at: int) -> JsonObject:
        block = dict(self._blocks[at])
        for (index, name), pieces in self._pieces.items():
            if index == at:
                begun = block.get(name)
                block[name] = (begun if isinstance(begun, str) else "") + str(pieces)
        return _with_input(block) if "partial_json" in block else block

    def _start(self, event: JsonObject) -> None:
        self._message = as_dict(event.get("message"))

    def _whole(self, event: JsonObject) -> None:
        self._message = event
        self._blocks = dict(enumerate(map(as_dict, event.get("content") or ())))
        self._is_complete = True

    def _block_start(self, event: JsonObject) -> None:
        self._blocks[_index(event)] = as_dict(event.get("content_block"))

    def _block_delta(self, event: JsonObject) -> None:
        at, delta = _index(event), as_dict(event.get("delta"))
        kind = delta.get("type", "")
        block = self._blocks.setdefault(at, {})
        if kind in _JOINED:
            self._pieces.setdefault((at, _JOINED[kind]), Pieces()).add(delta.get(_JOINED[kind]))
        elif kind == "citations_delta":
            cited = [*(block.get("citations") or ()), delta.get("citation")]
            self._blocks[at] = {**block, "citations": cited}
        else:
            self._blocks[at] = {**block, **{k: v for k, v in delta.items() if k != "type"}}

    def _delta(self, event: JsonObject) -> None:
        usage = {k: v for k, v in as_dict(event.get("usage")).items() if v is not None}
        extra = {k: v for k, v in event.items() if k not in ("type", "delta", "usage")}
        self._message = {**self._message, **as_dict(event.get("delta")), **extra}
        self._message["usage"] = {**as_dict(self._message.get("usage")), **usage}

    def _stop(self, event: JsonObject) -> None:
        self._message = {**self._message, **{k: v for k, v in event.items() if k != "type"}}
        self._is_complete = True

    def _error(self, event: JsonObject) -> None:
        raise self.failure(event.get("error") or {"message": "The provider gave no reason."})

    _TAKE: ClassVar[dict[str, Callable[[MessageAccumulator, JsonObject], None]]] = {
        "message": _whole,
        "message_start": _start,
        "content_block_start": _block_start,
        "content_block_delta": _block_delta,
        "message_delta": _delta,
        "message_stop": _stop,
        "error": _error,
    }


def _index(event: JsonObject) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0


def _with_input(block: JsonObject) -> JsonObject:
    """Parse a tool's arguments; text that is not whole JSON stays as `partial_json`."""
    text: Any = block.pop("partial_json")
    try:
        return {**block, "input": lenient_json(text)} if text else block
    except ValueError:
        return {**block, "partial_json": text}
