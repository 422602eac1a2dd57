"""Reads files of recorded exchanges: HAR, the cassettes of vcrpy, and plain JSON."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openrouter_emulator.planned_response import JsonObject, dumps
from openrouter_emulator.state.recording import Exchange

_KEPT = re.compile(r"x-(generation-id|provider-name|ratelimit-.*)|retry-after|location")
"""Headers that mean something to a client; the transport makes the others itself."""
_BASE = re.compile(r"^.*?/(v1|alpha|beta)(?=/)")


def read_exchanges(file: Path) -> list[Exchange]:
    """The exchanges of a file, in their order.

    Raises:
        ValueError: The file has none, or is in another form.
    """
    whole = _loaded(file)
    try:
        found = [_exchange(request, response) for request, response in _pairs(whole)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file}: an exchange cannot be read: {error!r}. {_FORMS}") from error
    if not found:
        raise ValueError(f"{file} has no exchanges. {_FORMS}")
    return found


_FORMS = "The emulator replays HAR files, cassettes of vcrpy, and JSON exchanges with `request` and `response`."


def _loaded(file: Path) -> Any:
    text = file.read_text("utf-8")
    if file.suffix not in {".yaml", ".yml"}:
        return json.loads(text)
    try:
        yaml: Any = import_module("yaml")
    except ImportError as error:
        raise ValueError(f"Reading {file} needs PyYAML: pip install pyyaml") from error
    return yaml.safe_load(text)


def _pairs(whole: Any) -> Iterable[tuple[JsonObject, JsonObject]]:
    """(request, response) of each exchange."""
    if isinstance(whole, dict):
        har = whole.get("log") or {}
        whole = whole.get("interactions") or har.get("entries") or [whole]
    return [(one["request"], one["response"]) for one in whole if "request" in one]


def _exchange(request: JsonObject, response: JsonObject) -> Exchange:
    headers = _headers(response.get("headers"))
    content = _content(response)
    if headers.get("content-encoding") == "gzip" and content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    streamed = "sse" in response or content.startswith((b"data: ", b"event: ", b": "))
    usual = "text/event-stream" if streamed else "application/json"
    return Exchange(
        str(request.get("method", "POST")).upper(),
        _BASE.sub("", urlsplit(request.get("url") or request["uri"]).path),
        _json_sent(request),
        _status(response["status"]),
        content,
        headers.get("content-type", usual),
        {name: value for name, value in headers.items() if _KEPT.fullmatch(name)},
    )


def _status(status: Any) -> int:
    return int(status["code"] if isinstance(status, Mapping) else status)


def _headers(given: Any) -> dict[str, str]:
    """Names in lower case; of several values the first."""
    if isinstance(given, list):  # HAR
        return {str(h["name"]).lower(): str(h["value"]) for h in given}
    named = ((str(name).lower(), value) for name, value in (given or {}).items())
    return {n: str(v[0] if isinstance(v, list) and v else v) for n, v in named}


def _content(response: JsonObject) -> bytes:
    """The body that was sent."""
    if "content" in response:  # HAR
        har: JsonObject = response["content"]
        text = str(har.get("text", ""))
        return _decoded(text) if har.get("encoding") == "base64" else text.encode()
    body = response["sse"] if "sse" in response else response.get("body")
    if isinstance(body, dict) and set(body) <= {"string", "base64_string"}:  # vcrpy
        encoded = body.get("base64_string")
        body = body.get("string") if encoded is None else _decoded(str(encoded))
    return body if isinstance(body, bytes) else _bytes(body)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a body is not base64") from error


def _bytes(body: Any) -> bytes:
    """A text as it is, everything else as JSON."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else dumps(body)


def _json_sent(request: JsonObject) -> Any:
    """The JSON that was sent; None where it is something else."""
    body = request.get("postData", {}).get("text") if "postData" in request else request.get("body")
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if not isinstance(body, str):
        return body
    try:
        return json.loads(body)
    except ValueError:
        return None
