"""How the three classes reach OpenRouter: the settings, and clients that are made at the first call.

Building an object opens nothing. A copy has clients of its own; a pickle holds neither key nor headers nor
proxy, and the key is read from the environment where it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from llama_index.core.bridge.pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, Timeouts
from openrouter_core.chat.connection_fields import ConnectionFields
from openrouter_core.config import (
    as_given,
    refuse_http_clients,
    settings_error,
    unknown_setting,
)

_HTTP_CLIENTS = frozenset({"http_client", "async_http_client"})
_LIVE = _HTTP_CLIENTS | {"observers"}
"""Fields whose objects copies share."""
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


class ConnectionSettings(ConnectionFields, defer_build=True):
    """How to reach OpenRouter. What may hold a credential is in no dump, repr or pickle."""

    other_field_docs: ClassVar[Mapping[str, str]] = {
        "callback_manager": "LlamaIndex's callbacks, which came before its instrumentation.",
        "class_name": "The name under which LlamaIndex stores the class.",
        "pydantic_program_mode": "LlamaIndex's own switch for structured answers; "
        "`structured_output_mode` decides here.",
    }

    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """None: the environment variable OPENROUTER_API_KEY."""
    api_base: str | None = None
    """None: OPENROUTER_BASE_URL (or OPENROUTER_API_BASE), else https://openrouter.ai/api/v1."""
    timeout_s: float | Timeouts | None = None
    """Seconds; bounds every wait of a call. None: the client's defaults. `timeout` is another name."""
    max_wait_s: float = Field(default=60.0, gt=0)
    """The longest wait before a retry; a server that asks for more makes the call fail at once."""
    app_url: str | None = None
    """Your app's URL, for OpenRouter's attribution. Nothing is sent unless set."""
    app_title: str | None = None
    """Your app's name."""
    extra_headers: dict[str, str] | None = Field(default=None, exclude=True, repr=False)
    """Headers of every request; they win over ours."""
    async_http_client: Any = Field(default=None, exclude=True, repr=False)
    """As `http_client`, for async calls: an `httpx2.AsyncClient`."""
    observers: list[Any] | None = Field(default=None, exclude=True, repr=False)
    """Watch every call, e.g. a `CostLedger`; a `Budget` among them refuses calls."""


CONNECTION_FIELDS = frozenset(ConnectionSettings.model_fields)


class Connected(ConnectionSettings):
    """The part of a model object that holds its clients; each is made at its first call."""

    _client: OpenRouterClient | None = PrivateAttr(default=None)
    _async_client: AsyncOpenRouterClient | None = PrivateAttr(default=None)

    if not TYPE_CHECKING:  # the classes that users make declare their arguments

        def __init__(self, **settings: Any) -> None:
            try:
                super().__init__(**settings)
            except ValidationError as error:
                raise settings_error(error) from None

    @property
    def client(self) -> OpenRouterClient:
        """The core client, for every endpoint of the API."""
        # 0.2 µs; `self._client` goes through pydantic's __getattr__ and takes 2.4
        client: OpenRouterClient | None = (self.__pydantic_private__ or {}).get("_client")
        if client is None:
            client = self._client = OpenRouterClient(
                http_client=self.http_client, **connection_arguments(self)
            )
        return client

    @property
    def async_client(self) -> AsyncOpenRouterClient:
        """The core client for awaited calls."""
        client: AsyncOpenRouterClient | None = (self.__pydantic_private__ or {}).get(
            "_async_client"
        )
        if client is None:
            client = self._async_client = AsyncOpenRouterClient(
                http_client=self.async_http_client, **connection_arguments(self)
            )
        return client

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
        if self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        """Close idle connections of both clients; the next call opens others."""
        self.close()
        if self._async_client is not None:
            await self._async_client.aclose()

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field; a changed connection setting holds from the next call on."""
        super().__setattr__(name, value)
        if name in CONNECTION_FIELDS:
            self._client = self._async_client = None

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
        twin.__pydantic_private__ = {"_client": None, "_async_client": None}
        state = super(Connected, twin).__getstate__()
        return {**state, "__dict__": state["__dict__"] | {"observers": self.observers}}


_ARGUMENTS = {"api_base": "base_url", "extra_headers": "headers"}
"""Fields whose argument of the core client has another name."""


def connection_arguments(settings: ConnectionSettings) -> dict[str, Any]:
    """Return the arguments of the core client that are set, but for its `http_client`."""
    values = {name: getattr(settings, name) for name in CONNECTION_FIELDS - _HTTP_CLIENTS}
    return {_ARGUMENTS.get(k, k): value for k, value in values.items() if value is not None}


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
