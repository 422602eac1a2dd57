"""A LangChain model that answers from memory: what LangChain itself costs."""

# ruff: noqa: ARG002  # the framework's signatures

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from answers import LAST_WORD
from contenders._langchain import LangChainContender
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class FromMemory(BaseChatModel):
    """Yields as many chunks as the URL asks for."""

    kind: str
    count: int

    @property
    def _llm_type(self) -> str:
        return "from-memory"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **_: Any) -> Any:
        text = "x" * 200_000 if self.kind == "large" else "A short answer."
        message = AIMessage(content=f"{text} {LAST_WORD}")
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(self, messages: Any, *_: Any, **__: Any) -> Any:
        return self._generate(messages)

    def _stream(self, messages: Any, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for n in range(self.count):
            yield self._chunk(n)

    async def _astream(self, messages: Any, *_: Any, **__: Any) -> AsyncIterator[Any]:
        for n in range(self.count):
            yield self._chunk(n)

    def _chunk(self, n: int) -> ChatGenerationChunk:
        word = f" {LAST_WORD}" if n == self.count - 1 else f" word{n}"
        if self.kind == "reasoning":
            extra = {"reasoning_content": word}
            return ChatGenerationChunk(message=AIMessageChunk(content="", additional_kwargs=extra))
        if self.kind == "arguments":
            piece = {"name": None, "args": word, "id": None, "index": 0, "type": "tool_call_chunk"}
            message = AIMessageChunk(content="", tool_call_chunks=[piece])
            return ChatGenerationChunk(message=message)
        return ChatGenerationChunk(message=AIMessageChunk(content=word))


class Contender(LangChainContender):
    def make(self, url: str) -> Any:
        kind, *numbers = url.split("/")[3].split(".")
        return FromMemory(kind=kind, count=int(numbers[0]) if numbers else 1)
