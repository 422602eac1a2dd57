"""LiteLLM, the most used translator between providers, calls OpenRouter as its users do. Run by scripts/witnesses.py."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
from typing import Any

from reporting import EMULATOR, RefusedError, call, refused_as, version

os.environ |= {
    "OPENROUTER_API_KEY": EMULATOR["key"],
    "OPENROUTER_API_BASE": EMULATOR["base_url"],
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}
import litellm  # reads the environment

GPT = "openrouter/openai/gpt-4o-mini"
MESSAGES: Any = [{"role": "user", "content": "The weather in Paris?"}]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
FORM: Any = {
    "type": "json_schema",
    "json_schema": {"name": "place", "schema": SCHEMA, "strict": True},
}
REASONING = (
    "openai/gpt-5.5",
    "anthropic/claude-haiku-4.5",
    "google/gemini-3-flash-preview",
    "deepseek/deepseek-v3.2",
)
litellm.suppress_debug_info = True
litellm.telemetry = False


def need(value: Any, what: str) -> Any:
    if not value:
        raise RefusedError(f"no {what}")
    return value


def whole(given: dict[str, Any]) -> Any:
    """The message of an answer that has usage."""
    answer = litellm.completion(**given, num_retries=0)
    need(answer.usage.total_tokens, "usage")
    return answer.choices[0].message


def streamed(given: dict[str, Any]) -> Any:
    """The message that LiteLLM builds of the chunks of a stream."""
    chunks = list(litellm.completion(**given, stream=True, num_retries=0))
    return _built(chunks, given)


async def awaited(given: dict[str, Any]) -> Any:
    stream = await litellm.acompletion(**given, stream=True, num_retries=0)
    return _built([chunk async for chunk in stream], given)


def _built(chunks: list[Any], given: dict[str, Any]) -> Any:
    built = litellm.stream_chunk_builder(chunks, messages=given["messages"])
    return need(built, "message").choices[0].message


def chats() -> None:
    text = ("text", lambda m: m.content)
    calls = ("call", lambda m: m.tool_calls[0].function.arguments == '{"city": "Paris"}')
    cases: dict[str, tuple[dict[str, Any], tuple[str, Any]]] = {
        "plain": ({}, text),
        "tools": ({"tools": [TOOL]}, calls),
        "schema": ({"response_format": FORM}, text),
        "settings": ({"temperature": 0.2, "max_tokens": 50, "seed": 1}, text),
        "provider": ({"extra_body": {"provider": {"order": ["openai"]}}}, text),
    }
    for what, (more, (name, check)) in cases.items():
        _three_ways(what, {"model": GPT, "messages": MESSAGES, **more}, name, check)
    for model in REASONING:
        given = {"model": f"openrouter/{model}", "messages": MESSAGES, "reasoning_effort": "low"}
        _three_ways(model, given, "reasoning", lambda m: m.reasoning_content or m.content)


def _three_ways(what: str, given: dict[str, Any], name: str, check: Any) -> None:
    call(f"completion ({what})", lambda: need(check(whole(given)), name))
    call(f"completion ({what}, streamed)", lambda: need(check(streamed(given)), name))
    call(f"acompletion ({what}, streamed)", lambda: need(check(asyncio.run(awaited(given))), name))


def tool_loop(model: str) -> None:
    """A call, its result, and the answer; with what the model has thought."""
    given: dict[str, Any] = {"model": model, "messages": [*MESSAGES], "tools": [TOOL]}
    if model != GPT:
        given["reasoning_effort"] = "low"
    message = whole(given)
    result = {
        "role": "tool",
        "tool_call_id": message.tool_calls[0].id,
        "content": "sunny",
    }
    turn = {**message.model_dump(), **_thoughts(message)}
    answer = whole({**given, "messages": [*MESSAGES, turn, result]})
    need("sunny" in answer.content, "answer from the result")


def _thoughts(message: Any) -> dict[str, Any]:
    """LiteLLM puts them where it does not send them from; its user puts them back."""
    details = (message.provider_specific_fields or {}).get("reasoning_details")
    return {"reasoning_details": details} if details else {}


def errors() -> None:
    given: dict[str, Any] = {"messages": MESSAGES, "num_retries": 0}
    kinds = litellm.exceptions
    expected = {
        "rate_limited": kinds.RateLimitError,
        "unavailable": kinds.ServiceUnavailableError,
        "overloaded": kinds.APIError,
        "payment_required": kinds.APIError,
        "type_context_length_exceeded": kinds.BadRequestError,
    }
    for fault, kind in expected.items():
        refused_as(f"error ({fault})", kind, lambda f=fault: litellm.completion(model=f"{GPT}!{f}", **given))  # fmt: skip
    wrong = {"model": GPT, "api_key": "sk-or-wrong", **given}
    refused_as("error (key)", kinds.AuthenticationError, lambda: litellm.completion(**wrong))


def others() -> None:
    given = {"model": "openrouter/openai/text-embedding-3-small", "input": ["a", "b"]}
    call("embedding", lambda: need(len(litellm.embedding(**given).data) == 2, "vectors"))


version(f"litellm {importlib.metadata.version('litellm')}")
chats()
for one in (GPT, "openrouter/anthropic/claude-haiku-4.5"):
    call(f"tool loop ({one})", lambda m=one: tool_loop(m))
errors()
others()
