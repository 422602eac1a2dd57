"""What browsers ask before they let a page read the API: CORS, as OpenRouter answers it. Pure ASGI."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ANSWERED = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"*"))
_METHODS = b"GET, POST, PUT, PATCH, DELETE"
_DAY_S = b"86400"


class Cors:
    """Lets pages of any origin call what is below a path; everything else has no such headers.

    A page still needs a key: no cookie or stored credential opens anything here.
    """

    def __init__(self, app: ASGIApp, below: str) -> None:
        self.app = app
        self.below = below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        asks = scope["type"] == "http" and b"origin" in headers
        if not asks or not scope["path"].startswith(self.below):
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await _allow(headers, send)
        else:
            await self.app(scope, receive, _with(_ANSWERED, send))


async def _allow(requested: dict[bytes, bytes], send: Send) -> None:
    """Answer the question that comes before a request."""
    headers = [
        *_ANSWERED,
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", requested.get(b"access-control-request-headers", b"*")),
        (b"access-control-max-age", _DAY_S),
    ]
    if b"access-control-request-private-network" in requested:
        headers.append((b"access-control-allow-private-network", b"true"))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _with(more: Iterable[tuple[bytes, bytes]], send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return sending
