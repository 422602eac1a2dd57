"""The fields that every object of either adapter has for its client, under one name and with one text."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from openrouter_core.chat.field_docs import FieldDocs


class ConnectionFields(FieldDocs, defer_build=True):
    """How to reach OpenRouter, as far as both adapters say it alike."""

    max_retries: int = Field(default=2, ge=0)
    """Further requests after the first; 0 sends one."""
    shared_backoff: bool = True
    """Whether a 429 holds back other calls to the same limit in this process."""
    app_categories: list[str] | None = None
    """At most two marketplace categories, e.g. ["cli-agent"]."""
    max_connections: int | None = Field(default=None, gt=0)
    """Connections of the pool that equal settings share; 1,000 unless set."""
    proxy: str | None = Field(default=None, exclude=True, repr=False)
    """Proxy URL; by default the environment's."""
    http_client: Any = Field(default=None, exclude=True, repr=False)
    """An `httpx2.Client` to send with, closed by you."""
