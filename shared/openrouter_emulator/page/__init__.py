"""The page at `/`: the last exchanges for a person's eyes.

Only for who sits at this machine: its `Host` must be loopback, so that no name on the web can be made to point here
and read it. It runs no script, loads nothing, and shows no key, credential or data URL.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from openrouter_core._http.loopback import ELSEWHERE, PAGE_HEADERS, is_loopback
from openrouter_emulator.page.render import STYLE_HASH, render
from openrouter_emulator.state.state import State

_HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    **PAGE_HEADERS,
}


def show(request: Request, state: State) -> Response:
    """The page; 403 under a name that is not loopback."""
    if not is_loopback(request.headers.get("host", "")):
        return PlainTextResponse(ELSEWHERE, 403, _HEADERS)
    only_refused = request.query_params.get("show") == "refused"
    return HTMLResponse(render(state, only_refused=only_refused), headers=_HEADERS)
