"""Who may make a call: key limits, budgets, guardrails, credit and the limits of the free tier."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import limits
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.records import KeyRecord
from openrouter_emulator.state.state import State

_WINDOW_S = 60.0


def admit(request: HandlerRequest, chosen: Chosen, body: Mapping[str, Any]) -> None:
    """Refuse a call that credit, limits, budgets, guardrails or the free tier do not cover."""
    key = request.caller
    if key.limit_remaining == 0:
        raise ApiError(
            403,
            "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys",
        )
    limits.check(request.state, key, chosen.model)
    if chosen.model.id.endswith(":free"):
        _check_free_tier(request.state)
    _check_credit(key, chosen, body, request.state)


def _check_credit(key: KeyRecord, chosen: Chosen, body: Mapping[str, Any], state: State) -> None:
    """The balance must cover the longest answer that the call allows."""
    rate = Decimal(chosen.prices["completion"])
    balance = state.balance
    if key.limit_remaining is not None:
        balance = min(balance, key.limit_remaining)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    wanted = int(limit or chosen.model.max_output or 0)
    affordable = int(balance / rate) if rate > 0 else wanted
    if balance < 0 or affordable < wanted:
        raise out_of_credit(wanted, max(0, affordable))


def out_of_credit(requested: int, affordable: int) -> ApiError:
    """The 402 of a balance that is too small."""
    message = (
        "This request requires more credits, or fewer max_tokens. You requested up to "
        f"{requested} tokens, but can only afford {affordable}. To increase, visit "
        "https://openrouter.ai/settings/credits and add more credits"
    )
    metadata = {"limit_source": "openrouter_credits", "provider_name": None}
    return ApiError(402, message, metadata=metadata)


def _check_free_tier(state: State) -> None:
    """So many requests a minute on `:free` models, with the reset in milliseconds."""
    limit = state.settings.free_per_minute
    if limit is None:
        return
    now = time.time()
    with state.lock:
        while state.free_calls and state.free_calls[0] <= now - _WINDOW_S:
            state.free_calls.popleft()
        if len(state.free_calls) < limit:
            state.free_calls.append(now)
            return
        reset_ms = str(int((state.free_calls[0] + _WINDOW_S if limit else now) * 1000))
    quoted = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset_ms,
    }
    raise ApiError(
        429,
        "Rate limit exceeded: free-models-per-min. ",
        metadata={"headers": quoted, "provider_name": None},
        headers=quoted,
    )
