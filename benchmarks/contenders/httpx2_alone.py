"""httpx2 by its documentation, with orjson: what a careful user writes without any SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import orjson
from contenders._vectors import vector

BODY: dict[str, Any] = {
    "model": "bench/text",
    "messages": [{"role": "user", "content": "Count."}],
}
SETTINGS: dict[str, Any] = {
    "headers": {"Authorization": "Bearer sk-or-bench"},
    "limits": httpx2.Limits(max_connections=None, max_keepalive_connections=None),
    "timeout": 120,
}


class Contender:
    def __init__(self, url: str) -> None:
        self._chat = f"{url}/chat/completions"
        self._url = url
        self.client = httpx2.Client(**SETTINGS)
        self.aclient = httpx2.AsyncClient(**SETTINGS)

    def call(self) -> object:
        return orjson.loads(self.client.post(self._chat, json=BODY).content)

    async def acall(self) -> object:
        return orjson.loads((await self.aclient.post(self._chat, json=BODY)).content)

    def stream(self) -> Iterator[object]:
        with self.client.stream("POST", self._chat, json={**BODY, "stream": True}) as response:
            for line in response.iter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    yield orjson.loads(line[6:])

    async def astream(self) -> AsyncIterator[object]:
        body = {**BODY, "stream": True}
        async with self.aclient.stream("POST", self._chat, json=body) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    yield orjson.loads(line[6:])

    def embed(self) -> object:
        body = {"model": "bench/embed", "input": [f"text {n}" for n in range(100)]}
        data = orjson.loads(self.client.post(f"{self._url}/embeddings", json=body).content)["data"]
        return [vector(item["embedding"]) for item in data]

    def models(self) -> object:
        return orjson.loads(self.client.get(f"{self._url}/models").content)
