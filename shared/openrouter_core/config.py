"""The settings of a client: one frozen value, from arguments and the environment.

Equal settings share one connection pool, so a `ClientConfig` is hashable. The key is held so that no
repr, pickle or dump shows it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

from openrouter_core.errors import ConfigurationError, MissingApiKeyError

if TYPE_CHECKING:
    from pydantic import ValidationError

DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
CLIENT_SETTINGS = frozenset(
    {"api_key", "openrouter_api_key", "base_url", "api_base", "openrouter_api_base", "proxy"}
    | {"app_url", "app_title", "app_categories", "max_connections", "headers", "default_headers"}
    | {"max_retries", "max_wait_s", "max_retry_wait_s", "observers", "client", "async_client"}
    | {"shared_backoff"}
    | {"http_client", "async_http_client", "http_async_client"}
)
"""What an object of an adapter is made with, under each of its names: none of it belongs to a call."""
ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "api_key": ("OPENROUTER_API_KEY",),
    "base_url": ("OPENROUTER_BASE_URL", "OPENROUTER_API_BASE"),
    "app_url": ("OPENROUTER_APP_URL",),
    "app_title": ("OPENROUTER_APP_TITLE",),
    "app_categories": ("OPENROUTER_APP_CATEGORIES",),
    "session_id": ("OPENROUTER_SESSION_ID",),
}
"""The variables of each setting; the first that is set and not blank counts."""
_KEYS = ("sk-or-", "Bearer sk-or-", "bearer sk-or-")
_MAX_TIMEOUT_S = 3600.0
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def from_environment(setting: str) -> str | None:
    """Return what the environment says of a setting, e.g. "base_url"; None when it says nothing."""
    for name in ENVIRONMENT[setting]:
        if value := os.environ.get(name, "").strip():
            return value
    return None


def base_url_of(base_url: str | None) -> str:
    """Return the base URL that a client with this setting uses: this, the environment's or the default.

    Raises:
        ConfigurationError: It is not a URL.
    """
    return _url(base_url or from_environment("base_url") or DEFAULT_BASE_URL)


@lru_cache(maxsize=64)
def is_openrouter(base_url: str) -> bool:
    """Whether a base URL is OpenRouter's own, and not a gateway's or another server's."""
    host = urlsplit(base_url).hostname or ""
    return host == "openrouter.ai" or host.endswith(".openrouter.ai")


class Secret:
    """A string that does not show itself: `repr`, `str` and pickles hold no trace of it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """The string itself. (The name is pydantic's, so either kind of secret can be passed.)"""
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _no_secret, ()

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __copy__(self) -> Secret:
        return self


def _no_secret() -> None:
    """What a pickled secret becomes."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds. Keep-alive comments never extend a wait."""

    connect_s: float = 10.0
    """For a connection."""
    first_event_s: float = 300.0
    """For the first event of a stream."""
    gap_s: float = 120.0
    """Between two events of a stream."""
    answer_s: float = 600.0
    """For the whole answer of a call that is not streamed."""
    write_s: float = 60.0
    """For each part of the request body."""
    pool_s: float = 600.0
    """For a free connection."""

    @classmethod
    def of(cls, timeout_s: float | Timeouts | None) -> Timeouts:
        """Read a `timeout_s` argument: one number bounds every wait; None means these defaults.

        `float("inf")` waits for ever. Above 3,600 a warning asks whether milliseconds were meant.
        """
        if timeout_s is None:
            return cls()
        if isinstance(timeout_s, Timeouts):
            return timeout_s
        seconds = _positive(timeout_s, "timeout_s")
        if _MAX_TIMEOUT_S < seconds < float("inf"):
            import warnings

            warnings.warn(
                f"timeout_s={seconds:g} is {seconds / 3600:.1f} hours: timeouts are in seconds here.",
                stacklevel=3,
            )
        return cls(min(10.0, seconds), seconds, seconds, seconds, seconds, seconds)


class ClientSettings(TypedDict, total=False):
    """The keyword arguments of a client; what is not given comes from the environment or a default."""

    base_url: str | None
    """By default OPENROUTER_BASE_URL (or OPENROUTER_API_BASE), else https://openrouter.ai/api/v1."""
    app_url: str | None
    """Your app's URL, for OpenRouter's attribution. Nothing is sent unless set."""
    app_title: str | None
    """Your app's name."""
    app_categories: Sequence[str] | None
    """At most two marketplace categories, e.g. ["cli-agent"]."""
    timeout_s: float | Timeouts | None
    """Seconds for every wait, or a `Timeouts`; None means its defaults."""
    max_retries: int
    """Further requests after the first, 2 by default; 0 sends one."""
    max_wait_s: float
    """The longest wait before a retry, in seconds, 60 by default."""
    shared_backoff: bool
    """Whether a 429 holds back other calls to the same limit in this process, True by default."""
    headers: Mapping[str, str] | None
    """Extra headers of every request; they win over ours."""
    proxy: str | None
    """Proxy URL; by default the environment's."""
    max_connections: int
    """Connections of the shared pool, 1,000 by default."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ClientConfig:
    """Everything that decides how a client behaves."""

    api_key: Secret | None = None
    base_url: str = DEFAULT_BASE_URL
    app_url: str | None = None
    app_title: str | None = None
    app_categories: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Extra headers of every request. Not shown: they may hold credentials."""
    query: tuple[tuple[str, Any], ...] = field(default=(), repr=False)
    """Query parameters of every request, set by `with_options`. Not shown either."""
    timeouts: Timeouts = Timeouts()
    max_retries: int = 2
    """Further tries after the first; 0 sends one request."""
    max_wait_s: float = 60.0
    """The longest wait before a retry; a server that asks for more makes the call fail at once."""
    proxy: str | None = field(default=None, repr=False)
    max_connections: int = 1000
    """Connections of the shared pool, per event loop."""
    shared_backoff: bool = True
    """Whether a 429 holds back the calls beside it (key, base URL, model and provider preferences the same).

    Calls without retries pass at once, and nobody waits longer than `max_wait_s`.
    """

    @classmethod
    def of(
        cls,
        api_key: Any = None,
        *,
        base_url: str | None = None,
        app_url: str | None = None,
        app_title: str | None = None,
        app_categories: Sequence[str] | None = None,
        timeout_s: float | Timeouts | None = None,
        max_retries: int = 2,
        max_wait_s: float = 60.0,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        max_connections: int = 1000,
        shared_backoff: bool = True,
    ) -> ClientConfig:
        """Build settings; what is not given comes from the environment.

        The variables are those of `ENVIRONMENT`; OPENROUTER_APP_CATEGORIES is comma-separated.

        Raises:
            ConfigurationError: A value is out of range or not a URL.
        """
        if app_categories is None:
            app_categories = from_environment("app_categories") or ""
        if isinstance(app_categories, str):
            app_categories = [c.strip() for c in app_categories.split(",")]
        return cls(
            api_key=_secret(api_key if api_key is not None else from_environment("api_key")),
            base_url=base_url_of(base_url),
            app_url=_text(app_url or from_environment("app_url"), "app_url"),
            app_title=_text(app_title or from_environment("app_title"), "app_title"),
            app_categories=tuple(c for c in app_categories if _text(c, "app_categories")),
            headers=tuple(checked_headers(headers or {}).items()),
            timeouts=Timeouts.of(timeout_s),
            max_retries=_count(max_retries, "max_retries"),
            max_wait_s=_positive(max_wait_s, "max_wait_s"),
            proxy=_proxy(proxy),
            max_connections=_count(max_connections, "max_connections", least=1),
            shared_backoff=bool(shared_backoff),
        )

    def replace(self, **changes: Any) -> ClientConfig:
        """Return a copy with some settings changed; `headers` as pairs.

        Raises:
            ConfigurationError: A value is out of range.
        """
        if "max_retries" in changes:
            _count(changes["max_retries"], "max_retries")
        if "max_wait_s" in changes:
            _positive(changes["max_wait_s"], "max_wait_s")
        checked_headers(dict(changes.get("headers", ())))
        return replace(self, **changes)

    def __reduce__(self) -> tuple[Any, ...]:
        """What a pickle holds: no key, and no extra headers, query or proxy, which may hold credentials.

        Not `__getstate__`: Python 3.11.0 to 3.11.3 overwrite that of a frozen dataclass with slots.
        """
        hidden = {"api_key": None, "headers": (), "query": (), "proxy": None}
        values = (hidden.get(f.name, getattr(self, f.name)) for f in fields(self))
        return type(self), tuple(values)

    def __hash__(self) -> int:
        return hash((self.api_key, self.base_url))  # looked up by every call: not of every field

    def __deepcopy__(self, memo: object) -> ClientConfig:
        return self

    def __copy__(self) -> ClientConfig:
        return self

    @property
    def key(self) -> str:
        """The API key. A config that came out of a pickle reads it from the environment.

        Raises:
            MissingApiKeyError: There is none.
        """
        secret = self.api_key or _secret(from_environment("api_key"))
        if secret is None:
            raise MissingApiKeyError(
                "No OpenRouter API key. Set OPENROUTER_API_KEY or pass api_key "
                "(keys: https://openrouter.ai/settings/keys). Pickles do not carry keys."
            )
        return secret.get_secret_value()


def _secret(value: Any) -> Secret | None:
    """A key as a `Secret`; accepts a string, pydantic's SecretStr or a Secret. Blank is none."""
    if value is None or isinstance(value, Secret):
        return value
    text = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    if not isinstance(text, str):
        raise ConfigurationError(f"api_key must be a string, not {type(text).__name__}.")
    text = text.strip()
    if text[:1] in {'"', "'"} or text[-1:] in {'"', "'"}:
        raise ConfigurationError(
            "api_key stands in quotes. Take them away; check OPENROUTER_API_KEY."
        )
    if text.lower().startswith("bearer "):
        raise ConfigurationError('api_key begins with "Bearer": give the key alone.')
    if not text.isascii() or any(c.isspace() for c in text):
        raise ConfigurationError("api_key contains invalid characters.")
    return Secret(text) if text else None


@lru_cache(maxsize=64)
def _url(value: str) -> str:
    """A base URL without a slash at its end; the message never quotes it, for it may hold a password."""
    try:
        parts = urlsplit(value)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        parts, wrong = urlsplit(""), True
    if wrong or any(c.isspace() for c in value):
        raise ConfigurationError(
            f'base_url must look like "{DEFAULT_BASE_URL}": its scheme, host or port is wrong.'
        )
    if parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError(
            "base_url must not hold a query, a fragment or a password. "
            "Send credentials of a gateway with headers={...}."
        )
    url = value.rstrip("/")
    if url.endswith(("/chat/completions", "/responses", "/messages", "/embeddings")):
        raise ConfigurationError(
            f'base_url is the root of the API, e.g. "{DEFAULT_BASE_URL}", without the path of an endpoint.'
        )
    return url


def _proxy(value: str | None) -> str | None:
    if value and urlsplit(value).scheme not in ("http", "https", "socks5", "socks5h"):
        raise ConfigurationError('proxy must be a URL such as "http://proxy.example:3128".')
    return value


def _text(value: str | None, name: str) -> str | None:
    """A text that can stand in a header; blank is none."""
    return (checked_headers({"x": value}, name)["x"] or None) if value else None


def checked_headers(headers: Mapping[str, Any], argument: str = "headers") -> dict[str, str]:
    """Return headers that HTTP can carry.

    Raises:
        ConfigurationError: A name or value cannot be sent. The message does not quote values.
    """
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError(f"{argument}: {name!r} is not a valid header name.")
        if not isinstance(value, str) or _CONTROL.search(value):
            raise ConfigurationError(
                f"{argument}: the value of {name!r} must be a string on one line."
            )
    return {name: value.strip() for name, value in headers.items()}


def refuse_settings(
    call: Mapping[str, Any], settings: AbstractSet[str], *, owner: str, instead: str
) -> None:
    """Refuse settings of an adapter's object among the arguments of a call: they would be sent in the body.

    Args:
        call: The arguments; None says nothing.
        settings: What the object is made with.
        owner: What the settings belong to, e.g. "ChatOpenRouter".
        instead: What a call takes.

    Raises:
        ConfigurationError: The call names one, such as `api_key`, or holds a key under another name. The
            message quotes no value.
    """
    for name in settings & call.keys():
        if call[name] is not None:
            raise ConfigurationError(
                f"{name} is a setting of {owner}, not of a call, so nothing was sent. Make another "
                f"object, they share connections; a call takes {instead}."
            )
    for name, value in call.items():
        if has_key(value):
            raise refuse_key(name, owner)


def has_key(value: object) -> bool:
    """Whether a value is one of OpenRouter's keys, alone or behind "Bearer"."""
    return isinstance(value, str) and value.startswith(_KEYS)


def refuse_key(name: str, owner: str) -> ConfigurationError:
    """Return the error of an argument that would send a key where it does not belong."""
    return ConfigurationError(
        f"The value of {name} is an OpenRouter key. It would be sent as a field of the request, so nothing "
        f"was sent. Pass it as api_key to {owner}."
    )


def as_given(
    arguments: Mapping[str, Any], names: Mapping[str, str], known: AbstractSet[str]
) -> dict[str, Any]:
    """Return the arguments of an adapter's constructor under the names of its fields.

    None for a field means unset, so that a default or the environment counts: wrappers pass it on.

    Args:
        arguments: As they were given.
        names: Other names of fields.
        known: The names of the fields.
    """
    given: dict[str, Any] = {}
    for name, value in arguments.items():
        field_name = names.get(name, name)
        if value is not None or field_name not in known:
            given[field_name] = value
    return given


def settings_error(error: ValidationError) -> ConfigurationError:
    """Return what a constructor raises for pydantic's error: one of our checks as it is, else a sentence.

    The sentence quotes no value.
    """
    details = error.errors(include_url=False, include_input=False)
    for detail in details:
        raised = detail.get("ctx", {}).get("error")
        if isinstance(raised, ConfigurationError):
            return raised
    wrong = (f"{'.'.join(map(str, d['loc']))}: {d['msg']}" for d in details)
    return ConfigurationError(f"{error.title} cannot be made. {'; '.join(wrong)}.")


def unknown_setting(
    name: str, known: Iterable[str], *, owner: str, advice: str
) -> ConfigurationError:
    """Return what a constructor raises for an argument that it does not have: it would otherwise be lost."""
    near = near_name(name, known)
    hint = advice if near is None else f"Did you mean {near!r}?"
    return ConfigurationError(f"{owner} has no setting {name!r}. {hint}")


def near_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a misspelt one stands for; None when it is merely unknown.

    >>> near_name("onyl", ["order", "only"])
    'only'
    """
    letters = _letters(name)
    changes = {other: _distance(letters, _letters(other)) for other in known}
    nearest = min(changes, key=changes.__getitem__, default=None)
    may_differ = 1 if len(letters) < 8 else 2
    return nearest if nearest is not None and changes[nearest] <= may_differ else None


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _distance(one: str, other: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, theirs in enumerate(other, 1):
            cost: int = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def not_picklable(what: str, instead: str = "") -> TypeError:
    """Return the error that refuses a pickle; `what` is the subject of its sentence."""
    return TypeError(
        f"{what} cannot be pickled: it belongs to its process. Make one in each process{instead}."
    )


def refuse_http_clients(*http_clients: object) -> None:
    """Refuse to pickle an object that was given connections: without them its copy would go another way.

    Raises:
        TypeError: One of them is not None.
    """
    if any(http_client is not None for http_client in http_clients):
        raise not_picklable("An http_client")


def _positive(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ConfigurationError(f"{name} must be a number above 0, in seconds.")
    return float(value)


def _count(value: Any, name: str, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{name} must be a whole number, {least} or more.")
    return value
