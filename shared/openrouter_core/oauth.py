"""Signing in a user with OAuth PKCE: from the consent page to a key of theirs.

`sign_in` does it all on a machine with a browser; the steps stand alone for web apps and for machines
without one. One of the few files with I/O: it listens on loopback for one redirect.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import selectors
import socket
import time
import webbrowser
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self, cast
from urllib.parse import parse_qs, urlencode

from openrouter_core.config import Secret
from openrouter_core.errors import (
    ConfigurationError,
    OpenRouterError,
    RequestTimeoutError,
)

if TYPE_CHECKING:
    from openrouter_core.client import AsyncOpenRouterClient, OpenRouterClient

__all__ = [
    "AUTH_URL",
    "Callback",
    "Pkce",
    "SignInError",
    "aexchange",
    "asign_in",
    "authorization_url",
    "exchange",
    "sign_in",
]

Method = Literal["S256", "plain"]
AUTH_URL = "https://openrouter.ai/auth"
_PAGE = "<!doctype html><meta charset=utf-8><title>OpenRouter</title><p>{}</p>"
_LONGEST_REQUEST = 16_384
_MOST_VISITORS = 64


class SignInError(OpenRouterError):
    """The user declined, or the redirect is not the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Pkce:
    """A secret and its public challenge: who starts a sign-in can alone finish it."""

    verifier: Secret
    challenge: str
    method: Method = "S256"

    @classmethod
    def new(cls) -> Self:
        """Make a fresh pair with the S256 method."""
        return cls.of(secrets.token_urlsafe(64))

    @classmethod
    def of(cls, verifier: str, *, method: Method = "S256") -> Self:
        """Make the pair of a verifier of 43 to 128 unreserved characters."""
        if not 43 <= len(verifier) <= 128:
            raise ConfigurationError("A PKCE verifier has 43 to 128 characters.")
        digest = hashlib.sha256(verifier.encode()).digest()
        hashed = urlsafe_b64encode(digest).rstrip(b"=").decode()
        return cls(Secret(verifier), hashed if method == "S256" else verifier, method)


def authorization_url(
    pkce: Pkce,
    *,
    callback_url: str | None = None,
    key_label: str | None = None,
    auth_url: str = AUTH_URL,
) -> str:
    """Return the address of the consent page.

    Args:
        callback_url: Where the browser is sent with `?code=...`: an https address or a loopback one.
            None makes the page show the code for the user to copy.
        key_label: The name of the key that comes of it.
    """
    query = {
        "callback_url": callback_url,
        "code_challenge": pkce.challenge,
        "code_challenge_method": pkce.method,
        "key_label": key_label,
    }
    return f"{auth_url}?{urlencode({k: v for k, v in query.items() if v is not None})}"


def exchange(client: OpenRouterClient, code: str, pkce: Pkce) -> Secret:
    """Exchange the code of a redirect for the user's key. A code works once, for ten minutes.

    Raises:
        PermissionDeniedError: The code is wrong or too old, or belongs to another verifier.
    """
    verifier = pkce.verifier.get_secret_value()
    answer = client.oauth.exchange_code(
        code, code_verifier=verifier, code_challenge_method=pkce.method
    )
    return answer.key


async def aexchange(client: AsyncOpenRouterClient, code: str, pkce: Pkce) -> Secret:
    """Exchange the code of a redirect for the user's key. A code works once, for ten minutes."""
    verifier = pkce.verifier.get_secret_value()
    answer = await client.oauth.exchange_code(
        code, code_verifier=verifier, code_challenge_method=pkce.method
    )
    return answer.key


def sign_in(
    client: OpenRouterClient,
    *,
    open_url: Callable[[str], object] = webbrowser.open,
    timeout_s: float = 300.0,
    key_label: str | None = None,
    port: int = 0,
    auth_url: str = AUTH_URL,
) -> Secret:
    """Let the user agree in a browser and return a key of theirs.

    Args:
        client: Any client; it needs no key for this.
        open_url: Shows the address to the user; by default the browser does, `print` is another way.
        timeout_s: How long the user may take, in seconds.
        port: The loopback port to listen on; 0 takes a free one.

    Raises:
        RequestTimeoutError: No redirect came in time.
        SignInError: The user declined.
        PermissionDeniedError: OpenRouter refused the code.
    """
    pkce = Pkce.new()
    with Callback(port=port) as callback:
        open_url(
            authorization_url(
                pkce, callback_url=callback.url, key_label=key_label, auth_url=auth_url
            )
        )
        code = callback.wait(timeout_s=timeout_s)
    return exchange(client, code, pkce)


async def asign_in(
    client: AsyncOpenRouterClient,
    *,
    open_url: Callable[[str], object] = webbrowser.open,
    timeout_s: float = 300.0,
    key_label: str | None = None,
    port: int = 0,
    auth_url: str = AUTH_URL,
) -> Secret:
    """The same as `sign_in`, without blocking the event loop."""
    pkce = Pkce.new()
    with Callback(port=port) as callback:
        url = authorization_url(
            pkce, callback_url=callback.url, key_label=key_label, auth_url=auth_url
        )
        await asyncio.to_thread(open_url, url)
        code = await asyncio.to_thread(callback.wait, timeout_s=timeout_s)
    return await aexchange(client, code, pkce)


@dataclass(slots=True)
class Callback:
    """A loopback address that takes one redirect and tells its code.

    Its path holds a random `state`; a request without it is refused and does not count. (In the path,
    because the server adds its own query to the address.)
    """

    port: int = 0
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _socket: socket.socket = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            self._socket = socket.create_server(("127.0.0.1", self.port))
        except OSError as error:
            raise SignInError(
                f"Port {self.port} of this machine cannot be listened on ({error.strerror}). "
                "Leave out port= for a free one."
            ) from error
        self.port = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        """What `callback_url` is to be."""
        return f"http://127.0.0.1:{self.port}{self._path}"

    @property
    def _path(self) -> str:
        return f"/callback/{self.state}"

    def wait(self, *, timeout_s: float) -> str:
        """Return the code of the redirect, then stop listening.

        Raises:
            RequestTimeoutError: No redirect came in time.
            SignInError: The user declined.
        """
        with _Visitors(self._socket) as visitors:
            for connection, target in visitors.until(time.monotonic() + timeout_s):
                code = self._answer(connection, target)
                if code is not None:
                    self.close()
                    return code
        raise RequestTimeoutError(f"Sign-in timed out after {timeout_s:g} s. Start again.")

    def close(self) -> None:
        """Stop listening. Safe to call twice."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _answer(self, connection: socket.socket, target: str) -> str | None:
        """Answer one request; return its code, or None when it is not the redirect."""
        path, _, query_text = target.partition("?")
        query = {name: values[0] for name, values in parse_qs(query_text).items()}
        if not hmac.compare_digest(path.encode(), self._path.encode()):
            _send_page(connection, 404, "This is not the page you are looking for.")
            return None
        return _code(connection, query)


def _code(connection: socket.socket, query: Mapping[str, str]) -> str:
    if "code" in query:
        _send_page(connection, 200, "Signed in. You can close this page.")
        return query["code"]
    _send_page(connection, 400, "You were not signed in. You can close this page.")
    reason = query.get("error_description") or query.get("error") or "no code came"
    raise SignInError(f"The sign-in failed ({reason}). Start again.", code=query.get("error"))


class _Visitors:
    """Everybody who has connected, read side by side: one that says nothing holds up no other."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._heads: dict[socket.socket, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._selector.close()
        for connection in self._heads:
            connection.close()

    def until(self, deadline: float) -> Iterator[tuple[socket.socket, str]]:
        """Yield each connection whose request is read, and what it asks for; it is closed afterwards."""
        while (left_s := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left_s):
                if key.fileobj is self._listener:
                    self._accept()
                    continue
                connection = cast("socket.socket", key.fileobj)
                if self._is_read(connection):
                    yield connection, _target_of(self._heads[connection])
                    self._drop(connection)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it has gone again
            return
        connection.setblocking(False)
        self._heads[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)
        if len(self._heads) > _MOST_VISITORS:
            self._drop(next(iter(self._heads)))

    def _is_read(self, connection: socket.socket) -> bool:
        if connection not in self._heads:
            return False
        try:
            piece = connection.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            piece = b""
        self._heads[connection] += piece
        head = self._heads[connection]
        return not piece or b"\r\n\r\n" in head or len(head) >= _LONGEST_REQUEST

    def _drop(self, connection: socket.socket) -> None:
        del self._heads[connection]
        self._selector.unregister(connection)
        connection.close()


def _target_of(head: bytes) -> str:
    """Return what a request asks for; empty when it is not a GET."""
    words = head.partition(b"\r\n")[0].decode("ascii", "replace").split(" ")
    return words[1] if len(words) == 3 and words[0] == "GET" else ""


def _send_page(connection: socket.socket, status: int, sentence: str) -> None:
    page = _PAGE.format(sentence).encode()
    head = (
        f"HTTP/1.1 {status} -\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\nConnection: close\r\nReferrer-Policy: no-referrer\r\n\r\n"
    )
    connection.settimeout(1.0)
    try:
        connection.sendall(head.encode() + page)
    except OSError:
        return  # the browser has gone; the code has already arrived
