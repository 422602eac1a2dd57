"""Workspaces, their members and budgets. Read by `resources/workspaces.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import ResetInterval, Usd, UtcTime
from openrouter_core.wire._options import CallOptions

BudgetInterval = Literal["daily", "weekly", "monthly", "lifetime"] | str


class Workspace(WireModel):
    """A part of the account with its own keys, members and settings."""

    id: str
    name: str | None = None
    slug: str | None = None
    """Lowercase words joined by hyphens."""
    description: str | None = None
    created_at: UtcTime | None = None
    created_by: str | None = None
    default_guardrail_id: str | None = None
    """Binds every key and member of the workspace."""
    default_image_model: str | None = None
    default_provider_sort: str | None = None
    """E.g. "price", "throughput" or "latency"."""
    default_text_model: str | None = None
    io_logging_api_key_ids: list[int] | None = None
    """Only calls of these keys are logged; None is all."""
    io_logging_sampling_rate: float | None = None
    """The share of calls logged, 0.0001 to 1."""
    is_data_discount_logging_enabled: bool | None = None
    is_observability_broadcast_enabled: bool | None = None
    is_observability_io_logging_enabled: bool | None = None
    updated_at: UtcTime | None = None
    disabled_server_tools: list[str] | None = None
    """E.g. ["openrouter:web_search"]."""
    include_byok_in_budgets: bool | None = None
    """Whether spending under your own provider keys counts, at OpenRouter's list price."""


class WorkspaceMember(WireModel):
    """A person in a workspace."""

    id: str
    created_at: UtcTime | None = None
    role: Literal["admin", "member"] | str | None = None
    user_id: str | None = None
    workspace_id: str | None = None


class Budget(WireModel):
    """The most that a workspace may spend in an interval."""

    id: str
    workspace_id: str | None = None
    limit_usd: Usd | None = None
    """USD."""
    reset_interval: ResetInterval | None = None
    """None is the whole lifetime."""
    created_at: UtcTime | None = None
    updated_at: UtcTime | None = None


class BudgetAnswer(WireModel):
    """A budget with the setting that holds for all budgets of its workspace."""

    data: Budget
    include_byok_in_budgets: bool | None = None


class Budgets(Page[Budget]):
    """The budgets of a workspace."""

    include_byok_in_budgets: bool | None = None


class AddedMembers(Page[WorkspaceMember]):
    """Who was added."""

    added_count: int | None = None


class RemovedMembers(WireModel):
    """How many were removed."""

    removed_count: int | None = None


class WorkspaceOptions(CallOptions, total=False):
    """What a workspace can be given."""

    default_image_model: str | None
    default_provider_sort: str | None
    """E.g. "price", "throughput" or "latency"."""
    default_text_model: str | None
    description: str | None
    disabled_server_tools: (
        Sequence[
            Literal[
                "openrouter:advisor",
                "openrouter:apply_patch",
                "openrouter:bash",
                "openrouter:datetime",
                "openrouter:fusion",
                "openrouter:image_generation",
                "openrouter:experimental__search_models",
                "openrouter:shell",
                "openrouter:subagent",
                "openrouter:tool_search",
                "openrouter:web_fetch",
                "openrouter:web_search",
            ]
            | str
        ]
        | None
    )
    """E.g. ["openrouter:web_search"]."""
    io_logging_api_key_ids: Sequence[int] | None
    """Only calls of these keys are logged; None is all."""
    io_logging_sampling_rate: float | None
    """The share of calls logged, 0.0001 to 1."""
    is_data_discount_logging_enabled: bool | None
    is_observability_broadcast_enabled: bool | None
    is_observability_io_logging_enabled: bool | None


class WorkspaceUpdate(WorkspaceOptions, total=False):
    """What can be changed. Absent keeps, `None` clears."""

    name: str | None
    slug: str | None
    """Lowercase words joined by hyphens."""


class BudgetOptions(CallOptions, total=False):
    """What a budget can be given beside its limit."""

    include_byok_in_budgets: bool | None
    """For all budgets of the workspace."""
