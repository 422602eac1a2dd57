"""The body of a stream: bytes in, payloads of events out, and the clocks that bound how long its reads may take.

Called by the stream drivers, and by the pools, which wind the clock of a connection; no JSON. Bytes may be cut
anywhere, also inside a character or a CRLF. Comments (OpenRouter's keep-alives) and the fields `event`, `id` and
`retry` carry nothing that this API needs and are passed over.
"""

from __future__ import annotations

import re
import time

import httpx2

from openrouter_core.config import Timeouts

EVENT_BYTES = 256 * 2**20
"""What one event may hold: an image of 4K is 30 MB."""
AFTER_END_MARK_S = 0.25
"""How long a stream whose end mark has come is read on, so that its connection can be used again."""
MOST_AFTER_END_MARK = 65_536
DONE = b"[DONE]"
_ONE_EVENT = re.compile(rb"data: .+\n\n").fullmatch
"""Whether a packet is one event and nothing else, as most are: they are read in half the time."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Reader:
    """Decodes bytes and keeps the clocks: keep-alive comments do not wind them."""

    __slots__ = ("_deadline", "_gap_s", "_without_event", "decoder")

    def __init__(self, timeouts: Timeouts) -> None:
        self.decoder = SseDecoder()
        self._gap_s = timeouts.gap_s
        self._without_event = 0
        self._deadline = time.monotonic() + timeouts.first_event_s

    def feed(self, data: bytes) -> list[bytes]:
        """Return the payloads that `data` completes.

        Raises:
            httpx2.ReadTimeout: Only comments came for too long.
            httpx2.DecodingError: One event would fill the memory.
        """
        payloads = self.decoder.feed(data)
        now = time.monotonic()
        if payloads:
            self._deadline = now + self._gap_s
            self._without_event = 0
            return payloads
        self._without_event += len(data)
        if self._without_event > EVENT_BYTES:
            raise httpx2.DecodingError(f"{EVENT_BYTES >> 20} MB came without an event's end.")
        if now > self._deadline and not self.decoder.done:
            raise httpx2.ReadTimeout("Only keep-alive comments came.")
        return payloads

    def end(self) -> list[bytes]:
        """Return what the end of the body leaves over."""
        return self.decoder.flush()


class SseDecoder:
    """Turns pieces of an event stream into the payloads of its complete events.

    Attributes:
        done: True once `[DONE]` was seen. What follows it is still read.
    """

    __slots__ = ("_after_cr", "_data", "_is_first_line", "_line", "done")

    def __init__(self) -> None:
        self.done = False
        self._line: list[bytes] = []
        self._data: list[bytes] = []
        self._after_cr = False
        self._is_first_line = True

    def feed(self, data: bytes) -> list[bytes]:
        """Return the payloads of the events that `data` completes; `[DONE]` is not among them."""
        is_plain = not self._after_cr and b"\r" not in data
        if is_plain and _ONE_EVENT(data) and not (self._line or self._data):
            self._is_first_line = False
            payload = data[6:-2]
            if payload != DONE:
                return [payload]
        if not is_plain:
            data = self._with_plain_line_ends(data) if data else data
        if b"\n" not in data:
            if data:
                self._line.append(data)
            return []
        lines = data.split(b"\n")
        if self._line:
            self._line.append(lines[0])
            lines[0] = b"".join(self._line)
            self._line.clear()
        rest = lines.pop()
        if rest:
            self._line.append(rest)
        return self._events(lines)

    def flush(self) -> list[bytes]:
        """Return what an event that lost its closing blank line holds; called at the end of the body."""
        lines = [b"".join(self._line), b""]
        self._line.clear()
        return self._events(lines)

    def _events(self, lines: list[bytes]) -> list[bytes]:
        if self._is_first_line:
            self._is_first_line = False
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
        payloads: list[bytes] = []
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and data:
                payload = data[0] if len(data) == 1 else b"\n".join(data)
                data.clear()
                if payload == DONE:
                    self.done = True
                elif payload:
                    payloads.append(payload)
        return payloads

    def _with_plain_line_ends(self, data: bytes) -> bytes:
        """Turn CR and CRLF into LF; a CRLF may be cut in two by the network."""
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class Clock:
    """Bounds the reads of one connection: a try must have brought its answer, or its first event, in time.

    A timeout of a socket begins anew with every byte: header lines, 1xx answers and empty blocks of gzip that
    trickle in would keep a call waiting for ever.
    """

    __slots__ = ("deadline", "gap_s", "later_gap_s", "wait_s")

    def __init__(self) -> None:
        self.wait_s: float | None = None
        """How long the next answer may take, from when its request is sent; None sets no bound."""
        self.deadline: float | None = None
        """When the answer that is read must be whole, in `time.monotonic()` seconds."""
        self.gap_s: float | None = None
        """How long a silence may be, now that the answer goes on for as long as it likes."""
        self.later_gap_s: float | None = None
        """How long a silence may be from then on."""

    def wind(self, wait_s: float) -> None:
        """Give what is read from now on this long."""
        self.deadline = time.monotonic() + wait_s

    def lift(self) -> None:
        """The answer is here, or goes on for as long as it likes: from now on bound each silence alone."""
        self.wait_s = self.deadline = None
        self.gap_s = self.later_gap_s

    def left_s(self, timeout: float | None) -> float:
        """The timeout of the next read, where there is a deadline.

        Raises:
            httpcore2.ReadTimeout: Nothing is left.
        """
        assert self.deadline is not None
        left_s = self.deadline - time.monotonic()
        if left_s <= 0:
            import httpcore2  # by now it is there

            raise httpcore2.ReadTimeout("The answer took too long.")
        return left_s if timeout is None else min(timeout, left_s)


class TimedBody:
    """What `_http.pool` hands out; the user's own HTTP client has none."""

    clock: Clock


def goes_on(response: httpx2.Response) -> None:
    """The first event, or the head of a download, is in: from now on the gap between reads counts."""
    body = response.stream
    if isinstance(body, TimedBody):
        body.clock.lift()


def ends_within(response: httpx2.Response, seconds: float) -> bool:
    """Give the rest of a body this long; False if it is not of our pools."""
    body = response.stream
    if not isinstance(body, TimedBody):
        return False
    body.clock.wind(seconds)
    return True
