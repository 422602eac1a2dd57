"""A server on a real socket that answers every declared endpoint, and calls by both clients."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import NoneType
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from openrouter_core._call import Route

from . import samples
from .declared import Declared, declared

KEY = "sk-or-v1-test"
_STREAMS: Mapping[str, list[dict[str, Any]]] = {
    "sendChatCompletionRequest": [
        {
            "id": "gen-1",
            "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}],
        },
        {"id": "gen-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ],
    "createCompletions": [
        {"id": "gen-1", "choices": [{"index": 0, "text": "Hi", "finish_reason": "stop"}]}
    ],
    "createResponses": [
        {"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"},
        {"type": "response.completed", "response": {"id": "gen-1", "status": "completed"}},
    ],
    "createMessages": [
        {"type": "message_start", "message": {"id": "gen-1"}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "message_stop"},
    ],
    "createImages": [{"type": "image_generation.completed", "b64_json": "AAAA", "created": 1}],
}


@dataclass
class Received:
    """One request, as it came over the wire."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Everything:
    """What the server has received, and where it listens."""

    url: str = ""
    received: list[Received] = field(default_factory=list)

    @property
    def last(self) -> Received:
        return self.received[-1]


@contextmanager
def answering() -> Iterator[Everything]:
    """Run a server that answers each declared endpoint in the least way its type allows."""
    seen = Everything()

    class Handler(_Handler):
        notes = seen

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    seen.url = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    notes: Everything

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.notes.received.append(Received(self.command, url.path, url.query, headers, body))
        one = _endpoint_of(self.command, url.path, headers.get("accept", ""))
        content, kind = _answer(one) if one else (b'{"error":{"message":"no","code":404}}', _JSON)
        self.send_response(200 if one else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *args: object) -> None:
        """Keep the test output clean."""


_JSON = "application/json"
_BASES = {"v1": "/api/v1", "root": ""}


def _pattern(route: Route) -> str:
    return _BASES[route.base] + re.sub(r"\{\w+\}", "[^/]+", route.path)


def _endpoint_of(method: str, path: str, accept: str) -> Declared | None:
    """The endpoint that a request is meant for; of two with one path, the fixed path goes first."""
    found = [
        one
        for one in declared()
        if one.route.method == method and re.fullmatch(_pattern(one.route), unquote(path))
    ]
    wanted = "text/event-stream" in accept
    fitting = [one for one in found if one.streams == wanted] or found
    return min(fitting, key=lambda one: one.route.path.count("{"), default=None)


def _answer(one: Declared) -> tuple[bytes, str]:
    if one.streams:
        events = [f"data: {json.dumps(event)}\n\n" for event in _STREAMS[one.route.operation]]
        return "".join([*events, "data: [DONE]\n\n"]).encode(), "text/event-stream"
    call = one.endpoint.describe(None, **samples.arguments(one))
    if call.into is bytes:
        return b"\x00\x01", "application/octet-stream"
    if call.into is NoneType:
        return b"", _JSON
    value = least(call.into)
    return json.dumps({call.envelope: value} if call.envelope else value).encode(), _JSON


def least(into: type) -> Any:
    """The least JSON that a type can be read from: only what identifies it."""
    if not issubclass(into, BaseModel):
        return {}
    into.model_rebuild()
    return {
        item.alias or name: _least_value(name, item.annotation)
        for name, item in into.model_fields.items()
        if item.is_required()
    }


def _least_value(name: str, hint: Any) -> Any:
    if name in ("data", "choices") and "Embedding" in str(hint):
        return [{"embedding": [0.5], "index": 0}]
    if name == "choices" and "Chat" in str(hint):
        return [{"message": {}}]
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return least(hint)
    origin = str(hint)
    if origin.startswith("list"):
        return []
    if origin.startswith("dict"):
        return {}
    return {int: 1, float: 0.5}.get(hint, "text")
