"""The record of a finished generation, as `GET /generation` and `/generation/content` show it.

Built once, when the call ends, from the same numbers as the reply's usage. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_emulator.billing.charges import Bill, Usage
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.planned_response import JsonObject

_CANCELLABLE = frozenset(
    {
        "OpenAI", "Azure", "Anthropic", "Fireworks", "Novita", "DeepInfra", "Together", "Cohere",
        "xAI", "Chutes", "DeepSeek", "Friendli", "Hyperbolic",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a call when it ends."""

    id: str
    api_type: str
    chosen: Chosen
    model: str
    provider: str
    streamed: bool
    finish: tuple[str | None, str | None]
    headers: Mapping[str, str]
    body: JsonObject
    created_at: datetime
    elapsed_ms: int
    workspace_id: str | None = None


def stops_billing(provider: str) -> bool:
    """Whether a provider stops charging when the client leaves a stream."""
    return provider in _CANCELLABLE


def record(
    call: Call, usage: Usage, bill: Bill, *, cost_factor: Decimal, cancelled: bool, failed: bool
) -> JsonObject:
    """The `data` of `GET /generation`."""
    reason, native = (None, None) if cancelled or failed else call.finish
    total = bill.cost * cost_factor
    return {
        "id": call.id,
        "request_id": call.id.replace("gen-", "req-", 1),
        "upstream_id": None if failed else f"chatcmpl-{call.id[-20:]}",
        "created_at": call.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "api_type": call.api_type,
        "model": call.model,
        "provider_name": call.provider,
        "router": call.chosen.router,
        "streamed": call.streamed,
        "cancelled": cancelled,
        "finish_reason": reason,
        "native_finish_reason": native,
        "latency": call.elapsed_ms,
        "generation_time": call.elapsed_ms,
        "moderation_latency": None,
        **_tokens(usage),
        "usage": total,
        "total_cost": total,
        "cache_discount": _saved(usage, call.chosen.prices),
        "upstream_inference_cost": bill.total if bill.is_byok else 0,
        "is_byok": bill.is_byok,
        "service_tier": call.body.get("service_tier"),
        "provider_responses": _attempts(call, bill, 499 if cancelled else 502 if failed else 200),
        **_context(call),
    }


def _tokens(usage: Usage) -> JsonObject:
    return {
        "tokens_prompt": usage.prompt,
        "tokens_completion": usage.completion,
        "native_tokens_prompt": usage.prompt,
        "native_tokens_completion": usage.completion,
        "native_tokens_reasoning": usage.reasoning,
        "native_tokens_cached": usage.cached,
        "native_tokens_completion_images": usage.image_out or None,
        "num_media_prompt": None,
        "num_media_completion": None,
        "num_input_audio_prompt": None,
        "num_search_results": 2 * usage.searches or None,
        "num_fetches": None,
        "web_search_engine": "exa" if usage.searches else None,
    }


def _saved(usage: Usage, prices: Mapping[str, str]) -> Decimal | None:
    """What the cache saved (or, for writes, cost extra), in USD; None when it was not used."""
    if not usage.cached and not usage.cache_write:
        return None
    prompt = Decimal(prices["prompt"])
    read = Decimal(prices.get("input_cache_read", prices["prompt"]))
    write = Decimal(prices.get("input_cache_write", prices["prompt"]))
    return usage.cached * (prompt - read) - usage.cache_write * (write - prompt)


def _attempts(call: Call, bill: Bill, status: int) -> list[JsonObject]:
    made = [(e.provider, code) for e, code in call.chosen.attempts]
    return [
        {
            "id": f"{call.id}-{at}",
            "endpoint_id": f"{call.chosen.model.slug}:{provider}",
            "provider_name": provider,
            "model_permaslug": call.chosen.model.slug,
            "status": code,
            "latency": call.elapsed_ms,
            "is_byok": bill.is_byok,
        }
        for at, (provider, code) in enumerate([*made, (call.provider, status)])
    ]


def _session(call: Call) -> str | None:
    """The session of a call. Endpoints beside chat know the header alone."""
    named = call.body.get("session_id") if call.api_type == "completions" else None
    return named or call.headers.get("x-session-id")


def _context(call: Call) -> JsonObject:
    headers: Mapping[str, Any] = call.headers
    return {
        "response_cache_source_id": None,
        "session_id": _session(call),
        "preset_id": None,
        "workspace_id": call.workspace_id,
        "app_id": None,
        "external_user": call.body.get("user"),
        "user_agent": headers.get("user-agent"),
        "http_referer": headers.get("http-referer"),
        "origin": headers.get("origin", ""),
        "data_region": "global",
    }


def content(body: JsonObject, answer: str | None, reasoning: str | None) -> JsonObject:
    """The `data` of `GET /generation/content`."""
    prompt = body.get("prompt", body.get("input"))
    given = {"messages": body["messages"]} if "messages" in body else {"prompt": prompt}
    return {
        "input": given,
        "output": {"completion": answer, "reasoning": reasoning},
        "error": None,
    }
