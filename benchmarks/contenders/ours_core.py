"""Ours, without a framework."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient

MESSAGES = [{"role": "user", "content": "Count."}]
TURN = [
    {"role": "user", "content": "What is the capital of France, and why?"},
    {"role": "assistant", "content": "Paris, by history."},
]


class Contender:
    settings: ClassVar[dict[str, Any]] = {}

    def __init__(self, url: str) -> None:
        self.client = OpenRouterClient("sk-or-bench", base_url=url, **self.settings)
        self.aclient = AsyncOpenRouterClient("sk-or-bench", base_url=url, **self.settings)

    def call(self) -> object:
        return self.client.chat.send(MESSAGES, model="bench/text")

    async def acall(self) -> object:
        return await self.aclient.chat.send(MESSAGES, model="bench/text")

    def stream(self) -> Iterator[object]:
        return iter(self.client.chat.stream(MESSAGES, model="bench/text"))

    def astream(self) -> AsyncIterator[object]:
        return aiter(self.aclient.chat.stream(MESSAGES, model="bench/text"))

    def history(self, count: int) -> object:
        messages = [*(TURN * (count // 2)), *MESSAGES]
        return self.client.chat.send(messages, model="bench/text")

    def embed(self) -> object:
        texts = [f"text {n}" for n in range(100)]
        return self.client.embeddings.create(texts, model="bench/embed").vectors

    def models(self) -> object:
        return self.client.models.list()
