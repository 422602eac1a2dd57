"""How users write code against the LangChain adapter, for mypy and pyright; never run.

A line with an `ignore` must be an error in both checkers: an unneeded `ignore` fails the check.
"""

from __future__ import annotations

from typing import Any, assert_type

from langchain_core.exceptions import ContextOverflowError, ModelError, ModelRateLimitError
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import Runnable

from langchain_openrouter import (
    ChatOpenRouter,
    OpenRouterEmbeddings,
    OpenRouterImageTool,
    OpenRouterRerank,
)
from langchain_openrouter.errors import ContextLengthError, MidStreamError, RateLimitError
from openrouter_core import OpenRouterError, Timeouts


def constructors_take_every_name_of_a_setting() -> None:
    ChatOpenRouter(
        model="a/b",
        api_key="sk-or-x",
        openrouter_provider={"only": ["azure"], "zdr": True},
        timeout=60,
        stop=["end"],
        reasoning={"effort": "high"},
    )
    ChatOpenRouter(
        model_name="a/b", openrouter_api_key=None, request_timeout=Timeouts(), temperature=0
    )
    ChatOpenRouter(models=["a/b", "c/d"], base_url="https://a.example", max_wait_s=5, n=1)
    OpenRouterEmbeddings(model="a/b", timeout=5, provider={"zdr": True}, dimensions=8)
    OpenRouterRerank(model="a/b", timeout=5.0, top_n=3, default_headers={"x-a": "1"})
    OpenRouterImageTool(model="a/b", timeout=5, image_options={"aspect_ratio": "16:9"})


def wrong_arguments_of_constructors() -> None:
    ChatOpenRouter(model="a/b", temprature=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ChatOpenRouter(model="a/b", provider={"zrd": True})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ChatOpenRouter(model="a/b", n=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    OpenRouterEmbeddings(model="a/b", timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def answers_are_messages(model: ChatOpenRouter) -> None:
    assert_type(model.invoke("Hi"), AIMessage)
    for chunk in model.stream("Hi"):
        assert_type(chunk, AIMessageChunk)


async def async_answers_are_messages(model: ChatOpenRouter) -> None:
    assert_type(await model.ainvoke("Hi"), AIMessage)
    async for chunk in model.astream("Hi"):
        assert_type(chunk, AIMessageChunk)
    await model.aclose()


def tools_of_every_kind_are_bound(model: ChatOpenRouter) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    bound = model.bind_tools([add, {"type": "openrouter:web_search"}], tool_choice="any")
    assert_type(bound, Runnable[LanguageModelInput, AIMessage])
    assert_type(bound.invoke("Hi"), AIMessage)


def methods_of_structured_output_are_known(model: ChatOpenRouter) -> None:
    model.with_structured_output(dict[str, int], method="json_schema", strict=True, healing=True)
    model.with_structured_output(dict[str, int], method="magic")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def requests_can_be_looked_at(model: ChatOpenRouter) -> None:
    assert_type(model.build_request("Hi", temperature=0.2), dict[str, Any])


def errors_are_of_both_vocabularies(error: RateLimitError, other: ContextLengthError) -> None:
    both: list[OpenRouterError] = [error, other]
    and_also: list[ModelError] = [error, other]
    limited: ModelRateLimitError = error
    too_long: ContextOverflowError = other
    assert_type((error.retry_after, error.response.status_code), tuple[float | None, int | None])
    raise ExceptionGroup("all", [*both, *and_also, limited, too_long])


def partial_text_is_kept(error: MidStreamError) -> None:
    assert_type(error.partial_text, str)
