"""What embeddings, rerank and images have in common: body fields, and the checks of their arguments.

Names are those of `ChatOpenRouter`, but nothing of the chat model is imported, which takes a second.
Clients, copies and pickles are those of `Connection`.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from langchain_openrouter._settings.client import CLIENT_NAMES, Connection
from openrouter_core import Timeouts
from openrouter_core.chat.checks import missing_model
from openrouter_core.chat.parameters import ProviderField
from openrouter_core.chat.request import plain_model
from openrouter_core.config import as_given, from_environment, unknown_setting


def _to_timeouts(value: Any) -> Any:
    return Timeouts.of(value) if isinstance(value, (int, float)) else value


class _Common(BaseModel):
    """The body fields that all of them have: a base of its own, for `model` to come first."""

    model: str = ""
    """The model's id; see https://openrouter.ai/models."""
    user: str | None = None
    """Your own id of the end user."""
    session_id: str | None = Field(default_factory=partial(from_environment, "session_id"))
    """Groups calls in OpenRouter's logs, at most 256 characters; else OPENROUTER_SESSION_ID. "" is unset."""
    openrouter_provider: ProviderField | None = Field(default=None, alias="provider")
    """Which providers may answer, e.g. {"only": ["openai"], "zdr": True}."""
    extra_body: dict[str, Any] | None = None
    """Further body fields; they win over all others."""


class Connected(Connection, _Common):
    """What an embedding or rerank model has beside its own settings. None is not sent."""

    request_timeout: Annotated[Timeouts | None, BeforeValidator(_to_timeouts)] = Field(  # pyright: ignore[reportIncompatibleVariableOverride]  # seconds are read as Timeouts
        default=None, alias="timeout"
    )
    """Seconds; bounds every wait. None means the client's defaults, infinity no limit."""

    _example_model: ClassVar[str] = "openai/text-embedding-3-small"

    # ------------------------------------------------------------------ checks

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_arguments(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        aliases = {field.alias for field in cls.model_fields.values() if field.alias}
        known = aliases | cls.model_fields.keys()
        values = as_given(values, _NAMES, known)
        for name in sorted(values.keys() - known):
            advice = "A body field without a setting goes into extra_body={...}."
            raise unknown_setting(name, known, owner=cls.__name__, advice=advice)
        return values

    @model_validator(mode="after")
    def _check_connection(self) -> Self:
        if not self.model.strip():
            given = self.model if "model" in self.model_fields_set else None
            raise missing_model(given, type(self).__name__, self._example_model)
        self._check_clients()
        return self

    # ------------------------------------------------------------------ what calls are made with

    def _options(self, **named: Any) -> dict[str, Any]:
        """The keyword arguments that every call has, with those that are not None."""
        fields = {
            "user": self.user,
            "session_id": self.session_id or None,
            "provider": self.openrouter_provider,
            "extra_body": self.extra_body,
            **named,
        }
        options = {name: value for name, value in fields.items() if value is not None}
        return {"model": plain_model(self.model), **options}


_NAMES = {**CLIENT_NAMES, "model_name": "model"}
