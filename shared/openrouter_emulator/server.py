"""The emulator as a program: a real HTTP server on a thread of its own, and what tests use of it.

`Emulator` is the public face. Network I/O happens here and in `sending`, nowhere else.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import threading
import warnings
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self, cast

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from openrouter_emulator.app import create_app
from openrouter_emulator.billing.charges import Charge
from openrouter_emulator.catalogue.catalogue import Added, Catalogue
from openrouter_emulator.faults import Fault, fault_of
from openrouter_emulator.inference.replies import (
    Raw,
    Reply,
    Scripted,
    ToolCall,
    check_scripted,
)
from openrouter_emulator.requests import RecordedRequest
from openrouter_emulator.state.recording import Recording
from openrouter_emulator.state.recording_files import read_exchanges
from openrouter_emulator.state.records import KeyRecord
from openrouter_emulator.state.script import ScriptEntry
from openrouter_emulator.state.settings import Settings
from openrouter_emulator.state.state import State

_START_S = 10.0


class Emulator:
    """A local OpenRouter.

    Use it as a context manager; inside, `base_url` and `api_key` are what a client needs. Settings
    (`generation_delay_s`, `chunk_gap_s`, `byok`, ...) are attributes of `settings` and, for short, of the
    emulator itself; they may be given as keywords and changed at any time.

        with Emulator(generation_delay_s=0.5) as emulator:
            client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url)
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        credits_usd: Decimal | int = 1000,
        models: Iterable[Added] = (),
        **settings: Any,
    ) -> None:
        """Make an emulator; nothing listens until `start` or `with`.

        Args:
            credits_usd: What the account has, in USD.
            models: Models beside those of the catalogue: ids ("my/model", an all-rounder), or entries as
                GET /models shows them, with `endpoints` if wanted.
            **settings: See `state/settings.py`.
        """
        self.state = State(credits_usd=Decimal(credits_usd), catalogue=Catalogue(models))
        self.host = host
        self.port = port
        self._server: _Server | None = None
        for name, value in settings.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        name = _current(name)
        state = self.__dict__.get("state")
        if state is not None and name in Settings.__dataclass_fields__:
            return getattr(state.settings, name)
        if name == "charges":
            return self.charges
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        name = _current(name)
        if name in Settings.__dataclass_fields__:
            setattr(self.state.settings, name, value)
            return
        if name not in _OWN:
            raise AttributeError(f"The emulator has no setting {name!r}.")
        super().__setattr__(name, value)

    # ------------------------------------------------------------ running

    def start(self) -> Self:
        """Listen on a free port (or the one that was asked for).

        Raises:
            OSError: The port is taken, or not to be had; the message says so in a sentence.
        """
        if self._server is None:
            self._server = _Server(self.state, self.host, self.port)
            self.port = self._server.port
        return self

    def stop(self) -> None:
        """Close every connection and wait for the thread to end."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        """As `with`, without making the event loop wait."""
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *exc_info: object) -> None:
        await asyncio.to_thread(self.stop)

    # ------------------------------------------------------------ what a client needs

    @property
    def origin(self) -> str:
        """`http://host:port`."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What to give a client as `base_url`."""
        return f"{self.origin}/api/v1"

    @property
    def settings(self) -> Settings:
        return self.state.settings

    @property
    def api_key(self) -> str:
        """An inference key."""
        return self.state.inference_key.secret

    @property
    def management_key(self) -> str:
        """A key for the management endpoints."""
        return self.state.management_key.secret

    def add_key(self, name: str = "Another", **fields: Any) -> KeyRecord:
        """Make another key, e.g. with `limit=Decimal("0.01")`; its string is `.secret`."""
        return self.state.add_key(name, **fields)

    # ------------------------------------------------------------ what happened

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request so far, oldest first."""
        return self.state.requests

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies of those requests that had one."""
        return [r.json for r in self.state.requests if r.json is not None]

    @property
    def last(self) -> RecordedRequest:
        """The latest request."""
        return self.state.requests[-1]

    @property
    def charges(self) -> list[Charge]:
        """The calls that generated something, each with its cost, failed ones at 0; the latest `calls_kept`."""
        return self.state.charges

    @property
    def total_charged(self) -> Decimal:
        """What OpenRouter charged in all, in USD."""
        with self.state.lock:
            return self.state.total_charged

    def wait_idle(self, timeout_s: float = 5.0) -> bool:
        """Wait until every request is done, e.g. before reading `charges` after a cut stream."""
        return self.state.wait_idle(timeout_s)

    async def await_idle(self, timeout_s: float = 5.0) -> bool:
        """`wait_idle` for coroutines: the event loop goes on meanwhile."""
        return await asyncio.to_thread(self.wait_idle, timeout_s)

    # ------------------------------------------------------------ what should happen

    def script(
        self,
        items: Iterable[Scripted] | Scripted,
        *,
        model: str | None = None,
        tool: str | None = None,
        after_tool: str | None = None,
        turn: int | None = None,
        prompt: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Set replies of the models, in order, whatever shape they are asked in. After them the models answer again.

        Without conditions a reply is for the next request, whoever sends it. Of several that fit, one
        that is used up comes before one that stays, more conditions before fewer, and then the earlier.

        Args:
            items: One reply or several. A function gets the body in the shape of chat and returns a
                reply, or None to let the model answer.
            model: Only for this model: the id that was asked for, or that of the model that answers.
            tool: Only for requests that offer this function.
            after_tool: Only where the result of this function is the last message.
            turn: Only for this reply of a conversation: 1 where no message of the assistant comes before.
            prompt: Only where the last message of the user holds this regular expression.
            times: How often each reply is given; None for ever.

        Raises:
            TypeError: One of the items is nothing that a script holds.
        """
        single = isinstance(items, str | Reply | Raw | ToolCall) or callable(items)
        given: list[Any] = [items] if single else [*cast("Iterable[Scripted]", items)]
        for item in given:
            check_scripted(item)
        with self.state.lock:
            self.state.script.add(
                ScriptEntry(item, model, tool, after_tool, turn, prompt, times) for item in given
            )

    def replay(
        self,
        file: str | os.PathLike[str],
        *,
        match: Literal["order", "body"] = "order",
        times: int | None = 1,
    ) -> Recording:
        """Answer with recorded exchanges: status, headers and body as they were sent, and nothing charged.

        A request gets the next recorded answer of its method and path, streamed or not as it asks.
        When there is none left the models answer again. Keys are checked and faults happen as always.

        Args:
            file: A HAR file, a cassette of vcrpy (YAML or JSON), or JSON: one exchange or a list of them,
                `{"request": {"method", "url", "body"}, "response": {"status", "headers", "body" or "sse"}}`.
            match: "body" to answer only a request with an equal JSON body.
            times: How often each exchange is played; None for ever, in turn.

        Returns:
            The exchanges; `unused` names those that nothing has asked for yet.

        Raises:
            ValueError: The file has no exchange in one of these forms.
        """
        recording = Recording(read_exchanges(Path(file)), match, times)
        with self.state.lock:
            self.state.recordings.append(recording)
        return recording

    def fail_next(self, fault: Fault | str, *, times: int = 1, path: str | None = None) -> None:
        """Let the next `times` requests fail; with `path` only requests to it.

        Lookups of records, which ledgers make in the background, fail with `path="/generation"` alone.

        Args:
            fault: E.g. `faults.rate_limited()`, or a name as in the header, e.g. "status_418".

        Raises:
            TypeError: It is not a fault.
        """
        self.fail_sequence([fault] * times, path=path)

    def fail_sequence(
        self, outcomes: Sequence[Fault | str | None], *, path: str | None = None
    ) -> None:
        """Let requests fail in turn, as in `fail_next`; a None among the outcomes lets one request pass."""
        armed = [(fault_of(outcome), path) for outcome in outcomes]
        with self.state.lock:
            self.state.faults.extend(armed)

    def reset(self) -> None:
        """Drop requests, charges, scripts, faults and settings; keys and port stay.

        Where a ledger still looks up a call from before, that is a 404 and stands in no list.
        """
        self.state.reset()


_OWN = frozenset({"state", "host", "port", "_server"})
_RENAMED = {"books": "charges", "looks_until_done": "polls_until_done"}
"""Attributes of 0.1, kept for one minor version."""


def _current(name: str) -> str:
    """The present name of an attribute."""
    if name not in _RENAMED:
        return name
    message = f"Emulator.{name} is now called {_RENAMED[name]}."
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    return _RENAMED[name]


class _Server:
    """uvicorn on a daemon thread, with access to its connections."""

    def __init__(self, state: State, host: str, port: int) -> None:
        self.socket = _listening(host, port)
        self.port: int = self.socket.getsockname()[1]
        self.stopping = asyncio.Event()
        self.transports: dict[tuple[Any, ...], asyncio.Transport] = {}
        app = create_app(state, self._drop, self.stopping)
        config = uvicorn.Config(
            app,
            http=self._protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=60,
        )
        logging.getLogger("uvicorn.error").addFilter(_only_real_failures)
        self.uvicorn = uvicorn.Server(config)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=self._run, name="openrouter-emulator", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self.loop = runner.get_loop()
            runner.run(self.uvicorn.serve(sockets=[self.socket]))

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._release)
        self.thread.join(_START_S)
        self.socket.close()

    def _release(self) -> None:
        """End stalled answers, so that the shutdown has nothing to wait for."""
        self.stopping.set()

    def _protocol(self) -> type[H11Protocol]:
        transports = self.transports

        class Protocol(H11Protocol):
            """Remembers each connection, so that a fault can cut it."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
                super().connection_made(transport)
                transports[self.client or ()] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self.client or (), None)
                super().connection_lost(exc)

        return Protocol

    def _drop(self, scope: Scope) -> None:
        transport = self.transports.get(tuple(scope["client"] or ()))
        if transport is not None:
            transport.close()


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named, because asyncio sends without delay only then."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        raise OSError(getattr(error, "errno", None), _why_not(error, host, port)) from error
    return listening


def _why_not(error: Exception, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is taken: another program listens there, perhaps another emulator. "
            f"Stop it, or take another port, e.g. {port + 1}; 0 takes a free one."
        )
    return f"The emulator cannot listen on port {port} of {host}: {getattr(error, 'strerror', None) or error}."


def _only_real_failures(entry: logging.LogRecord) -> bool:
    """Cut connections make uvicorn complain; that is what they are for."""
    return "without" not in str(entry.msg) and "ASGI callable returned" not in str(entry.msg)
