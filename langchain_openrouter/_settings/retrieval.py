"""What embeddings, rerank and images have in common: body fields, their checks, and the session header.

Names are those of `ChatOpenRouter`, but nothing of the chat model is imported, which takes a second.
Clients, copies and pickles are those of `Connection`.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from langchain_core.utils import from_env
from pydantic import BaseModel, BeforeValidator, Field, model_validator

from langchain_openrouter._settings.client import Connection
from langchain_openrouter.errors import ConfigurationError
from openrouter_core import Timeouts


def _to_timeouts(value: Any) -> Any:
    return Timeouts.of(value) if isinstance(value, (int, float)) else value


class _Common(BaseModel):
    """The body fields that all of them have: a base of its own, for `model` to come first."""

    model: str
    user: str | None = None
    """Your own id of the end user."""
    session_id: str | None = Field(default_factory=from_env("OPENROUTER_SESSION_ID", default=None))
    """Groups calls in OpenRouter's logs. At most 256 characters; "" is unset."""
    openrouter_provider: dict[str, Any] | None = Field(default=None, alias="provider")
    """Which providers may answer, e.g. {"only": ["openai"], "zdr": True}."""
    extra_body: dict[str, Any] | None = None
    """Further body fields; they win over all others."""


class Connected(Connection, _Common):
    """What an embedding or rerank model has beside its own settings. None is not sent."""

    request_timeout: Annotated[Timeouts | None, BeforeValidator(_to_timeouts)] = Field(  # pyright: ignore[reportIncompatibleVariableOverride]  # seconds are read as Timeouts
        default=None, alias="timeout"
    )
    """Seconds; bounds every wait. None means the client's defaults, infinity no limit."""

    # ------------------------------------------------------------------ checks

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_arguments(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        aliases = {field.alias for field in cls.model_fields.values() if field.alias}
        unknown = sorted(values.keys() - aliases - cls.model_fields.keys())
        if unknown:
            raise ConfigurationError(
                f"{cls.__name__} has no setting {unknown[0]!r}. "
                "A body field without a setting goes into extra_body={...}."
            )
        return values

    @model_validator(mode="after")
    def _check_connection(self) -> Self:
        if not self.model.strip():
            raise ConfigurationError("model is empty. Name one of https://openrouter.ai/models.")
        self._check_clients()
        return self

    # ------------------------------------------------------------------ what calls are made with

    def _options(self, **named: Any) -> dict[str, Any]:
        """The keyword arguments that every call has, with those that are not None."""
        said = {
            "user": self.user,
            "session_id": self.session_id or None,
            "provider": self.openrouter_provider,
            "extra_body": self.extra_body,
            **named,
        }
        options = {name: value for name, value in said.items() if value is not None}
        if self.session_id:  # beside chat, the server reads it from the header alone
            options["extra_headers"] = {"x-session-id": self.session_id}
        return {"model": _plain(self.model), **options}


def _plain(model: str) -> str:
    """Strip the "openrouter/" that other libraries put before "vendor/model"."""
    rest = model.removeprefix("openrouter/")
    return rest if "/" in rest else model
