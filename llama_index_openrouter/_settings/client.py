"""How the three classes reach OpenRouter: the settings, and clients that are made at the first call.

Building an object opens nothing. A copy has clients of its own; a pickle holds neither key nor headers nor
proxy, and the key is read from the environment where it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from llama_index.core.bridge.pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, Timeouts
from openrouter_core.chat.field_docs import FieldDocs
from openrouter_core.config import (
    as_given,
    not_picklable,
    refuse_http_clients,
    settings_error,
    unknown_setting,
)

_LIVE = frozenset({"http_client", "async_http_client", "observers"})
"""Objects that copies share."""
_NOT_PICKLED = frozenset({"api_key", "extra_headers", "proxy"})
"""What may hold a credential."""
_OTHER_NAMES = {
    "timeout": "timeout_s",
    "request_timeout": "timeout_s",
    "headers": "extra_headers",
    "default_headers": "extra_headers",
    "base_url": "api_base",
    "openrouter_api_base": "api_base",
    "openrouter_api_key": "api_key",
    "max_retry_wait_s": "max_wait_s",
    "http_async_client": "async_http_client",
}
"""Names that the core or the LangChain adapter has for settings of the client."""


class ConnectionSettings(FieldDocs, defer_build=True):
    """How to reach OpenRouter. What may hold a credential is in no dump, repr or pickle."""

    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """None: the environment variable OPENROUTER_API_KEY, read at the first call."""
    api_base: str | None = None
    """None: OPENROUTER_BASE_URL (or OPENROUTER_API_BASE), else https://openrouter.ai/api/v1."""
    timeout_s: float | Timeouts | None = None
    """Seconds; bounds every wait of a call. None: the client's defaults. `timeout` is another name."""
    max_retries: int = Field(default=2, ge=0)
    """Further tries after the first; 0 sends one request."""
    max_wait_s: float = Field(default=60.0, gt=0)
    """The longest wait before a retry, in seconds."""
    app_url: str | None = None
    """Your app's URL, for OpenRouter's attribution. Nothing is sent unless set."""
    app_title: str | None = None
    """Your app's name."""
    app_categories: list[str] | None = None
    """At most two marketplace categories, e.g. ["cli-agent"]."""
    max_connections: int | None = Field(default=None, gt=0)
    """Connections of the pool that equal settings share; 1,000 unless set."""
    extra_headers: dict[str, str] | None = Field(default=None, exclude=True, repr=False)
    """Headers of every request. `default_headers` is another name."""
    proxy: str | None = Field(default=None, exclude=True, repr=False)
    """Proxy URL; by default the environment's."""
    http_client: Any = Field(default=None, exclude=True, repr=False)
    """An `httpx2.Client` to use for calls; yours to close."""
    async_http_client: Any = Field(default=None, exclude=True, repr=False)
    """An `httpx2.AsyncClient` to use for awaited calls; yours to close."""
    observers: list[Any] | None = Field(default=None, exclude=True, repr=False)
    """Watch every call, e.g. a `CostLedger`; a `Budget` among them refuses calls."""


CONNECTION_FIELDS = frozenset(ConnectionSettings.model_fields)


class Connection:
    """Both clients of one set of settings."""

    def __init__(self, **settings: Any) -> None:
        """Keep the arguments of the clients; None means the client's own default."""
        self._settings = settings
        self._sync: OpenRouterClient | None = None
        self._async: AsyncOpenRouterClient | None = None

    @property
    def client(self) -> OpenRouterClient:
        """The client that calls at once."""
        if self._sync is None:
            self._sync = OpenRouterClient(**self._arguments("http_client", "async_http_client"))
        return self._sync

    @property
    def async_client(self) -> AsyncOpenRouterClient:
        """The client that calls when awaited."""
        if self._async is None:
            arguments = self._arguments("async_http_client", "http_client")
            self._async = AsyncOpenRouterClient(**arguments)
        return self._async

    def close(self) -> None:
        """Close the client that calls at once; pools shared with other objects stay open."""
        if self._sync is not None:
            self._sync.close()
            self._sync = None

    async def aclose(self) -> None:
        """Close both clients."""
        self.close()
        if self._async is not None:
            await self._async.aclose()
            self._async = None

    def _arguments(self, own: str, other: str) -> dict[str, Any]:
        given = {key: value for key, value in self._settings.items() if value is not None}
        http_client = given.pop(own, None)
        given.pop(other, None)
        return given if http_client is None else {**given, "http_client": http_client}

    def __repr__(self) -> str:
        return "Connection()"

    def __copy__(self) -> Connection:
        return Connection(**self._settings)

    def __deepcopy__(self, memo: object) -> Connection:
        return Connection(**self._settings)

    def __reduce__(self) -> tuple[Any, ...]:
        raise not_picklable("A Connection")


class Connected(ConnectionSettings):
    """The part of a model object that holds its clients."""

    _connection: Connection | None = PrivateAttr(default=None)

    if not TYPE_CHECKING:  # the classes that users make declare their arguments

        def __init__(self, **settings: Any) -> None:
            try:
                super().__init__(**settings)
            except ValidationError as error:
                raise settings_error(error) from None

    @property
    def client(self) -> OpenRouterClient:
        """The core client, for every endpoint of the API."""
        return self._connected().client

    @property
    def async_client(self) -> AsyncOpenRouterClient:
        """The core client for awaited calls."""
        return self._connected().async_client

    @property
    def core_client(self) -> OpenRouterClient:
        """As `client`, under the name that the LangChain adapter has for it."""
        return self.client

    @property
    def async_core_client(self) -> AsyncOpenRouterClient:
        """As `async_client`, under the name that the LangChain adapter has for it."""
        return self.async_client

    def close(self) -> None:
        """Close idle connections; the next call opens others."""
        self._connected().close()

    async def aclose(self) -> None:
        """Close idle connections of both clients; the next call opens others."""
        await self._connected().aclose()

    def _connected(self) -> Connection:
        # 0.2 µs; `self._connection` goes through pydantic's __getattr__ and takes 2.4
        private = self.__pydantic_private__ or {}
        connection: Connection | None = private.get("_connection")
        if connection is None:
            connection = self._connection = Connection(**connection_arguments(self))
        return connection

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field; a changed connection setting holds from the next call on."""
        super().__setattr__(name, value)
        if name in CONNECTION_FIELDS:
            self._connection = None

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return a copy with clients of its own that shares observers and httpx2 clients."""
        memo = {} if memo is None else memo
        memo.update({id(live): live for name in _LIVE if (live := getattr(self, name))})
        return super().__deepcopy__(memo)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: the settings without what may be a credential.

        Raises:
            TypeError: It has an `http_client` or an observer that belongs to this process.
        """
        refuse_http_clients(self.http_client, self.async_http_client)
        # LlamaIndex deletes from the object itself what it cannot pickle, without saying so to the caller.
        twin = self.__copy__()
        vars(twin).update(dict.fromkeys(_NOT_PICKLED | {"observers"}))
        twin.__pydantic_private__ = {"_connection": None}
        state = super(Connected, twin).__getstate__()
        return {**state, "__dict__": state["__dict__"] | {"observers": self.observers}}


def connection_arguments(settings: ConnectionSettings) -> dict[str, Any]:
    """Return the arguments of the core client."""
    return {
        "api_key": settings.api_key,
        "base_url": settings.api_base,
        "timeout_s": settings.timeout_s,
        "max_retries": settings.max_retries,
        "max_wait_s": settings.max_wait_s,
        "app_url": settings.app_url,
        "app_title": settings.app_title,
        "app_categories": settings.app_categories,
        "headers": settings.extra_headers,
        "proxy": settings.proxy,
        "max_connections": settings.max_connections,
        "http_client": settings.http_client,
        "async_http_client": settings.async_http_client,
        "observers": settings.observers,
    }


def read_arguments(
    given: Mapping[str, Any],
    known: Mapping[str, Any],
    owner: str,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Check constructor arguments and give them their field names; None of a field means unset.

    Args:
        names: Other names of fields, beside those of the client.

    Raises:
        ConfigurationError: An argument is not a field; it would otherwise be lost.
    """
    others = {**_OTHER_NAMES, **(names or {})}
    arguments = as_given(given, others, known.keys())
    arguments.pop("class_name", None)
    for name in sorted(arguments.keys() - known.keys()):
        advice = "A new field of the API goes into additional_kwargs={...} or extra_body={...}."
        raise unknown_setting(name, [*known, *others], owner=owner, advice=advice)
    return arguments
