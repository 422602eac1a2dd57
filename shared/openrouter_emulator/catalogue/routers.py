"""Which models the routers choose from. Pure.

The real ones read the prompt and the market; these rank by a fixed list, then by price. What a caller sets for them in
`plugins` has its effect: allowed and excluded models, cost tiers, prices, panels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.catalogue import Catalogue
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.planned_response import JsonObject

Plugin = Mapping[str, Any]

_FAVOURITES = (
    "openai/gpt-4o-mini", "anthropic/claude-haiku-4.5", "google/gemini-3-flash-preview",
    "google/gemini-2.5-flash-image",
)  # fmt: skip
_TIERS = ("low", "medium", "high", "xhigh", "max")
"""Fifths of the models, ordered by price."""
_CODERS: Mapping[str, tuple[str, ...]] = {
    "high": ("anthropic/claude-opus-5", "openai/gpt-5.6-sol", "google/gemini-3.1-pro-preview"),
    "medium": ("anthropic/claude-sonnet-5", "moonshotai/kimi-k3", "z-ai/glm-5.2"),
    "low": ("anthropic/claude-haiku-4.5", "openai/gpt-5.4-mini", "deepseek/deepseek-v3.2"),
}
_PANEL = ("~anthropic/claude-opus-latest", "~openai/gpt-latest", "~google/gemini-pro-latest")
_PANELS: Mapping[str, tuple[str, ...]] = {
    "general-high": _PANEL,
    "general-budget": (
        "~anthropic/claude-haiku-latest",
        "~openai/gpt-mini-latest",
        "deepseek/deepseek-v3.2",
    ),
    "general-fast": (
        "~google/gemini-flash-latest",
        "~openai/gpt-mini-latest",
        "~anthropic/claude-haiku-latest",
    ),
}
_MILLION = 1_000_000


def candidates(router: str, body: JsonObject, catalogue: Catalogue) -> list[ModelSpec]:
    """The models that a router may choose, the best first.

    Raises:
        ApiError: 404 when the caller's restrictions leave none.
    """
    found = _ROUTERS[router](body, catalogue)
    if not found:
        raise ApiError(404, "No models match your request and model restrictions")
    return found


def panel(router: str, body: JsonObject, catalogue: Catalogue) -> tuple[ModelSpec, ...]:
    """The models that a fusion asks before it answers; none for other routers."""
    if not router.startswith("openrouter/fusion"):
        return ()
    plugin = _plugin(body, "fusion")
    preset = plugin.get("preset") or (
        "general-fast" if router.endswith("flash") else "general-high"
    )
    names = plugin.get("analysis_models") or _PANELS.get(str(preset), _PANEL)
    return tuple(_named(str(name), catalogue) for name in names)


def _named(name: str, catalogue: Catalogue) -> ModelSpec:
    spec = catalogue.lookup(name)
    if spec is None:
        raise ApiError(400, f"{name} is not a valid model ID")
    return catalogue[spec.alias_target["slug"]] if spec.alias_target else spec


def _plugin(body: JsonObject, id: str) -> Plugin:
    return next((p for p in body.get("plugins") or () if p.get("id") == id), {})


def _price(spec: ModelSpec) -> Decimal:
    return Decimal(spec.prices["prompt"]) + Decimal(spec.prices["completion"])


def _ordinary(catalogue: Catalogue) -> list[ModelSpec]:
    """Paid models of chat, the favourites first and the rest from cheap to dear."""
    found = [
        spec
        for spec in catalogue
        if "text" in spec.outputs
        and spec.alias_target is None
        and not spec.router
        and ":" not in spec.id
        and not spec.id.startswith("emulator/")
    ]
    found.sort(key=lambda spec: (_price(spec), spec.id))
    first = [spec for id in _FAVOURITES if (spec := catalogue.lookup(id)) is not None]
    return [*first, *(spec for spec in found if spec not in first)]


def _auto(plugin_id: str) -> Callable[[JsonObject, Catalogue], list[ModelSpec]]:
    def choose(body: JsonObject, catalogue: Catalogue) -> list[ModelSpec]:
        plugin = _plugin(body, plugin_id)
        allowed, excluded = plugin.get("allowed_models"), plugin.get("excluded_models") or ()
        found = [
            spec
            for spec in _tier(_ordinary(catalogue), plugin.get("cost_tier"))
            if (not allowed or _matches(spec, allowed)) and not _matches(spec, excluded)
        ]
        return _pinned(found, body) if plugin.get("pin_model") else found

    return choose


def _tier(models: list[ModelSpec], tier: object) -> list[ModelSpec]:
    if tier not in _TIERS:
        return models
    ranked = sorted(models, key=_price)
    fifth = _TIERS.index(str(tier))
    band = ranked[len(ranked) * fifth // 5 : len(ranked) * (fifth + 1) // 5]
    return [spec for spec in models if spec in band]


def _matches(spec: ModelSpec, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, p) for p in patterns for name in (spec.id, spec.slug))


def _pinned(models: list[ModelSpec], body: JsonObject) -> list[ModelSpec]:
    """The model of the last answer goes on, if it says which it was."""
    named = [
        m["model"]
        for m in body.get("messages") or ()
        if m.get("role") == "assistant" and m.get("model")
    ]
    return (
        sorted(models, key=lambda spec: named[-1] not in (spec.id, spec.slug)) if named else models
    )


def _free(_body: JsonObject, catalogue: Catalogue) -> list[ModelSpec]:
    return [spec for spec in catalogue if spec.id.endswith(":free") and "text" in spec.outputs]


def _pareto(body: JsonObject, catalogue: Catalogue) -> list[ModelSpec]:
    """The cheapest of a coding tier, with the others behind it; `max_price` goes before tiers."""
    plugin = _plugin(body, "pareto-router")
    if plugin.get("max_price") is not None:
        limit = Decimal(str(plugin["max_price"]))
        ranked = [catalogue.lookup(id) for tier in _CODERS.values() for id in tier]
        return [
            s for s in ranked if s is not None and Decimal(s.prices["prompt"]) * _MILLION <= limit
        ]
    score = float(plugin.get("min_coding_score", 1))
    tier = "high" if score >= 0.66 else "medium" if score >= 0.33 else "low"
    found = [spec for id in _CODERS[tier] if (spec := catalogue.lookup(id)) is not None]
    return sorted(found, key=_price)


def _fusion(body: JsonObject, catalogue: Catalogue) -> list[ModelSpec]:
    """The analyst that writes the answer."""
    return [_named(str(_plugin(body, "fusion").get("model") or _PANEL[0]), catalogue)]


def _body_builder(_body: JsonObject, catalogue: Catalogue) -> list[ModelSpec]:
    return [_named("openai/gpt-4o-mini", catalogue)]


_ROUTERS: Mapping[str, Callable[[JsonObject, Catalogue], list[ModelSpec]]] = {
    "openrouter/auto": _auto("auto-router"),
    "openrouter/auto-beta": _auto("auto-beta-router"),
    "openrouter/free": _free,
    "openrouter/pareto-code": _pareto,
    "openrouter/fusion": _fusion,
    "openrouter/fusion-flash": _fusion,
    "openrouter/bodybuilder": _body_builder,
}
STRATEGIES: Mapping[str, str] = {
    "openrouter/auto": "auto",
    "openrouter/auto-beta": "auto",
    "openrouter/free": "free",
    "openrouter/pareto-code": "pareto",
    "openrouter/fusion": "fusion",
    "openrouter/fusion-flash": "fusion",
    "openrouter/bodybuilder": "bodybuilder",
}
"""What `openrouter_metadata` calls each."""
