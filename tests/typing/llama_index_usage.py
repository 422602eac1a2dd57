"""How users write code against the LlamaIndex adapter, for mypy and pyright; never run."""

from __future__ import annotations

from typing import assert_type

from llama_index.core.base.llms.types import ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms import ChatMessage
from llama_index.core.llms.function_calling import FunctionCallingLLM

from llama_index_openrouter import OpenRouter

ASK = [ChatMessage(role="user", content="Hi")]


def an_llm() -> FunctionCallingLLM:
    return OpenRouter(
        model="openai/gpt-4o-mini",
        temperature=0.2,
        provider={"zdr": True},
        reasoning={"effort": "low"},
        timeout_s=30,
    )


def sync_calls(llm: OpenRouter) -> None:
    assert_type(llm.chat(ASK), ChatResponse)
    assert_type(llm.complete("Hi"), CompletionResponse)
    assert_type(llm.metadata, LLMMetadata)
    for response in llm.stream_chat(ASK):
        assert_type(response, ChatResponse)
        assert_type(response.delta, str | None)


async def async_calls(llm: OpenRouter) -> None:
    assert_type(await llm.achat(ASK), ChatResponse)
    async for response in await llm.astream_chat(ASK):
        assert_type(response, ChatResponse)
