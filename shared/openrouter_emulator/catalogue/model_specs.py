"""What the emulator knows of a model: parameters, prices, providers, modalities. Values only.

`catalogue` holds the models themselves; `provider_style` says how their replies look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openrouter_emulator.catalogue.provider_style import ProviderStyle
from openrouter_emulator.planned_response import JsonObject

_PRICES = (
    "prompt", "completion", "request", "image", "audio", "web_search", "internal_reasoning",
    "input_cache_read", "input_cache_write", "input_cache_write_1h",
)  # fmt: skip
"""The order in which prices are listed."""
_TOOL_CHOICES = ("auto", "none", "required", "function")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider of a model."""

    provider: str
    tag: str
    prices: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where they differ from the model's."""
    without: tuple[str, ...] = ()
    """Parameters of the model that this provider does not know."""
    quantization: str | None = None
    zdr: bool = False
    trains: bool = False
    """Whether it keeps prompts for training (excluded by `data_collection: "deny"`)."""
    context: int | None = None

    @property
    def slug(self) -> str:
        """The provider's base slug: `deepinfra` of `deepinfra/turbo`."""
        return self.tag.split("/")[0]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model."""

    id: str
    slug: str
    """The permaslug that replies name."""
    name: str
    context: int
    max_output: int | None
    prices: Mapping[str, str]
    params: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    style: ProviderStyle = field(default_factory=ProviderStyle)
    inputs: tuple[str, ...] = ("text",)
    outputs: tuple[str, ...] = ("text",)
    reasoning: JsonObject | None = None
    tokenizer: str = "Other"
    created: int = 1_760_000_000
    alias_target: Mapping[str, str] | None = None
    """Of a `~author/family-latest` alias: name and slug of the model that answers."""
    voices: tuple[str, ...] | None = None
    dimensions: int | None = None
    """Length of an embedding."""
    overrides: tuple[Mapping[str, Any], ...] = ()
    """Prices under conditions, e.g. above `min_prompt_tokens`; a later one wins."""

    @property
    def router(self) -> bool:
        """Whether another model answers, e.g. `openrouter/auto`."""
        return not self.endpoints

    @property
    def reasons_by_default(self) -> bool:
        block = self.reasoning or {}
        return bool(block.get("mandatory") or block.get("default_enabled"))

    def object(self) -> JsonObject:
        """The model as `GET /models` shows it."""
        shown: JsonObject = {
            "id": self.id,
            "canonical_slug": self.slug,
            "hugging_face_id": None,
            "name": self.name,
            "created": self.created,
            "description": f"{self.name}, as the local emulator plays it.",
            "context_length": self.context,
            "architecture": self.architecture(),
            "pricing": self._pricing(),
            "top_provider": {
                "context_length": None if self.router else self.context,
                "max_completion_tokens": self.max_output,
                "is_moderated": self.id.startswith(("openai/", "anthropic/")),
            },
            "per_request_limits": None,
            "supported_parameters": sorted(self.params),
            "default_parameters": {"temperature": None, "top_p": None, "frequency_penalty": None},
            "supported_voices": list(self.voices) if self.voices else None,
            "knowledge_cutoff": None,
            "expiration_date": None,
            "links": {"details": f"/api/v1/models/{self.slug}/endpoints"},
        }
        if self.reasoning is not None:
            shown["reasoning"] = self.reasoning
        if self.alias_target is not None:
            shown["alias_target"] = dict(self.alias_target)
        return shown

    def _pricing(self) -> JsonObject:
        listed = {name: self.prices[name] for name in _PRICES if name in self.prices}
        overrides = {"overrides": list(self.overrides)} if self.overrides else {}
        return {**listed, **self.prices, **overrides}

    def architecture(self) -> JsonObject:
        """What goes in and what comes out."""
        return {
            "modality": f"{'+'.join(self.inputs)}->{'+'.join(self.outputs)}",
            "input_modalities": list(self.inputs),
            "output_modalities": list(self.outputs),
            "tokenizer": self.tokenizer,
            "instruct_type": None,
        }

    def endpoint_object(self, endpoint: Endpoint) -> JsonObject:
        """One provider as `GET /models/{author}/{slug}/endpoints` shows it."""
        known = set(self.params) - set(endpoint.without)
        spread = {"p50": 420.0, "p75": 610.0, "p90": 900.0, "p99": 1900.0}
        return {
            "name": f"{endpoint.provider} | {self.slug}",
            "model_id": self.id,
            "model_name": self.name,
            "context_length": endpoint.context or self.context,
            "pricing": {**self._pricing(), **endpoint.prices, "discount": 0},
            "provider_name": endpoint.provider,
            "tag": endpoint.tag,
            "quantization": endpoint.quantization,
            "max_completion_tokens": self.max_output,
            "max_prompt_tokens": None,
            "supported_parameters": sorted(known),
            "supports_tool_choice": dict.fromkeys(_TOOL_CHOICES, "tool_choice" in known),
            "supports_diarization": False,
            "native_tools": {},
            "service_tier": None,
            "status": 0,
            "uptime_last_5m": 100,
            "uptime_last_30m": 99.9,
            "uptime_last_1d": 99.7,
            "supports_implicit_caching": "input_cache_read" in self.prices,
            "latency_last_30m": spread,
            "throughput_last_30m": dict.fromkeys(spread, 90.0),
        }
