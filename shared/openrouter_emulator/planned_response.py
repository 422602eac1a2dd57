"""What the emulator is about to send, as a value that faults can still change.

Handlers return a `PlannedResponse`, faults turn one into another, `sending` puts it on the wire. Nothing here
does I/O. A part of it is a JSON object, raw bytes, a `Pause` or a `Cut`; on an event stream each JSON
object becomes one `data:` frame.
"""

from __future__ import annotations

import json
import re
import secrets
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from openrouter_emulator.stream_text import pieces

JsonObject = dict[str, Any]

COMMENT = b": OPENROUTER PROCESSING\n\n"
DONE = b"data: [DONE]\n\n"
_CHARACTERS = 4
"""Of a token."""
_MARK = secrets.token_hex(8)
_MONEY = re.compile(rf'"{_MARK}([^"]*)"')
"""Amounts on their way to JSON: no text of a request can begin as they do."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Send nothing for a while; None means until the client gives up or the emulator stops."""

    seconds: float | None = None
    filler: bytes = b""
    """What to send meanwhile, every `every_s` seconds; nothing when empty."""
    every_s: float = 0.05


@dataclass(frozen=True, slots=True)
class Cut:
    """Drop the connection here, without an end of the body."""


class Closing:
    """Books a call exactly once, when its end is known.

    Args:
        book: Takes the share of the answer that went out (0 to 1), and whether the call failed.
    """

    def __init__(self, book: Callable[[float, bool], None], *, failed: bool = False) -> None:
        self.book = book
        self.failed = failed
        self.done = False

    def as_failed(self) -> Closing:
        """The same, but the call counts as failed and costs nothing."""
        return Closing(self.book, failed=True)

    def sending(self, part: object) -> None:
        """The part with the usage is the end of what is paid for: book before it is sent."""
        if not isinstance(part, dict):
            return
        if "usage" in part or (part.get("response") or {}).get("usage"):
            self.end(1.0)

    def end(self, share: float) -> None:
        """The answer is over; `share` of it was sent."""
        if not self.done:
            self.done = True
            self.book(share, self.failed)


Part = JsonObject | list[Any] | bytes | Pause | Cut


@dataclass(frozen=True, slots=True)
class PlannedResponse:
    """An answer before it is sent."""

    parts: Sequence[Part]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    streamed: bool = False
    """Whether JSON parts are framed as server-sent events."""
    named: bool = False
    """Whether each event is preceded by an `event:` line with its type."""
    content_type: str | None = None
    """None means what fits: `text/event-stream` or `application/json`; empty means no such header."""
    gap_s: float = 0.0
    """Seconds between two events; at 0 the whole stream is handed to the socket at once."""
    tokens_per_s: float = 0.0
    """How fast the text of a stream is written; at 0 there is no such limit."""
    wait_s: float = 0.0
    """Seconds before the headers."""
    declared_length: int | None = None
    """A `Content-Length` that the parts may fail to reach; None means the true one."""
    closing: Closing | None = None
    """Who charges the call when it ends, one way or another."""

    @classmethod
    def json(
        cls, body: JsonObject | list[Any], status: int = 200, **headers: str
    ) -> PlannedResponse:
        """An ordinary JSON answer; header names are given with underscores."""
        return cls([body], status, {name.replace("_", "-"): v for name, v in headers.items()})

    def replace(self, **changes: Any) -> PlannedResponse:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def but(self, **changes: Any) -> PlannedResponse:
        """The name of `replace` in 0.1."""
        warnings.warn(
            "PlannedResponse.but is now called replace.", DeprecationWarning, stacklevel=2
        )
        return self.replace(**changes)

    @property
    def is_paced(self) -> bool:
        """Whether there is time between events."""
        return bool(self.gap_s or self.tokens_per_s)

    def seconds_after(self, part: JsonObject | list[Any] | bytes) -> float:
        """How long it takes until the next event of a stream."""
        if not self.tokens_per_s:
            return self.gap_s
        written = sum(len(text) for _, text in pieces(part))
        return self.gap_s + written / _CHARACTERS / self.tokens_per_s

    def frame(self, part: JsonObject | list[Any] | bytes) -> bytes:
        """The bytes of one part."""
        if isinstance(part, bytes):
            return part
        text = dumps(part)
        if not self.streamed:
            return text
        name = f"event: {part['type']}\n" if self.named and isinstance(part, dict) else ""
        return name.encode() + b"data: " + text + b"\n\n"


def dumps(value: object) -> bytes:
    """Serialise as the API does: UTF-8 unescaped, compact, money as plain decimals."""
    text = _encode(value)
    if _MARK in text:
        text = _MONEY.sub(r"\1", text)
    return text.encode()


def _mark_money(value: object) -> str:
    """Mark a Decimal so that `dumps` can write its digits without an exponent and without rounding."""
    if isinstance(value, Decimal):
        return f"{_MARK}{plain(value)}"
    raise TypeError(f"{type(value).__name__} is not JSON.")


_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=_mark_money, check_circular=False
).encode


def plain(amount: Decimal) -> str:
    """A Decimal in plain digits, without trailing zeros: `0.00004025`, `0`."""
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
