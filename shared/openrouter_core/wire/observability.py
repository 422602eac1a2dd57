"""Destinations that OpenRouter sends traces to. Read by `resources/observability.py`.

There are many kinds; what sets them apart is `type` and the keys of `config`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import DataRegion, UtcTime
from openrouter_core.wire._options import CallOptions

DestinationType = (
    Literal[
        "arize",
        "braintrust",
        "clickhouse",
        "datadog",
        "grafana",
        "langfuse",
        "langsmith",
        "newrelic",
        "opik",
        "otel-collector",
        "posthog",
        "ramp",
        "s3",
        "sentry",
        "snowflake",
        "weave",
        "webhook",
    ]
    | str
)

REQUIRED_CONFIG: Mapping[str, tuple[str, ...]] = {
    "arize": ("apiKey", "modelId", "spaceKey"),
    "braintrust": ("apiKey", "projectId"),
    "clickhouse": ("host", "database", "username", "password"),
    "datadog": ("apiKey", "mlApp"),
    "grafana": ("apiKey", "instanceId"),
    "langfuse": ("publicKey", "secretKey"),
    "langsmith": ("apiKey",),
    "newrelic": ("licenseKey",),
    "opik": ("apiKey", "workspace", "projectName"),
    "otel-collector": ("endpoint",),
    "posthog": ("apiKey",),
    "ramp": ("apiKey",),
    "s3": ("bucketName",),
    "sentry": ("dsn", "otlpEndpoint"),
    "snowflake": ("account", "token"),
    "weave": ("apiKey", "entity", "project"),
    "webhook": ("url",),
}
"""The keys that `config` needs, by type. All take `headers` too."""


class FilterRule(WireModel):
    """A condition on a call."""

    field: str | None = None
    operator: str | None = None
    value: str | float | None = None


class FilterGroup(WireModel):
    """Conditions that belong together."""

    rules: list[FilterRule] | None = None
    logic: Literal["and", "or"] | str | None = None


class FilterRules(WireModel):
    """Which calls are sent."""

    groups: list[FilterGroup] | None = None
    enabled: bool | None = None


class Destination(WireModel):
    """A place that traces are sent to."""

    id: str
    type: DestinationType | None = None
    name: str | None = None
    enabled: bool | None = None
    config: dict[str, JsonValue] | None = None
    """Settings by type, under the keys that the API uses; secrets come back masked."""
    workspace_id: str | None = None
    privacy_mode: bool | None = None
    """True: prompts and answers are left out."""
    sampling_rate: float | None = None
    """The share of calls that is sent, 0.0001 to 1."""
    api_key_hashes: list[str] | None = None
    """Only calls of these keys; None is all."""
    filter_rules: FilterRules | None = None
    regions: list[DataRegion] | None = None
    broadcast_generation_cost: bool | None = None
    broadcast_generation_cost_allocation: bool | None = None
    broadcast_generation_identity: bool | None = None
    broadcast_generation_request_context: bool | None = None
    created_at: UtcTime | None = None
    updated_at: UtcTime | None = None


class FilterRuleInput(TypedDict, total=False):
    """A condition on a call."""

    field: Required[
        Literal[
            "model",
            "provider",
            "session_id",
            "user_id",
            "api_key_name",
            "finish_reason",
            "input",
            "output",
            "total_cost",
            "total_tokens",
            "prompt_tokens",
            "completion_tokens",
        ]
        | str
    ]
    operator: Required[str]
    """E.g. "equals", "contains", "regex", "gt" or "exists"."""
    value: str | float | None


class FilterGroupInput(TypedDict, total=False):
    """Conditions that belong together."""

    rules: Required[Sequence[FilterRuleInput]]
    logic: Literal["and", "or"] | str | None


class FilterRulesInput(TypedDict, total=False):
    """Which calls are sent."""

    groups: Required[Sequence[FilterGroupInput]]
    enabled: bool | None


class DestinationSettings(CallOptions, total=False):
    """What every kind of destination can be given."""

    enabled: bool | None
    privacy_mode: bool | None
    """True: prompts and answers are left out."""
    sampling_rate: float | None
    """The share of calls that is sent, 0.0001 to 1."""
    api_key_hashes: Sequence[str] | None
    """Only calls of these keys; None is all. An empty list is refused."""
    filter_rules: FilterRulesInput | None
    regions: Sequence[DataRegion] | None
    broadcast_generation_cost: bool | None
    broadcast_generation_cost_allocation: bool | None
    broadcast_generation_identity: bool | None
    broadcast_generation_request_context: bool | None


class DestinationOptions(DestinationSettings, total=False):
    """What a new destination can be given."""

    workspace_id: str | None
    """Default: the default workspace."""


class DestinationUpdate(DestinationSettings, total=False):
    """What can be changed. Absent keeps; masked secrets that come back in `config` are ignored."""

    name: str | None
    config: Mapping[str, object] | None
