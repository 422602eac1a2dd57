"""Image events in, images so far out. Fed by the stream of `client.images.stream`; no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from openrouter_core.streaming.state import EventState, JsonObject

_IMAGE_KEYS = ("b64_json", "media_type")


class ImagesSoFar(EventState):
    """What the events of an image stream add up to.

    Attributes:
        images: Completed images in wire shape.
        partial_image: The newest preview as base64; None before the first.
        usage: The `usage` object, verbatim; None until it arrives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.images: list[JsonObject] = []
        self.partial_image: str | None = None
        self.usage: JsonObject | None = None
        self._created: int | None = None
        self._texts: list[str] = []

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one event. A reply that was not streamed is one event, `whole_reply`."""
        if event.get("error"):
            raise self.failure(event["error"])
        if "data" in event and "type" not in event:
            event = {"type": "image_generation.whole_reply", **event}
        take = self._TAKE.get(event.get("type", ""))
        if take:
            take(self, event)
        return event

    @property
    def text(self) -> str:
        """What the model said beside the images."""
        return "".join(self._texts)

    @property
    def partial_text(self) -> str:
        """The same as `text`; the name that all streams share."""
        return self.text

    @property
    def summary(self) -> JsonObject:
        """The usage; image streams name no id and no model."""
        return {"usage": self.usage}

    def result(self) -> JsonObject:
        """Return the images so far in the shape of a reply that was not streamed."""
        reply: JsonObject = {"created": self._created, "data": self.images}
        return reply if self.usage is None else {**reply, "usage": self.usage}

    def _preview(self, event: JsonObject) -> None:
        self.partial_image = event.get("b64_json")

    def _text(self, event: JsonObject) -> None:
        if event.get("phase", "content") == "content":
            self._texts.append(event.get("text") or "")

    def _completed(self, event: JsonObject) -> None:
        self.images.append({key: event[key] for key in _IMAGE_KEYS if key in event})
        self._note(event)

    def _whole(self, event: JsonObject) -> None:
        self.images.extend(event["data"])
        self._note(event)

    def _note(self, event: JsonObject) -> None:
        self.usage = event.get("usage") or self.usage
        self._created = event.get("created", self._created)
        self._complete = True

    _TAKE: ClassVar[dict[str, Callable[[ImagesSoFar, JsonObject], None]]] = {
        "image_generation.partial_image": _preview,
        "image_generation.text_chunk": _text,
        "image_generation.completed": _completed,
        "image_generation.whole_reply": _whole,
    }
