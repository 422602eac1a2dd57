"""How every model here reaches OpenRouter: the settings of the client, and clients made at the first call.

The base of `ChatOpenRouter`, embeddings and rerank. Imports nothing of chat models: that takes a second.
Copies have clients of their own; pickles hold no credential. What is sent is not decided here.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)

from langchain_openrouter.errors import (
    ConfigurationError,
    MissingApiKeyError,
    to_langchain,
    translated,
)
from openrouter_core import AsyncOpenRouterClient, ClientConfig, OpenRouterClient, Timeouts
from openrouter_core.chat.connection_fields import ConnectionFields
from openrouter_core.config import (
    base_url_of,
    from_environment,
    near_name,
    refuse_http_clients,
    settings_error,
)

CLIENT_NAMES = {
    "api_base": "openrouter_api_base",
    "timeout_s": "request_timeout",
    "max_wait_s": "max_retry_wait_s",
    "async_http_client": "http_async_client",
    "headers": "default_headers",
}
"""Names that the core or the LlamaIndex adapter has for settings of the client."""

_SHARED = ("client", "async_client", "http_client", "http_async_client", "observers")
"""Fields whose values belong to the user: copies share them."""


def _to_secret(value: Any) -> Any:
    """A key of any type that the core takes; None is what the environment says."""
    if value is None:
        return from_environment("api_key")
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def _check_timeouts(value: Any) -> Any:
    if isinstance(value, (int, float)):
        Timeouts.of(value)  # refuses what is not a time, and warns where milliseconds were meant
    return value


class Connection(ConnectionFields, defer_build=True):
    """The settings of the client, and the clients made of them."""

    openrouter_api_key: Annotated[SecretStr | None, BeforeValidator(_to_secret)] = Field(
        alias="api_key", default=None, validate_default=True
    )
    """None: the environment variable OPENROUTER_API_KEY."""
    openrouter_api_base: str | None = Field(
        alias="base_url", default_factory=partial(from_environment, "base_url")
    )
    """Else OPENROUTER_BASE_URL (or OPENROUTER_API_BASE), else https://openrouter.ai/api/v1."""
    app_url: str | None = Field(default_factory=partial(from_environment, "app_url"))
    """Your app's URL, for OpenRouter's attribution. Nothing is sent unless set."""
    app_title: str | None = Field(default_factory=partial(from_environment, "app_title"))
    """Your app's name."""
    request_timeout: Annotated[float | Timeouts | None, BeforeValidator(_check_timeouts)] = Field(
        default=None, alias="timeout"
    )
    """Seconds; bounds every wait. None means the client's defaults, infinity no limit."""
    max_retry_wait_s: float = Field(default=60.0, gt=0)
    """The longest wait before a retry; a server that asks for more makes the call fail at once."""
    default_headers: Mapping[str, str] | None = Field(default=None, exclude=True, repr=False)
    """Headers of every request; they win over ours."""
    client: Any = Field(default=None, exclude=True, repr=False)
    """An `OpenRouterClient` to use instead of one of these settings."""
    async_client: Any = Field(default=None, exclude=True, repr=False)
    """As `client`, for async calls: an `AsyncOpenRouterClient`."""
    http_async_client: Any = Field(default=None, exclude=True, repr=False)
    """As `http_client`, for async calls: an `httpx2.AsyncClient`."""
    observers: Sequence[Any] = Field(default=(), exclude=True, repr=False)
    """Watch every call, e.g. a `CostLedger`; a `Budget` among them refuses calls."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        populate_by_name=True,
        protected_namespaces=(),
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )
    _own_client: OpenRouterClient | None = PrivateAttr(default=None)
    _own_async_client: AsyncOpenRouterClient | None = PrivateAttr(default=None)

    _shared_by_copies: ClassVar[tuple[str, ...]] = _SHARED
    """Fields whose values are not copied."""
    _not_pickled: ClassVar[tuple[str, ...]] = ("openrouter_api_key", "proxy", "default_headers")
    """Fields that may hold a credential."""

    if not TYPE_CHECKING:  # the classes that users make declare their arguments

        def __init__(self, **settings: Any) -> None:
            """Check and keep the settings.

            Raises:
                ConfigurationError: A setting is wrong; nothing is sent before the first call.
            """
            try:
                super().__init__(**settings)
            except ValidationError as error:
                raise to_langchain(settings_error(error)) from None

    def model_post_init(self, context: Any, /) -> None:
        """Call that of the other bases too: pydantic's own, for private fields, would hide it."""
        super().model_post_init(context)

    def _check_clients(self) -> None:
        """Refuse clients of another kind, and having neither a key nor a client."""
        _check_client(self.client, OpenRouterClient, "client")
        _check_client(self.async_client, AsyncOpenRouterClient, "async_client")
        key = self.openrouter_api_key
        has_key = key is not None and bool(key.get_secret_value().strip())
        if not has_key and self.client is None and self.async_client is None:
            raise MissingApiKeyError(
                "OPENROUTER_API_KEY must be set, or api_key be passed "
                "(keys: https://openrouter.ai/settings/keys)."
            )

    # ------------------------------------------------------------------ clients

    @property
    def base_url(self) -> str:
        """The address that calls go to. Other programs, such as NeMo Guardrails, look for this name."""
        given = self.client or self.async_client
        return given.config.base_url if given else base_url_of(self.openrouter_api_base)

    def client_config(self) -> ClientConfig:
        """Return the client's settings. Without a key here, it is read from the environment."""
        most = self.max_connections
        pool: dict[str, Any] = {} if most is None else {"max_connections": most}
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
                shared_backoff=self.shared_backoff,
                headers=self.default_headers,
                proxy=self.proxy,
                **pool,
            )

    def _timeouts(self) -> Timeouts | None:
        seconds = self.request_timeout
        if seconds is None or isinstance(seconds, Timeouts) or seconds <= 3600:
            return Timeouts.of(seconds)
        with warnings.catch_warnings():  # the constructor has warned
            warnings.simplefilter("ignore")
            return Timeouts.of(seconds)

    @property
    def core_client(self) -> OpenRouterClient:
        """The core client of blocking calls, for every endpoint of the API: same key, same observers."""
        with translated():
            return self._sync()

    @property
    def async_core_client(self) -> AsyncOpenRouterClient:
        """The core client of awaited calls."""
        with translated():
            return self._async()

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
        """Close idle connections. The object can be used again. What you passed in is left open."""
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

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied._forget_clients()  # noqa: SLF001  # a copy of this very object
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy the settings; clients, observers and the like are shared."""
        memo = {} if memo is None else memo
        memo |= {
            id(v): v for name in self._shared_by_copies if (v := getattr(self, name)) is not None
        }
        source = self.__copy__()
        memo[id(source)] = source
        return super(Connection, source).__deepcopy__(memo)

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: no key, no proxy, no headers. Observers and clients pickle themselves.

        Raises:
            TypeError: It has an `http_client` or an observer that belongs to this process.
        """
        refuse_http_clients(self.http_client, self.http_async_client)
        state = dict(super().__getstate__())
        fields = state["__dict__"] | dict.fromkeys(self._not_pickled)
        private = {"_own_client": None, "_own_async_client": None}
        return {**state, "__dict__": fields, "__pydantic_private__": private}


_CLIENT_FIELDS = frozenset(Connection.model_fields)


def _check_client(given: Any, kind: type, name: str) -> None:
    if given is not None and not isinstance(given, kind):
        raise ConfigurationError(
            f"{name} must be an openrouter_core.{kind.__name__}, not {type(given).__name__}. "
            "An httpx2 client goes into http_client or http_async_client."
        )


def with_near_names(names: Iterable[str], known: frozenset[str]) -> str:
    """Join unknown names, each with the known one that it may stand for."""
    near = {name: near_name(name, known) for name in names}
    return ", ".join(f"{n} (did you mean {other}?)" if other else n for n, other in near.items())
