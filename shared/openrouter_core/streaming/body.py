"""The body of a response that came over a pool of ours: its time can be changed while it is read."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import httpx2

AFTER_END_MARK_S = 0.25
"""How long a stream whose end mark has come is read on, so that its connection can be used again."""
MOST_AFTER_END_MARK = 65_536


@runtime_checkable
class TimedBody(Protocol):
    """What `_http.pool` hands out; the user's own HTTP client has none."""

    def goes_on(self) -> None:
        """Let the gap between two reads count from now on, not the time for the whole."""
        ...

    def ends_within(self, seconds: float) -> None:
        """Give the rest of the body this long."""
        ...


def goes_on(response: httpx2.Response) -> None:
    """The first event, or the head of a download, is in: from now on the gap between reads counts."""
    body = response.stream
    if isinstance(body, TimedBody):
        body.goes_on()


def ends_within(response: httpx2.Response, seconds: float) -> bool:
    """Give the rest of a body this long; False if it is not of our pools."""
    body = response.stream
    if not isinstance(body, TimedBody):
        return False
    body.ends_within(seconds)
    return True
