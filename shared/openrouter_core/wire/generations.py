"""The record that OpenRouter keeps of one call. Read by `resources/generations.py` and the costs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import DataRegion, Usd, UtcTime

FeedbackCategory = (
    Literal[
        "latency",
        "incoherence",
        "incorrect_response",
        "formatting",
        "billing",
        "api_error",
        "other",
    ]
    | str
)


class ProviderAttempt(WireModel):
    """One provider that was asked. A fallback shows as several."""

    status: int | None = None
    """The provider's HTTP status; 499 is a call that was cancelled."""
    provider_name: str | None = None
    endpoint_id: str | None = None
    id: str | None = None
    is_byok: bool | None = None
    latency: float | None = None
    """Milliseconds."""
    model_permaslug: str | None = None
    routed_service_tier: str | None = None


class Generation(WireModel):
    """What one call was, took and cost. Unknown is None, never 0."""

    id: str
    """E.g. "gen-1772030107-1FJRHH9DliPkfVmjcn64"."""
    request_id: str | None = None
    """Shared by all generations of one API request."""
    upstream_id: str | None = None
    created_at: UtcTime | None = None
    api_type: (
        Literal["completions", "embeddings", "rerank", "decisions", "video", "tts", "stt", "image"]
        | str
        | None
    ) = None
    model: str | None = None
    provider_name: str | None = None
    router: str | None = None
    """The router that chose the model, e.g. "openrouter/auto"."""
    service_tier: str | None = None
    streamed: bool | None = None
    cancelled: bool | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    total_cost: Usd | None = None
    """USD charged to the account."""
    usage: Usd | None = None
    """USD: an amount here, not token counts."""
    cache_discount: Usd | None = None
    """USD saved by prompt caching; negative when writing the cache cost extra."""
    upstream_inference_cost: Usd | None = None
    """USD that the provider bills you itself; meaningful only with your own provider key."""
    is_byok: bool | None = None
    latency: float | None = None
    """Milliseconds."""
    generation_time: float | None = None
    """Milliseconds; may be smaller than `latency`."""
    moderation_latency: float | None = None
    """Milliseconds."""
    tokens_prompt: int | None = None
    """Tokens of a common tokenizer; the `native_` counts are the provider's and the billing basis."""
    tokens_completion: int | None = None
    native_tokens_prompt: int | None = None
    native_tokens_completion: int | None = None
    native_tokens_reasoning: int | None = None
    native_tokens_cached: int | None = None
    native_tokens_completion_images: int | None = None
    num_media_prompt: int | None = None
    num_media_completion: int | None = None
    num_input_audio_prompt: int | None = None
    num_search_results: int | None = None
    num_fetches: int | None = None
    web_search_engine: str | None = None
    provider_responses: list[ProviderAttempt] | None = None
    response_cache_source_id: str | None = None
    """The generation that filled the response cache, when this call was answered from it."""
    session_id: str | None = None
    preset_id: str | None = None
    workspace_id: str | None = None
    app_id: int | None = None
    external_user: str | None = None
    user_agent: str | None = None
    http_referer: str | None = None
    origin: str | None = None
    data_region: DataRegion | None = None


class GenerationInput(WireModel):
    """What was sent: a prompt or messages, as they were."""

    prompt: str | None = None
    messages: list[JsonValue] | None = None


class GenerationOutput(WireModel):
    """What came back."""

    completion: str | None = None
    reasoning: str | None = None


class FailedAttempt(WireModel):
    """A provider's failure before the last one."""

    code: int | str | None = None
    message: str | None = None
    provider_name: str | None = None
    said: JsonValue = Field(default=None, alias="raw")
    """The provider's own words."""


class GenerationFailure(WireModel):
    """How the call failed."""

    status: int | None = None
    message: str | None = None
    provider_name: str | None = None
    previous_errors: list[FailedAttempt] | None = None
    said: JsonValue = Field(default=None, alias="raw")
    """The provider's own words."""


class GenerationContent(WireModel):
    """What was said in one call; kept only where input and output logging was on."""

    input: GenerationInput | JsonValue = None
    output: GenerationOutput | None = None
    error: GenerationFailure | None = None


class FeedbackReceipt(WireModel):
    """That feedback has arrived."""

    success: bool | None = None
