"""A LlamaIndex LLM that answers from memory: what LlamaIndex itself costs."""

# ruff: noqa: ARG002, FBT001, FBT002  # the framework's signatures

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from answers import LAST_WORD
from contenders._llama_index import LlamaIndexContender
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback


class FromMemory(CustomLLM):
    """Yields as many responses as the URL asks for."""

    kind: str
    count: int

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    @llm_chat_callback()
    def chat(self, messages: Any, **_: Any) -> ChatResponse:
        return self._reply()

    @llm_chat_callback()
    async def achat(self, messages: Any, **_: Any) -> ChatResponse:
        return self._reply()

    @llm_chat_callback()
    def stream_chat(self, messages: Any, **_: Any) -> Iterator[ChatResponse]:
        return self._responses()

    @llm_chat_callback()
    async def astream_chat(self, messages: Any, **_: Any) -> AsyncIterator[ChatResponse]:
        async def responses() -> AsyncIterator[ChatResponse]:
            for response in self._responses():
                yield response

        return responses()

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise NotImplementedError

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise NotImplementedError

    def _reply(self) -> ChatResponse:
        text = "x" * 200_000 if self.kind == "large" else "A short answer."
        return ChatResponse(message=ChatMessage(role="assistant", content=f"{text} {LAST_WORD}"))

    def _responses(self) -> Iterator[ChatResponse]:
        text = ""
        for n in range(self.count):
            word = f" {LAST_WORD}" if n == self.count - 1 else f" word{n}"
            text += word
            yield ChatResponse(message=ChatMessage(role="assistant", content=text), delta=word)


class Contender(LlamaIndexContender):
    def make(self, url: str) -> Any:
        kind, *numbers = url.split("/")[3].split(".")
        return FromMemory(kind=kind, count=int(numbers[0]) if numbers else 1)
