"""From a described call to an HTTP request, and from an HTTP answer to a value or an error. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any, TypeVar, cast

import httpx2

from openrouter_core._call import Base, Call, ReplyInfo, Route, StreamCall
from openrouter_core._json import parse_json
from openrouter_core._version import __version__
from openrouter_core.chat.answer import failure_of
from openrouter_core.config import ClientConfig, Timeouts, checked_headers
from openrouter_core.errors import (
    ApiStatusError,
    ConfigurationError,
    IncompleteBodyError,
    NoEndpointsError,
    ResponseShapeError,
    classify,
)

T = TypeVar("T")
JSON_TYPE = "application/json"
_Headers = dict[str, tuple[str, str]]
"""Name as compared -> name as sent, and value."""
_ACCEPT = {"json": JSON_TYPE, "sse": "text/event-stream", "bytes": "*/*"}
_USER_AGENT = f"openrouter-adapters/{__version__}"
_ERROR_KEYS = {
    "error",
    "user_id",
    "openrouter_metadata",
    "metadata",
    "success",
    "type",
    "request_id",
}


UsualHeaders = dict[tuple[str, str, bool], httpx2.Headers]
"""The headers of a client's requests where a call adds none, made once and kept by that client."""


def build_request(
    config: ClientConfig,
    route: Route,
    call: Call[Any] | StreamCall[Any, Any],
    usual_headers: UsualHeaders,
) -> httpx2.Request:
    """Return the request of a call, timeouts included.

    Args:
        usual_headers: The client's own, of this config; filled here. They hold the key, so they live
            and end with the client.

    Raises:
        MissingApiKeyError: The endpoint needs a key and there is none.
        ConfigurationError: The body is not JSON.
    """
    streams = route.answers == "sse"
    timeouts = config.timeouts if call.timeout_s is None else Timeouts.of(call.timeout_s)
    url = _url(config, route, call)
    extensions = {"timeout": {**_waits(timeouts, streams=streams)}}
    form, files = getattr(call, "form", None), getattr(call, "files", None)
    has_body = form is None and files is None and call.json is not None
    host = url.netloc.decode("ascii")
    usual = (route.answers, host, has_body)
    headers = usual_headers.get(usual)
    if headers is None or call.headers:
        headers = _headers(config, route, call.headers, host, has_body=has_body)
        if not call.headers and config.api_key is not None:
            usual_headers[usual] = headers
    if has_body:
        return _with_content(route.method, url, headers, encode(call.json), extensions)
    return httpx2.Request(
        route.method, url, headers=headers, data=form, files=files, extensions=extensions
    )


def _with_content(
    method: str, url: httpx2.URL, headers: httpx2.Headers, content: bytes, extensions: Any
) -> httpx2.Request:
    """Make a request whose body is ready: 5 µs, where `content=` takes 16."""
    request = httpx2.Request(
        method, url, headers=headers, stream=httpx2.ByteStream(content), extensions=extensions
    )
    request.headers.encoding = headers.encoding
    request.headers["Content-Length"] = str(len(content))
    request.read()
    return request


def encode(body: object) -> bytes:
    """Serialise a JSON body: compact, in the caller's key order, text as UTF-8.

    Raises:
        ConfigurationError: A value is not JSON, or a number is not finite.
    """
    try:
        text = _ENCODER.encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"The request body cannot be sent as JSON ({error}). Convert such values first."
        ) from error
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: JSON can escape what UTF-8 cannot hold
        return _ASCII_ENCODER.encode(body).encode()


def _as_json(value: object) -> object:
    """JSON for what the argument types allow beside JSON: read-only mappings, sequences, amounts."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(cast("Sequence[object]", value))
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_ENCODER, _ASCII_ENCODER = (
    json.JSONEncoder(
        ensure_ascii=ensure_ascii, separators=(",", ":"), allow_nan=False, default=_as_json
    )
    for ensure_ascii in (False, True)
)


def _url(config: ClientConfig, route: Route, call: Call[Any] | StreamCall[Any, Any]) -> httpx2.URL:
    path = route.path
    if call.path:
        path = path.format_map({k: _segment(k, v) for k, v in call.path.items()})
    url = _api_url(config.base_url, route.base, path)
    if not (call.query or config.query):
        return url
    given = {**dict(config.query), **call.query}
    query = {k: _query_value(v) for k, v in given.items() if v is not None}
    return url.copy_merge_params(query) if query else url


@lru_cache(maxsize=256)
def _api_url(base_url: str, base: Base, path: str) -> httpx2.URL:
    """The URL of a path under one of the API's bases, parsed once."""
    if base == "v1":
        return httpx2.URL(base_url + path)
    root = base_url.removesuffix("/v1").removesuffix("/api")
    return httpx2.URL(root + path)


def _segment(name: str, value: str) -> str:
    """A path parameter, escaped; one that would change the path is refused."""
    from urllib.parse import quote

    if not value or value in (".", ".."):
        raise ConfigurationError(
            f"{name} must not be empty." if not value else f"{name} is not a valid id."
        )
    return quote(value, safe="~@:")


def _query_value(value: object) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return [_query_value(v) for v in cast("list[object]", value)]
    return value if isinstance(value, (int, float)) else str(value)


def _headers(
    config: ClientConfig, route: Route, extra: Mapping[str, str], host: str, *, has_body: bool
) -> httpx2.Headers:
    """The headers of a request but its length; the user's own win over ours, whatever their case."""
    ours = {
        "User-Agent": _USER_AGENT,
        "Accept": _ACCEPT[route.answers],
        "Accept-Encoding": "gzip, deflate" if route.answers == "json" else "identity",
        "Content-Type": JSON_TYPE if has_body else "",
        "HTTP-Referer": config.app_url or "",
        "X-OpenRouter-Title": config.app_title or "",
        "X-OpenRouter-Categories": ",".join(config.app_categories),
    }
    named = [*((name, value) for name, value in ours.items() if value), *config.headers]
    mine = checked_headers(extra, "extra_headers") if extra else {}
    headers = {_same(name): (name, value) for name, value in (*named, *mine.items())}
    needs_key = route.key != "none" or config.api_key is not None
    return _complete(
        headers, config.key if needs_key and "authorization" not in headers else "", host
    )


def _complete(headers: _Headers, key: str, host: str) -> httpx2.Headers:
    ours = {"host": ("Host", host)}
    if key:
        ours["authorization"] = ("Authorization", f"Bearer {key}")
    return httpx2.Headers([*(ours | headers).values()], encoding="utf-8")


def _same(name: str) -> str:
    """What two names of one header have in common: `X-Title` is the older name of the app's title."""
    name = name.lower()
    return "x-openrouter-title" if name == "x-title" else name


@lru_cache(maxsize=64)
def _waits(timeouts: Timeouts, *, streams: bool) -> dict[str, float | None]:
    """The transport's timeouts. To be copied: a pool changes the copy that goes with a request.

    `first_event` and `gap` are for our own pools, which change the read timeout on the way. Another
    transport notices a silent stream after the longer of the two.
    """
    read_s = max(timeouts.first_event_s, timeouts.gap_s) if streams else timeouts.answer_s
    waits = {
        "connect": timeouts.connect_s,
        "read": read_s,
        "write": timeouts.write_s,
        "pool": timeouts.pool_s,
    }
    if streams:
        waits |= {"first_event": timeouts.first_event_s, "gap": timeouts.gap_s}
    return {name: None if s == float("inf") else s for name, s in waits.items()}


def result(route: Route, call: Call[T], body: bytes, info: ReplyInfo) -> tuple[T, Any]:
    """Read a complete answer: the value, and the parsed JSON it came from.

    Raises:
        ApiStatusError: The status, or an error inside a 200, says that the call failed.
        IncompleteBodyError: The body is empty or cut off.
        ResponseShapeError: The body is not what the endpoint answers.
    """
    if info.status_code >= 300:
        raise failure(info.status_code, body, info.headers, call.json)
    if call.into is bytes:
        if not body or not is_file(route, info):
            raise not_a_file(body, info)
        return cast("T", body), None
    if call.into is NoneType:
        return cast("T", None), None
    try:
        data = parse_json(body)
    except ValueError as error:
        raise _unreadable(body, info) from error
    if isinstance(data, dict) and ("error" in data or "choices" in data):
        hidden = _failure_inside(data, info.headers, call.json)
        if hidden:
            raise hidden
    from openrouter_core.wire._base import read  # a client needs pydantic's models from here on

    return read(call.into, data, info, envelope=call.envelope), data


def may_be_any_file(route: Route) -> bool:
    """Whether a file may be empty, JSON or a page: one that was stored may be anything, sound and video not."""
    return not route.path.startswith(("/audio/", "/videos/"))


def is_file(route: Route, info: ReplyInfo) -> bool:
    """Whether the head of an answer fits a file."""
    kind = info.headers.get("content-type", "").partition(";")[0].strip().lower()
    fits = may_be_any_file(route) or kind not in {"application/json", "text/html"}
    encoding = info.headers.get("content-encoding", "identity").lower()
    return fits and encoding in _DECODED and info.status_code not in {204, 205}


_DECODED = frozenset({"identity", "gzip", "deflate", ""})


def not_a_file(
    body: bytes, info: ReplyInfo
) -> ApiStatusError | ResponseShapeError | IncompleteBodyError:
    """The error of JSON, a page or nothing in the place of a file."""
    if not body:
        return _unreadable(b"", info)
    encoding = info.headers.get("content-encoding", "")
    if encoding.lower() not in _DECODED:
        return ResponseShapeError(
            f"OpenRouter's answer is compressed with {encoding!r}, which was not asked for.",
            status_code=info.status_code,
            generation_id=info.generation_id,
        )
    try:
        content: Any = parse_json(body)
    except ValueError:
        return _unreadable(b"<" + body, info)
    if isinstance(content, dict) and "error" in content:
        return classify(200, cast("dict[str, Any]", content), info.headers)
    return ResponseShapeError(
        f"OpenRouter's answer is JSON and not a file (status {info.status_code}). It is in .raw.",
        status_code=info.status_code,
        generation_id=info.generation_id,
        raw=content,
    )


def parse(body: bytes, info: ReplyInfo) -> Any:
    """Parse a JSON body; leading white space (keep-alive padding) is allowed."""
    try:
        return parse_json(body)
    except ValueError as error:
        raise _unreadable(body, info) from error


def _is_too_deep(text: bytes) -> bool:
    """Whether JSON that no parser takes is whole all the same: as many brackets close as open."""
    return text[-1:] in (b"}", b"]") and text.count(b"[") + text.count(b"{") == (
        text.count(b"]") + text.count(b"}")
    )


def _unreadable(body: bytes, info: ReplyInfo) -> IncompleteBodyError | ResponseShapeError:
    """The error of a body that is not JSON."""
    text = body.strip()
    if not text or (text[:1] in (b"{", b"[") and not _is_too_deep(text)):
        return IncompleteBodyError(
            f"OpenRouter's answer is {'cut off' if text else 'empty'} "
            f"(status {info.status_code}). Try again.",
            status_code=info.status_code,
            generation_id=info.generation_id,
        )
    kind = info.headers.get("content-type", "no content type")
    what = "nested too deeply to be read" if text[:1] in (b"{", b"[") else "not JSON"
    page = " It is a web page: check base_url, the proxy and the network." if "html" in kind else ""
    return ResponseShapeError(
        f"OpenRouter's answer is {what} (status {info.status_code}, {kind}).{page} The text is in .raw.",
        status_code=info.status_code,
        generation_id=info.generation_id,
        raw=body.decode(errors="replace"),
    )


def failure(
    status: int, body: bytes, headers: Mapping[str, str], sent: object = None
) -> ApiStatusError:
    """Return the typed error of an answer with an error status, whatever its body is."""
    try:
        content: object = parse_json(body)
    except ValueError:
        content = body.decode(errors="replace")
    return explained(classify(status, content, headers), sent)


def explained(error: ApiStatusError, sent: object) -> ApiStatusError:
    """Add to a "no endpoints" error what the request demanded of providers."""
    if isinstance(error, NoEndpointsError) and isinstance(sent, dict):
        from openrouter_core.chat.requirements import explain  # only this failure needs it

        explain(error, cast("dict[str, Any]", sent))
    return error


def _failure_inside(data: Any, headers: Mapping[str, str], sent: object) -> ApiStatusError | None:
    """The error that a 200 hides, at the top or in a choice; None if there is none."""
    error = data.get("error")
    if error and isinstance(error, dict | str) and _is_refusal(data):
        return explained(classify(200, data, headers), sent)
    choices: Any = data.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and (found := failure_of(choice)):
            return classify(200, {**data, "error": found}, headers)
    return None


def _is_refusal(data: Mapping[str, Any]) -> bool:
    """Whether the `error` of an answer is its failure: other objects have a field of that name."""
    return "choices" in data or data.keys() <= _ERROR_KEYS
