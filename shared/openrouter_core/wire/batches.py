"""Batches: many requests, answered within a day at about half the price. Read by `resources/batches.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from openrouter_core.wire._base import JsonValue, Page, WireModel
from openrouter_core.wire._fields import Usd, UtcTime
from openrouter_core.wire._options import CallOptions

BatchEndpoint = (
    Literal["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"] | str
)
BatchStatus = (
    Literal[
        "validating",
        "in_progress",
        "finalizing",
        "completed",
        "failed",
        "expired",
        "cancelling",
        "cancelled",
    ]
    | str
)
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
"""Statuses that do not change any more."""


class BatchRequest(TypedDict):
    """One request of a batch."""

    custom_id: str
    """Your own id, unique within the batch; results come in no promised order."""
    body: Mapping[str, object]
    """A body of the batch's endpoint, text only; its `model` may be left out."""


class BatchProviders(TypedDict, total=False):
    """Which providers may run a batch."""

    only: Sequence[str] | None
    allow_fallbacks: bool | None


class BatchOptions(CallOptions, total=False):
    """What a batch can be given."""

    callback_url: str | None
    """An https address that gets a webhook when the batch ends."""
    completion_window: Literal["24h"] | str | None
    provider: BatchProviders | None


class BatchCounts(WireModel):
    """How far the requests are."""

    total: int | None = None
    completed: int | None = None
    failed: int | None = None


class BatchUsage(WireModel):
    """What all requests took together."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cost: Usd | None = None
    cost_details: dict[str, JsonValue] | None = None
    is_byok: bool | None = None
    prompt_tokens_details: dict[str, JsonValue] | None = None
    completion_tokens_details: dict[str, JsonValue] | None = None
    cache_creation: dict[str, JsonValue] | None = None
    iterations: list[JsonValue] | None = None
    server_tool_use: dict[str, JsonValue] | None = None
    service_tier: str | None = None
    speed: str | None = None


class BatchError(WireModel):
    """Why a batch failed."""

    message: str | None = None


class BatchReply(WireModel):
    """What a request would have got alone."""

    status_code: int | None = None
    request_id: str | None = None
    body: dict[str, JsonValue] | None = None
    """The endpoint's own answer, as JSON."""


class BatchResultError(WireModel):
    """Why a request failed."""

    message: str | None = None
    type: str | None = None
    param: str | None = None
    error_type: str | None = None


class BatchResult(WireModel):
    """One request's outcome: a response or an error."""

    custom_id: str
    id: str | None = None
    response: BatchReply | None = None
    error: BatchResultError | None = None


class Batch(WireModel):
    """A batch and, once it is completed, its results."""

    id: str
    object: str | None = None
    endpoint: BatchEndpoint | None = None
    model: str | None = None
    provider: str | None = None
    status: BatchStatus | None = None
    completion_window: str | None = None
    created_at: UtcTime | None = None
    expires_at: UtcTime | None = None
    finalized_at: UtcTime | None = None
    request_counts: BatchCounts | None = None
    usage: BatchUsage | None = None
    results: list[BatchResult] | None = None
    """Set when completed, in no promised order: match by `custom_id`. Lists leave it out."""
    error: BatchError | None = None

    @property
    def is_ended(self) -> bool:
        """Whether the status does not change any more."""
        return self.status in ENDED


class BatchesPage(Page[Batch]):
    """A page of batches, the newest first."""

    object: str | None = None
    has_more: bool | None = None
    first_id: str | None = None
    last_id: str | None = None


class BatchDeletion(WireModel):
    """Where a batch was deleted."""

    openrouter: str | None = None
    upstream: dict[str, JsonValue] | None = None
    """The provider's side: `provider` and `status`."""


class DeletedBatch(WireModel):
    """Which batch was deleted."""

    id: str
    object: str | None = None
    deletion: BatchDeletion | None = None


class BatchFilters(CallOptions, total=False):
    """What a list of batches can be narrowed by."""

    limit: int | None
    after: str | None
    """The `last_id` of the page before."""
    status: BatchStatus | Sequence[BatchStatus] | None
    created_after: str | None
    """A date or a time, ISO 8601."""
    created_before: str | None
