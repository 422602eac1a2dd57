"""What the two clients share: settings, copies, and what can be said before and after the wire.

A call is tried within `Attempt` or `AsyncAttempt`: a try that fails closes its response, and its failure
leaves with its type.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Self, Unpack
from weakref import WeakSet, ref

import httpx2

from openrouter_core._call import Call, Route, StreamCall
from openrouter_core._http.exchange import UsualHeaders
from openrouter_core._http.pool_key import PoolKey
from openrouter_core._http.response import cause_of, to_openrouter_error
from openrouter_core.config import (
    ClientConfig,
    ClientSettings,
    Timeouts,
    refuse_http_clients,
)
from openrouter_core.errors import OpenRouterError
from openrouter_core.observers.generation_names import name_generation
from openrouter_core.observers.process_wide import watch
from openrouter_core.observers.protocol import CallObserver, in_context

if TYPE_CHECKING:
    from openrouter_core.observers.observed import ObservedCall

_NOBODY: AbstractContextManager[None] = nullcontext()


class ClientBase:
    """What the sync and the async client share: settings, and what can be said before and after the wire."""

    config: ClientConfig

    def __init__(
        self,
        api_key: Any = None,
        *,
        http_client: Any = None,
        observers: Sequence[CallObserver] = (),
        **settings: Unpack[ClientSettings],
    ) -> None:
        """Set up a client. Nothing is sent and no connection is made.

        Args:
            api_key: The key; by default OPENROUTER_API_KEY. A string or a secret type.
            http_client: An httpx2 client to use instead of the shared pool (`httpx2.Client`, or
                `AsyncClient` for the async client). Its headers, cookies, parameters and timeout count
                where this client says nothing; its `auth` does not replace the key. We never close it.
            observers: Observe every call, e.g. a `CostLedger` or a `Budget`.
            settings: `base_url`, `timeout_s`, `max_retries` and the others of `ClientSettings`.

        Raises:
            ConfigurationError: A value is out of range.
        """
        self._set_up(ClientConfig.of(api_key, **settings), http_client, tuple(observers))

    def _set_up(
        self, config: ClientConfig, http_client: Any, observers: tuple[CallObserver, ...]
    ) -> None:
        self._check_http_client(http_client)
        self.config = config
        self._usual_headers: UsualHeaders = {}
        self._http_client = http_client
        self._observers = observers
        self._pool_key: PoolKey | None = None

    @classmethod
    def from_config(
        cls,
        config: ClientConfig,
        *,
        http_client: Any = None,
        observers: Sequence[CallObserver] = (),
    ) -> Self:
        """Make a client of ready settings."""
        client = cls.__new__(cls)
        client._set_up(config, http_client, tuple(observers))  # noqa: SLF001  # its own
        return client

    def with_options(
        self,
        *,
        api_key: Any = None,
        base_url: str | None = None,
        timeout_s: float | Timeouts | None = None,
        max_retries: int | None = None,
        max_wait_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        http_client: Any = None,
    ) -> Self:
        """Return a client with some settings changed; None leaves a setting as it is.

        It shares this one's connections while the host is the same, and its observers.

        Args:
            api_key: Another key, e.g. a management key for one call.
            base_url: Another address, e.g. a gateway.
            timeout_s: Seconds for every wait, or a `Timeouts`.
            headers: Added to this client's own; one of the same name takes its place.
            query: Query parameters of every request, added likewise; None as a value takes one away.
            http_client: As for the constructor.

        Raises:
            ConfigurationError: A value is out of range.
        """
        config = self.config
        if api_key is not None or base_url is not None:
            named = ClientConfig.of(api_key or config.api_key, base_url=base_url or config.base_url)
            config = config.replace(api_key=named.api_key, base_url=named.base_url)
        if timeout_s is not None:
            config = config.replace(timeouts=Timeouts.of(timeout_s))
        if max_retries is not None:
            config = config.replace(max_retries=max_retries)
        if max_wait_s is not None:
            config = config.replace(max_wait_s=max_wait_s)
        if headers:
            mine = {name.lower() for name in headers}
            kept = tuple(h for h in config.headers if h[0].lower() not in mine)
            config = config.replace(headers=(*kept, *headers.items()))
        if query:
            config = config.replace(query=tuple({**dict(config.query), **query}.items()))
        return self.from_config(
            config, http_client=http_client or self._http_client, observers=self._observers
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.config.base_url!r})"

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle holds: the settings without the key, and the observers.

        Raises:
            TypeError: It has an `http_client` or an observer that belongs to this process.
        """
        refuse_http_clients(self._http_client)
        return {"config": self.config, "observers": self._observers}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._set_up(state["config"], None, state["observers"])

    def __copy__(self) -> Self:
        return self.from_config(
            self.config, http_client=self._http_client, observers=self._observers
        )

    def __deepcopy__(self, memo: object) -> Self:
        return self.__copy__()

    @staticmethod
    def _check_http_client(http_client: Any) -> None:
        raise NotImplementedError

    def _pool(self) -> PoolKey:
        if self._pool_key is None:
            self._pool_key = PoolKey.of(self.config)
            _users.setdefault(self._pool_key, WeakSet()).add(self)
        return self._pool_key

    def _leave_pool(self) -> PoolKey | None:
        """Stop using the shared connections; return their key if nobody else uses them now."""
        key, self._pool_key = self._pool_key, None
        if key is None:
            return None
        users = _users.get(key, WeakSet[ClientBase]())
        users.discard(self)
        return None if users else key

    def _has_own_timeout(self, call: Call[Any] | StreamCall[Any, Any]) -> bool:
        """Whether somebody chose a timeout for this client or this call."""
        return call.timeout_s is not None or self.config.timeouts != Timeouts()

    def _timeouts(self, call: Call[Any] | StreamCall[Any, Any]) -> Timeouts:
        return self.config.timeouts if call.timeout_s is None else Timeouts.of(call.timeout_s)

    def _watched(
        self, route: Route, call: Call[Any] | StreamCall[Any, Any]
    ) -> AbstractContextManager[ObservedCall | None]:
        """Let the observers see a call, and its failure."""
        observers = self._observers + (
            watch.observers_of_call(is_billed=route.is_billed) if watch.is_on else in_context.get()
        )
        if not observers:
            return _NOBODY
        kind = _observed_call_type()
        return kind.start(self.config, route, call.observed, observers) or _NOBODY

    async def _watched_async(
        self, route: Route, call: Call[Any] | StreamCall[Any, Any]
    ) -> AbstractContextManager[ObservedCall | None]:
        """`_watched` for asyncio: an observer that waits for a database does not hold up the loop."""
        observers = self._observers + (
            watch.observers_of_call(is_billed=route.is_billed) if watch.is_on else in_context.get()
        )
        if not observers:
            return _NOBODY
        kind = _observed_call_type()
        return await kind.start_async(self.config, route, call.observed, observers) or _NOBODY


_users: dict[PoolKey, WeakSet[ClientBase]] = {}
"""The clients that have sent something over each pool and were not closed since."""


@cache
def _observed_call_type() -> type[ObservedCall]:
    from openrouter_core.observers.observed import ObservedCall

    return ObservedCall


# ---------------------------------------------------------------------------- who made a generation

# A framework's callback sees the generation id in an answer's metadata, but not the client. The memory is bounded,
# lives in this process only, and keeps no config alive: a key ends with the client that has it.

_REMEMBERED = 20_000
_configs: OrderedDict[str, ref[ClientConfig]] = OrderedDict()


def remember_origin(generation_id: object, config: ClientConfig, number: int = 1) -> None:
    """Note that `config` made this generation, and at which try. The oldest notes go when there are too many."""
    if not (isinstance(generation_id, str) and generation_id.startswith("gen-")):
        return
    _configs[generation_id] = ref(config)
    while len(_configs) > _REMEMBERED:
        with suppress(KeyError):  # another thread took the last one
            _configs.popitem(last=False)
    if number > 1:
        # Only a call that failed needs it.
        from openrouter_core.observers.lost_tries import remember

        remember(generation_id)


def origin_of(generation_id: str) -> ClientConfig | None:
    """Return the settings that made a generation in this process; None if they are gone."""
    noted = _configs.get(generation_id)
    return None if noted is None else noted()


# ---------------------------------------------------------------------------- one try of a call


class _AttemptBase:
    """What both kinds share: the number of the try, when it began, and the response once it is there."""

    __slots__ = ("config", "number", "response", "start")

    def __init__(self, number: int, config: ClientConfig) -> None:
        self.number = number
        self.config = config
        self.start = time.perf_counter()
        self.response: httpx2.Response | None = None

    def _raise_typed(self, error: BaseException) -> None:
        if isinstance(error, (httpx2.HTTPError, OpenRouterError)):
            raise to_openrouter_error(error, self.number, self.response, self.start) from cause_of(
                error
            )
        if self.response is not None:
            made = self.response.headers.get("x-generation-id")
            name_generation(error, made)
            remember_origin(made, self.config)


class Attempt(_AttemptBase):
    """One try of an `OpenRouterClient`."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            if self.response is not None:
                self.response.close()
            self._raise_typed(error)


class AsyncAttempt(_AttemptBase):
    """One try of an `AsyncOpenRouterClient`."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            if self.response is not None:
                await self.response.aclose()
            self._raise_typed(error)
