"""What a reply says of OpenRouter's cache of whole responses, in its headers. Pure.

Not the providers' prompt caching, which `cache_control` governs. How it is asked for stands in
`wire/_options.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIELDS = {
    "x-openrouter-cache-status": "status",
    "x-openrouter-cache-age": "age_s",
    "x-openrouter-cache-ttl": "ttl_s",
    "x-openrouter-cache-source-id": "source_id",
}


def cache_status(headers: Mapping[str, str] | None) -> dict[str, Any] | None:
    """Return what a reply says of the cache, e.g. {"status": "HIT", "age_s": 12}; None for nothing."""
    if not headers or "x-openrouter-cache-status" not in headers:
        return None
    fields = {name: headers[header] for header, name in _FIELDS.items() if header in headers}
    return {k: int(v) if k.endswith("_s") and v.isdecimal() else v for k, v in fields.items()}
