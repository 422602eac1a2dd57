"""How many items of a job are under way at once: more while nothing is refused, half after a 429."""

from __future__ import annotations

import asyncio
from typing import Literal

from openrouter_core._http.gate import closings
from openrouter_core.errors import ConfigurationError

Concurrency = int | Literal["auto"]
_FIRST, MOST = 16, 500


def check_concurrency(concurrency: object) -> None:
    """Refuse what is neither "auto" nor a number of calls.

    Raises:
        ConfigurationError: It is something else.
    """
    is_number = isinstance(concurrency, int) and not isinstance(concurrency, bool)
    if concurrency != "auto" and not (is_number and concurrency in range(1, MOST + 1)):
        raise ConfigurationError(f'concurrency is "auto" or a whole number from 1 to {MOST}.')


class Pace:
    """The limit of one run. Used by its event loop alone."""

    def __init__(self, concurrency: Concurrency) -> None:
        self.is_fixed = concurrency != "auto"
        self.limit = float(_FIRST if concurrency == "auto" else concurrency)
        self.under_way = 0
        self._was_refused = False
        self._closings = closings()
        self._changed = asyncio.Event()
        self._is_over = False

    async def enter(self) -> None:
        """Wait until one more may begin."""
        while self.under_way >= int(self.limit) and not self._is_over:
            self._changed.clear()
            await self._changed.wait()
        self.under_way += 1

    def stop(self) -> None:
        """Let nobody wait any more."""
        self._is_over = True
        self._changed.set()

    def leave(self, count: int) -> None:
        """So many have ended."""
        self.under_way -= count
        self._changed.set()

    def learn(self, *, refused: bool = False) -> None:
        """An item has ended: grow, or halve if a limit was met since the last one that ended."""
        if self.is_fixed:
            return
        closed, self._closings = closings() != self._closings, closings()
        if closed or refused:
            self._was_refused = True
            self.limit = max(1.0, self.limit / 2)
        else:
            self.limit = min(MOST, self.limit + (1 / self.limit if self._was_refused else 1))
