"""Where a redirect leads, if it is followed: on the same origin only, for the key goes along. Pure."""

from __future__ import annotations

import httpx2

MOST_REDIRECTS = 5
_KEEPS_METHOD = frozenset({307, 308})
_OF_A_GET = _KEEPS_METHOD | {301, 302, 303}


def redirected(request: httpx2.Request, response: httpx2.Response) -> httpx2.Request | None:
    """Return the request that a redirect asks for, e.g. 308 of `GET /tools/{alias}`; None if it is not followed.

    A GET is followed wherever it is redirected to on this origin, another method only by 307 and 308, and only
    if its body can be sent again.
    """
    if response.status_code not in (_OF_A_GET if request.method == "GET" else _KEEPS_METHOD):
        return None
    location = response.headers.get("location")
    if not location:
        return None
    try:
        url = request.url.join(location)
    except httpx2.InvalidURL:
        return None
    is_replayable = isinstance(request.stream, httpx2.ByteStream)
    if _origin(url) != _origin(request.url) or not is_replayable:
        return None
    return httpx2.Request(
        request.method,
        url,
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions,
    )


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, default if url.port is None else url.port
