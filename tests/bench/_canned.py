"""A loopback server of fixed bytes, and the answers that it is given. Nothing of the project is in it.

What is measured against it must find the same bytes every time, so they are all written here.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Self

JSON = "application/json"
EVENTS = "text/event-stream"
GENERATION = "x-generation-id: gen-bench"


class CannedServer:
    """Answers a request by the first segment of its path, on a thread for each connection.

    An answer is one or more pieces. The first is sent at once, each other when `send_piece` allows it.
    """

    def __init__(self, answers: Mapping[str, Sequence[bytes]]) -> None:
        self._answers = answers
        self._allowed = threading.Semaphore(0)
        self._server = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._server.close()

    def url(self, answer: str = "") -> str:
        """The base URL under which that answer is found."""
        return f"http://127.0.0.1:{self._server.getsockname()[1]}/{answer}"

    def send_piece(self, count: int = 1) -> None:
        """Allow that many more pieces."""
        self._allowed.release(count)

    def _serve(self) -> None:
        while True:
            try:
                connection = self._server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            while request := _request(connection):
                first, *others = self._answers[request.split(b"/", 2)[1].decode()]
                connection.sendall(first)
                for piece in others:
                    self._allowed.acquire()
                    connection.sendall(piece)


def _request(connection: socket.socket) -> bytes:
    """A whole request; empty when the client has gone."""
    data = b""
    while not _is_whole(data):
        received = connection.recv(65536)
        if not received:
            return b""
        data += received
    return data


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length:")
    return bool(end) and len(body) >= int(length.split(b"\r\n")[0] or 0)


def body(value: object) -> list[bytes]:
    """One JSON body, without an id in the head: it generates nothing."""
    content = json.dumps(value, separators=(",", ":")).encode()
    return [_head(JSON, f"content-length: {len(content)}") + content]


def reply() -> list[bytes]:
    """One small answer of a chat model."""
    content = json.dumps(REPLY, separators=(",", ":")).encode()
    return [_head(JSON, GENERATION, f"content-length: {len(content)}") + content]


def events(deltas: Sequence[dict[str, Any]]) -> list[bytes]:
    """A stream of a piece per delta: the first comes with the head, one more brings the end."""
    chunks = [_chunk([_choice("delta", delta, None)]) for delta in deltas]
    end = _chunk([_choice("delta", {"role": "assistant", "content": ""}, "stop")])
    every = (*chunks, end, _chunk([], USAGE))
    lines = [json.dumps(chunk, separators=(",", ":")) for chunk in every]
    framed = [_frame(f"data: {line}\n\n".encode()) for line in (*lines, "[DONE]")]
    first, *middle = framed[: len(chunks)]
    return [
        _head(EVENTS, GENERATION, "transfer-encoding: chunked") + first,
        *middle,
        b"".join(framed[len(chunks) :]) + b"0\r\n\r\n",
    ]


def _head(kind: str, *more: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", f"content-type: {kind}", *more, "", "")).encode()


def _frame(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _choice(name: str, message: dict[str, Any], end: str | None) -> dict[str, Any]:
    ends = {"finish_reason": end, "native_finish_reason": end, "logprobs": None}
    return {"index": 0, name: message, **ends}


def _chunk(choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> dict[str, Any]:
    head = {"id": "gen-bench", "object": "chat.completion.chunk", "created": 1_790_000_000}
    more = {"usage": usage} if usage else {}
    return {**head, "model": "bench/text", "provider": "Bench", "choices": choices, **more}


USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21, "cost": 0.00012}
MESSAGE = {"role": "assistant", "content": "One, two.", "refusal": None, "reasoning": None}
REPLY = {
    "id": "gen-bench",
    "object": "chat.completion",
    "created": 1_790_000_000,
    "model": "bench/text",
    "provider": "Bench",
    "system_fingerprint": None,
    "choices": [_choice("message", MESSAGE, "stop")],
    "usage": USAGE,
}


def text(n: int) -> dict[str, Any]:
    """A delta of text."""
    return {"role": "assistant", "content": f" word{n}"}


def tool_call(n: int) -> dict[str, Any]:
    """A delta of a tool call; the first names it."""
    function: dict[str, Any] = {"arguments": f" word{n}"}
    call: dict[str, Any] = {"index": 0, "type": "function", "function": function}
    if n == 0:
        call["id"], function["name"], function["arguments"] = "call_1", "write", '{"text": "'
    return {"role": "assistant", "content": None, "tool_calls": [call]}
