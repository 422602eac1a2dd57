"""What the core shows of an answer, in the shape of the expected answer."""

from __future__ import annotations

from typing import Any

from openrouter_core import ChatAccumulator, ChatResult

from .expected_answers import Answer, ToolCall, is_valid

_ENVELOPE = {"id", "object", "created", "model", "provider", "choices", "usage", "citations"}


def of_result(result: ChatResult) -> Answer:
    """Read a whole reply through its typed fields."""
    choice, message = result.choices[0], result.message
    extra = {k: v for k, v in dict(result).items() if k not in _ENVELOPE and v is not None}
    return Answer(
        text=result.text,
        reasoning=message.reasoning or None,
        reasoning_details=message.reasoning_details,
        finish_reason=choice.finish_reason,
        native_finish_reason=choice.native_finish_reason,
        citations=[*(message.annotations or []), *(_attribute(result, "citations") or [])],
        refusal=message.refusal or None,
        logprobs=choice.logprobs,
        images=message.images or [],
        generation_id=result.id,
        model=result.model,
        provider=result.provider,
        extra=extra,
        **_calls(message.tool_calls or []),
        **_usage(result.usage.model_dump(exclude_unset=True) if result.usage else {}),
    )


def of_stream(so_far: ChatAccumulator) -> Answer:
    """Read what a stream added up to through the accumulator's properties."""
    whole = so_far.result()
    extra = {k: v for k, v in whole.items() if k not in _ENVELOPE and v is not None}
    return Answer(
        text=so_far.text,
        reasoning=so_far.reasoning,
        reasoning_details=so_far.reasoning_details,
        finish_reason=so_far.finish_reason,
        native_finish_reason=so_far.native_finish_reason,
        citations=[*so_far.annotations, *(whole.get("citations") or [])],
        refusal=so_far.refusal,
        logprobs=so_far.logprobs,
        images=so_far.images,
        generation_id=so_far.id,
        model=so_far.model,
        provider=so_far.provider,
        extra=extra,
        **_calls(so_far.tool_calls),
        **_usage(so_far.usage or {}),
    )


def _attribute(model: Any, name: str) -> Any:
    return getattr(model, name, None)


def _calls(calls: list[dict[str, Any]]) -> dict[str, list[ToolCall]]:
    calls = [
        ToolCall(c.get("id"), c["function"].get("name"), c["function"].get("arguments") or "")
        for c in calls
    ]
    valid = [c for c in calls if is_valid(c.arguments)]
    return {"tool_calls": valid, "invalid_tool_calls": [c for c in calls if c not in valid]}


def _usage(usage: dict[str, Any]) -> dict[str, Any]:
    return {
        "tokens": tuple(usage.get(f"{k}_tokens") for k in ("prompt", "completion", "total")),
        "cached_tokens": (usage.get("prompt_tokens_details") or {}).get("cached_tokens"),
        "reasoning_tokens": (usage.get("completion_tokens_details") or {}).get("reasoning_tokens"),
        "cost": usage.get("cost"),
    }
