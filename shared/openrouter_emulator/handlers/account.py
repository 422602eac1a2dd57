"""The account's own numbers: GET /credits, GET /key, and the way to buy credit that is gone."""

from __future__ import annotations

from decimal import Decimal

from openrouter_core.resources.credits import Credits
from openrouter_core.resources.keys import Keys
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import limits
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.records import KeyRecord

_FREE_PER_DAY = 1_000


@handles(Credits.get)
def credit(request: HandlerRequest) -> JsonObject:
    """Credit bought and credit used, in USD."""
    state = request.state
    return {"data": {"total_credits": state.total_credits, "total_usage": state.total_usage}}


@handles(Credits.create_coinbase_charge)
def create_coinbase_charge(_request: HandlerRequest) -> JsonObject:
    """Refused for good."""
    raise ApiError(410, "Credit can no longer be bought this way; buy it on the web site.")


@handles(Keys.current)
def current_key(request: HandlerRequest) -> JsonObject:
    """The key that asks: limit, usage, kind."""
    key = request.caller
    budgets = limits.budgets(request.state, key)
    return {
        "data": {
            "label": key.label,
            "limit": key.limit,
            "limit_remaining": key.limit_remaining,
            "limit_reset": key.limit_reset,
            **counters(key),
            "include_byok_in_limit": key.include_byok_in_limit,
            "is_free_tier": request.state.total_credits <= 0,
            "is_management_key": key.management,
            "is_provisioning_key": key.management,
            "creator_user_id": key.creator_user_id,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
            "organization_id": None,
            "workspace_id": key.workspace_id,
            "allowed_data_regions": ["global"],
            "budgets": budgets,
            "effective_budget": limits.tightest(budgets),
            "free_model_daily_requests": {
                "limit": _FREE_PER_DAY,
                "used": len(request.state.free_calls),
                "remaining": max(0, _FREE_PER_DAY - len(request.state.free_calls)),
            },
            "rate_limit": {"requests": -1, "interval": "10s", "note": "Deprecated."},
        }
    }


def counters(key: KeyRecord) -> dict[str, Decimal]:
    """The eight usage counters of a key. One emulator lives within a day, so all four spans agree."""
    spans = ("", "_daily", "_weekly", "_monthly")
    spent = {f"usage{span}": key.usage for span in spans}
    return {**spent, **{f"byok_usage{span}": key.byok_usage for span in spans}}
