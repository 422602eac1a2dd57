"""A server with a token bucket, as providers limit their callers: 429 with `Retry-After` when it is empty.

Speaks enough HTTP for the clients: keep-alive, JSON. It keeps books: what it answered, for which prompt.
Runs in a thread, or as a process of its own: `python -m tests.token_bucket PORT RATE`.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading
import time
from collections import Counter
from typing import Any, Self

PRICE = "0.00001"


class TokenBucketServer:
    """`rate` calls per second, as many at once; others are refused."""

    def __init__(
        self,
        rate: float = 50.0,
        *,
        retry_after: str = "1",
        latency_s: float = 0.02,
        faults: float = 0.0,
    ) -> None:
        self.rate, self.retry_after, self.latency_s, self.faults = (
            rate, retry_after, latency_s, faults,
        )  # fmt: skip
        self.answered: Counter[str] = Counter()
        """How often each prompt was answered, and so paid."""
        self.refused = self.failed = 0
        self.in_flight = self.most_in_flight = 0
        self._tokens, self._at = rate, time.monotonic()
        self._random = random.Random(7)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.serve(0), self._loop).result(10)
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def serve(self, port: int) -> None:
        self._writers: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=2048)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def _stop(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0.01)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                writer.write(await self._answer(json.loads(await reader.readexactly(length))))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, body: dict[str, Any]) -> bytes:
        now = time.monotonic()
        self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            self.refused += 1
            return _response(429, {"error": {"code": 429, "message": "Slow down."}},
                             f"Retry-After: {self.retry_after}\r\n")  # fmt: skip
        self._tokens -= 1
        if self._random.random() < self.faults:
            self.failed += 1
            return _response(502, {"error": {"code": 502, "message": "Bad gateway."}})
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self.latency_s)
        self.in_flight -= 1
        prompt = body["input"] if "input" in body else body["messages"][-1]["content"]
        self.answered[prompt if isinstance(prompt, str) else json.dumps(prompt)] += 1
        return _response(200, _reply(body, prompt, self.answered.total()))


def _reply(body: dict[str, Any], prompt: Any, number: int) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": float(PRICE)}
    made = {"id": f"gen-{number}", "model": body["model"], "usage": usage}
    if "input" in body:
        texts = prompt if isinstance(prompt, list) else [prompt]
        data = [{"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0]}
                for i, text in enumerate(texts)]  # fmt: skip
        return {**made, "object": "list", "data": data}
    text = json.dumps({"title": prompt}) if body.get("response_format") else f"Answer to {prompt}"
    message = {"role": "assistant", "content": text}
    return {**made, "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}


def _response(status: int, body: dict[str, Any], headers: str = "") -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _main(port: int, rate: float) -> None:
    server = TokenBucketServer(rate)
    await server.serve(port)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the parent ends
    sys.stdout.write(json.dumps({"answered": server.answered, "refused": server.refused}))


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
