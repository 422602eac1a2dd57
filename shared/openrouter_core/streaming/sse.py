"""Server-sent events: bytes in, payloads out. Called by the stream drivers; no I/O, no JSON.

Bytes may be cut anywhere, also inside a character or a CRLF. Comments (OpenRouter's keep-alives) and
the fields `event`, `id` and `retry` carry nothing that this API needs and are passed over.
"""

from __future__ import annotations

import re

DONE = b"[DONE]"
_ONE_EVENT = re.compile(rb"data: .+\n\n").fullmatch
"""Whether a packet is one event and nothing else, as most are: they are read in half the time."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
