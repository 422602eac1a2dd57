"""Warnings that are said once per process, for what happens again with every call."""

from __future__ import annotations

import logging
from functools import lru_cache

_log = logging.getLogger("openrouter")


@lru_cache(maxsize=512)
def warn_once(message: str) -> None:
    """Log a warning, unless the same one was logged before."""
    _log.warning("%s", message)
