"""A request as the user's own httpx2 client makes it: its headers, cookies, parameters and timeout count."""

from __future__ import annotations

from typing import Any

import httpx2

_UNSET = httpx2.Timeout(5.0)
"""What an httpx2 client has when nobody chose: too short for a language model, and not meant."""


def made_by(
    client: httpx2.Client | httpx2.AsyncClient, request: httpx2.Request, *, keeps_timeout: bool
) -> httpx2.Request:
    """Return `request` with the defaults of `client` where we say nothing; ours win.

    Args:
        keeps_timeout: The user chose a timeout for our client or this call; it wins over the other's.
    """
    extensions = dict(request.extensions)
    if not keeps_timeout and client.timeout != _UNSET:
        extensions["timeout"] = client.timeout.as_dict()
    is_whole = isinstance(request.stream, httpx2.ByteStream)
    made = client.build_request(
        request.method,
        request.url,
        content=request.content if is_whole else None,
        headers=request.headers,
        extensions=extensions,
    )
    if not is_whole:  # a multipart body
        made.stream = request.stream
    return made


def auth_of(request: httpx2.Request) -> dict[str, Any]:
    """How to send it: with our key, the client's own `auth` would take its place."""
    return {"auth": None} if "authorization" in request.headers else {}
