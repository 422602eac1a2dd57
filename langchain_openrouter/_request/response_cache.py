"""OpenRouter's cache of whole responses: its request headers from settings, its reply headers as metadata.

Not the providers' prompt caching, which `cache_control` governs. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_HEADERS = {
    "response_cache": "X-OpenRouter-Cache",
    "response_cache_ttl_s": "X-OpenRouter-Cache-TTL",
    "response_cache_clear": "X-OpenRouter-Cache-Clear",
}
FIELDS = frozenset(_HEADERS)
"""The settings, which are also arguments of a call."""

_SAID = {
    "x-openrouter-cache-status": "status",
    "x-openrouter-cache-age": "age_s",
    "x-openrouter-cache-ttl": "ttl_s",
    "x-openrouter-cache-source-id": "source_id",
}


def to_headers(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers for the settings that are set."""
    return {
        header: str(value).lower()
        for name, header in _HEADERS.items()
        if (value := settings.get(name)) is not None
    }


def status_of(headers: Mapping[str, str] | None) -> dict[str, Any] | None:
    """Return what a reply says of the cache, e.g. {"status": "HIT", "age_s": 12}; None for nothing."""
    said = {name: headers[header] for header, name in _SAID.items() if header in (headers or {})}  # type: ignore[index]  # not None here
    if "status" not in said:
        return None
    return {k: int(v) if k.endswith("_s") and v.isdigit() else v for k, v in said.items()}
