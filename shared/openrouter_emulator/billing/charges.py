"""Tokens and money: how much a call used and what it costs. Pure; exact in Decimal.

Tokens are counted from text by one simple rule (four characters make a token), so that the same request
always costs the same. Prices come from the endpoint that served.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_emulator.planned_response import JsonObject

_MICRO = Decimal("0.000000000001")
"""Costs are kept to a millionth of a millionth of a dollar, so a float of them reads back exactly."""

PART_TOKENS: Mapping[str, int] = {
    "image_url": 258,
    "input_audio": 320,
    "video_url": 1032,
    "input_video": 1032,
    "file": 560,
    "input_file": 560,
}
"""What one media part counts, whatever its size."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A call and what was charged for it."""

    generation_id: str
    model: str
    provider: str | None
    cost: Decimal
    """What OpenRouter charged, in USD."""
    upstream_cost: Decimal
    """What the provider charges, in USD."""
    is_byok: bool
    prompt_tokens: int
    completion_tokens: int
    streamed: bool
    cancelled: bool = False
    failed: bool = False
    key_hash: str = ""


@dataclass(slots=True)
class Usage:
    """Token counts of one call, and the extras that cost money."""

    prompt: int
    completion: int = 0
    reasoning: int = 0
    cached: int = 0
    cache_write: int = 0
    audio_in: int = 0
    audio_out: int = 0
    video_in: int = 0
    image_out: int = 0
    searches: int = 0
    tool_calls: int = 0
    """Server tools that OpenRouter ran."""
    extra_cost: Decimal = Decimal(0)
    """Searches, file parsing: added to the tokens' price."""
    extra: JsonObject = field(default_factory=dict[str, Any])
    """Further keys of the usage object; they win over the computed ones."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A priced call."""

    prompt_cost: Decimal
    completion_cost: Decimal
    total: Decimal
    """The list price, extras included."""
    is_byok: bool
    cost: Decimal
    """What OpenRouter charges: `total`, or its fee when the caller's own key paid."""


def count(text: str) -> int:
    """Tokens of a text."""
    return -(-len(text) // 4)


def price(usage: Usage, prices: Mapping[str, Any], *, byok: bool, fee: Decimal) -> Bill:
    """What a call costs at an endpoint's prices (USD per token, as strings)."""

    def rate(name: str, fallback: str = "0") -> Decimal:
        return max(Decimal(0), Decimal(str(prices.get(name, prices.get(fallback, "0")))))

    fresh = max(0, usage.prompt - usage.cached - usage.cache_write - usage.audio_in)
    prompt = fresh * rate("prompt")
    prompt += usage.audio_in * rate("audio", "prompt")
    prompt += usage.cached * rate("input_cache_read", "prompt")
    prompt += usage.cache_write * rate("input_cache_write", "prompt")
    prompt += rate("request") if "request" in prices else 0
    plain = usage.completion - usage.image_out - usage.audio_out - usage.reasoning
    completion = plain * rate("completion") + usage.image_out * rate("image_output", "completion")
    completion += usage.audio_out * rate("audio_output", "completion")
    completion += usage.reasoning * rate("internal_reasoning", "completion")
    total = (prompt + completion + usage.extra_cost).quantize(_MICRO)
    cost = (total * fee).quantize(_MICRO) if byok else total
    return Bill(prompt.quantize(_MICRO), completion.quantize(_MICRO), total, byok, cost)


def under_conditions(
    prices: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]], prompt_tokens: int
) -> Mapping[str, Any]:
    """The prices of a call: those of each override whose conditions hold, the last one of a name winning."""
    now = datetime.now(UTC).strftime("%H%M")
    found = dict(prices)
    for override in overrides:
        least, start, end = (
            override.get(name) for name in ("min_prompt_tokens", "utc_start", "utc_end")
        )
        if least is not None and prompt_tokens <= least:
            continue
        if (
            start is not None
            and end is not None
            and not _between(now, f"{start:0>4}", f"{end:0>4}")
        ):
            continue
        found |= {name: value for name, value in override.items() if isinstance(value, str)}
    return found


def _between(now: str, start: str, end: str) -> bool:
    """Whether a time of day lies in a span, which may go over midnight."""
    return start <= now < end if start <= end else now >= start or now < end


def usage_object(usage: Usage, bill: Bill) -> JsonObject:
    """The `usage` of a chat reply."""
    shown: JsonObject = {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "cost": bill.cost,
        "is_byok": bill.is_byok,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached,
            "cache_write_tokens": usage.cache_write,
            "audio_tokens": usage.audio_in,
            "video_tokens": usage.video_in,
        },
        "cost_details": {
            "upstream_inference_cost": bill.total,
            "upstream_inference_prompt_cost": bill.prompt_cost,
            "upstream_inference_completions_cost": bill.completion_cost,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "image_tokens": usage.image_out,
            "audio_tokens": usage.audio_out,
        },
    }
    counted: JsonObject = {"web_search_requests": usage.searches} if usage.searches else {}
    if usage.tool_calls:
        counted["tool_calls_requested"] = usage.tool_calls
        counted["tool_calls_executed"] = usage.tool_calls
    if counted:
        shown["server_tool_use_details"] = counted
    return {**shown, **usage.extra}


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """Tokens of everything in a chat request: texts, media, tool calls, tool definitions."""
    total = sum(3 + _message_tokens(m) for m in body.get("messages", []))
    if body.get("tools"):
        total += count(json.dumps(body["tools"], ensure_ascii=False))
    return max(1, total)


def _message_tokens(message: Mapping[str, Any]) -> int:
    calls = sum(
        count(str(c["function"]["name"])) + count(str(c["function"].get("arguments", "")))
        for c in message.get("tool_calls") or []
    )
    return calls + content_tokens(message.get("content"))


def content_tokens(content: object) -> int:
    """Tokens of a message's content: a string, or a list of parts."""
    if isinstance(content, str):
        return count(content)
    if not isinstance(content, list):
        return 0
    return sum(
        count(part.get("text", ""))
        if part.get("type") == "text"
        else PART_TOKENS.get(str(part.get("type")), 0)
        for part in content
    )
