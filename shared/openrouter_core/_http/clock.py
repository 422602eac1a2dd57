"""How long a try may take in all, whatever trickles in meanwhile. Apart from the transports, which are imported late."""

from __future__ import annotations

import time


class Clock:
    """Bounds the reads of one connection: a try must have brought its answer, or its first event, in time.

    A timeout of a socket begins anew with every byte: header lines, 1xx answers and empty blocks of gzip that
    trickle in would keep a call waiting for ever.
    """

    __slots__ = ("deadline", "gap_s", "wait_s")

    def __init__(self) -> None:
        self.wait_s: float | None = None
        """How long the next answer may take, from when its request is sent; None sets no bound."""
        self.deadline: float | None = None
        """When the answer that is read must be whole, in `time.monotonic()` seconds."""
        self.gap_s: float | None = None
        """How long a silence may be, once the answer goes on for as long as it likes."""

    def wind(self, wait_s: float) -> None:
        """Give what is read from now on this long."""
        self.deadline = time.monotonic() + wait_s

    def lift(self, gap_s: float | None) -> None:
        """The answer is here, or goes on for as long as it likes: from now on bound each silence alone."""
        self.wait_s = self.deadline = None
        self.gap_s = gap_s

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
