"""The line that shows how far a job is, on standard error."""

from __future__ import annotations

import sys
import time

from openrouter_core.bulk.item import Progress

_EVERY_S, _EVERY_LINE_S = 0.5, 30.0


class ProgressLine:
    """One line that is written anew on a terminal; elsewhere a line each half minute."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._every_s = _EVERY_S if self._is_terminal else _EVERY_LINE_S
        self._shown_at = time.monotonic() - self._every_s
        self._was_shown = False

    def show(self, progress: Progress) -> None:
        """Write the line, unless the last one is new enough."""
        now = time.monotonic()
        if now - self._shown_at >= self._every_s:
            self._shown_at, self._was_shown = now, True
            self._write(str(progress))

    def end(self, progress: Progress) -> None:
        """Write the last line."""
        self._write(str(progress))
        if self._is_terminal:
            sys.stderr.write("\n")

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()
