"""Downloads over a real socket: bytes as they are, typed failures, and connections that come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import ServerError, StreamInterruptedError
from openrouter_core._call import Call, Route
from tests.openrouter_core.both_clients import Async, Connect, sync_and_async
from tests.openrouter_core.wire_server import CUT, HANG, WireServer, head, refusal, reply

Serve = Callable[..., WireServer]
_ROUTE = Route("POST", "/audio/speech", "createAudioSpeech", answers="bytes")
_CALL = Call(bytes, json={"input": "Hi"}, timeout_s=0.3)
_SOUND = bytes(range(256)) * 40


async def _bytes_of(caller: Any) -> tuple[bytes, Any]:
    stream = caller.client.download(_ROUTE, _CALL)
    if isinstance(caller, Async):
        return await stream.read(), stream
    return await asyncio.to_thread(stream.read), stream


@sync_and_async
async def test_bytes_come_as_they_are(serve: Serve, connect: Connect) -> None:
    server = serve(refusal(503), reply(_SOUND, kind="audio/mpeg", X_Generation_Id="gen-h"))

    sound, stream = await _bytes_of(connect(server.base_url))

    assert sound == _SOUND
    assert (stream.http.generation_id, stream.http.attempts) == ("gen-h", 2)
    assert server.requests[0].header("accept") == ["*/*"]


@sync_and_async
async def test_a_refused_download_is_typed(serve: Serve, connect: Connect) -> None:
    server = serve(refusal(500, "It fell over."))

    with pytest.raises(ServerError, match="It fell over"):
        await _bytes_of(connect(server.base_url, max_retries=0))


@sync_and_async
@pytest.mark.parametrize("ending", [CUT, HANG])
async def test_a_cut_download_is_typed(serve: Serve, connect: Connect, ending: str) -> None:
    """Half a file must not look like a file."""
    server = serve([head(200, content_length="99", X_Generation_Id="gen-h"), b"half", ending])

    with pytest.raises(StreamInterruptedError, match="download is incomplete") as caught:
        await _bytes_of(connect(server.base_url))

    assert caught.value.generation_id == "gen-h"


@sync_and_async
@pytest.mark.parametrize(
    "broken",
    [
        [head(500, content_length="99"), b"half", CUT],
        [head(200, content_length="99"), b"half", CUT],
        refusal(500),
    ],
    ids=["cut-refusal", "cut-file", "refusal"],
)
async def test_a_failed_download_gives_its_connection_back(
    serve: Serve, connect: Connect, broken: Any
) -> None:
    server = serve(broken, reply(_SOUND, kind="audio/mpeg"))
    caller = connect(server.base_url, max_connections=1, max_retries=0)

    with pytest.raises(Exception, match=r"500|broke|incomplete"):
        await _bytes_of(caller)

    assert (await _bytes_of(caller))[0] == _SOUND
