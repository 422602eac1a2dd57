"""Opens the store of a job: a file of one process, or a database that several share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from openrouter_core.bulk.store import Store
from openrouter_core.extras import needs

if TYPE_CHECKING:
    from openrouter_core.bulk.store import AnyStore


def opened(given: str | Path, name: str) -> AnyStore:
    """The store of a job: a file, or a database that several processes share.

    Raises:
        ConfigurationError: It cannot be opened.
    """
    if not isinstance(given, str) or "://" not in given:
        return Store(Path(given))
    with needs("A job in a database", "bulk"):
        from openrouter_core.bulk.sql.store import SharedStore
    return SharedStore(given, name)
