"""API keys: what they may spend, what they have spent. Read by `resources/keys.py`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict

from pydantic import model_validator

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import (
    DataRegion,
    ResetInterval,
    SecretText,
    Usd,
    UtcTime,
    without_raw,
)
from openrouter_core.wire._options import CallOptions


class KeyUsage(WireModel):
    """What a key may spend and has spent, in USD. Days, weeks (from Monday) and months are UTC's."""

    label: str | None = None
    """The key with its middle masked."""
    limit: Usd | None = None
    """The cap on spending; None is no cap."""
    limit_remaining: Usd | None = None
    limit_reset: ResetInterval | None = None
    """When the cap starts afresh; None is never."""
    include_byok_in_limit: bool | None = None
    usage: Usd | None = None
    """All that was ever spent."""
    usage_daily: Usd | None = None
    usage_weekly: Usd | None = None
    usage_monthly: Usd | None = None
    byok_usage: Usd | None = None
    """Spent at providers under your own provider keys."""
    byok_usage_daily: Usd | None = None
    byok_usage_weekly: Usd | None = None
    byok_usage_monthly: Usd | None = None
    expires_at: UtcTime | None = None
    creator_user_id: str | None = None
    workspace_id: str | None = None


class Key(KeyUsage):
    """A key as the management of keys shows it; never the key itself."""

    hash: str
    """SHA-256 of the key, 64 lowercase hex characters: its id."""
    name: str | None = None
    disabled: bool | None = None
    external_user: str | None = None
    created_at: UtcTime | None = None
    updated_at: UtcTime | None = None
    last_used_at: UtcTime | None = None


class CreatedKey(WireModel):
    """A new key. `key` is shown this once and cannot be fetched again."""

    key: SecretText
    """The key itself; read it with `.get_secret_value()` and store it now."""
    data: Key

    @model_validator(mode="before")
    @classmethod
    def _lift_key(cls, answer: JsonValue) -> JsonValue:
        """Read the key at the top level first, then inside `data`, where some answers had it."""
        if (
            isinstance(answer, dict)
            and "key" not in answer
            and isinstance(answer.get("data"), dict)
        ):
            inner = dict(answer["data"])
            if "key" in inner:
                return {**answer, "key": inner.pop("key"), "data": inner}
        return answer

    def __getstate__(self) -> dict[Any, Any]:
        """Leave the JSON with the key in it out of pickles and copies."""
        return without_raw(super().__getstate__())


class KeyBudget(WireModel):
    """A budget that binds a key, and how much of it is left."""

    budget_id: str | None = None
    guardrail_id: str | None = None
    """The guardrail that sets it, when one does."""
    scope: (
        Literal[
            "workspace_default_member",
            "workspace_default_key",
            "member",
            "api_key",
            "workspace",
            "key_limit",
        ]
        | str
        | None
    ) = None
    limit_usd: Usd | None = None
    spend_usd: Usd | None = None
    remaining_usd: Usd | None = None
    include_byok: bool | None = None
    reset_interval: ResetInterval | None = None
    resets_at: UtcTime | None = None


class FreeModelRequests(WireModel):
    """Today's requests to free models."""

    used: int | None = None
    limit: int | None = None
    remaining: int | None = None


class CurrentKey(KeyUsage):
    """What the key in use is and may do."""

    is_free_tier: bool | None = None
    is_management_key: bool | None = None
    is_provisioning_key: bool | None = None
    """The former name of `is_management_key`."""
    organization_id: str | None = None
    allowed_data_regions: list[DataRegion] | None = None
    budgets: list[KeyBudget] | None = None
    effective_budget: KeyBudget | None = None
    free_model_daily_requests: FreeModelRequests | None = None
    rate_limit: dict[str, JsonValue] | None = None
    """No longer meaningful; kept by the API for old clients."""


class ExternalUserKey(TypedDict, total=False):
    """Whose key it is, when you hand keys to your own users."""

    user: str
    api_key: str | None


class KeyUpdate(CallOptions, total=False):
    """What can be changed. Absent keeps, `None` clears."""

    name: str | None
    disabled: bool | None
    limit: float | Decimal | None
    """USD."""
    limit_reset: ResetInterval | None
    include_byok_in_limit: bool | None
    workspace_id: str | None


class KeyOptions(CallOptions, total=False):
    """What a new key can be given."""

    limit: float | Decimal | None
    """The most it may spend, in USD."""
    limit_reset: ResetInterval | None
    include_byok_in_limit: bool | None
    expires_at: datetime | str | None
    """A time in UTC; the API refuses other offsets in text. Aware datetimes are converted."""
    creator_user_id: str | None
    workspace_id: str | None
    """Default: the default workspace."""
    external: ExternalUserKey | None
