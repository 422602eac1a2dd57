"""What the states of the typed event streams share: parsing, failures, and how they end. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import from_json

from openrouter_core.errors import (
    MidStreamError,
    StreamInterruptedError,
    classify,
    mid_stream_error,
)

JsonObject = dict[str, Any]


class EventState:
    """Reads events as dicts and remembers what they add up to. Subclasses say how in `add`."""

    def __init__(self) -> None:
        self._complete = False

    def feed(self, payload: bytes) -> Any:
        """Parse one event and take it in.

        Raises:
            MidStreamError: The event carries a failure.
            StreamInterruptedError: The event is not JSON.
        """
        try:
            event = from_json(payload)
        except ValueError as error:
            raise self.interrupted("an event of the stream is not JSON") from error
        if not isinstance(event, dict):
            raise self.interrupted("an event of the stream is not a JSON object")
        return self.add(cast("JsonObject", event))

    def add(self, event: JsonObject) -> JsonObject:
        """Take in one parsed event and return it."""
        raise NotImplementedError

    def finish(self) -> None:
        """Accept the end of the stream.

        Raises:
            StreamInterruptedError: The answer was not complete.
        """
        if not self._complete:
            raise self.interrupted("the stream ended before the answer was complete")

    def interrupted(self, what: str) -> StreamInterruptedError:
        """Return the error for a stream that broke off, with all that arrived."""
        return StreamInterruptedError(
            f"The answer is incomplete: {what}.",
            partial_text=self.partial_text,
            partial=self.result(),
            generation_id=self.summary.get("id"),
        )

    def failure(self, error: Any) -> MidStreamError:
        """Return the error for a failure inside the stream; `error` is the body's error object."""
        said: object = error if isinstance(error, dict) else {"message": str(error)}
        return mid_stream_error(
            classify(200, {"error": said}),
            partial_text=self.partial_text,
            partial=self.result(),
            generation_id=self.summary.get("id"),
        )

    @property
    def is_complete(self) -> bool:
        """Whether the answer is whole, whatever may still come."""
        return self._complete

    @property
    def partial_text(self) -> str:
        """The answer's text so far."""
        return ""

    @property
    def summary(self) -> Mapping[str, Any]:
        """Id, model, provider and usage so far: what cost tracking needs."""
        return {}

    def result(self) -> JsonObject:
        """Return what has arrived in the shape of a reply that was not streamed."""
        raise NotImplementedError
