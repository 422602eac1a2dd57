"""The model object before it can talk: construction, metadata, what traces may know.

The base of `OpenRouter`. Building one touches no network.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llama_index.core.base.llms.types import LLMMetadata
from llama_index.core.bridge.pydantic import ConfigDict
from llama_index.core.llms.function_calling import FunctionCallingLLM
from typing_extensions import override

from llama_index_openrouter._settings.chat import (
    ChatSettings,
    check,
    model_slug,
    provider_of,
)
from llama_index_openrouter._settings.client import Connected, read_arguments
from llama_index_openrouter._settings.metadata import llm_metadata
from openrouter_core.catalog import endpoints
from openrouter_core.catalog.models import ModelCatalog, ModelFacts
from openrouter_core.config import DEFAULT_BASE_URL

_POSITIONAL = (
    "model",
    "temperature",
    "max_tokens",
    "additional_kwargs",
    "max_retries",
    "api_base",
    "api_key",
    "order",
    "allow_fallbacks",
)
"""The first arguments, in the order of the package that this one can replace."""


class OpenRouterModel(Connected, ChatSettings, FunctionCallingLLM, defer_build=True):
    """Settings, clients and facts of one model."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    if not TYPE_CHECKING:  # type checkers know the arguments from the fields

        def __init__(self, *args: Any, **settings: Any) -> None:
            settings = {**dict(zip(_POSITIONAL, args, strict=False)), **settings}
            settings = read_arguments(settings, type(self).model_fields, "OpenRouter")
            settings["additional_kwargs"] = dict(settings.get("additional_kwargs") or {})
            settings["model"] = model_slug(settings, "OpenRouter")
            check({**settings["additional_kwargs"], **settings})
            super().__init__(**settings)

    # What is known of the model

    @property
    @override
    def metadata(self) -> LLMMetadata:
        """What LlamaIndex plans with: context window, output tokens, function calling.

        From the settings, else from the model list if one was fetched in this process, else from the list
        that comes with the package. `refresh_metadata=True` fetches the list, and the limits of pinned providers, at the first question.
        """
        return llm_metadata(self, self.model_facts)

    @property
    def model_facts(self) -> ModelFacts | None:
        """What the model catalogue says; None when it does not know the model.

        Where the provider preferences leave some providers out, the limits are the smallest among those
        left, once `refresh_metadata` has fetched them.
        """
        catalog, provider = self.catalog, provider_of(self)
        if self.refresh_metadata:
            catalog.refresh(self.client)
            if provider:
                endpoints.fetch(catalog, self.model, self.client)
        return endpoints.limited(catalog.facts(self.model), catalog, self.model, provider)

    @property
    def catalog(self) -> ModelCatalog:
        """The model lists of this object's base URL."""
        return ModelCatalog(
            self.api_base or os.environ.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL
        )

    def to_payload(self) -> dict[str, Any]:
        """Describe the model for events and traces; holds no credential."""
        sampling = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        known = {name: value for name, value in sampling.items() if value is not None}
        described = {"class_name": self.class_name(), **vars(self.metadata)}
        return {**described, "model": self.model, **known}
