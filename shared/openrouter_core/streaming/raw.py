"""The state of a stream about which nothing is known but that its events are JSON objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from openrouter_core._json import parse_json
from openrouter_core.errors import StreamInterruptedError, classify, mid_stream_error


class Events:
    """Reads events as dicts, raises on an `error`, and takes any end for the end."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}
        self._has_ended = False

    def feed(self, payload: bytes) -> dict[str, Any]:
        """Parse one event.

        Raises:
            MidStreamError: The event carries a failure.
            StreamInterruptedError: The event is no JSON object.
        """
        try:
            said: object = parse_json(payload)
        except ValueError as error:
            raise self.interrupted("an event of the stream is not JSON") from error
        if not isinstance(said, dict):
            raise self.interrupted("an event of the stream is no JSON object")
        event = cast("dict[str, Any]", said)
        self._last = event
        if event.get("error"):
            raise mid_stream_error(classify(200, event), partial=event)
        return event

    def finish(self) -> None:
        """Accept the end: nothing tells an early one from the right one."""
        self._has_ended = True

    def interrupted(self, what: str) -> StreamInterruptedError:
        """Return the error for a stream that broke off."""
        return StreamInterruptedError(f"The answer is incomplete: {what}.", partial=self._last)

    @property
    def is_complete(self) -> bool:
        """Whether the end has come: nothing else tells."""
        return self._has_ended

    @property
    def summary(self) -> Mapping[str, Any]:
        """The last event, which carries the usage in every OpenRouter stream."""
        return self._last
