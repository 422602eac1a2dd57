"""The replay server, read with a bare socket: every byte arrives, in pieces. Needs no recordings."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest

from .recordings import Recording, made, sse_of
from .replay_server import ReplayServer, body_of, cut

STREAMED = made({"sse": sse_of({"text": "22°C, naïve, 你好" * 90})}, id="streamed")
REFUSED = made({"status": 402, "body": {"error": {"code": 402}}}, id="refused")


@pytest.fixture(scope="module")
def own_server() -> Iterator[ReplayServer]:
    with ReplayServer([STREAMED, REFUSED], seed=1) as running:
        yield running


def ask(server: ReplayServer, target: str, body: bytes = b"{}") -> bytes:
    head = f"POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(head.encode() + body)
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n") and b"content-length" not in answer:
            answer += line.recv(65536)
        return answer


def pieces_of(answer: bytes) -> list[bytes]:
    rest = answer.partition(b"\r\n\r\n")[2]
    pieces = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        pieces.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return pieces[:-1]


def target(server: ReplayServer, recording: Recording) -> str:
    return "/" + server.base_url("test", recording).split("/", 3)[3] + "/chat/completions"


def test_every_byte_arrives_and_the_body_comes_in_pieces(own_server: ReplayServer) -> None:
    pieces = pieces_of(ask(own_server, target(own_server, STREAMED)))

    assert b"".join(pieces) == body_of(STREAMED)
    assert len(pieces) > 1


def test_status_and_type_are_the_recorded_ones(own_server: ReplayServer) -> None:
    answer = ask(own_server, target(own_server, REFUSED))

    assert answer.startswith(b"HTTP/1.1 402 ")
    assert b"content-type: application/json\r\n" in answer


def test_request_is_kept_for_its_column(own_server: ReplayServer) -> None:
    ask(own_server, target(own_server, STREAMED), b'{"a": 1}')

    assert own_server.received["test", "streamed"].json == {"a": 1}


def test_unknown_recording_is_a_404(own_server: ReplayServer) -> None:
    assert ask(own_server, "/test/nothing/api/v1/models").startswith(b"HTTP/1.1 404 ")


def test_same_seed_cuts_the_same_way_and_another_differently() -> None:
    body = bytes(range(256)) * 40

    first, again, other = (list(cut(body, random.Random(seed))) for seed in ("a", "a", "b"))

    assert first == again != other
    assert b"".join(other) == body


def test_cuts_fall_inside_characters() -> None:
    body = "你好".encode() * 400

    pieces = cut(body, random.Random("seed"))

    assert any(not _is_text(piece) for piece in pieces)


def _is_text(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True
