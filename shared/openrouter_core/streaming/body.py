"""The body of a response that came over a pool of ours, and the clock that bounds how long its reads may take.

Apart from the transports, which wind the clock and are imported late.
"""

from __future__ import annotations

import time

import httpx2

AFTER_END_MARK_S = 0.25
"""How long a stream whose end mark has come is read on, so that its connection can be used again."""
MOST_AFTER_END_MARK = 65_536


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
