"""The fields of `ChatOpenRouter`: every chat parameter of the API and everything about the client.

The class here holds values and checks them; it sends nothing. `_request` turns the fields into a body.
Names are those of the API, and of the official `langchain-openrouter` where that has others.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.utils import from_env, secret_from_env
from pydantic import BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from langchain_openrouter.errors import ConfigurationError, MissingApiKeyError, translated
from openrouter_core import (
    AsyncOpenRouterClient,
    ClientConfig,
    OpenRouterClient,
    ReplayPolicy,
    Timeouts,
)

FIELD_NAMES = {
    "model": "model_name",
    "provider": "openrouter_provider",
    "metadata": "request_metadata",
}
"""Body fields that have another name here."""

_CREDENTIAL_ENDINGS = ("api_key", "apikey", "token", "secret", "password")
_CREDENTIAL_HEADERS = ("auth", "key", "token", "secret", "cookie")
_CLIENT_FIELDS = frozenset(
    {"openrouter_api_key", "openrouter_api_base", "app_url", "app_title", "app_categories"}
    | {"request_timeout", "max_retries", "max_retry_wait_s", "default_headers", "proxy"}
    | {"client", "async_client", "http_client", "http_async_client", "observers"}
)
_SHARED = ("client", "async_client", "http_client", "http_async_client", "observers")
"""Fields whose values belong to the user: copies share them, pickles leave them out."""


def _to_secret(value: Any) -> Any:
    return value if isinstance(value, (str, type(None))) else value.get_secret_value()


def _to_timeouts(value: Any) -> Any:
    if isinstance(value, (int, float)):
        Timeouts.of(value)  # refuses what is no time, and warns where milliseconds were meant
    return value


class ChatSettings(BaseChatModel):
    """What can be set on a `ChatOpenRouter`. A field that is None is not sent."""

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

    # ------------------------------------------------------------------ the client

    openrouter_api_key: Annotated[SecretStr | None, BeforeValidator(_to_secret)] = Field(
        alias="api_key", default_factory=secret_from_env("OPENROUTER_API_KEY", default=None)
    )
    openrouter_api_base: str | None = Field(
        alias="base_url",
        default_factory=from_env(["OPENROUTER_API_BASE", "OPENROUTER_BASE_URL"], default=None),
    )
    app_url: str | None = Field(default_factory=from_env("OPENROUTER_APP_URL", default=None))
    """Your app's URL, for OpenRouter's attribution. Nothing is sent unless set."""
    app_title: str | None = Field(default_factory=from_env("OPENROUTER_APP_TITLE", default=None))
    app_categories: list[str] | None = None
    request_timeout: Annotated[float | Timeouts | None, BeforeValidator(_to_timeouts)] = Field(
        default=None, alias="timeout"
    )
    """Seconds; bounds every wait. None means the client's defaults, infinity no limit."""
    max_retries: int = Field(default=2, ge=0)
    """Further requests after the first; 0 sends one."""
    max_retry_wait_s: float = Field(default=60.0, gt=0)
    """The longest wait before a retry; a server that asks for more makes the call fail at once."""
    default_headers: Mapping[str, str] | None = Field(default=None, exclude=True, repr=False)
    proxy: str | None = Field(default=None, exclude=True, repr=False)
    client: Any = Field(default=None, exclude=True, repr=False)
    """An `OpenRouterClient` to use instead of one of these settings."""
    async_client: Any = Field(default=None, exclude=True, repr=False)
    """The same for async calls: an `AsyncOpenRouterClient`."""
    http_client: Any = Field(default=None, exclude=True, repr=False)
    """An `httpx2.Client` to send with. It is never closed by us."""
    http_async_client: Any = Field(default=None, exclude=True, repr=False)
    observers: Sequence[Any] = Field(default=(), exclude=True, repr=False)
    """Watch every call, e.g. a cost ledger or a budget of `openrouter_core.costs`."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        populate_by_name=True,
        protected_namespaces=(),
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )
    _own_client: OpenRouterClient | None = PrivateAttr(default=None)
    _own_async_client: AsyncOpenRouterClient | None = PrivateAttr(default=None)

    @property
    def model(self) -> str:
        """The same as `model_name`."""
        return self.model_name

    # ------------------------------------------------------------------ checks

    @model_validator(mode="before")
    @classmethod
    def _keep_unknown_arguments(cls, values: Any) -> Any:
        """Put arguments that are no fields into `model_kwargs`, from where they are sent."""
        if not isinstance(values, dict) or values.keys() <= _names(cls):
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
        _check_client(self.client, OpenRouterClient, "client")
        _check_client(self.async_client, AsyncOpenRouterClient, "async_client")
        key = self.openrouter_api_key
        has_key = key is not None and bool(key.get_secret_value().strip())
        if not has_key and self.client is None and self.async_client is None:
            raise MissingApiKeyError(
                "OPENROUTER_API_KEY must be set, or api_key be passed "
                "(keys: https://openrouter.ai/settings/keys)."
            )
        twice = [k for k in self.model_kwargs if FIELD_NAMES.get(k, k) in self.model_fields_set]
        if twice:
            raise ConfigurationError(f"{twice[0]} is given twice: once inside model_kwargs.")
        return self

    # ------------------------------------------------------------------ client

    def client_config(self) -> ClientConfig:
        """Return the client's settings. Without a key here, it is read from the environment."""
        with translated():
            return ClientConfig.of(
                self.openrouter_api_key,
                base_url=self.openrouter_api_base,
                app_url=self.app_url,
                app_title=self.app_title,
                app_categories=self.app_categories,
                timeout_s=self._timeouts(),
                max_retries=self.max_retries,
                max_wait_s=self.max_retry_wait_s,
                headers=self.default_headers,
                proxy=self.proxy,
            )

    def _timeouts(self) -> Timeouts | None:
        seconds = self.request_timeout
        if seconds is None or isinstance(seconds, Timeouts) or seconds <= 3600:
            return Timeouts.of(seconds)
        with warnings.catch_warnings():  # the constructor has warned
            warnings.simplefilter("ignore")
            return Timeouts.of(seconds)

    def _sync(self) -> OpenRouterClient:
        """The blocking client, made on first use. Connections are shared by equal settings."""
        if self.client is not None:
            return self.client  # type: ignore[no-any-return]  # checked by the validator
        if self._own_client is None:
            self._own_client = OpenRouterClient.from_config(
                self.client_config(), http_client=self.http_client, observers=self.observers
            )
        return self._own_client

    def _async(self) -> AsyncOpenRouterClient:
        if self.async_client is not None:
            return self.async_client  # type: ignore[no-any-return]  # checked by the validator
        if self._own_async_client is None:
            self._own_async_client = AsyncOpenRouterClient.from_config(
                self.client_config(), http_client=self.http_async_client, observers=self.observers
            )
        return self._own_async_client

    def close(self) -> None:
        """Close idle connections. The model can be used again. What you passed in is left open."""
        if self._own_client is not None:
            self._own_client.close()

    async def aclose(self) -> None:
        """Close idle connections of the running event loop, and those of blocking calls."""
        self.close()
        if self._own_async_client is not None:
            await self._own_async_client.aclose()

    # ------------------------------------------------------------------ copies and pickles

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _CLIENT_FIELDS:
            self._forget_clients()

    def _forget_clients(self) -> None:
        self._own_client = self._own_async_client = None
        vars(self).pop("_serialized", None)

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied._forget_clients()  # noqa: SLF001  # a copy of this very object
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy the settings; HTTP clients, observers, callbacks and caches are shared."""
        memo = {} if memo is None else memo
        shared = (*_SHARED, "cache", "callbacks", "rate_limiter")
        memo |= {id(v): v for name in shared if (v := getattr(self, name)) is not None}
        source = self.__copy__()
        memo[id(source)] = source
        return super(ChatSettings, source).__deepcopy__(memo)

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: no key, no proxy, no credentials among the headers, no clients."""
        state = dict(super().__getstate__())
        fields = {**state["__dict__"], "openrouter_api_key": None, "proxy": None}
        fields |= {name: type(self).model_fields[name].get_default() for name in _SHARED}
        for name in ("default_headers", "extra_headers"):
            fields[name] = _harmless(fields[name])
        fields.pop("_serialized", None)
        private = {"_own_client": None, "_own_async_client": None}
        return {**state, "__dict__": fields, "__pydantic_private__": private}


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


def _check_client(given: Any, kind: type, name: str) -> None:
    if given is not None and not isinstance(given, kind):
        raise ConfigurationError(
            f"{name} must be an openrouter_core.{kind.__name__}, not {type(given).__name__}. "
            "An httpx2 client goes into http_client or http_async_client."
        )


def _harmless(headers: Mapping[str, str] | None) -> dict[str, str] | None:
    """Headers that may be stored: without those whose name says that they hold a credential."""
    if headers is None:
        return None
    return {
        k: v for k, v in headers.items() if not any(w in k.lower() for w in _CREDENTIAL_HEADERS)
    }
