"""Checks chat requests as strictly as the documented API, so that a client that sends junk fails here.

Called by the chat handler before anything else. Unknown top-level keys pass (the real API hands them to
providers) and stay in the recorded request. Pure; every refusal is a 400 that names the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.validation.checks import (
    Check,
    array,
    boolean,
    either,
    fields,
    integer,
    mapping,
    mapping_of,
    nullable,
    number,
    one_of,
    open_to,
    refuse,
    string,
    tagged,
)
from openrouter_emulator.validation.messages import CACHE, MESSAGES, history

_EFFORTS = ("max", "xhigh", "high", "medium", "low", "minimal", "none")


def chat(body: JsonObject, shape: str = "chat completions") -> None:
    """Check a chat request by itself.

    Args:
        shape: What the caller spoke, before its request was translated.

    Raises:
        ApiError: 400, naming the first thing that is wrong.
    """
    _BODY(body, "")
    if "messages" not in body:
        refuse("messages", "Required")
    history(body["messages"])
    if body.get("top_logprobs") is not None and body.get("logprobs") is not True:
        refuse("top_logprobs", "requires logprobs to be true")
    _check_tools(body, shape)
    _check_tool_choice(body)
    _check_effort(body)
    _check_audio_out(body)


def for_model(body: JsonObject, model: ModelSpec) -> None:
    """Check what depends on the model.

    Raises:
        ApiError: 400 when reasoning is switched off on a model that cannot do without, or when the
            thinking budget leaves nothing for the answer.
    """
    wish: Mapping[str, Any] = body.get("reasoning") or {}
    off = wish.get("effort") == "none" or wish.get("enabled") is False
    off = off or body.get("reasoning_effort") == "none"
    if off and (model.reasoning or {}).get("mandatory"):
        raise ApiError(400, "Reasoning is mandatory for this endpoint and cannot be disabled.")
    budget, limit = wish.get("max_tokens"), body.get("max_tokens")
    if model.style.reasoning == "anthropic" and budget and limit and limit <= budget:
        raise ApiError(400, "`max_tokens` must be greater than `thinking.budget_tokens`.")


# ---------------------------------------------------------------- tools


_FUNCTION_TOOL = fields(
    {
        "function": fields(
            {
                "name": string(least=1),
                "description": nullable(string()),
                "parameters": mapping,
                "strict": nullable(boolean),
            },
            required=["name"],
        ),
        "cache_control": nullable(CACHE),
    },
    required=["function"],
)
_NOT_IN: Mapping[str, tuple[str, ...]] = {
    "chat completions": ("openrouter:shell", "openrouter:bash", "openrouter:tool_search"),
    "the Responses API": ("openrouter:bash",),
}
"""Server tools that one of the shapes of the API does not have; every other type passes."""


def _tool(value: Any, where: str) -> None:
    """A function, or a tool of any other type: the API's list of them is open."""
    mapping(value, where)
    kind = value.get("type")
    string(least=1)(kind, f"{where}.type")
    if kind == "function":
        _FUNCTION_TOOL(value, where)


def _check_tools(body: JsonObject, shape: str) -> None:
    for at, tool in enumerate(body.get("tools") or ()):
        if tool["type"] in _NOT_IN.get(shape, ()):
            refuse(f"tools.{at}.type", f"'{tool['type']}' is not available on {shape}")


def _check_tool_choice(body: JsonObject) -> None:
    """A named function must be there. Without any tools a preset or a router may have it."""
    choice, tools = body.get("tool_choice"), body.get("tools")
    if tools and isinstance(choice, dict) and choice.get("type") == "function":
        names = {t["function"]["name"] for t in tools if t.get("type") == "function"}
        if choice["function"]["name"] not in names:
            refuse("tool_choice.function.name", "No tool of this name is given")


_NAMED_CHOICE = fields({"function": fields({"name": string(least=1)}, required=["name"])})


def _tool_choice(value: Any, where: str) -> None:
    if isinstance(value, str):
        one_of("auto", "none", "required")(value, where)
        return
    fields({"type": string(least=1)}, required=["type"])(value, where)
    if value["type"] == "function":
        _NAMED_CHOICE(value, where)
        if "function" not in value:
            refuse(f"{where}.function", "Required")


# ---------------------------------------------------------------- the rest of the body

_SCHEMA_FORMAT = fields(
    {
        "json_schema": fields(
            {
                "name": string(64, 1),
                "schema": mapping,
                "strict": nullable(boolean),
                "description": nullable(string()),
            },
            required=["name"],
        )
    },
    required=["json_schema"],
)
_FORMATS: dict[str, Check] = {
    "text": mapping,
    "json_object": mapping,
    "json_schema": _SCHEMA_FORMAT,
    "grammar": fields({"grammar": string()}, required=["grammar"]),
    "python": mapping,
}
_PERCENTILES = either(
    number(0), fields({p: number(0) for p in ("p50", "p75", "p90", "p99")}, closed=True)
)
_AMOUNT = either(number(0), string(least=1))
_SORT = open_to("price", "throughput", "latency", "exacto")
_QUANTIZATIONS = open_to(
    "int4",
    "int8",
    "fp4",
    "mxfp4",
    "nvfp4",
    "fp6",
    "fp8",
    "mxfp8",
    "fp16",
    "bf16",
    "fp32",
    "unknown",
)
PROVIDER: Check = fields(
    {
        "order": nullable(array(string(least=1))),
        "only": nullable(array(string(least=1))),
        "ignore": nullable(array(string(least=1))),
        "allow_fallbacks": nullable(boolean),
        "require_parameters": nullable(boolean),
        "data_collection": nullable(open_to("allow", "deny")),
        "zdr": nullable(boolean),
        "enforce_distillable_text": nullable(boolean),
        "quantizations": nullable(array(_QUANTIZATIONS)),
        "sort": nullable(
            either(_SORT, fields({"by": nullable(_SORT), "partition": nullable(string())}))
        ),
        "max_price": nullable(
            fields(dict.fromkeys(("prompt", "completion", "request", "image", "audio"), _AMOUNT))
        ),
        "preferred_min_throughput": nullable(_PERCENTILES),
        "preferred_max_latency": nullable(_PERCENTILES),
    }
)
"""Provider preferences, as chat, embeddings and rerank take them."""

_REASONING = fields(
    {
        "effort": nullable(open_to(*_EFFORTS)),
        "max_tokens": nullable(integer(1)),
        "exclude": nullable(boolean),
        "enabled": nullable(boolean),
        "summary": nullable(open_to("auto", "concise", "detailed")),
    }
)


def _not_of_the_api(_value: Any, where: str) -> None:
    refuse(where, "is an argument of clients, not of the API")


_BODY_FIELDS: dict[str, Check] = {
    "messages": MESSAGES,
    "model": string(least=1),
    "models": array(string(least=1)),
    "route": nullable(open_to("fallback", "sort")),
    "provider": nullable(PROVIDER),
    "preset": string(least=1),
    "stream": boolean,
    "stream_options": nullable(mapping),
    "usage": mapping,
    "temperature": nullable(number(0, 2)),
    "top_p": nullable(number(0, 1, above=True)),
    "top_k": nullable(integer(0)),
    "min_p": nullable(number(0, 1)),
    "top_a": nullable(number(0, 1)),
    "frequency_penalty": nullable(number(-2, 2)),
    "presence_penalty": nullable(number(-2, 2)),
    "repetition_penalty": nullable(number(0, 2, above=True)),
    "seed": nullable(integer()),
    "max_tokens": nullable(integer(1)),
    "max_completion_tokens": nullable(integer(1)),
    "stop": nullable(either(string(), array(string(least=1), most=4))),
    "logit_bias": nullable(mapping_of(number(-100, 100))),
    "logprobs": nullable(boolean),
    "top_logprobs": nullable(integer(0, 20)),
    "response_format": tagged(_FORMATS),
    "structured_outputs": boolean,
    "tools": array(_tool, least=1),
    "tool_choice": nullable(_tool_choice),
    "parallel_tool_calls": nullable(boolean),
    "max_tool_calls": integer(1, 30),
    "stop_server_tools_when": array(tagged(dict.fromkeys(
        ("step_count_is", "has_tool_call", "max_tokens_used", "max_cost", "finish_reason_is"), mapping
    )), least=1),
    "plugins": array(fields({"id": string(least=1)}, required=["id"])),
    "reasoning": nullable(_REASONING),
    "reasoning_effort": nullable(open_to(*_EFFORTS)),
    "include_reasoning": boolean,
    "verbosity": nullable(open_to("low", "medium", "high", "xhigh", "max")),
    "prediction": fields({"type": one_of("content")}, required=["type", "content"]),
    "modalities": array(open_to("text", "image", "audio")),
    "audio": fields({"voice": string(), "format": string()}, required=["voice", "format"]),
    "image_config": mapping,
    "web_search_options": mapping,
    "cache_control": nullable(CACHE),
    "prompt_cache_key": nullable(string()),
    "service_tier": nullable(
        open_to("auto", "default", "fast", "flex", "priority", "scale", "ultrafast")
    ),
    "session_id": string(256),
    "user": string(),
    "metadata": nullable(mapping_of(string(512), most=16, key_most=64)),
    "trace": mapping,
    "debug": mapping,
    "extra_body": _not_of_the_api,
    "extra_headers": _not_of_the_api,
    "extra_query": _not_of_the_api,
    "timeout_s": _not_of_the_api,
}  # fmt: skip
_BODY = fields(_BODY_FIELDS)


def _check_effort(body: JsonObject) -> None:
    wish: Mapping[str, Any] = body.get("reasoning") or {}
    effort, short = wish.get("effort"), body.get("reasoning_effort")
    if effort and short and effort != short:
        refuse("reasoning_effort", "disagrees with reasoning.effort")
    if effort and effort != "none" and wish.get("max_tokens"):
        refuse("reasoning", "Only one of effort and max_tokens may be given")


def _check_audio_out(body: JsonObject) -> None:
    if "audio" not in (body.get("modalities") or []):
        return
    if not body.get("stream"):
        raise ApiError(400, "Audio output requires stream: true")
    if "audio" not in body:
        refuse("audio", "Required when modalities has 'audio'")
