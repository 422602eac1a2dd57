"""Files in a tool's sandbox. Read by `resources/containers.py`."""

from __future__ import annotations

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import UtcTime


class ContainerFile(WireModel):
    """A file that a tool made in its sandbox."""

    id: str
    container_id: str | None = None
    path: str | None = None
    bytes: int | None = None
    """Bytes."""
    created_at: UtcTime | None = None
    object: str | None = None
    source: str | None = None


class ContainerFiles(Page[ContainerFile]):
    """A page of files, by path."""

    object: str | None = None
    has_more: bool | None = None
    first_id: str | None = None
    last_id: str | None = None
    """Where the next page starts; not always the id of a listed file."""
