"""The official Python SDK `openrouter`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from contenders._vectors import vector
from openrouter import OpenRouter

MESSAGES = [{"role": "user", "content": "Count."}]


class Contender:
    def __init__(self, url: str) -> None:
        self.client = OpenRouter(api_key="sk-or-bench", server_url=url)

    def call(self) -> object:
        return self.client.chat.send(messages=MESSAGES, model="bench/text")

    async def acall(self) -> object:
        return await self.client.chat.send_async(messages=MESSAGES, model="bench/text")

    def stream(self) -> Iterator[object]:
        with self.client.chat.send(messages=MESSAGES, model="bench/text", stream=True) as events:
            yield from events

    async def astream(self) -> AsyncIterator[object]:
        opened = self.client.chat.send_async(messages=MESSAGES, model="bench/text", stream=True)
        async with await opened as events:
            async for event in events:
                yield event

    def embed(self) -> object:
        texts = [f"text {n}" for n in range(100)]
        reply = self.client.embeddings.generate(input=texts, model="bench/embed")
        return [vector(item.embedding) for item in reply.data]

    def models(self) -> object:
        return self.client.models.list()
