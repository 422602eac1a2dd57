"""How long a try may take in all, whatever trickles in meanwhile. Apart from the transports, which are imported late."""

from __future__ import annotations

import time

import httpx2


class Clock:
    """Bounds the reads of one connection: a try must have brought its answer, or its first event, in time.

    A timeout of a socket begins anew with every byte: header lines, 1xx answers and empty blocks of gzip that
    trickle in would keep a call waiting for ever.
    """

    __slots__ = ("_deadline", "_gap_s", "_wait_s")

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._wait_s: float | None = None
        self._gap_s: float | None = None

    def wind(self, wait_s: float | None) -> None:
        """Give the next answer this long, from when its request is sent; None sets no bound."""
        self._wait_s, self._gap_s, self._deadline = wait_s, None, None

    def start(self) -> None:
        """The request is sent."""
        if self._wait_s is not None:
            self._deadline = time.monotonic() + self._wait_s

    def lift(self, gap_s: float | None) -> None:
        """The answer is here, or goes on for as long as it likes: from now on bound each silence alone."""
        self._wait_s = self._deadline = None
        self._gap_s = gap_s

    def timeout_s(self, timeout: float | None) -> float | None:
        """The timeout of the next read.

        Raises:
            httpcore2.ReadTimeout: Nothing is left.
        """
        if self._deadline is None:
            return timeout if self._gap_s is None else self._gap_s
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            import httpcore2  # by now it is there

            raise httpcore2.ReadTimeout("The answer took too long.")
        return left_s if timeout is None else min(timeout, left_s)


def clock_of(transport: httpx2.BaseTransport | httpx2.AsyncBaseTransport) -> Clock:
    """The clock of a transport of ours."""
    clock: Clock = transport.clock  # type: ignore[union-attr]  # every transport that PoolKey makes has one
    return clock
