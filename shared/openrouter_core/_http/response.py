"""What the two clients share of reading responses and giving failures their type. No waiting."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal, NoReturn, TypeVar, cast

import httpx2

from openrouter_core._call import ReplyInfo, Route, StreamCall, StreamState
from openrouter_core._http.exchange import failure, not_a_file, parse
from openrouter_core.config import Timeouts
from openrouter_core.errors import (
    ApiStatusError,
    ConfigurationError,
    ConnectionFailedError,
    MidStreamError,
    OpenRouterError,
    RequestTimeoutError,
    ResponseShapeError,
)
from openrouter_core.streaming.inflate import aunpacked, unpacked
from openrouter_core.streaming.reader import Reader, ends_within
from openrouter_core.streaming.stream import Opened

REFUSAL_BYTES = 2**20
REFUSAL_S = 10.0
"""A body that is only shown is not read for ever: neither 2 GB of it, nor a byte a minute."""
ANSWER_BYTES = 512 * 2**20
"""A whole answer is larger than this only by mistake: 10 images of 20 MB, 2,048 long vectors are below it."""

T = TypeVar("T")
S = TypeVar("S", bound="StreamState[Any]")


def raw_route(method: str, path: str, *, answers: Literal["json", "sse"] = "json") -> Route:
    """The route of a request that no resource declares."""
    if not path.startswith("/"):
        raise ConfigurationError('path must start with "/", e.g. "/credits".')
    return Route(method.upper(), path, "", answers=answers)


def check_http_client(http_client: Any, wanted: type) -> None:
    """Refuse an HTTP client of another library, or of the other kind."""
    if http_client is None or isinstance(http_client, wanted):
        return
    kind = f"{type(http_client).__module__}.{type(http_client).__name__}"
    raise TypeError(
        f"http_client must be an httpx2.{wanted.__name__}, not {kind}. "
        "httpx2 continues httpx with the same API: `import httpx2 as httpx`."
    )


def reply_info(response: httpx2.Response, number: int, start: float) -> ReplyInfo:
    """The HTTP side of an answer; `start` is in `time.perf_counter()` seconds."""
    raw = response.headers.raw
    try:
        headers = {name.decode("ascii").lower(): value.decode("ascii") for name, value in raw}
    except UnicodeDecodeError:
        headers = {}
    if len(headers) < len(raw):  # a name comes twice, or a value is not ASCII
        headers = {name.lower(): value for name, value in response.headers.items()}
    elapsed_s = time.perf_counter() - start
    made = headers.get("x-generation-id")
    return ReplyInfo(response.status_code, headers, number, elapsed_s, made)


def iter_body(response: httpx2.Response, headers: Mapping[str, str]) -> Iterator[bytes]:
    """The body as it arrives; unpacked only where it is compressed."""
    if "content-encoding" in headers:
        return unpacked(response)
    return iter(cast("Any", response.stream))


def aiter_body(response: httpx2.Response, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    """`iter_body` of an async response."""
    if "content-encoding" in headers:
        return aunpacked(response)
    return aiter(cast("Any", response.stream))


def read_refusal(response: httpx2.Response, timeouts: Timeouts) -> bytes:
    """What a refused stream or download says: its first kilobytes, as far as they come soon."""
    wait_s = min(REFUSAL_S, timeouts.first_event_s)
    ends_within(response, wait_s)
    deadline, pieces, size = time.perf_counter() + wait_s, list[bytes](), 0
    with suppress(httpx2.TimeoutException):  # its status says more than that it was slow
        for piece in iter_body(response, response.headers):
            pieces.append(piece)
            size += len(piece)
            if size > REFUSAL_BYTES or time.perf_counter() > deadline:
                break
    return b"".join(pieces)[:REFUSAL_BYTES]


async def aread_refusal(response: httpx2.Response, timeouts: Timeouts) -> bytes:
    """`read_refusal`, awaited."""
    wait_s = min(REFUSAL_S, timeouts.first_event_s)
    ends_within(response, wait_s)
    deadline, pieces, size = time.perf_counter() + wait_s, list[bytes](), 0
    with suppress(httpx2.TimeoutException):
        async for piece in aiter_body(response, response.headers):
            pieces.append(piece)
            size += len(piece)
            if size > REFUSAL_BYTES or time.perf_counter() > deadline:
                break
    return b"".join(pieces)[:REFUSAL_BYTES]


def read_until(response: httpx2.Response, deadline: float) -> bytes:
    """The whole body, if it comes in time: padding must not keep a dead call alive."""
    pieces, size = list[bytes](), 0
    for piece in iter_body(response, response.headers):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES or time.perf_counter() > deadline:
            raise _endless(size)
    return b"".join(pieces)


async def aread_until(response: httpx2.Response, deadline: float) -> bytes:
    """As `read_until`, awaited."""
    pieces, size = list[bytes](), 0
    async for piece in aiter_body(response, response.headers):
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES or time.perf_counter() > deadline:
            raise _endless(size)
    return b"".join(pieces)


def _endless(size: int) -> httpx2.HTTPError:
    if size > ANSWER_BYTES:
        return httpx2.DecodingError(f"It is larger than {ANSWER_BYTES >> 20} MB.")
    return httpx2.ReadTimeout("The answer took too long.")


async def empty_body() -> AsyncIterator[bytes]:
    """A body that has ended."""
    return
    yield b""


def is_event_stream(info: ReplyInfo) -> bool:
    """Whether the answer is a stream; errors and some providers answer with plain JSON."""
    kind = info.headers.get("content-type", "")
    return info.status_code < 300 and kind.lower().startswith("text/event-stream")


def open_stream(
    response: httpx2.Response,
    body: Any,
    reader: Reader,
    state: S,
    payloads: list[bytes],
    info: ReplyInfo,
) -> Opened[Any, S]:
    """Read the first event, which decides whether the call began well.

    Raises:
        StreamInterruptedError: There is none.
    """
    if not payloads:
        state.finish()
        raise state.interrupted("the stream held no event")
    first = state.feed(payloads[0])
    if info.attempts > 1:
        # Only a call that failed needs it.
        from openrouter_core.observers.lost_tries import remember

        remember(info.generation_id or state.summary.get("id"))
    return Opened(response, body, reader, state, first, payloads[1:], info, None)


def raise_for_status(content: bytes, info: ReplyInfo, sent: object = None) -> NoReturn:
    """Raise the failure that an answer with an error status stands for."""
    raise failure(info.status_code, content, info.headers, sent)


def raise_not_a_file(content: bytes, info: ReplyInfo) -> NoReturn:
    """Raise the failure that JSON or a page in the place of a file stands for."""
    raise not_a_file(content, info)


def read_unstreamed(
    response: httpx2.Response,
    content: bytes,
    body: Any,
    info: ReplyInfo,
    call: StreamCall[Any, S],
    reader: Reader,
) -> Opened[Any, S]:
    """Read an answer that is not an event stream: a refusal, or the whole reply at once."""
    parse(content, info)
    return open_stream(response, body, reader, call.state(), [content], info)


def to_openrouter_error(
    error: httpx2.HTTPError | OpenRouterError,
    number: int,
    response: httpx2.Response | None,
    start: float,
) -> OpenRouterError:
    """Give a failure its type; a failure in a stream's first event is a refusal like any other."""
    if isinstance(error, MidStreamError) and error.cause_error is not None:
        cause: ApiStatusError = error.cause_error
        cause.generation_id = cause.generation_id or error.generation_id
        error = cause
    if isinstance(error, httpx2.HTTPError):
        error = _transport_error(error)
    error.attempts = number
    if response is not None:
        error.http = reply_info(response, number, start)
        error.generation_id = error.generation_id or error.http.generation_id
    return error


def cause_of(error: httpx2.HTTPError | OpenRouterError) -> BaseException | None:
    """What to name as the cause: the library's error where ours replaces one."""
    return error if isinstance(error, httpx2.HTTPError) else error.__cause__


def _transport_error(error: httpx2.HTTPError) -> OpenRouterError:
    if isinstance(error, (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol)):
        return ConfigurationError("The request is not valid HTTP. Check its headers and base_url.")
    if isinstance(error, httpx2.DecodingError):
        return ResponseShapeError(f"OpenRouter's answer cannot be read. {error}")
    if isinstance(error, httpx2.TimeoutException):
        return _timeout_error(error)
    if isinstance(error, httpx2.ProxyError):
        return _proxy_error(error)
    if isinstance(error, httpx2.ConnectError):
        return _unreachable(error)
    what = f"The connection broke before the answer was complete ({type(error).__name__})."
    return ConnectionFailedError(what, was_sent=True)


def _unreachable(error: httpx2.ConnectError) -> ConnectionFailedError:
    what = f"OpenRouter could not be reached ({error}). Check the network, proxy and base_url."
    refused = _certificate_error(error)
    if refused:
        what = (
            f"OpenRouter could not be reached: its certificate was refused ({refused}). Behind a proxy "
            "that reads the traffic, set SSL_CERT_FILE to its certificate authority."
        )
    return ConnectionFailedError(what, was_sent=False, retryable=False if refused else None)


def _timeout_error(error: httpx2.TimeoutException) -> RequestTimeoutError:
    known: dict[type[httpx2.HTTPError], str] = {
        httpx2.ConnectTimeout: "No connection could be made in time.",
        httpx2.PoolTimeout: "No connection became free in time; raise max_connections.",
        httpx2.WriteTimeout: "The request could not be sent in time.",
    }
    what = known.get(type(error), "No answer came in time; raise timeout_s, or stream.")
    was_sent = not isinstance(error, (httpx2.ConnectTimeout, httpx2.PoolTimeout))
    return RequestTimeoutError(what, was_sent=was_sent)


def _proxy_error(error: httpx2.ProxyError) -> ConnectionFailedError:
    """A proxy that refuses, e.g. 407, will do so again; one that fails with 502 may not."""
    is_final = str(error)[:1] == "4"
    what = f"The proxy did not let the call through ({error}). Check the proxy and its password."
    return ConnectionFailedError(what, was_sent=False, retryable=False if is_final else None)


def _certificate_error(error: BaseException) -> str | None:
    """Why the certificate of the other side was refused; None if something else failed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message or cause.reason
        cause = cause.__cause__ or cause.__context__
    return None
