"""Guardrails and whom they bind. Read by `resources/guardrails.py`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, Required, TypedDict

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import DataRegion, ResetInterval, Usd, UtcTime
from openrouter_core.wire._options import CallOptions


class ContentFilter(WireModel):
    """A pattern and what happens where it matches."""

    action: Literal["redact", "block", "flag"] | str | None = None
    pattern: str | None = None
    label: str | None = None


class BuiltinFilter(WireModel):
    """One of OpenRouter's detectors and what happens where it fires."""

    action: Literal["redact", "block", "flag"] | str | None = None
    slug: (
        Literal[
            "email",
            "phone",
            "ssn",
            "credit-card",
            "ip-address",
            "secrets",
            "person-name",
            "address",
            "regex-prompt-injection",
        ]
        | str
        | None
    ) = None
    label: str | None = None
    scan_scope: Literal["user_only", "all_messages"] | str | None = None
    """Which messages are scanned; for prompt injection only."""


class Guardrail(WireModel):
    """Limits on models, providers, data and spending. It binds nobody until it is assigned."""

    id: str
    name: str | None = None
    description: str | None = None
    workspace_id: str | None = None
    created_at: UtcTime | None = None
    include_byok_in_budgets: bool | None = None
    """Whether spending under your own provider keys counts, at OpenRouter's list price."""
    allow_safety_retention_google: bool | None = None
    allow_safety_retention_other: bool | None = None
    allowed_data_regions: list[DataRegion] | None = None
    allowed_models: list[str] | None = None
    """Model ids; None is all."""
    allowed_providers: list[str] | None = None
    """Provider slugs; None is all."""
    content_filter_builtins: list[BuiltinFilter] | None = None
    """OpenRouter's own detectors."""
    content_filters: list[ContentFilter] | None = None
    """Patterns of your own; no lookaround or backreferences."""
    enable_free_model_publication: bool | None = None
    enable_free_model_training: bool | None = None
    enable_paid_model_training: bool | None = None
    enforce_zdr: bool | None = None
    """The former single switch; use the ones per vendor."""
    enforce_zdr_anthropic: bool | None = None
    enforce_zdr_google: bool | None = None
    enforce_zdr_openai: bool | None = None
    enforce_zdr_other: bool | None = None
    enforce_zdr_xai: bool | None = None
    ignored_models: list[str] | None = None
    """Model ids that are never used."""
    ignored_providers: list[str] | None = None
    """Provider slugs that are never used."""
    limit_usd: Usd | None = None
    """USD."""
    reset_interval: ResetInterval | None = None
    """When spending is counted afresh; None is never."""
    updated_at: UtcTime | None = None


class KeyAssignment(WireModel):
    """A guardrail that binds a key."""

    id: str
    assigned_by: str | None = None
    created_at: UtcTime | None = None
    guardrail_id: str | None = None
    key_hash: str | None = None
    key_label: str | None = None
    key_name: str | None = None


class MemberAssignment(WireModel):
    """A guardrail that binds a member."""

    id: str
    assigned_by: str | None = None
    created_at: UtcTime | None = None
    guardrail_id: str | None = None
    organization_id: str | None = None
    user_id: str | None = None


class Assigned(WireModel):
    """How many were bound."""

    assigned_count: int | None = None


class Unassigned(WireModel):
    """How many were freed."""

    unassigned_count: int | None = None


class ContentFilterInput(TypedDict, total=False):
    """A pattern to act on."""

    action: Required[Literal["redact", "block", "flag"] | str]
    pattern: Required[str]
    label: str | None


class BuiltinFilterInput(TypedDict, total=False):
    """A detector to act on."""

    action: Required[Literal["redact", "block", "flag"] | str]
    slug: Required[
        Literal[
            "email",
            "phone",
            "ssn",
            "credit-card",
            "ip-address",
            "secrets",
            "person-name",
            "address",
            "regex-prompt-injection",
        ]
        | str
    ]
    label: str | None
    scan_scope: Literal["user_only", "all_messages"] | str | None
    """Which messages are scanned; for prompt injection only."""


class GuardrailOptions(CallOptions, total=False):
    """What a guardrail can limit. Lists need at least one item; `None` removes a limit."""

    allow_safety_retention_google: bool | None
    allow_safety_retention_other: bool | None
    allowed_data_regions: Sequence[DataRegion] | None
    allowed_models: Sequence[str] | None
    """Model ids; None is all."""
    allowed_providers: Sequence[str] | None
    """Provider slugs; None is all."""
    content_filter_builtins: Sequence[BuiltinFilterInput] | None
    """OpenRouter's own detectors."""
    content_filters: Sequence[ContentFilterInput] | None
    """Patterns of your own; no lookaround or backreferences."""
    description: str | None
    enable_free_model_publication: bool | None
    enable_free_model_training: bool | None
    enable_paid_model_training: bool | None
    enforce_zdr: bool | None
    """The former single switch; use the ones per vendor."""
    enforce_zdr_anthropic: bool | None
    enforce_zdr_google: bool | None
    enforce_zdr_openai: bool | None
    enforce_zdr_other: bool | None
    enforce_zdr_xai: bool | None
    ignored_models: Sequence[str] | None
    """Model ids that are never used."""
    ignored_providers: Sequence[str] | None
    """Provider slugs that are never used."""
    include_byok_in_budgets: bool | None
    """Whether spending under your own provider keys counts, at OpenRouter's list price."""
    limit_usd: float | Decimal | None
    """USD."""
    reset_interval: ResetInterval | None
    """When spending is counted afresh; None is never."""
    workspace_id: str | None
    """A UUID. Default: the default workspace."""


class GuardrailUpdate(GuardrailOptions, total=False):
    """What can be changed. Lists are replaced whole; absent keeps, `None` removes."""

    name: str | None
