"""The model object before it can talk: construction, metadata, what traces may know.

The base of `OpenRouter`. Building one touches no network.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from llama_index.core.base.llms.types import LLMMetadata
from llama_index.core.bridge.pydantic import ConfigDict
from llama_index.core.llms.function_calling import FunctionCallingLLM
from typing_extensions import override

from llama_index_openrouter._settings.chat import ChatSettings
from llama_index_openrouter._settings.client import Connected, read_arguments
from llama_index_openrouter._settings.metadata import llm_metadata
from openrouter_core.catalog import endpoints
from openrouter_core.catalog.models import ModelCatalog, ModelFacts
from openrouter_core.chat.checks import check_single_answer
from openrouter_core.chat.request import plain_model
from openrouter_core.config import base_url_of

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
_OTHER_NAMES = {
    "model_name": "model",
    "openrouter_provider": "provider",
    "model_kwargs": "additional_kwargs",
    "stop_sequences": "stop",
    "audio_config": "audio",
}
"""Names that other classes have for the same settings."""
_NOT_NEEDED = {
    "is_chat_model": "every model is asked by chat completions",
    "reuse_client": "connections are always shared",
    "tokenizer": "tokens are counted by OpenRouter",
    "api_version": "the API has no versions",
    "should_use_structured_outputs": "structured_output_mode says how objects are asked for",
}
"""Arguments of OpenAILike that have nothing to do here, and why."""
PROVIDER = "openrouter"
"""What the models call themselves in events and traces, beside the name of their class."""
SEVERAL_ANSWERS = "Call several times to get several."


class OpenRouterModel(Connected, ChatSettings, FunctionCallingLLM, defer_build=True):
    """Settings, clients and facts of one model."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    if not TYPE_CHECKING:  # the classes that users make declare their arguments

        def __init__(self, *args: Any, **settings: Any) -> None:
            settings = _without_needless({**dict(zip(_POSITIONAL, args, strict=False)), **settings})
            check_single_answer(settings.pop("n", None), SEVERAL_ANSWERS)
            settings = read_arguments(settings, type(self).model_fields, "OpenRouter", _OTHER_NAMES)
            settings["additional_kwargs"] = dict(settings.get("additional_kwargs") or {})
            if "model" in settings:
                settings["model"] = plain_model(settings["model"])
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

        Of several `models` the limits are the smallest. Where the provider preferences leave some providers
        out, they are the smallest among those left, once `refresh_metadata` has fetched them.
        """
        catalog, provider = self.catalog, self.provider_preferences()
        models = [name for name in (self.model, *(self.models or ())) if name]
        if self.refresh_metadata:
            catalog.refresh(self.client)
            for name in models if provider else ():
                endpoints.fetch(catalog, name, self.client)
        known = [endpoints.limited(catalog.facts(n), catalog, n, provider) for n in models]
        return known[0] if len(known) == 1 else endpoints.common(known)

    @property
    def catalog(self) -> ModelCatalog:
        """The model lists of this object's base URL."""
        return ModelCatalog(base_url_of(self.api_base))

    def facts_of(self, model: str) -> ModelFacts | None:
        """Return what the catalogue knows of any model."""
        return self.catalog.facts(model)

    def to_payload(self) -> dict[str, Any]:
        """Describe the model for events and traces; holds no credential."""
        sampling = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        known = {name: value for name, value in sampling.items() if value is not None}
        described = {"class_name": self.class_name(), "model_provider": PROVIDER}
        described |= vars(self.metadata)
        return {**described, "model": self.model, **known}


def _without_needless(settings: dict[str, Any]) -> dict[str, Any]:
    """Leave out arguments of OpenAILike that have nothing to do here, with a word."""
    needless = {name: why for name, why in _NOT_NEEDED.items() if name in settings}
    for name, why in needless.items():
        if not (name == "is_chat_model" and settings[name]):
            warnings.warn(f"OpenRouter ignores {name}: {why}.", stacklevel=4)
    return {name: value for name, value in settings.items() if name not in needless}
