"""The fields of `ChatOpenRouter`: every chat parameter of the API, beside those of the client.

The classes here hold values and check them; they send nothing. `_request.build` turns them into a body.
Names are those of the core, and of the official `langchain-openrouter` where that has others.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self

from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import ConfigDict, Field, model_validator

from langchain_openrouter._settings.client import CLIENT_NAMES, Connection, with_near_names
from langchain_openrouter._settings.profile import CatalogProfile
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.checks import check_single_answer
from openrouter_core.chat.parameters import ChatParameters, ProviderField, name_sent_fields
from openrouter_core.config import as_given

FIELD_NAMES = {
    **CLIENT_NAMES,
    "model": "model_name",
    "provider": "openrouter_provider",
    "stop_sequences": "stop",
    "additional_kwargs": "model_kwargs",
}
"""Arguments and body fields that have another name here."""

SEVERAL_ANSWERS = "Use `batch` to ask several times."

_CREDENTIAL_ENDINGS = ("api_key", "apikey", "token", "secret", "password")


class ChatSettings(Connection, ChatParameters, BaseChatModel, defer_build=True):
    """What can be set on a `ChatOpenRouter`. A field that is None is not sent."""

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True, protected_namespaces=())

    model_name: str = Field(default="", alias="model")
    """E.g. "anthropic/claude-sonnet-4.5", "openai/gpt-5:nitro", "openrouter/auto", "@preset/name". Empty only
    when `models` or `preset` decide."""
    openrouter_provider: ProviderField | None = Field(default=None, alias="provider")
    """Which providers may answer, e.g. {"only": ["anthropic"], "zdr": True}. Merged with a call's."""
    session_from_thread: bool = False
    """Whether calls without a session belong to that of LangGraph's `thread_id`."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Body fields without a field here; also unknown keyword arguments of the constructor."""
    extra_headers: dict[str, str] | None = Field(default=None, exclude=True, repr=False)
    """Headers of every request; they win over ours."""
    streaming: bool | None = None
    """Whether `invoke` streams too. False: `stream` gives one chunk. None: each does what its name says."""
    stream_usage: bool = True
    """Whether the last chunk of a stream carries `usage_metadata`."""
    langsmith_cost: bool = False
    """Whether `usage_metadata` carries `total_cost` for LangSmith. LangChain's own
    `UsageMetadataCallbackHandler` cannot add such usage up."""

    sent_fields: ClassVar[Mapping[str, str]] = name_sent_fields(
        "model_name", "openrouter_provider", "extra_headers"
    )
    more_field: ClassVar[str] = "model_kwargs"
    _shared_by_copies: ClassVar[tuple[str, ...]] = (
        *Connection._shared_by_copies,  # noqa: SLF001  # of its own base
        *("cache", "callbacks", "rate_limiter"),
    )
    _not_pickled: ClassVar[tuple[str, ...]] = (
        *Connection._not_pickled,  # noqa: SLF001  # of its own base
        "extra_headers",
    )

    @property
    def model(self) -> str:
        """The same as `model_name`."""
        return self.model_name

    # ------------------------------------------------------------------ checks

    @model_validator(mode="before")
    @classmethod
    def _keep_unknown_arguments(cls, values: Any) -> Any:
        """Put arguments that are not fields into `model_kwargs`, from where they are sent."""
        if not isinstance(values, dict):
            return values
        is_made_anew = values.keys() >= cls.model_fields.keys()  # by `configurable_fields`
        values = as_given(values, FIELD_NAMES, _names(cls))
        check_single_answer(values.pop("n", None), SEVERAL_ANSWERS)
        if is_made_anew and isinstance(values.get("profile"), CatalogProfile):
            del values["profile"]  # that of the model that it was
        unknown = {k: v for k, v in values.items() if k not in _names(cls)}
        if not unknown:
            return values
        kwargs = dict(values.get("model_kwargs") or {})
        _check_unknown(cls, unknown, kwargs)
        known = {k: v for k, v in values.items() if k not in unknown}
        return {**known, "model_kwargs": {**kwargs, **unknown}}

    @model_validator(mode="after")
    def _check_openrouter_settings(self) -> Self:
        self._check_clients()
        twice = [k for k in self.model_kwargs if self._is_set(FIELD_NAMES.get(k, k))]
        if twice:
            raise ConfigurationError(f"{twice[0]} is given twice: once inside model_kwargs.")
        return self

    def _is_set(self, name: str) -> bool:
        """Whether a field was given a value. LangChain's `configurable_fields` gives every field."""
        field = type(self).model_fields.get(name)
        if field is None or name not in self.model_fields_set:
            return False
        return bool(getattr(self, name) != field.get_default())

    # ------------------------------------------------------------------ copies and pickles

    def _forget_clients(self) -> None:
        super()._forget_clients()
        vars(self).pop("_serialized", None)

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: that of `Connection`, without LangChain's own dump of the settings."""
        state = super().__getstate__()
        state["__dict__"].pop("_serialized", None)
        return state


@cache
def _names(cls: type[ChatSettings]) -> frozenset[str]:
    aliases = {field.alias for field in cls.model_fields.values() if field.alias}
    return frozenset(cls.model_fields) | aliases


def _check_unknown(
    cls: type[ChatSettings], unknown: Mapping[str, Any], kwargs: Mapping[str, Any]
) -> None:
    for name in unknown:
        if name.lower().endswith(_CREDENTIAL_ENDINGS):
            raise ConfigurationError(
                f"{name} is not a setting of ChatOpenRouter, and it looks like a credential, so it is "
                "not sent. The key is api_key."
            )
        if name in kwargs:
            raise ConfigurationError(f"{name} is given twice: once inside model_kwargs.")
    warnings.warn(
        f"No setting of ChatOpenRouter: {with_near_names(unknown, _names(cls))}. "
        "Sent as body fields, via model_kwargs.",
        stacklevel=5,
    )
