"""The last exchanges, for the page that shows them: what came, what was answered, what was refused and why.

Only the beginning of bodies is kept. What of it may be shown is decided where it is shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

KEPT = 200
"""Exchanges."""
_BYTES = 64 << 10
"""Bytes kept of each body."""
_numbers = count(1)


@dataclass(slots=True)
class Body:
    """The beginning of a body, and how much there was."""

    kind: str = ""
    """The media type."""
    start: bytes = field(default=b"", repr=False)
    size: int = 0

    def add(self, data: bytes) -> None:
        self.start += data[: max(0, _BYTES - len(self.start))]
        self.size += len(data)

    @property
    def is_whole(self) -> bool:
        return len(self.start) == self.size


@dataclass(slots=True)
class Seen:
    """One exchange, which may still go on."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    request: Body = field(default_factory=Body)
    status: int | None = None
    """None until the answer begins."""
    answer: Body = field(default_factory=Body)
    answer_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    rule: str | None = None
    """The dialect's rule that refused it, e.g. "openai.names"."""
    fault: str | None = None
    """The failure that was asked for."""
    took_s: float | None = None
    """None while the answer goes on."""
    is_complete: bool = False
    """Whether the answer was sent to its end."""
    number: int = field(default_factory=lambda: next(_numbers))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic, repr=False)

    def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """The answer begins."""
        self.status = status
        self.answer_headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in headers}
        self.answer.kind = self.answer_headers.get("content-type", "")

    def end(self) -> None:
        """Nothing more is sent."""
        self.took_s = time.monotonic() - self.began
