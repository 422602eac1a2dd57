"""A server that charges, keeps books and breaks one call in twenty: `python -m tests.load.server RATE SECONDS`.

`GET /books` says what it has charged. A call that it breaks after its headers is charged and has a generation
record; one that it refuses, or hangs up on before a word, is not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import struct
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_REFUSALS = {429: b"retry-after: 0\r\n", 502: b"", 503: b"retry-after: 0\r\n"}
FAULTS = ("429", "502", "503", "hang up", "reset", "cut", "error inside", "error in the stream")
PIECES = 20


class _Books:
    """What was charged, by generation."""

    def __init__(self) -> None:
        self.charged: dict[str, Decimal] = {}
        self.seen = Counter[str]()

    def charge(self) -> tuple[str, Decimal]:
        number = len(self.charged)
        price = Decimal(random.randrange(1, 100_000)).scaleb(-7)
        self.charged[f"gen-{number}"] = price
        return f"gen-{number}", price

    def as_json(self) -> bytes:
        total = sum(self.charged.values(), Decimal(0))
        body = {"charged": str(total), "calls": len(self.charged), "seen": self.seen}
        return json.dumps(body).encode()


class _Server:
    def __init__(self, rate: float, seconds: float) -> None:
        self.books = _Books()
        self.rate, self.seconds = rate, seconds

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await self._answer(head, body, writer)
                await writer.drain()
        writer.close()

    async def _answer(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        if b"/books" in head[:60]:
            writer.write(_json(self.books.as_json()))
        elif b"/generation?" in head[:80]:
            writer.write(self._record(head))
        else:
            fault = random.choice(FAULTS) if random.random() < self.rate else ""
            self.books.seen[fault or "right"] += 1
            streamed = b'"stream":true' in body
            await (self._stream if streamed else self._whole)(fault, writer)

    def _record(self, head: bytes) -> bytes:
        found = re.search(rb"id=(gen-\d+)", head)
        assert found is not None
        name = found[1].decode()
        data = {"id": name, "total_cost": float(self.books.charged[name]), "model": "m"}
        return _json(json.dumps({"data": data}).encode())

    def _refused(self, fault: str, writer: asyncio.StreamWriter) -> bool:
        """Whether the call ends before anything is charged."""
        if fault == "hang up":
            writer.close()
        elif fault.isdigit():
            body = json.dumps({"error": {"code": int(fault), "message": "No."}}).encode()
            writer.write(_json(body, fault, _REFUSALS[int(fault)]))
        return bool(fault == "hang up" or fault.isdigit())

    async def _whole(self, fault: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.seconds * random.uniform(0.5, 1.5))
        if self._refused(fault, writer):
            return
        name, price = self.books.charge()
        body = _body(name, price, "message")
        if fault == "error inside":
            body["choices"][0] |= {
                "error": {"code": 502, "message": "No."},
                "finish_reason": "error",
            }
        whole = _json(json.dumps(body).encode(), more=f"x-generation-id: {name}\r\n".encode())
        await self._maybe_broken(fault, whole, writer)

    async def _maybe_broken(self, fault: str, whole: bytes, writer: asyncio.StreamWriter) -> None:
        if fault not in {"reset", "cut"}:
            writer.write(whole)
            return
        writer.write(whole[:-50])
        await writer.drain()
        if fault == "cut":
            writer.close()
            return
        await asyncio.sleep(0.05)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SOL_SOCKET, SO_LINGER
        writer.transport.abort()

    async def _stream(self, fault: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.seconds * random.uniform(0.1, 0.5))
        if self._refused(fault, writer):
            return
        name, price = self.books.charge()
        kind = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
        writer.write(b"HTTP/1.1 200 OK\r\n" + kind + f"x-generation-id: {name}\r\n\r\n".encode())
        for number in range(PIECES):
            body: dict[str, Any] = _body(name, price, "delta", f"word {number} ")
            if fault == "error in the stream" and number == PIECES // 2:
                body["error"] = {"code": 502, "message": "No."}
            if number < PIECES - 1:
                del body["usage"]
                body["choices"][0]["finish_reason"] = None
            piece = f"data: {json.dumps(body)}\n\n".encode()
            if fault in {"cut", "reset"} and number == PIECES // 2:
                await self._maybe_broken(fault, b"%x\r\n%s\r\n" % (len(piece), piece), writer)
                return
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(self.seconds / PIECES)
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")


def _body(name: str, price: Decimal, part: str, text: str = "The answer.") -> dict[str, Any]:
    body = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12, "cost": float(price)}
    choice = {"index": 0, "finish_reason": "stop", part: body}
    return {"id": name, "model": "m", "choices": [choice], "usage": usage}


def _json(body: bytes, status: str = "200", more: bytes = b"") -> bytes:
    length = f"content-length: {len(body)}\r\n".encode()
    head = f"HTTP/1.1 {status} X\r\n".encode() + b"content-type: application/json\r\n"
    return head + length + more + b"\r\n" + body


async def _main(rate: float, seconds: float) -> None:
    made = _Server(rate, seconds)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(float(sys.argv[1]), float(sys.argv[2])))
