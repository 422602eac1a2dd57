"""Keyword options that every call takes, and the request parts that many bodies share.

`CallOptions` is the parent of the option types in `wire/`; `resources/_calls.py` takes it apart.
These are plain dicts at run time: unknown keys pass through to the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, TypedDict


class CallOptions(TypedDict, total=False):
    """What any call accepts beside its own arguments."""

    extra_body: Mapping[str, object]
    """Fields to add to the JSON body as they are; they win over the named ones."""
    extra_headers: Mapping[str, str]
    """Headers of this call alone."""
    extra_query: Mapping[str, object]
    """Query parameters to add as they are."""
    timeout_s: float
    """How long this call may take, in seconds."""


class CacheOptions(CallOptions, total=False):
    """How OpenRouter's cache of whole responses is used. Sent as headers."""

    response_cache: bool | None
    """Whether an equal request may be answered from the cache, which costs nothing."""
    response_cache_ttl_s: int | None
    """How long the answer stays there: 1 to 86400 seconds; 300 unless set."""
    response_cache_clear: bool | None
    """Whether to ask the provider anew, and put that answer into the cache."""


CACHE_HEADERS = {
    "response_cache": "X-OpenRouter-Cache",
    "response_cache_ttl_s": "X-OpenRouter-Cache-TTL",
    "response_cache_clear": "X-OpenRouter-Cache-Clear",
}
"""Options of the response cache, which are sent as headers."""


def option_headers(options: Mapping[str, object]) -> dict[str, str]:
    """Return the headers that stand for options, e.g. {"X-OpenRouter-Cache": "true"}."""
    return {
        header: str(value).lower()
        for name, header in CACHE_HEADERS.items()
        if (value := options.get(name)) is not None
    }


class MaxPrice(TypedDict, total=False):
    """The most to pay: USD per million tokens, or per unit for the rest."""

    prompt: float | str | Decimal
    completion: float | str | Decimal
    request: float | str | Decimal
    image: float | str | Decimal
    audio: float | str | Decimal


class ProviderPreferences(TypedDict, total=False):
    """Which providers may answer, and in which order they are tried."""

    order: Sequence[str] | None
    """Provider slugs, first choice first, e.g. ["anthropic", "google-vertex/us"]."""
    only: Sequence[str] | None
    ignore: Sequence[str] | None
    allow_fallbacks: bool | None
    require_parameters: bool | None
    """True: only providers that support every parameter of the request."""
    data_collection: Literal["allow", "deny"] | str | None
    zdr: bool | None
    """True: only endpoints that retain nothing. False cannot loosen the account's setting."""
    enforce_distillable_text: bool | None
    quantizations: Sequence[str] | None
    sort: str | Mapping[str, object] | None
    """"price", "throughput" or "latency", or an object with `by` and `partition`."""
    max_price: MaxPrice | None
    preferred_min_throughput: float | Mapping[str, float] | None
    """Tokens per second, as one number or per percentile."""
    preferred_max_latency: float | Mapping[str, float] | None
    """Seconds to the first token, as one number or per percentile."""
    options: Mapping[str, Mapping[str, object]] | None
    """Settings for one provider, by its slug."""


class Reasoning(TypedDict, total=False):
    """How much the model thinks, and what of it comes back."""

    effort: Literal["max", "xhigh", "high", "medium", "low", "minimal", "none"] | str | None
    max_tokens: int
    exclude: bool
    enabled: bool
    summary: Literal["auto", "concise", "detailed"] | str | None
    context: str
    mode: str


class Trace(TypedDict, total=False):
    """Names under which a broadcast destination files the call. Further keys are passed on."""

    trace_id: str
    trace_name: str
    span_name: str
    generation_name: str
    parent_span_id: str


class InferenceOptions(CallOptions, total=False):
    """What the endpoints that run a model have in common."""

    provider: ProviderPreferences | None
    user: str | None
    """Your own stable id of the end user."""
    session_id: str | None
    """Groups calls of one conversation, at most 256 characters."""
    trace: Trace | None
