"""The page at `/`: the last exchanges for a person's eyes.

Only for who sits at this machine: its `Host` must be loopback, so that no name on the web can be made to point here
and read it. It runs no script, loads nothing, and shows no key, credential or data URL.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from openrouter_emulator.page.render import STYLE_HASH, render
from openrouter_emulator.state.state import State

_HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
_ELSEWHERE = "This page is for the machine that it runs on: open it under http://127.0.0.1 or http://localhost."


def show(request: Request, state: State) -> Response:
    """The page; 403 under a name that is not loopback."""
    if not is_loopback(request.headers.get("host", "")):
        return PlainTextResponse(_ELSEWHERE, 403, _HEADERS)
    only_refused = request.query_params.get("show") == "refused"
    return HTMLResponse(render(state, only_refused=only_refused), headers=_HEADERS)


def is_loopback(host: str) -> bool:
    """Whether a `Host` header names this machine alone."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        _ = urlsplit(f"//{host}").port
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
