"""The accumulator of a stream about which nothing is known but that its events are JSON objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openrouter_core.errors import StreamInterruptedError
from openrouter_core.streaming.accumulator import Accumulator, JsonObject


class RawAccumulator(Accumulator):
    """Reads events as dicts, raises on an `error`, and takes any end for the end."""

    __slots__ = ("_has_ended", "_last")

    def __init__(self) -> None:
        self._last: JsonObject = {}
        self._has_ended = False

    def add(self, event: JsonObject) -> JsonObject:
        """Keep one event and return it.

        Raises:
            MidStreamError: The event carries a failure.
        """
        self._last = event
        if event.get("error"):
            raise self._failure(event)
        return event

    def finish(self, *, is_marked: bool = False) -> None:
        """Accept the end: nothing tells an early one from the right one."""
        self._has_ended = True
        super().finish(is_marked=is_marked)

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

    def result(self) -> JsonObject:
        """The last event: what the others add up to is not known."""
        return self._last
