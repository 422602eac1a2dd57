"""Pages for whoever sits at this machine: the report of costs that goes on, the emulator's page at `/`. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

PAGE_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
"""Of each of their answers: nobody keeps, frames or embeds it."""
ELSEWHERE = "This page is for the machine that it runs on: open it under http://127.0.0.1 or http://localhost."
"""What is answered, with 403, under a name that is not loopback."""


def is_loopback(host: str) -> bool:
    """Whether a `Host` header names this machine alone, and not a name on the web that was made to point here."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        _ = urlsplit(f"//{host}").port
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
