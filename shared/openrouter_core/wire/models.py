"""Models, the endpoints that serve them, and providers, as the catalogue describes them.

Read by `resources/models.py`, `endpoints.py`, `providers.py` and the command `openrouter models`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import Effort, Modality, Usd, UtcTime
from openrouter_core.wire._options import CallOptions

ModelSort = (
    Literal[
        "most-popular",
        "newest",
        "top-weekly",
        "pricing-low-to-high",
        "pricing-high-to-low",
        "context-high-to-low",
        "throughput-high-to-low",
        "latency-low-to-high",
        "intelligence-high-to-low",
        "coding-high-to-low",
        "agentic-high-to-low",
        "design-arena-elo-high-to-low",
    ]
    | str
)
ModelCategory = (
    Literal[
        "programming",
        "roleplay",
        "marketing",
        "marketing/seo",
        "technology",
        "science",
        "translation",
        "legal",
        "finance",
        "health",
        "trivia",
        "academia",
    ]
    | str
)
Quantization = (
    Literal[
        "int4",
        "int8",
        "fp4",
        "mxfp4",
        "nvfp4",
        "fp6",
        "fp8",
        "mxfp8",
        "fp16",
        "bf16",
        "fp32",
        "unknown",
    ]
    | str
)


class PricingOverride(WireModel):
    """Prices that replace the base ones while a condition holds; other keys are prices."""

    min_prompt_tokens: int | float | None = None
    """Applies above this many prompt tokens."""
    utc_start: int | float | str | None = None
    """Applies from this time of day, UTC, as HHMM."""
    utc_end: int | float | str | None = None
    utc_days: list[str] | None = None
    """Applies on these days, e.g. ["saturday", "sunday"]."""
    prompt: Usd | None = None
    completion: Usd | None = None
    audio: Usd | None = None
    input_audio_cache: Usd | None = None
    input_cache_read: Usd | None = None
    input_cache_write: Usd | None = None
    input_cache_write_1h: Usd | None = None


class Pricing(WireModel):
    """USD per unit (one token, image, request or search), not per million. Routers have -1."""

    prompt: Usd | None = None
    """Per input token, e.g. 0.0000025."""
    completion: Usd | None = None
    """Per output token."""
    request: Usd | None = None
    image: Usd | None = None
    """Per input image."""
    image_token: Usd | None = None
    image_output: Usd | None = None
    audio: Usd | None = None
    audio_output: Usd | None = None
    input_audio_cache: Usd | None = None
    input_cache_read: Usd | None = None
    input_cache_write: Usd | None = None
    """Per token written to a cache that lives five minutes."""
    input_cache_write_1h: Usd | None = None
    internal_reasoning: Usd | None = None
    web_search: Usd | None = None
    """Per search."""
    discount: float | None = None
    """The share taken off, 0 to 1."""
    overrides: list[PricingOverride] | None = None


class Architecture(WireModel):
    """What goes into a model and what comes out."""

    modality: str | None = None
    """In short, e.g. "text+image->text"."""
    input_modalities: list[Modality] | None = None
    output_modalities: list[Modality] | None = None
    tokenizer: str | None = None
    instruct_type: str | None = None


class TopProvider(WireModel):
    """What the provider that is tried first offers."""

    context_length: int | None = None
    """Tokens."""
    max_completion_tokens: int | None = None
    is_moderated: bool | None = None


class ModelReasoning(WireModel):
    """How a model reasons."""

    mandatory: bool | None = None
    """True: reasoning cannot be switched off."""
    default_enabled: bool | None = None
    default_effort: Effort | None = None
    supported_efforts: list[Effort | None] | None = None
    supports_max_tokens: bool | None = None


class DefaultParameters(WireModel):
    """The sampling values that a model's maker recommends."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None


class PerRequestLimits(WireModel):
    """Tokens that one request may use."""

    prompt_tokens: int | float | None = None
    completion_tokens: int | float | None = None


class AliasTarget(WireModel):
    """The model that a moving alias such as `~openai/gpt-latest` stands for today."""

    slug: str | None = None
    name: str | None = None


class ArtificialAnalysisIndices(WireModel):
    """Scores by Artificial Analysis; higher is better."""

    intelligence_index: float | None = None
    coding_index: float | None = None
    agentic_index: float | None = None


class DesignArenaScore(WireModel):
    """A model's standing in one arena and category."""

    arena: str | None = None
    category: str | None = None
    elo: float | None = None
    win_rate: float | None = None
    rank: int | None = None


class ModelBenchmarks(WireModel):
    """Scores by others."""

    artificial_analysis: ArtificialAnalysisIndices | None = None
    design_arena: list[DesignArenaScore] | None = None


class ModelLinks(WireModel):
    """Where to read on."""

    details: str | None = None
    """A path on the API's host, e.g. "/api/v1/models/a/b/endpoints"."""


class Model(WireModel):
    """One model of the catalogue."""

    id: str
    """What `model=` takes, e.g. "anthropic/claude-opus-5" or "x/y:free"."""
    canonical_slug: str | None = None
    """The id with its date, which never moves."""
    name: str | None = None
    created: UtcTime | None = None
    description: str | None = None
    context_length: int | None = None
    """Tokens."""
    architecture: Architecture | None = None
    pricing: Pricing | None = None
    top_provider: TopProvider | None = None
    per_request_limits: PerRequestLimits | None = None
    supported_parameters: list[str] | None = None
    """Request fields that at least one provider honours, e.g. ["tools", "seed"]."""
    default_parameters: DefaultParameters | None = None
    supported_voices: list[str] | None = None
    reasoning: ModelReasoning | None = None
    benchmarks: ModelBenchmarks | None = None
    alias_target: AliasTarget | None = None
    links: ModelLinks | None = None
    hugging_face_id: str | None = None
    knowledge_cutoff: str | None = None
    """A date, YYYY-MM-DD."""
    expiration_date: str | None = None
    """The day the model is withdrawn, YYYY-MM-DD."""


class PageLinks(WireModel):
    """Where the next page is."""

    next: str | None = None
    """A path on the API's host, or None on the last page."""


class ModelsPage(Page[Model]):
    """A page of models."""

    links: PageLinks | None = None


class ModelsCount(WireModel):
    """How many models there are."""

    count: int


class Percentiles(WireModel):
    """A distribution over the last 30 minutes."""

    p50: float | None = None
    p75: float | None = None
    p90: float | None = None
    p99: float | None = None


class ToolChoiceSupport(WireModel):
    """Which forms of `tool_choice` an endpoint honours."""

    auto: bool | None = None
    none: bool | None = None
    required: bool | None = None
    function: bool | None = None


class Endpoint(WireModel):
    """One provider's offer of one model."""

    name: str | None = None
    model_id: str | None = None
    model_name: str | None = None
    provider_name: str | None = None
    """The display name, e.g. "Amazon Bedrock"."""
    tag: str | None = None
    """What `provider.only` takes, with region or tier, e.g. "openai/priority"."""
    context_length: int | None = None
    """Tokens."""
    max_prompt_tokens: int | None = None
    max_completion_tokens: int | None = None
    quantization: Quantization | None = None
    pricing: Pricing | None = None
    service_tier: str | None = None
    supported_parameters: list[str] | None = None
    native_tools: dict[str, Any] | None = None
    """Tools that run at the provider, by name."""
    supports_implicit_caching: bool | None = None
    supports_tool_choice: ToolChoiceSupport | None = None
    supports_diarization: bool | None = None
    supports_voice_cloning: bool | None = None
    supports_image_reference: bool | None = None
    supports_multiple_audio_references: bool | None = None
    status: int | None = None
    """0 is normal; the meanings of the negative values are not published."""
    latency_last_30m: Percentiles | None = None
    """Milliseconds to the first token."""
    throughput_last_30m: Percentiles | None = None
    """Tokens per second."""
    perf_last_30m_by_workload: dict[str, Any] | None = None
    """Speed per kind of work, e.g. {"text_generation": {...}}."""
    uptime_last_5m: float | None = None
    """Percent."""
    uptime_last_30m: float | None = None
    uptime_last_1d: float | None = None


class ModelEndpoints(WireModel):
    """A model with every provider's offer of it."""

    id: str
    name: str | None = None
    created: UtcTime | None = None
    description: str | None = None
    architecture: Architecture | None = None
    endpoints: list[Endpoint] | None = None


class Provider(WireModel):
    """A company that runs models."""

    slug: str
    name: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None
    status_page_url: str | None = None
    headquarters: str | None = None
    """A country code, e.g. "US"."""
    datacenters: list[str] | None = None
    """Country codes."""


class ModelFilters(CallOptions, total=False):
    """What `models.list` can be narrowed by. Prices are USD per million tokens."""

    offset: int | None
    limit: int | None
    """1 to 1,000. With neither offset nor limit the whole list comes."""
    category: ModelCategory | None
    supported_parameters: str | Sequence[str] | None
    output_modalities: str | Sequence[str] | None
    """Only models with text output are listed unless this says otherwise; "all" lists every model."""
    input_modalities: str | Sequence[str] | None
    sort: ModelSort | None
    q: str | None
    """Words to look for."""
    context: int | None
    """The least context length, in tokens."""
    min_price: float | None
    max_price: float | None
    min_output_price: float | None
    max_output_price: float | None
    arch: str | None
    model_authors: str | Sequence[str] | None
    providers: str | Sequence[str] | None
    distillable: Literal["true", "false"] | bool | None
    zdr: Literal["true"] | bool | None
    """True: only models that an endpoint serves without retaining data."""
    region: Literal["eu", "us"] | str | None
    min_age_days: int | None
    max_age_days: int | None
    min_intelligence_index: float | None
    max_intelligence_index: float | None
    min_coding_index: float | None
    max_coding_index: float | None
    min_agentic_index: float | None
    max_agentic_index: float | None
    min_tool_success_rate: float | None
    """0 to 1."""
    max_tool_success_rate: float | None
