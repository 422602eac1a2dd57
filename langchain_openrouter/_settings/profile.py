"""What a model can do, as LangChain's model profile. Called when a model object is made.

The facts come from the core's catalogue: the list that was fetched last, else the bundled snapshot. Only
`refresh` and `arefresh` touch the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from langchain_core.language_models import ModelProfile

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.catalog import endpoints
from openrouter_core.catalog.models import ModelCatalog, ModelFacts
from openrouter_core.config import base_url_of


class CatalogProfile(dict[str, Any]):
    """A profile that came from the catalogue, not from the user."""


def facts_of(model: str, base_url: str | None = None) -> ModelFacts | None:
    """Return what is known of a model; None for presets and unknown models."""
    return ModelCatalog(base_url_of(base_url)).facts(model)


def profile_of(
    model: str, base_url: str | None = None, provider: Mapping[str, Any] | None = None
) -> ModelProfile | None:
    """Return LangChain's profile of a model; None when nothing is known of it.

    Args:
        provider: The `provider` object of its requests: the limits are those of the providers that it
            leaves, where their offers were fetched.
    """
    catalog = ModelCatalog(base_url_of(base_url))
    facts = endpoints.limited(catalog.facts(model), catalog, model, provider)
    return None if facts is None else cast("ModelProfile", CatalogProfile(to_profile(facts)))


def refresh(client: OpenRouterClient, model: str, provider: Mapping[str, Any] | None) -> None:
    """Fetch the model list, and a model's offers if its requests choose among them."""
    catalog = ModelCatalog(client.config.base_url)
    catalog.refresh(client)
    if provider:
        endpoints.fetch(catalog, model, client)


async def arefresh(
    client: AsyncOpenRouterClient, model: str, provider: Mapping[str, Any] | None
) -> None:
    """Fetch the model list, and a model's offers if its requests choose among them."""
    catalog = ModelCatalog(client.config.base_url)
    await catalog.arefresh(client)
    if provider:
        await endpoints.afetch(catalog, model, client)


def to_profile(facts: ModelFacts) -> ModelProfile:
    """Return the profile that the facts give; what they do not say is left out."""
    takes, gives, knows = (
        facts.input_modalities,
        facts.output_modalities,
        facts.supported_parameters,
    )
    profile = ModelProfile(
        name=facts.id,
        text_inputs="text" in takes,
        image_inputs="image" in takes,
        image_url_inputs="image" in takes,
        pdf_inputs=True,  # OpenRouter reads PDFs for every model
        audio_inputs="audio" in takes,
        video_inputs="video" in takes,
        image_tool_message="image" in takes,
        pdf_tool_message="file" in takes,
        attachment="file" in takes or "image" in takes,
        text_outputs="text" in gives,
        image_outputs="image" in gives,
        audio_outputs="audio" in gives,
        video_outputs="video" in gives,
        tool_calling="tools" in knows,
        tool_choice="tool_choice" in knows,
        tool_call_streaming="tools" in knows,
        structured_output=knows.issuperset({"structured_outputs", "response_format"}),
        temperature="temperature" in knows,
        reasoning_output="reasoning" in knows or facts.reasoning is not None,
    )
    profile.update(_limits(facts))
    profile.update(_reasoning(facts))
    return profile


def _limits(facts: ModelFacts) -> ModelProfile:
    limits = ModelProfile()
    if facts.context_length:
        limits["max_input_tokens"] = facts.context_length
    if facts.max_completion_tokens:
        limits["max_output_tokens"] = facts.max_completion_tokens
    return limits


def _reasoning(facts: ModelFacts) -> ModelProfile:
    reasoning = facts.reasoning or {}
    profile = ModelProfile()
    if reasoning.get("supported_efforts"):
        profile["reasoning_effort_levels"] = list(reasoning["supported_efforts"])
    if reasoning.get("default_effort"):
        profile["reasoning_effort_default"] = reasoning["default_effort"]
    return profile
