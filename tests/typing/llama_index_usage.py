"""How users write code against the LlamaIndex adapter, for mypy and pyright; never run."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_type

from llama_index.core.base.llms.types import ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms import ChatMessage
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding, OpenRouterRerank
from openrouter_core.errors import BudgetExceededError

ASK = [ChatMessage(role="user", content="Hi")]


def an_llm() -> FunctionCallingLLM:
    return OpenRouter(
        model="openai/gpt-4o-mini",
        temperature=0.2,
        provider={"zdr": True},
        reasoning={"effort": "low"},
        timeout_s=30,
    )


def constructors_take_every_name_of_a_setting() -> None:
    OpenRouter("a/b", temperature=0, timeout=60, default_headers={"x-a": "1"}, api_key="sk-or-x")
    OpenRouter("a/b", 0.2, 256)
    OpenRouter(model="a/b", request_timeout=5, base_url="https://a.example", audio_config={})
    OpenRouter(model_name="a/b", openrouter_provider={"zdr": True}, order=["azure"])
    OpenRouterEmbedding("a/b", dimensions=8, timeout=5)
    OpenRouterEmbedding(model_name="a/b", embed_batch_size=32, api_key=None)
    OpenRouterRerank("a/b", top_n=3, headers={"x-a": "1"})


def wrong_arguments_of_constructors() -> None:
    OpenRouter("a/b", temprature=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    OpenRouter("a/b", "hot")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    OpenRouterRerank("a/b", provider={"zrd": True})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class City(BaseModel):
    name: str


def predictions_are_of_the_class_that_was_asked_for(llm: OpenRouter) -> None:
    assert_type(llm.structured_predict(City, PromptTemplate("Where?")), City)


async def awaited_predictions_too(llm: OpenRouter) -> None:
    assert_type(await llm.astructured_predict(City, PromptTemplate("Where?")), City)


def refusals_of_a_budget_have_figures(error: BudgetExceededError) -> None:
    assert_type(error.spent_usd, Decimal | None)
    assert_type(error.scope, str | None)


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
