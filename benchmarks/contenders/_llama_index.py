"""What all LlamaIndex LLMs are asked to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from llama_index.core.llms import ChatMessage

PROMPT = ChatMessage(role="user", content="Count.")
TURN = [
    ChatMessage(role="user", content="What is the capital of France, and why?"),
    ChatMessage(role="assistant", content="Paris, by history."),
]


class LlamaIndexContender:
    """An LLM. Subclasses make it from a URL in `make`."""

    def __init__(self, url: str) -> None:
        self.llm = self.make(url)

    def make(self, url: str) -> Any:
        """Make the LLM."""
        raise NotImplementedError

    def call(self) -> object:
        return self.llm.chat([PROMPT])

    async def acall(self) -> object:
        return await self.llm.achat([PROMPT])

    def stream(self) -> Iterator[object]:
        return self.llm.stream_chat([PROMPT])  # type: ignore[no-any-return]  # any LLM

    async def astream(self) -> AsyncIterator[object]:
        async for response in await self.llm.astream_chat([PROMPT]):
            yield response

    def history(self, count: int) -> object:
        return self.llm.chat([*(TURN * (count // 2)), PROMPT])
