"""What embeddings and rerank have in common: body fields, and the check of their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from llama_index.core.bridge.pydantic import BaseModel, Field

from llama_index_openrouter._settings.client import Connected, read_arguments
from openrouter_core.chat.checks import missing_model
from openrouter_core.chat.parameters import ProviderField
from openrouter_core.chat.request import plain_model
from openrouter_core.config import from_environment


class Retrieval(Connected, defer_build=True):
    """What an embedding or rerank model has beside its own settings. None is not sent."""

    user: str | None = None
    """Your own id of the end user."""
    session_id: str | None = Field(default_factory=partial(from_environment, "session_id"))
    """Groups calls in OpenRouter's logs, at most 256 characters; else OPENROUTER_SESSION_ID. "" is unset."""
    provider: ProviderField | None = None
    """Which providers may answer, e.g. {"only": ["openai"], "zdr": True}."""
    additional_kwargs: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Further body fields, sent as they are."""
    extra_body: dict[str, Any] | None = None
    """Further body fields; they win over all others."""

    def _options(self, model: str, **named: Any) -> dict[str, Any]:
        """The keyword arguments of a call: those that are not None."""
        fields = {
            **named,
            "user": self.user,
            "session_id": self.session_id or None,
            "provider": self.provider,
            "extra_body": self.extra_body,
        }
        options = {name: value for name, value in fields.items() if value is not None}
        return {"model": model, **options, **self.additional_kwargs}


def read_settings(
    cls: type[BaseModel], settings: Mapping[str, Any], model_field: str, example: str
) -> dict[str, Any]:
    """Return the constructor's arguments under their field names.

    Args:
        model_field: The field that holds the model.
        example: A model, for the error.

    Raises:
        ConfigurationError: The model is missing, or an argument is not a field.
    """
    arguments = read_arguments(settings, cls.model_fields, cls.__name__)
    name = plain_model(arguments.get(model_field))
    if not name:
        raise missing_model(name, cls.__name__, example)
    return {**arguments, model_field: name}
