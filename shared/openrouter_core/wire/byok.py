"""Your own keys at providers. Read by `resources/byok.py`."""

from __future__ import annotations

from collections.abc import Sequence

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import DataRegion, UtcTime
from openrouter_core.wire._options import CallOptions


class BYOKKey(WireModel):
    """Your own key at a provider, as OpenRouter stores it; never the key itself."""

    id: str
    provider: str | None = None
    name: str | None = None
    label: str | None = None
    """The provider key with its middle masked."""
    workspace_id: str | None = None
    """None is the whole account."""
    disabled: bool | None = None
    allowed_api_key_hashes: list[str] | None = None
    """Only these keys may use it; None is all. An empty list is refused: send null instead."""
    allowed_models: list[str] | None = None
    """Model ids; None is all."""
    allowed_user_ids: list[str] | None = None
    """Members of the organization; None is all."""
    created_at: UtcTime | None = None
    declared_region: DataRegion | None = None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None = None
    """Whether you state that the provider retains nothing."""
    is_byok_only: bool | None = None
    """True: calls to this provider never fall back to OpenRouter's capacity."""
    is_fallback: bool | None = None
    """True: used only after OpenRouter's own capacity."""
    is_required: bool | None = None
    sort_order: int | None = None
    """Keys are tried in rising order."""


class BYOKUpdate(CallOptions, total=False):
    """What can be changed. Absent keeps, `None` clears; `key` replaces the key in place."""

    allowed_api_key_hashes: Sequence[str] | None
    """Only these keys may use it; None is all. An empty list is refused: send null instead."""
    allowed_models: Sequence[str] | None
    """Model ids; None is all."""
    allowed_user_ids: Sequence[str] | None
    """Members of the organization; None is all."""
    declared_region: DataRegion | None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None
    """Whether you state that the provider retains nothing."""
    disabled: bool | None
    is_byok_only: bool | None
    """True: calls to this provider never fall back to OpenRouter's capacity."""
    is_fallback: bool | None
    """True: used only after OpenRouter's own capacity."""
    is_required: bool | None
    key: str | None
    name: str | None


class BYOKOptions(CallOptions, total=False):
    """What a new provider key can be given."""

    allowed_api_key_hashes: Sequence[str] | None
    """Only these keys may use it; None is all. An empty list is refused: send null instead."""
    allowed_models: Sequence[str] | None
    """Model ids; None is all."""
    allowed_user_ids: Sequence[str] | None
    """Members of the organization; None is all."""
    declared_region: DataRegion | None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None
    """Whether you state that the provider retains nothing."""
    disabled: bool | None
    is_byok_only: bool | None
    """True: calls to this provider never fall back to OpenRouter's capacity."""
    is_fallback: bool | None
    """True: used only after OpenRouter's own capacity."""
    is_required: bool | None
    name: str | None
    workspace_id: str | None
    """A UUID. Default: the default workspace."""
