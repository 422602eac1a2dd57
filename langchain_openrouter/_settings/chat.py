"""The fields of `ChatOpenRouter`: every chat parameter of the API, beside those of the client.

The classes here hold values and check them; they send nothing. `_request` turns the fields into a body.
Names are those of the API, and of the official `langchain-openrouter` where that has others.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Literal, Self

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.utils import from_env
from pydantic import BaseModel, ConfigDict, Field, model_validator

from langchain_openrouter._settings.client import Connection
from langchain_openrouter.errors import ConfigurationError
from openrouter_core import ReplayPolicy

FIELD_NAMES = {
    "model": "model_name",
    "provider": "openrouter_provider",
    "metadata": "request_metadata",
}
"""Body fields that have another name here."""

_CREDENTIAL_ENDINGS = ("api_key", "apikey", "token", "secret", "password")


class ChatParameters(BaseModel, defer_build=True):
    """Every chat parameter: a base of its own, for the fields to come before those of the client."""

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True, protected_namespaces=())

    # ------------------------------------------------------------------ which model

    model_name: str = Field(alias="model")
    """E.g. "anthropic/claude-sonnet-4.5", "openrouter/auto", "@preset/my-preset"."""
    models: list[str] | None = None
    """Fallbacks in order of priority, tried after `model`."""
    preset: str | None = None
    openrouter_provider: dict[str, Any] | None = Field(default=None, alias="provider")
    """Which providers may answer, e.g. {"only": ["anthropic"], "zdr": True}. Merged with a call's."""
    route: str | None = None

    # ------------------------------------------------------------------ sampling and length

    temperature: float | None = None
    """0 to 2."""
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    top_a: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    """0 to 20; needs `logprobs=True`."""
    verbosity: str | None = None
    prediction: dict[str, Any] | None = None
    n: int = 1
    """OpenRouter gives one answer per call: only 1 is allowed."""

    # ------------------------------------------------------------------ reasoning

    reasoning: dict[str, Any] | None = None
    """E.g. {"effort": "high"} or {"max_tokens": 2000, "exclude": True}."""
    reasoning_effort: str | None = None
    """Short for `reasoning={"effort": ...}`: "max", "xhigh", "high", "medium", "low", "minimal", "none"."""
    include_reasoning: bool | None = None
    reasoning_replay: ReplayPolicy = "auto"
    """Which reasoning details of earlier turns are sent back: "auto", "all", "signed-only", "none"."""

    # ------------------------------------------------------------------ output, tools, plugins

    response_format: dict[str, Any] | None = None
    structured_outputs: bool | None = None
    modalities: list[str] | Literal["auto"] | None = None
    """What the answer may hold, e.g. ["image", "text"]; "auto": exactly what the model puts out."""
    audio: dict[str, Any] | None = None
    """E.g. {"voice": "alloy", "format": "wav"}; OpenRouter gives audio in streams only, so `invoke`
    then reads a stream."""
    image_config: dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    max_tool_calls: int | None = None
    stop_server_tools_when: list[dict[str, Any]] | None = None
    plugins: list[dict[str, Any]] | None = None
    web_search_options: dict[str, Any] | None = None
    x_search_filter: dict[str, Any] | None = None
    transforms: list[str] | None = None

    # ------------------------------------------------------------------ caching, tiers, bookkeeping

    cache_control: dict[str, Any] | None = None
    """Automatic caching of the prompt: {"type": "ephemeral"}, perhaps with "ttl": "1h"."""
    response_cache: bool | None = None
    """Whether OpenRouter may answer an equal request from its cache, which costs nothing."""
    response_cache_ttl_s: int | None = None
    """How long an answer stays in that cache: 1 to 86400 seconds; 300 unless set."""
    response_cache_clear: bool | None = None
    """Whether to ask the provider anew, and put that answer into the cache."""
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    service_tier: str | None = None
    session_id: str | None = Field(default_factory=from_env("OPENROUTER_SESSION_ID", default=None))
    """Groups calls and keeps them on one provider. At most 256 characters; "" is unset."""
    session_from_thread: bool = False
    """Whether calls without a session belong to that of LangGraph's `thread_id`."""
    user: str | None = None
    """Your own id of the end user."""
    request_metadata: dict[str, str] | None = None
    """The API's `metadata`. (`metadata` itself is LangChain's own field, for its traces.)"""
    trace: dict[str, Any] | None = None
    debug: dict[str, Any] | None = None

    # ------------------------------------------------------------------ anything else to send

    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Body fields without a field here; also unknown keyword arguments of the constructor."""
    extra_body: dict[str, Any] | None = None
    """Body fields that win over all others."""
    extra_headers: dict[str, str] | None = Field(default=None, exclude=True, repr=False)
    extra_query: dict[str, Any] | None = Field(default=None, exclude=True, repr=False)

    # ------------------------------------------------------------------ streaming

    streaming: bool = False
    """Whether `invoke` streams too. If set to False, `stream` gives one chunk."""
    stream_usage: bool = True
    """Whether the last chunk of a stream carries `usage_metadata`."""

    langsmith_cost: bool = False
    """Whether `usage_metadata` carries `total_cost` for LangSmith. LangChain's own
    `UsageMetadataCallbackHandler` cannot add such usage up."""


class ChatSettings(Connection, ChatParameters, BaseChatModel, defer_build=True):
    """What can be set on a `ChatOpenRouter`. A field that is None is not sent."""

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
        """Put arguments that are no fields into `model_kwargs`, from where they are sent."""
        if not isinstance(values, dict):
            return values
        if not values.keys() & {"model", "model_name"}:
            raise ConfigurationError('model is missing. Name one, e.g. model="openrouter/auto".')
        if values.keys() <= _names(cls):
            return values
        unknown = {k: v for k, v in values.items() if k not in _names(cls)}
        kwargs = dict(values.get("model_kwargs") or {})
        _check_unknown(unknown, kwargs)
        known = {k: v for k, v in values.items() if k not in unknown}
        return {**known, "model_kwargs": {**kwargs, **unknown}}

    @model_validator(mode="after")
    def _check_openrouter_settings(self) -> Self:
        if not self.model_name.strip():
            raise ConfigurationError('model is empty. Name one, e.g. model="openrouter/auto".')
        check_single_answer(self.n)
        self._check_clients()
        twice = [k for k in self.model_kwargs if FIELD_NAMES.get(k, k) in self.model_fields_set]
        if twice:
            raise ConfigurationError(f"{twice[0]} is given twice: once inside model_kwargs.")
        return self

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


def _check_unknown(unknown: Mapping[str, Any], kwargs: Mapping[str, Any]) -> None:
    for name in unknown:
        if name.lower().endswith(_CREDENTIAL_ENDINGS):
            raise ConfigurationError(
                f"{name} is no setting of ChatOpenRouter, and it looks like a credential, so it is not "
                "sent. The key is api_key."
            )
        if name in kwargs:
            raise ConfigurationError(f"{name} is given twice: once inside model_kwargs.")
    warnings.warn(
        f"No setting of ChatOpenRouter: {', '.join(unknown)}. Sent as body fields, via model_kwargs.",
        stacklevel=4,
    )


def check_single_answer(n: Any) -> None:
    """Refuse more than one answer per call."""
    if n != 1:
        raise ConfigurationError(
            f"n={n}: OpenRouter gives one answer per call. Use `batch` to ask several times."
        )
