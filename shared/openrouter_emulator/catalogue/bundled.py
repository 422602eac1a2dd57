"""Every model of the list that `openrouter_core` brings, as the emulator serves it.

Parameters, prices, limits, modalities and reasoning are OpenRouter's own; who serves a model, how its replies look and
what it is called follow from its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from openrouter_core.catalog.models import ModelFacts, bundled_models
from openrouter_emulator.catalogue.extra_models import ALIASES, ENDPOINTS, EXTRA
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.catalogue.provider_style import style_of
from openrouter_emulator.catalogue.providers import providers_of

_AUTHORS: Mapping[str, str] = {
    "ai21": "AI21", "allenai": "AllenAI", "deepseek": "DeepSeek", "ibm-granite": "IBM", "meta-llama": "Meta",
    "minimax": "MiniMax", "mistralai": "Mistral", "moonshotai": "MoonshotAI", "nousresearch": "Nous",
    "nvidia": "NVIDIA", "openai": "OpenAI", "openrouter": "OpenRouter", "x-ai": "xAI", "z-ai": "Z.AI",
}  # fmt: skip
_TOKENIZERS: Mapping[str, str] = {
    "anthropic": "Claude", "cohere": "Cohere", "deepseek": "DeepSeek", "google": "Gemini", "meta-llama": "Llama4",
    "mistralai": "Mistral", "openai": "GPT", "openrouter": "Router", "qwen": "Qwen", "x-ai": "Grok",
}  # fmt: skip


@lru_cache(maxsize=1)
def bundled() -> Mapping[str, ModelSpec]:
    """Every model that is there without being added, by id. Made once in the process."""
    listed = {facts.id: spec_of(facts) for facts in bundled_models()}
    return listed | {spec.id: spec for spec in EXTRA}


def spec_of(facts: ModelFacts) -> ModelSpec:
    """A model as its facts make it."""
    target = ALIASES.get(facts.id)
    serves = target or facts.id.removesuffix(":batch")
    author = facts.id.partition("/")[0]
    return ModelSpec(
        id=facts.id,
        slug=facts.canonical_slug or facts.id,
        name=name_of(facts.id),
        context=facts.context_length or 128_000,
        max_output=facts.max_completion_tokens,
        prices=facts.pricing,
        params=tuple(sorted(facts.supported_parameters)),
        endpoints=() if author == "openrouter" else ENDPOINTS.get(serves) or providers_of(serves),
        style=style_of(serves, reasons=facts.reasoning is not None),
        inputs=facts.input_modalities or ("text",),
        outputs=facts.output_modalities or ("text",),
        reasoning=None if facts.reasoning is None else dict(facts.reasoning),
        tokenizer="Router" if target else _TOKENIZERS.get(author, "Other"),
        alias_target={"name": name_of(target), "slug": target} if target else None,
        overrides=tuple(facts.pricing_overrides),
    )


def name_of(id: str) -> str:
    """A display name, e.g. "Anthropic: Claude Haiku 4.5"."""
    author, _, slug = id.lstrip("~").partition("/")
    words = slug.replace(":", " ").replace("-", " ").split()
    title = " ".join(word if word[:1].isdigit() else word[:1].upper() + word[1:] for word in words)
    return f"{_AUTHORS.get(author, author.replace('-', ' ').title())}: {title}"
