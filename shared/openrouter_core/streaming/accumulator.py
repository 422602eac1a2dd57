"""What the accumulators of all streams share: parsing, failures, and how a stream ends. No I/O.

A stream feeds its accumulator once per event. There is one for each kind of stream; all of them read
leniently, so that neither half a character nor a surprising leaf costs the user the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import from_json

from openrouter_core._json import join_halves, parse_json
from openrouter_core.errors import (
    MidStreamError,
    StreamInterruptedError,
    classify,
    mid_stream_error,
)

JsonObject = dict[str, Any]

_log = logging.getLogger("openrouter")


class Accumulator:
    """Reads events as dicts and remembers what they add up to. Subclasses say how in `add`."""

    __slots__ = ()

    def feed(self, payload: bytes) -> Any:
        """Parse one event and take it in. An event that cannot be understood is logged and left out.

        Raises:
            MidStreamError: The event carries a failure.
            StreamInterruptedError: The event is not a JSON object.
        """
        try:
            event = from_json(payload)
        except ValueError:
            event = self._parsed(payload)
        if not isinstance(event, dict):
            raise self.interrupted("an event of the stream is not a JSON object")
        try:
            return self.add(event)  # pyright: ignore[reportUnknownArgumentType]  # JSON
        except _SURPRISES as error:
            self.skip(error)
            return event

    def _parsed(self, payload: bytes) -> Any:
        """Parse an event that the fast parser refuses; `parse_json` for each would be a call more."""
        try:
            return parse_json(payload)
        except ValueError as error:
            raise self.interrupted("an event of the stream is not JSON") from error

    def skip(self, error: Exception) -> None:
        """Note that an event could not be read; what follows may make up for it."""
        _log.warning("Skipped an event of a stream that could not be read (%r).", error)

    def add(self, event: JsonObject) -> Any:
        """Take in one parsed event and return it.

        Raises:
            MidStreamError: The event carries a failure.
        """
        raise NotImplementedError

    def finish(self, *, is_marked: bool = False) -> None:  # noqa: ARG002  # for those who can be short
        """Accept the end of the stream.

        Args:
            is_marked: Whether the stream's own end mark came, `[DONE]`.

        Raises:
            StreamInterruptedError: The answer was not complete.
        """
        if not self.is_complete:
            raise self.interrupted("the stream ended before the answer was complete")

    def interrupted(self, what: str) -> StreamInterruptedError:
        """Return the error for a stream that broke off, with all that arrived."""
        return StreamInterruptedError(
            f"The answer is incomplete: {what}. What arrived is in .partial; ask again.",
            partial_text=self.partial_text,
            partial=self.result(),
            generation_id=self.summary.get("id"),
            provider_name=self.summary.get("provider"),
        )

    def failure(self, error: Any) -> MidStreamError:
        """Return the error for a failure inside the stream; `error` is the body's error object."""
        body = cast("JsonObject", error) if isinstance(error, dict) else {"message": str(error)}
        return self._failure({"error": body})

    def _failure(self, event: JsonObject) -> MidStreamError:
        cause = classify(200, event)
        cause.provider_name = cause.provider_name or self.summary.get("provider")
        return mid_stream_error(
            cause,
            partial_text=self.partial_text,
            partial=self.result(),
            generation_id=self.summary.get("id"),
        )

    def text_in(self, event: JsonObject) -> object:  # noqa: ARG002  # for those that have text
        """What the latest event, which has been taken in, adds to the answer's text."""
        return ""

    @property
    def is_complete(self) -> bool:
        """Whether the answer is whole, whatever may still come."""
        raise NotImplementedError

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


class NewText:
    """Tells what each event of a stream adds to its text: the pieces of `text_stream`."""

    __slots__ = ("_half", "_length")

    def __init__(self) -> None:
        self._half = ""
        self._length = 0

    def of(self, piece: object) -> str:
        """Return a piece without half a character at its end, which begins the next one."""
        if not isinstance(piece, str):
            return ""
        if self._half or not piece.isascii():
            piece, self._half = join_halves(self._half, piece)
        self._length += len(piece)
        return piece

    def rest(self, text: str) -> str:
        """Return what the whole text has beyond the pieces, as an answer in one event has."""
        return text[self._length :]


_SURPRISES = (AttributeError, TypeError, ValueError, LookupError, RecursionError)


class Pieces:
    """A text that comes in pieces, some of which may end in half a character."""

    __slots__ = ("_half", "_pieces")

    def __init__(self) -> None:
        self._half = ""
        self._pieces: list[str] = []

    def add(self, piece: object) -> None:
        """Take in a piece; what is not text is left out."""
        if not isinstance(piece, str):
            return
        if self._half or not piece.isascii():
            piece, self._half = join_halves(self._half, piece)
        self._pieces.append(piece)

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return (self._pieces[0] if self._pieces else "") + self._half
