"""What clients must have in common to share connections, and how one connection is made. Used by `pool`."""

from __future__ import annotations

import os
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import httpx2

from openrouter_core.config import ClientConfig
from openrouter_core.errors import ConfigurationError

IDLE_S = 60.0
"""How long a connection that nobody uses is kept."""

_ONE = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_S)


@dataclass(frozen=True, slots=True)
class PoolKey:
    """What two clients must share to share connections."""

    origin: str
    proxy: str | None = field(repr=False)
    max_connections: int

    @classmethod
    def of(cls, config: ClientConfig) -> PoolKey:
        """The pool of a config; the environment's proxy variables count where none is set."""
        parts = urlsplit(config.base_url)
        return cls(
            f"{parts.scheme}://{parts.netloc}",
            config.proxy or _environment_proxy(parts.scheme, parts.hostname or ""),
            config.max_connections,
        )

    @property
    def tls(self) -> ssl.SSLContext:
        """The TLS context; one that loads no certificates where nothing is encrypted."""
        plain = self.origin.startswith("http://") and not (self.proxy or "").startswith("https")
        return _no_tls() if plain else shared_tls()

    def make(self) -> httpx2.BaseTransport:
        """Make a transport for one connection.

        Raises:
            ConfigurationError: The proxy needs a package that is not installed.
        """
        if self.proxy is None:
            from openrouter_core._http.transport import OneConnectionTransport

            return OneConnectionTransport(self.tls, IDLE_S)
        from openrouter_core._http.transport import ProxiedTransport

        with _socks_explained():
            return ProxiedTransport(self.tls, self.proxy, _ONE)

    def make_async(self) -> httpx2.AsyncBaseTransport:
        """Make an asyncio transport for one connection; see `make`."""
        if self.proxy is None:
            from openrouter_core._http.transport import OneAsyncConnectionTransport

            return OneAsyncConnectionTransport(self.tls, IDLE_S)
        from openrouter_core._http.transport import AsyncProxiedTransport

        with _socks_explained():
            return AsyncProxiedTransport(self.tls, self.proxy, _ONE)


@contextmanager
def _socks_explained() -> Generator[None]:
    try:
        yield
    except ImportError as error:
        raise ConfigurationError(
            "A SOCKS proxy needs one package more: pip install socksio"
        ) from error


@lru_cache(maxsize=1)
def shared_tls() -> ssl.SSLContext:
    """The TLS context of the process: making one costs about 20 ms.

    Raises:
        ConfigurationError: The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read.
    """
    try:
        return httpx2.create_ssl_context()
    except OSError as error:  # Python does not say which file
        named = next((n for n in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(n)), None)
        where = f"{named}={os.environ[named]}" if named else "the system's certificates"
        raise ConfigurationError(
            f"The certificates for TLS cannot be read ({where}): {error.strerror or error}."
        ) from error


@lru_cache(maxsize=1)
def _no_tls() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _environment_proxy(scheme: str, host: str) -> str | None:
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
