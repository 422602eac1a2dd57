"""Usage figures of the account. Read by `resources/analytics.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Required, TypedDict

from pydantic import Field

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import Usd
from openrouter_core.wire._options import CallOptions


class ActivityItem(WireModel):
    """What was used on one day of one endpoint."""

    date: str | None = None
    """A day in UTC, YYYY-MM-DD."""
    model: str | None = None
    requests: int | None = None
    byok_usage_inference: Usd | None = None
    """USD spent under your own provider keys."""
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    endpoint_id: str | None = None
    model_permaslug: str | None = None
    """The model's id with its date, which never moves."""
    prompt_tokens: int | None = None
    provider_name: str | None = None
    reasoning_tokens: int | None = None
    usage: Usd | None = None
    """USD."""
    workspace_id: str | None = None


class AnalyticsDimension(WireModel):
    """Something to group by."""

    name: str
    display_label: str | None = None


class AnalyticsMetric(WireModel):
    """Something to count."""

    name: str
    display_format: (
        Literal["number", "currency", "percent", "latency", "throughput"] | str | None
    ) = None
    """How the figures are meant to be shown."""
    display_label: str | None = None
    is_rate: bool | None = None
    """True: a ratio, which cannot be summed."""


class AnalyticsOperator(WireModel):
    """A comparison for filters."""

    name: Literal["eq", "neq", "in", "not_in", "gt", "gte", "lt", "lte"] | str
    value_type: Literal["scalar", "array"] | str | None = None


class AnalyticsGranularity(WireModel):
    """A length of time to group by."""

    name: Literal["minute", "hour", "day", "week", "month"] | str
    display_label: str | None = None


class AnalyticsMeta(WireModel):
    """What can be asked of `query`."""

    dimensions: list[AnalyticsDimension] | None = None
    granularities: list[AnalyticsGranularity] | None = None
    metrics: list[AnalyticsMetric] | None = None
    operators: list[AnalyticsOperator] | None = None


class AnalyticsFacts(WireModel):
    """How the query went."""

    query_time_ms: float | None = None
    """Milliseconds."""
    row_count: int | None = None
    truncated: bool | None = None
    """True: more rows exist than the limit let through."""


class AnalyticsResult(WireModel):
    """Rows of figures. Counts may be strings; a time key is named like `date__day`."""

    data: list[dict[str, JsonValue]]
    metadata: AnalyticsFacts | None = None
    warnings: list[str] | None = None
    cached_at: float | None = Field(default=None, alias="cachedAt")
    """Epoch milliseconds, when the answer came from a cache."""


class AnalyticsFilter(TypedDict, total=False):
    """A condition on rows."""

    field: Required[str]
    operator: Required[str]
    """E.g. "eq", "in" or "gte"."""
    value: Required[str | float | Sequence[str | float]]
    include_unset: bool | None
    """True: rows without a value match too."""


class AnalyticsOrder(TypedDict, total=False):
    """What rows are sorted by."""

    direction: Required[Literal["asc", "desc"] | str]
    field: Required[str]


class AnalyticsTimeRange(TypedDict, total=False):
    """From `start` to `end`."""

    start: Required[datetime | str]
    end: Required[datetime | str]


class ClassifierDimensions(TypedDict, total=False):
    """Group by what a classifier found."""

    classifier_id: Required[str]
    dimension_names: Sequence[str] | None
    include_nulls: bool | None


class ClassifierFilter(TypedDict, total=False):
    """A condition on what a classifier found."""

    field: Required[str]
    operator: Required[str]
    """E.g. "eq", "in" or "gte"."""
    value: Required[str | float | Sequence[str | float]]


class ClassifierFilters(TypedDict, total=False):
    """Conditions on what a classifier found."""

    classifier_id: Required[str]
    filters: Required[Sequence[ClassifierFilter]]


class AnalyticsOptions(CallOptions, total=False):
    """How figures are grouped, narrowed and sorted."""

    classifier_dimensions: ClassifierDimensions | None
    classifier_filters: ClassifierFilters | None
    dimensions: Sequence[str] | None
    """At most two, e.g. ["model", "user"]."""
    filters: Sequence[AnalyticsFilter] | None
    granularity: str | None
    """"minute", "hour", "day", "week" or "month"."""
    group_limit: int | None
    """The most rows per combination of dimensions."""
    limit: int | None
    order_by: AnalyticsOrder | None
    time_range: AnalyticsTimeRange | None
