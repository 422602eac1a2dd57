"""Gates that several processes close for each other. Empty, and of no cost, where nobody shares them.

Whoever shares them (`openrouter_core.bulk`) is called when a gate closes here, and says when one has closed
elsewhere. Gates go by a digest: a key of the API never leaves the process.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openrouter_core._http.gate import Gate, Key

listeners: list[Callable[[str, float], None]] = []
"""Called with the digest of a gate and the seconds for which it is closed."""
elsewhere: dict[str, float] = {}
"""When gates open that other processes have closed, by their digests, on the clock of this one."""
_known: dict[str, Gate] = {}
_clock = time.monotonic
_FORGET_S = 300.0


def digest_of(key: Key) -> str:
    """What a gate is known by in other processes."""
    secret, *others = key
    shown = getattr(secret, "get_secret_value", lambda: str(secret))()
    return hashlib.sha256(repr((shown, *map(str, others))).encode()).hexdigest()


def closed(key: Key, gate: Gate, wait_s: float) -> None:
    """Tell the other processes that a gate has closed."""
    if listeners:
        digest = digest_of(key)
        _known[digest] = gate
        for listener in tuple(listeners):
            listener(digest, wait_s)


def close(digest: str, wait_s: float) -> None:
    """Close a gate that another process has closed, for the rest of its time."""
    opens_at = elsewhere[digest] = _clock() + wait_s
    gate = _known.get(digest)
    if gate is not None and wait_s > 0:
        gate.close_until(opens_at)


def adopted(key: Key, gate: Gate | None, make: Callable[[Key], Gate]) -> Gate | None:
    """Return the gate of a call, as another process left it if it did; `gate` is what is known here."""
    digest = digest_of(key)
    opens_at = elsewhere.get(digest)
    if opens_at is None or (gate is not None and gate is _known.get(digest)):
        return gate
    if gate is None and _clock() - opens_at > _FORGET_S:
        return None
    is_new = gate is None
    gate = _known[digest] = gate or make(key)
    if is_new or opens_at > _clock():
        gate.close_until(opens_at)
    return gate


def forget() -> None:
    """Know nothing. Runs after a fork."""
    listeners.clear()
    elsewhere.clear()
    _known.clear()
