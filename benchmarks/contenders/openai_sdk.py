"""The SDK `openai`, pointed at OpenRouter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from openai import AsyncOpenAI, OpenAI

MESSAGES = [{"role": "user", "content": "Count."}]


class Contender:
    def __init__(self, url: str) -> None:
        self.client = OpenAI(api_key="sk-or-bench", base_url=url)
        self.aclient = AsyncOpenAI(api_key="sk-or-bench", base_url=url)

    def call(self) -> object:
        return self.client.chat.completions.create(messages=MESSAGES, model="bench/text")

    async def acall(self) -> object:
        return await self.aclient.chat.completions.create(messages=MESSAGES, model="bench/text")

    def stream(self) -> Iterator[object]:
        yield from self.client.chat.completions.create(
            messages=MESSAGES, model="bench/text", stream=True
        )

    async def astream(self) -> AsyncIterator[object]:
        opened = self.aclient.chat.completions.create(
            messages=MESSAGES, model="bench/text", stream=True
        )
        async for chunk in await opened:
            yield chunk

    def embed(self) -> object:
        texts = [f"text {n}" for n in range(100)]
        reply = self.client.embeddings.create(input=texts, model="bench/embed")
        return [item.embedding for item in reply.data]

    def models(self) -> object:
        return self.client.models.list()
