"""Cassettes: replies that were recorded from the emulator once and are played back without it.

The files are read by people: bodies of JSON stand there as YAML, and no header that can hold a key is
kept. `make record` writes them anew; a recorded reply that a test no longer asks for fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import yaml

ROOT = Path(__file__).resolve().parent.parent / "cassettes"
BASE_URL = "https://openrouter.ai/api/v1"
KEY = "sk-or-v1-not-a-key"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REQUEST_HEADERS = frozenset({"content-type", "accept"})
_RESPONSE_HEADERS = frozenset({"content-type", "x-generation-id", "retry-after"})


def config() -> dict[str, Any]:
    """What vcrpy is told: match by method, address and body, and keep what `scrubbed` keeps."""
    return {
        "serializer": "yaml",
        "match_on": ["method", "uri", "equal_bodies"],
        "before_record_request": scrubbed,
        "before_record_response": scrubbed_response,
        "decode_compressed_response": True,
        "path_transformer": lambda path: f"{str(path).removesuffix('.yaml')}.yaml",
    }


def scrubbed(request: Any) -> Any:
    """Return the request under OpenRouter's address and without its credentials."""
    parts = urlsplit(request.uri)
    home = urlsplit(BASE_URL)
    request.uri = urlunsplit((home.scheme, home.netloc, *parts[2:]))
    request.headers = _only(request.headers, _REQUEST_HEADERS)
    return request


def scrubbed_response(response: dict[str, Any]) -> dict[str, Any]:
    """Return the response with the headers that mean something."""
    return {**response, "headers": _only(response["headers"], _RESPONSE_HEADERS)}


def _only(headers: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    return {name.lower(): value for name, value in headers.items() if name.lower() in kept}


def equal_bodies(one: Any, other: Any) -> None:
    """A vcrpy matcher: equal JSON, whatever UUIDs a test drew.

    The indentation of descriptions does not count: Python 3.13 strips it from docstrings itself.
    """
    assert _comparable(one.body) == _comparable(other.body)


def _comparable(body: Any) -> Any:
    drawn: dict[str, str] = {}
    text = (body.decode() if isinstance(body, bytes) else body) or "null"
    text = _UUID.sub(lambda m: drawn.setdefault(m[0], f"uuid {len(drawn)}"), text)
    return json.loads(text, object_hook=_with_plain_description)


def _with_plain_description(value: dict[str, Any]) -> dict[str, Any]:
    description = value.get("description")
    return (
        {**value, "description": cleandoc(description)} if isinstance(description, str) else value
    )


# ---------------------------------------------------------------------------- the file


class Readable:
    """A vcrpy serializer: YAML whose JSON bodies are YAML as well."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        readable = [_shown(each) for each in cassette["interactions"]]
        return yaml.dump({"version": 1, "interactions": readable}, Dumper=_Dumper, **_STYLE)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        cassette = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader, in C
        return {**cassette, "interactions": [_played(each) for each in cassette["interactions"]]}


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLE: Any = {"sort_keys": False, "allow_unicode": True, "width": 100}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand there as they are."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _shown(interaction: dict[str, Any]) -> dict[str, Any]:
    request, response = interaction["request"], interaction["response"]
    return {
        "request": {**request, "body": _readable(request["body"])},
        "response": {**response, "body": _readable(response["body"]["string"])},
    }


def _readable(body: Any) -> Any:
    text = body.decode() if isinstance(body, bytes) else body
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _played(interaction: dict[str, Any]) -> dict[str, Any]:
    request, response = interaction["request"], interaction["response"]
    return {
        "request": {**request, "body": _sendable(request["body"])},
        "response": {**response, "body": {"string": _sendable(response["body"])}},
    }


def _sendable(body: Any) -> Any:
    if body is None or isinstance(body, str):
        return cast("str", body or "").encode()
    return json.dumps(body, ensure_ascii=False).encode()


def unused(cassette: Any) -> list[str]:
    """The recorded requests that nothing asked for."""
    return [
        f"{request.method} {request.uri}"
        for at, request in enumerate(cassette.requests)
        if not cassette.play_counts[at]
    ]
