"""Endpoints of your own. Read by `resources/private_endpoints.py`."""

from __future__ import annotations

from typing import Literal, Required, TypedDict

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import DataRegion, Usd, UtcTime
from openrouter_core.wire._options import CallOptions


class PrivateEndpointPricing(WireModel):
    """What a private endpoint charges; USD per token."""

    completion: Usd | None = None
    prompt: Usd | None = None
    cache_read: Usd | None = None
    cache_write: Usd | None = None


class PrivateEndpointSummary(WireModel):
    """A private endpoint in a list."""

    id: str
    status: Literal["draft", "active", "disabled"] | str | None = None
    created_at: UtcTime | None = None
    model_name: str | None = None
    model_permaslug: str | None = None
    """The model's id with its date, which never moves."""
    model_slug: str | None = None
    provider_name: str | None = None


class ManagedPrivateEndpoint(PrivateEndpointSummary):
    """A private endpoint after its state was changed."""

    declared_region: DataRegion | None = None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None = None
    """Whether you state that the provider retains nothing."""


class PrivateEndpoint(WireModel):
    """A model that your own provider serves for you alone."""

    id: str
    status: Literal["draft", "active", "disabled"] | str | None = None
    base_url: str | None = None
    """Where your provider listens."""
    declared_region: DataRegion | None = None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None = None
    """Whether you state that the provider retains nothing."""
    model_name: str | None = None
    model_permaslug: str | None = None
    """The model's id with its date, which never moves."""
    model_slug: str | None = None
    pricing: PrivateEndpointPricing | None = None
    provider_name: str | None = None
    provider_slug: str | None = None
    upstream_model_id: str | None = None
    """The model's name at your provider."""


class PrivateEndpointCheck(WireModel):
    """One thing that was tried."""

    name: str | None = None
    passed: bool | None = None
    reason: str | None = None
    actual_model: str | None = None
    upstream_message: str | None = None
    upstream_status: int | None = None


class PrivateEndpointValidation(WireModel):
    """Whether a draft works."""

    passed: bool | None = None
    checks: list[PrivateEndpointCheck] | None = None


class DeletedPrivateEndpoint(WireModel):
    """Which one was deleted."""

    id: str


class PrivateEndpointPrices(TypedDict, total=False):
    """Prices to set, USD per token, as strings."""

    completion: Required[str]
    prompt: Required[str]
    cache_read: str | None
    """USD per token."""
    cache_write: str | None
    """USD per token."""


class PrivateEndpointActivation(TypedDict, total=False):
    """Validate and activate at once, with the provider key of this workspace."""

    workspace_id: Required[str]


class PrivateEndpointOptions(CallOptions, total=False):
    """What a private endpoint can be given."""

    activate: PrivateEndpointActivation | None
    base_url: str | None
    """Where your provider listens."""
    declared_region: DataRegion | None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None
    """Whether you state that the provider retains nothing."""
    pricing: PrivateEndpointPrices | None


class PrivateEndpointUpdate(CallOptions, total=False):
    """What can be changed beside the model."""

    base_url: str | None
    """Where your provider listens."""
    declared_region: DataRegion | None
    """Where you state that the provider processes data."""
    declared_zdr: bool | None
    """Whether you state that the provider retains nothing."""
