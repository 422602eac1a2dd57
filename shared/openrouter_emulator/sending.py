"""Puts a planned response on the wire. The only file of the emulator, besides `server`, that does I/O.

It is an ASGI response that can also do what a well-behaved server never does: stall, stop short of the
declared length, and drop the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from openrouter_emulator.planned_response import Cut, Pause, PlannedResponse

_BATCH = 32_768
"""Bytes gathered before a write when a stream has no gaps."""


class PlannedResponseSender:
    """The ASGI side of one planned response."""

    def __init__(
        self, planned: PlannedResponse, *, drop: Callable[[Scope], None], stopping: asyncio.Event
    ) -> None:
        self.planned = planned
        self.drop = drop
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await self._send(scope, send, gone)
        finally:
            gone.cancel()

    async def _send(self, scope: Scope, send: Send, gone: asyncio.Future[None]) -> None:
        planned = self.planned
        if planned.wait_s and await self._wait(planned.wait_s, gone):
            self._left(0)
            return
        if planned.parts and isinstance(planned.parts[0], Cut):
            self._left(0)
            self.drop(scope)
            return
        lead, at = self._before_headers()
        if lead is not None and await self._wait(lead, gone):
            self._left(0)
            return
        body = _Body(send, planned)
        if planned.streamed or len(planned.parts) != 1 or isinstance(planned.parts[0], Cut | Pause):
            await self._parts(scope, body, gone, at)
        else:
            await body.whole()

    def _before_headers(self) -> tuple[float | None, int]:
        """A pause before the first byte delays the headers too."""
        first = self.planned.parts[0] if self.planned.parts else None
        if isinstance(first, Pause) and not self.planned.streamed:
            return (float("inf") if first.seconds is None else first.seconds), 1
        return None, 0

    async def _parts(
        self, scope: Scope, body: _Body, gone: asyncio.Future[None], start: int
    ) -> None:
        planned, closing = self.planned, self.planned.closing
        await body.open()
        due = time.monotonic()
        for at in range(start, len(planned.parts)):
            part = planned.parts[at]
            if isinstance(part, Cut):
                await body.flush()
                self._left(at)
                self.drop(scope)
                return
            if isinstance(part, Pause):
                await body.flush()
                if await self._pause(part, body, gone):
                    self._left(at)
                    return
                due = time.monotonic()
                continue
            if closing is not None:
                closing.sending(part)
            await body.write(planned.frame(part), batch=not planned.is_paced)
            due += planned.seconds_after(part)
            if planned.is_paced and await self._wait(max(0.0, due - time.monotonic()), gone):
                self._left(at + 1)
                return
        if gone.done():
            self._left(len(planned.parts))
            return
        if closing is not None:
            closing.end(1.0)
        await body.close()

    async def _pause(self, pause: Pause, body: _Body, gone: asyncio.Future[None]) -> bool:
        """Sit a pause out; True when the client left or the emulator stops meanwhile."""
        if not pause.filler:
            return await self._wait(pause.seconds, gone)
        while not await self._wait(pause.every_s, gone):
            await body.write(pause.filler, batch=False)
        return True

    def _left(self, sent: int) -> None:
        if self.planned.closing is not None:
            self.planned.closing.end(sent / len(self.planned.parts))

    async def _wait(self, seconds: float | None, gone: asyncio.Future[None]) -> bool:
        """Wait; True when the client left or the emulator stops meanwhile."""
        limit = None if seconds is None or seconds == float("inf") else seconds
        stop = asyncio.ensure_future(self.stopping.wait())
        try:
            waiting: set[asyncio.Future[Any]] = {gone, stop}
            done, _ = await asyncio.wait(
                waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            stop.cancel()
        return bool(done)


class _Body:
    """Headers and body of one response, with writes gathered while nobody waits for them."""

    def __init__(self, send: Send, planned: PlannedResponse) -> None:
        self.send = send
        self.planned = planned
        self.pending: list[bytes] = []
        self.size = 0

    async def whole(self) -> None:
        """Send a body of one part, with its true length."""
        planned = self.planned
        part = planned.parts[0]
        assert not isinstance(part, Cut | Pause)
        body = planned.frame(part)
        if planned.closing is not None:
            planned.closing.end(1.0)
        await self.send(_start(planned, len(body)))
        await self.send({"type": "http.response.body", "body": body})

    async def open(self) -> None:
        await self.send(_start(self.planned, self.planned.declared_length))

    async def write(self, data: bytes, *, batch: bool) -> None:
        self.pending.append(data)
        self.size += len(data)
        if not batch or self.size >= _BATCH:
            await self.flush()

    async def flush(self) -> None:
        if self.pending:
            data = b"".join(self.pending)
            self.pending.clear()
            self.size = 0
            await self.send({"type": "http.response.body", "body": data, "more_body": True})

    async def close(self) -> None:
        data = b"".join(self.pending)
        await self.send({"type": "http.response.body", "body": data, "more_body": False})


def _start(planned: PlannedResponse, length: int | None) -> Message:
    usual = "text/event-stream" if planned.streamed else "application/json"
    kind = usual if planned.content_type is None else planned.content_type
    headers = [(b"content-type", kind.encode())] if kind else []
    headers += [(n.lower().encode(), v.encode()) for n, v in planned.headers.items()]
    headers.append((b"x-content-type-options", b"nosniff"))
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": planned.status, "headers": headers}


async def _until_gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    message: Any = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
