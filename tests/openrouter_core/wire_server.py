"""A scripted HTTP/1.1 server on a real socket, for answers that no well-behaved server gives.

A script is a list of steps for one request: bytes to send, seconds to wait, or one of the endings
`CUT` (close the connection), `RESET` (close it with a reset) and `HANG` (say nothing more).
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

CUT, RESET, HANG = "cut", "reset", "hang"
Step = bytes | float | str
Script = Sequence[Step]


@dataclass
class Received:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WireServer:
    """Answers the n-th request with the n-th script; the last script serves all further ones."""

    scripts: tuple[Script, ...]
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    closed: int = 0

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self.scripts = scripts or (reply({}),)
        self._tls = tls
        self.requests, self.connections, self.closed = [], 0, 0
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open: set[socket.socket] = set()
        self._threads[0].start()

    @property
    def base_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/api/v1"

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def stop(self) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            _shut(connection)
        for thread in self._threads:
            thread.join(timeout=5)

    def drop_connections(self) -> None:
        """Close every open connection, as a server does with idle ones."""
        for connection in list(self._open):
            _shut(connection)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
                number = self.connections
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as reader:
                while (request := _read(reader, number)) is not None:
                    with self._lock:
                        self.requests.append(request)
                        at = min(len(self.requests), len(self.scripts)) - 1
                    if not self._play(self.scripts[at], connection):
                        return
        except OSError:
            return  # the client went away, which is what some tests do
        finally:
            with self._lock:
                self._open.discard(connection)
                self.closed += 1

    def _play(self, script: Script, connection: socket.socket) -> bool:
        """Send the steps; return whether the connection goes on."""
        for step in script:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, float):
                if self._stopped.wait(step):
                    return False
            elif step == HANG:
                self._stopped.wait(30)
                return False
            else:
                if step == RESET:
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                else:
                    _shut(connection)
                return False
        return True


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already


def _read(reader: Any, connection: int) -> Received | None:
    first = reader.readline()
    if not first.strip():
        return None
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers: list[tuple[str, str]] = []
    while line := reader.readline().strip():
        name, _, value = line.decode().partition(":")
        headers.append((name, value.strip()))
    length = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
    return Received(method, target, headers, reader.read(length), connection)


def head(status: int = 200, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X"] + [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def reply(
    body: Any,
    status: int = 200,
    *,
    kind: str = "application/json",
    zipped: bool = False,
    **headers: str,
) -> Script:
    """A whole answer with a length; `body` is JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    if zipped:
        content, headers["content_encoding"] = gzip.compress(content), "gzip"
    length = {"content_type": kind, "content_length": str(len(content))}
    return [head(status, **length, **headers) + content]


def refusal(status: int, message: str = "No.", *, metadata: Any = None, **headers: str) -> Script:
    error = {"code": status, "message": message, "metadata": metadata or {}}
    return reply({"error": error, "user_id": "user_1"}, status, **headers)


def sse(*steps: Any, ended: bool = True, **headers: str) -> Script:
    """An event stream in chunks: dicts become events, text is sent as it is, numbers are waits."""
    kind = {"content_type": "text/event-stream", "transfer_encoding": "chunked"}
    script: list[Step] = [head(200, **kind, **headers)]
    for step in steps:
        if isinstance(step, float) or step in (CUT, RESET, HANG):
            script.append(step)
        else:
            event = step if isinstance(step, (str, bytes)) else f"data: {json.dumps(step)}\n\n"
            script.append(chunked(event if isinstance(event, bytes) else event.encode()))
    return [*script, b"0\r\n\r\n"] if ended else script


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


# ------------------------------------------------------------------------- chat answers

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.0001}
COMMENT = ": OPENROUTER PROCESSING\n\n"
DONE = "data: [DONE]\n\n"


def chunk(text: str = "", finish: str | None = None, **extra: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"id": "gen-1-abc", "model": "m", "provider": "P", "choices": [choice], **extra}


def stream_of(*texts: str) -> list[Any]:
    """A whole stream, comment and all."""
    return [COMMENT, *map(chunk, texts), chunk("", "stop"), chunk("", "stop", usage=USAGE), DONE]


def as_text(events: Iterable[Any]) -> str:
    """An event stream as one text, to be cut or packed by the caller."""
    return "".join(e if isinstance(e, str) else f"data: {json.dumps(e)}\n\n" for e in events)


def answer(text: str = "Hi", **extra: Any) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return {"id": "gen-1-abc", "model": "m", "choices": [choice], "usage": USAGE, **extra}


ANSWER = reply(answer())
STREAMED = sse(*stream_of("Hel", "lo"))
