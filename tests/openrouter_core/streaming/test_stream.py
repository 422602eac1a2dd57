"""Streams over a real socket: order, ends, failures, clocks and closing. By both clients."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import (
    AuthenticationError,
    ConnectionFailedError,
    MidStreamError,
    OpenRouterError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ResponseShapeError,
    ServerError,
    StreamInterruptedError,
    Timeouts,
)
from tests.openrouter_core.both_clients import MESSAGES, Connect, sync_and_async
from tests.openrouter_core.wire_server import (
    COMMENT,
    CUT,
    DONE,
    HANG,
    RESET,
    STREAMED,
    USAGE,
    WireServer,
    answer,
    as_text,
    chunk,
    chunked,
    head,
    refusal,
    reply,
    sse,
    stream_of,
)

Serve = Callable[..., WireServer]
_ERROR = {"code": 429, "message": "Slow.", "metadata": {"provider_name": "Minimax"}}


@sync_and_async
async def test_chunks_come_as_they_were_sent(serve: Serve, connect: Connect) -> None:
    end = chunk("", "stop")
    sent = [chunk("Hel"), chunk("lo", new={"a": None}), end, {**end, "usage": USAGE}]
    server = serve(sse(COMMENT, *sent, DONE, X_Generation_Id="gen-h"))

    chunks, stream = await connect(server.base_url).read()

    assert chunks == sent
    assert (stream.so_far.text, stream.so_far.usage) == ("Hello", USAGE)
    assert stream.http.generation_id == "gen-h"
    assert server.requests[0].json["stream"] is True


@sync_and_async
async def test_c7_bytes_may_be_cut_anywhere(serve: Serve, connect: Connect) -> None:
    """quirks.md C7: comments between chunks, CRLF, a character in two pieces."""
    text = f": c\r\n\r\ndata: {json.dumps(chunk('22°C'), ensure_ascii=False)}\r\n\r\n:\r\n\r\n"
    wire = (text + f"data: {json.dumps(chunk('', 'stop'))}\r\n\r\n" + DONE).encode()
    server = serve(sse(*[wire[n : n + 7] for n in range(0, len(wire), 7)]))

    _, stream = await connect(server.base_url).read()

    assert stream.so_far.text == "22°C"


@sync_and_async
async def test_a_stream_sends_nothing_until_it_is_read(serve: Serve, connect: Connect) -> None:
    server = serve(STREAMED)

    stream = connect(server.base_url).client.chat.stream(MESSAGES, model="m")

    assert server.connections == 0
    with pytest.raises(OpenRouterError, match="not open yet"):
        _ = stream.so_far


@sync_and_async
async def test_an_opened_stream_has_its_first_event_and_is_read_from_there(
    serve: Serve, connect: Connect
) -> None:
    server = serve(STREAMED)
    stream: Any = connect(server.base_url).client.chat.stream(MESSAGES, model="m")

    opened = stream.open()
    opened = await opened if asyncio.iscoroutine(opened) else opened
    again = stream.open()
    again = await again if asyncio.iscoroutine(again) else again

    assert opened is again is stream
    assert len(server.requests) == 1
    assert stream.http.status_code == 200
    done = stream.until_done()
    so_far = await done if asyncio.iscoroutine(done) else done
    assert so_far.text == "Hello"


@sync_and_async
async def test_opening_raises_the_refusal(serve: Serve, connect: Connect) -> None:
    server = serve(refusal(401))
    stream: Any = connect(server.base_url).client.chat.stream(MESSAGES, model="m")

    async def opened() -> Any:
        opening = stream.open()
        return await opening if asyncio.iscoroutine(opening) else opening

    with pytest.raises(AuthenticationError):
        await opened()


@sync_and_async
async def test_a_whole_reply_instead_of_a_stream_is_read(serve: Serve, connect: Connect) -> None:
    server = serve(reply(answer("Hi")))

    chunks, stream = await connect(server.base_url).read()

    assert chunks == [answer("Hi")]
    assert (stream.so_far.text, stream.so_far.usage) == ("Hi", USAGE)


@sync_and_async
async def test_a_stream_compressed_unasked_is_read(serve: Serve, connect: Connect) -> None:
    events = as_text(stream_of("Hi"))
    server = serve(sse(gzip.compress(events.encode()), content_encoding="gzip"))

    _, stream = await connect(server.base_url).read()

    assert stream.so_far.text == "Hi"


@sync_and_async
async def test_an_error_page_instead_of_a_stream_is_told(serve: Serve, connect: Connect) -> None:
    server = serve(reply(b"<html>Sign in</html>", kind="text/html"))

    with pytest.raises(ResponseShapeError, match="not JSON"):
        await connect(server.base_url).read()


# ------------------------------------------------------------------------- before the first event


@sync_and_async
async def test_a_refused_stream_raises_the_status(serve: Serve, connect: Connect) -> None:
    server = serve(refusal(401))

    with pytest.raises(AuthenticationError):
        await connect(server.base_url).read()


@sync_and_async
@pytest.mark.parametrize(
    "failed",
    [
        refusal(503),
        reply({"error": {"code": 502, "message": "x"}}),
        sse({"error": {"code": 502, "message": "x"}}),
        sse(COMMENT, chunk("", "error", error={"code": 429, "message": "x"})),
        sse(COMMENT),
        sse(),
        sse(COMMENT, CUT),
        sse("data: {nonsense\n\n"),
        [CUT],
    ],
    ids=["status", "200-json", "error-event", "error-beside-choices", "comments-only", "empty",
         "cut", "no-json", "no-answer"],
)  # fmt: skip
async def test_a_stream_that_fails_before_its_first_event_is_tried_again(
    serve: Serve, connect: Connect, failed: Any
) -> None:
    server = serve(failed, failed, sse(*stream_of("Hi")))

    _, stream = await connect(server.base_url).read()

    assert stream.so_far.text == "Hi"
    assert stream.http.attempts == 3
    assert len(server.requests) == 3


@sync_and_async
async def test_a_failure_in_the_first_event_is_a_plain_refusal(
    serve: Serve, connect: Connect
) -> None:
    """Nothing was handed out, so there is nothing partial."""
    server = serve(sse({"error": _ERROR, "user_id": "u"}, X_Generation_Id="gen-h"))

    seen, error = await connect(server.base_url, max_retries=0).chunks_until_error()

    assert (seen, type(error)) == ([], RateLimitError)
    assert error.provider_name == "Minimax"
    assert error.generation_id == "gen-h"


# ------------------------------------------------------------------------- after it


@sync_and_async
@pytest.mark.parametrize(
    "failure",
    [
        {"error": _ERROR, "user_id": "u"},
        chunk("", "error", error=_ERROR),
        chunk("", "stop", error=_ERROR),
    ],
    ids=["alone", "finish-error", "beside-a-stop"],
)
async def test_c3_c4_a_failure_in_the_middle_is_typed(
    serve: Serve, connect: Connect, failure: dict[str, Any]
) -> None:
    """quirks.md C3 and C4: partial text, id, code and provider; and no second request."""
    server = serve(sse(chunk("Hel"), chunk("lo"), failure, DONE, X_Generation_Id="gen-h"))

    seen, error = await connect(server.base_url).chunks_until_error()

    assert [c["choices"][0]["delta"]["content"] for c in seen] == ["Hel", "lo"]
    assert isinstance(error, MidStreamError)
    assert isinstance(error, RateLimitError)
    assert (error.partial_text, error.code, error.provider_name) == ("Hello", 429, "Minimax")
    assert error.generation_id == "gen-1-abc"
    assert len(server.requests) == 1


@sync_and_async
@pytest.mark.parametrize("ending", [CUT, RESET])
@pytest.mark.parametrize("last", ["whole", "half"])
async def test_c11_a_cut_stream_is_interrupted(
    serve: Serve, connect: Connect, ending: str, last: str
) -> None:
    """quirks.md C11: with all that arrived, and never tried again."""
    half = [] if last == "whole" else ['data: {"id": "gen-1-abc", "choi']
    server = serve(sse(chunk("Hel"), chunk("lo"), *half, 0.05, ending))

    seen, error = await connect(server.base_url).chunks_until_error()

    assert len(seen) == 2
    assert isinstance(error, StreamInterruptedError)
    assert (error.partial_text, error.generation_id) == ("Hello", "gen-1-abc")
    assert isinstance(error, ConnectionError)
    assert len(server.requests) == 1


@sync_and_async
@pytest.mark.parametrize("tail", [[], [DONE], ['data: {"id": "ge']], ids=["eof", "done", "half"])
async def test_c11_an_end_without_a_finish_reason_is_interrupted(
    serve: Serve, connect: Connect, tail: list[Any]
) -> None:
    """quirks.md C11: a tidy end of the body is no end of the answer, nor is `[DONE]`."""
    server = serve(sse(chunk("Hel"), *tail))

    _, error = await connect(server.base_url).chunks_until_error()

    assert isinstance(error, StreamInterruptedError)


@sync_and_async
@pytest.mark.parametrize(
    "tail",
    [[], [CUT], [RESET], ["data: [DO"], ['data: {"id": "gen-1-abc", "usa', CUT], [HANG],
     ['data: {"id": "gen-1-abc", "usa']],
    ids=["eof", "cut", "reset", "half-done", "half-usage-cut", "silence", "half-usage-eof"],
)  # fmt: skip
async def test_c11_what_happens_behind_a_whole_answer_does_no_harm(
    serve: Serve, connect: Connect, tail: list[Any]
) -> None:
    """quirks.md C11: the finish reason was there; only the usage is unknown."""
    server = serve(sse(chunk("Hel"), chunk("lo", "stop"), 0.02, *tail))

    _, stream = await connect(server.base_url, timeout_s=0.2).read()

    assert (stream.so_far.text, stream.so_far.finish_reason) == ("Hello", "stop")


@sync_and_async
async def test_a_body_without_length_or_chunks_ends_with_the_connection(
    serve: Serve, connect: Connect
) -> None:
    events = as_text(stream_of("Hi"))
    server = serve(
        [head(200, content_type="Text/Event-Stream; charset=utf-8"), events.encode(), CUT]
    )

    _, stream = await connect(server.base_url).read()

    assert stream.so_far.text == "Hi"


@sync_and_async
async def test_c12_an_unknown_finish_reason_ends_a_stream(serve: Serve, connect: Connect) -> None:
    """quirks.md C12: any word is an end."""
    server = serve(sse(chunk("Hi", "brand_new"), DONE))

    _, stream = await connect(server.base_url).read()

    assert stream.so_far.finish_reason == "brand_new"


# ------------------------------------------------------------------------- clocks

_FIRST = Timeouts(first_event_s=0.15, gap_s=30.0)
_GAP = Timeouts(first_event_s=30.0, gap_s=0.2)
_COMMENTS = [COMMENT, 0.03] * 60


@sync_and_async
@pytest.mark.parametrize("waiting", [_COMMENTS, [HANG]], ids=["comments", "silence"])
async def test_c10_the_first_event_has_its_own_clock(
    serve: Serve, connect: Connect, waiting: list[Any]
) -> None:
    """quirks.md C10: keep-alive comments do not wind it."""
    server = serve(sse(*waiting, X_Generation_Id="gen-h"))
    start = time.perf_counter()

    _, error = await connect(server.base_url, timeout_s=_FIRST, max_retries=0).chunks_until_error()

    assert time.perf_counter() - start < 1.0
    assert isinstance(error, RequestTimeoutError)
    assert error.generation_id == "gen-h"


@sync_and_async
@pytest.mark.parametrize("waiting", [_COMMENTS, [HANG]], ids=["comments", "silence"])
async def test_c10_the_gap_between_events_has_its_own_clock(
    serve: Serve, connect: Connect, waiting: list[Any]
) -> None:
    """quirks.md C10: the first event may take long, a stall afterwards may not."""
    server = serve(sse(COMMENT, 0.3, chunk("Hel"), *waiting))
    start = time.perf_counter()

    seen, error = await connect(server.base_url, timeout_s=_GAP, max_retries=0).chunks_until_error()

    assert time.perf_counter() - start < 1.5
    assert isinstance(error, StreamInterruptedError)
    assert (len(seen), error.partial_text) == (1, "Hel")


@sync_and_async
async def test_c10_a_slow_stream_that_goes_on_is_not_stopped(
    serve: Serve, connect: Connect
) -> None:
    """quirks.md C10: longer in all than any one wait."""
    slow = [step for text in "Hello" for step in (chunk(text), 0.05, COMMENT)]
    server = serve(sse(*slow, chunk("", "stop"), DONE))

    _, stream = await connect(server.base_url, timeout_s=_GAP).read()

    assert stream.so_far.text == "Hello"


@sync_and_async
async def test_c10_the_two_clocks_do_not_disturb_connection_reuse(
    serve: Serve, connect: Connect
) -> None:
    """quirks.md C10: changing the read timeout on the way leaves the connection whole."""
    server = serve(STREAMED)
    caller = connect(server.base_url, timeout_s=Timeouts())

    for _ in range(3):
        await caller.read()

    assert server.connections == 1


# ------------------------------------------------------------------------- closing early


@sync_and_async
async def test_a_stream_that_is_left_early_hangs_up(serve: Serve, connect: Connect) -> None:
    """The server stops generating, and the place in the pool is free again."""
    server = serve(sse(chunk("Hel"), HANG), STREAMED)
    caller = connect(server.base_url, max_connections=1)

    assert (await caller.first_of())["choices"][0]["delta"]["content"] == "Hel"
    _, stream = await caller.read()

    assert stream.so_far.text == "Hello"
    assert server.connections == 2


@sync_and_async
async def test_a_stream_that_is_opened_and_dropped_hangs_up(serve: Serve, connect: Connect) -> None:
    """At once, where nothing else refers to it; no collection is needed."""
    server = serve(sse(chunk("Hel"), HANG), STREAMED)
    caller = connect(server.base_url, max_connections=1)

    await _open_and_drop(caller.client.chat.stream(MESSAGES))
    _, stream = await caller.read()

    assert stream.so_far.text == "Hello"
    assert server.connections == 2


@sync_and_async
async def test_leaving_a_loop_hangs_up(serve: Serve, connect: Connect) -> None:
    """Without `with` and without `close`."""
    server = serve(sse(chunk("Hel"), chunk("lo"), HANG), STREAMED)
    caller = connect(server.base_url, max_connections=1)

    await _read_one_and_drop(caller.client.chat.stream(MESSAGES))
    _, stream = await caller.read()

    assert stream.so_far.text == "Hello"
    assert server.connections == 2


@sync_and_async
async def test_a_stream_may_be_entered_again_when_it_could_not_be_opened(
    serve: Serve, connect: Connect
) -> None:
    server = serve(refusal(403), STREAMED)
    caller = connect(server.base_url)
    stream = caller.client.chat.stream(MESSAGES)

    with pytest.raises(PermissionDeniedError):
        await _open_and_drop(stream)
    chunks, stream = await caller.read(stream)

    assert stream.so_far.text == "Hello"
    assert chunks[0]["choices"][0]["delta"]["content"]


async def _open_and_drop(stream: Any) -> None:
    """Open it as code does that has no `with` block around it."""
    opening = stream.__aenter__ if hasattr(stream, "__aenter__") else stream.__enter__
    opened = opening()
    if asyncio.iscoroutine(opened):
        await opened


async def _read_one_and_drop(stream: Any) -> None:
    if hasattr(stream, "__iter__"):
        for _ in stream:
            return
    async for _ in stream:
        return


@sync_and_async
async def test_a_stream_can_be_closed_twice_and_before_it_began(
    serve: Serve, connect: Connect
) -> None:
    server = serve(STREAMED)
    stream = connect(server.base_url).client.chat.stream(MESSAGES, model="m")

    for _ in range(2):
        closing = stream.close() if hasattr(stream, "close") else stream.aclose()
        if asyncio.iscoroutine(closing):
            await closing

    assert server.connections == 0


async def test_breaking_out_of_a_loop_gives_the_connection_back(serve: Serve) -> None:
    from openrouter_core import AsyncOpenRouterClient

    server = serve(sse(*[chunk("x")] * 50, HANG), STREAMED)
    client = AsyncOpenRouterClient("k", base_url=server.base_url, max_connections=1, timeout_s=3)
    stream = client.chat.stream(MESSAGES)
    async for _ in stream:
        break
    await stream.aclose()

    assert (await client.chat.stream(MESSAGES).until_done()).text == "Hello"


async def test_cancelling_a_reader_gives_the_connection_back(serve: Serve) -> None:
    from openrouter_core import AsyncOpenRouterClient

    server = serve(sse(chunk("Hel"), HANG), STREAMED)
    client = AsyncOpenRouterClient("k", base_url=server.base_url, max_connections=1, timeout_s=3)
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in client.chat.stream(MESSAGES):
            begun.set()

    task = asyncio.create_task(read())
    async with asyncio.timeout(3):
        await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await client.chat.stream(MESSAGES).until_done()).text == "Hello"


@pytest.mark.parametrize("script", [[HANG], [head(200, content_length="5"), HANG], sse(HANG)],
                         ids=["no-head", "no-body", "no-event"])  # fmt: skip
async def test_cancelling_a_call_gives_the_connection_back(serve: Serve, script: Any) -> None:
    from openrouter_core import AsyncOpenRouterClient

    server = serve(script, script, STREAMED)
    client = AsyncOpenRouterClient("k", base_url=server.base_url, max_connections=1, timeout_s=3)

    for call in (
        lambda: client.chat.send(MESSAGES),
        lambda: client.chat.stream(MESSAGES).until_done(),
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await call()

    assert (await client.chat.stream(MESSAGES).until_done()).text == "Hello"


# ------------------------------------------------------------------------- other streams


@sync_and_async
async def test_j7_any_stream_can_be_asked_for(serve: Serve, connect: Connect) -> None:
    """quirks.md J7: events as dicts, with whatever they hold."""
    server = serve(sse({"type": "a", "n": 1}, "event: b\ndata: {}\n\n", DONE))
    caller = connect(server.base_url)

    events, stream = await caller.read(caller.client.stream("POST", "/responses", json={"x": 1}))

    assert events == [{"type": "a", "n": 1}, {}]
    assert stream.http.status_code == 200
    assert server.requests[0].json == {"x": 1}


@sync_and_async
async def test_j7_a_failure_in_any_stream_is_typed(serve: Serve, connect: Connect) -> None:
    """quirks.md J7: errors and interruptions are the same everywhere."""
    server = serve(
        sse({"a": 1}, {"error": _ERROR}), sse({"a": 1}, CUT), sse({"a": 1}, "data: 7\n\n")
    )
    caller = connect(server.base_url)

    for kind in (RateLimitError, StreamInterruptedError, StreamInterruptedError):
        with pytest.raises(kind):
            await caller.read(caller.client.stream("POST", "/responses", json={}))


@sync_and_async
async def test_mid_stream_errors_know_the_header_and_the_attempts(
    serve: Serve, connect: Connect
) -> None:
    """B6: events of other endpoints carry no id; the header does."""
    server = serve(
        refusal(503),
        sse({"a": 1}, 0.02, CUT, X_Generation_Id="gen-h"),
    )
    caller = connect(server.base_url)

    with pytest.raises(StreamInterruptedError) as caught:
        await caller.read(caller.client.stream("POST", "/responses", json={}))

    assert (caught.value.generation_id, caught.value.attempts) == ("gen-h", 2)


@sync_and_async
async def test_a_provider_that_ends_with_an_error_raises(serve: Serve, connect: Connect) -> None:
    """quirks.md C3: reported with MALFORMED_FUNCTION_CALL and no error object."""
    last = chunk("", "error")
    last["choices"][0]["native_finish_reason"] = "MALFORMED_FUNCTION_CALL"
    server = serve(sse(chunk("Hel"), last, DONE))

    _, error = await connect(server.base_url).chunks_until_error()

    assert isinstance(error, ServerError)
    assert "MALFORMED_FUNCTION_CALL" in str(error)


@sync_and_async
async def test_a_silent_pool_is_a_timeout(serve: Serve, connect: Connect) -> None:
    """All connections are taken: the wait for one is bounded, and says what to do."""
    server = serve(sse(chunk("Hel"), HANG))
    caller = connect(server.base_url, max_connections=1, timeout_s=0.2, max_retries=0)
    stream = caller.client.chat.stream(MESSAGES, timeout_s=3.0)
    if hasattr(stream, "close"):
        with stream, pytest.raises(RequestTimeoutError, match="max_connections"):
            await caller.send()
    else:
        async with stream:
            with pytest.raises(RequestTimeoutError, match="max_connections"):
                await caller.send()


@sync_and_async
async def test_bad_chunked_framing_is_a_broken_connection(serve: Serve, connect: Connect) -> None:
    framing = head(200, content_type="text/event-stream", transfer_encoding="chunked")
    server = serve([framing, b"zz\r\n", CUT])

    with pytest.raises(ConnectionFailedError):
        await connect(server.base_url, max_retries=0).read()

    assert chunked(b"") == b"0\r\n\r\n"
