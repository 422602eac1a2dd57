"""Notes each exchange as it passes, for the page that shows the last ones. Pure ASGI.

Whoever refuses or fails a request adds why, to the note that travels in its scope.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openrouter_emulator.state.seen import Seen
from openrouter_emulator.state.state import State

_PLACE = "openrouter_emulator.seen"


def note_of(scope: Scope) -> Seen:
    """The note of an exchange."""
    note: Seen = scope[_PLACE]
    return note


class Overhearing:
    """Passes everything on and keeps the beginning of it."""

    def __init__(self, app: ASGIApp, state: State, *, unseen: str) -> None:
        self.app = app
        self.state = state
        self.unseen = unseen
        """The path that is not noted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == self.unseen:
            await self.app(scope, receive, send)
            return
        seen = _begun(scope)
        self.state.see(seen)
        try:
            await self.app(
                {**scope, _PLACE: seen}, _noting(seen, receive), _noting_answer(seen, send)
            )
        finally:
            seen.end()


def _begun(scope: Scope) -> Seen:
    headers = {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    seen = Seen(scope["method"], scope["path"], query, headers)
    seen.request.kind = headers.get("content-type", "")
    return seen


def _noting(seen: Seen, receive: Receive) -> Receive:
    async def receiving() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            seen.request.add(message.get("body", b""))
        return message

    return receiving


def _noting_answer(seen: Seen, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.start(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body":
            seen.answer.add(message.get("body", b""))
            seen.is_complete = not message.get("more_body", False)
        await send(message)

    return sending
