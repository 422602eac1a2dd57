"""Image events in, images so far out. Fed by the stream of `client.images.stream`; no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from openrouter_core._json import as_dict
from openrouter_core.streaming.accumulator import Accumulator, JsonObject, Pieces

_IMAGE_KEYS = ("b64_json", "media_type")


class ImageAccumulator(Accumulator):
    """What the events of an image stream add up to.

    Attributes:
        images: Completed images in wire shape.
        partial_image: The newest preview as base64; None before the first.
        usage: The `usage` object, verbatim; None until it arrives.
    """

    __slots__ = ("_created", "_has_ended", "_texts", "_wanted", "images", "partial_image", "usage")

    def __init__(self, wanted: int = 1) -> None:
        """Take the answer for whole once so many images have come."""
        self._wanted = wanted
        self._has_ended = False
        self.images: list[JsonObject] = []
        self.partial_image: str | None = None
        self.usage: JsonObject | None = None
        self._created: int | None = None
        self._texts = Pieces()

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

    def finish(self, *, is_marked: bool = False) -> None:
        """Accept the end of the stream; with its end mark, fewer images than asked for are all there are.

        Raises:
            StreamInterruptedError: Images are missing.
        """
        self._has_ended = self._has_ended or (is_marked and bool(self.images))
        super().finish(is_marked=is_marked)

    @property
    def is_complete(self) -> bool:
        """Whether as many images have come as were asked for, or the end."""
        return self._has_ended or len(self.images) >= self._wanted

    @property
    def text(self) -> str:
        """What the model said beside the images."""
        return str(self._texts)

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
            self._texts.add(event.get("text"))

    def _completed(self, event: JsonObject) -> None:
        self.images.append({key: event[key] for key in _IMAGE_KEYS if key in event})
        self._note(event)

    def _whole(self, event: JsonObject) -> None:
        self.images.extend(map(as_dict, event["data"]))
        self._has_ended = True
        self._note(event)

    def _note(self, event: JsonObject) -> None:
        self.usage = as_dict(event.get("usage")) or self.usage
        self._created = event.get("created", self._created)

    _TAKE: ClassVar[dict[str, Callable[[ImageAccumulator, JsonObject], None]]] = {
        "image_generation.partial_image": _preview,
        "image_generation.text_chunk": _text,
        "image_generation.completed": _completed,
        "image_generation.whole_reply": _whole,
    }
