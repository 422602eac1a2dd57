"""Stored files. Read by `resources/files.py`.

The API answers in one of three shapes: OpenRouter's, OpenAI's or Anthropic's. One model reads all.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import UtcTime
from openrouter_core.wire._options import CallOptions

FileShape = Literal["openrouter", "openai", "anthropic"] | str
FileProvider = Literal["openai", "anthropic"] | str


class StoredFile(WireModel):
    """A file. Which fields are set depends on `shape`."""

    id: str
    shape: FileShape | None = Field(default=None, alias="_shape")
    filename: str | None = None
    mime_type: str | None = None
    """Found out from the content, whatever was declared."""
    size_bytes: int | None = None
    bytes: int | None = None
    """The size where the shape is OpenAI's."""
    created_at: UtcTime | None = None
    downloadable: bool | None = None
    """False for what was uploaded; True for what a tool made."""
    type: str | None = None
    object: str | None = None
    purpose: str | None = None
    status: str | None = None


class FilesPage(Page[StoredFile]):
    """A page of files."""

    shape: FileShape | None = Field(default=None, alias="_shape")
    cursor: str | None = None
    """What the next page is asked for with; None on the last one."""
    has_more: bool | None = None
    first_id: str | None = None
    last_id: str | None = None
    object: str | None = None


class DeletedFile(WireModel):
    """Which file was deleted."""

    id: str
    shape: FileShape | None = Field(default=None, alias="_shape")
    type: str | None = None
    object: str | None = None
    deleted: bool | None = None


class FileScope(CallOptions, total=False):
    """Where a file is kept."""

    workspace_id: str | None
    """Default: the workspace of the key."""
    provider: FileProvider | None
    """Keep or look for it at this provider, under your own provider key."""
