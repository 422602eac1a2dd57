"""What observers see of calls over a real socket: every end, once, with what is known about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import (
    BudgetExceededError,
    ConnectionFailedError,
    MidStreamError,
    OpenRouterError,
    StreamInterruptedError,
)
from openrouter_core.observers.calls import CallIntent, CompletedCall
from openrouter_core.observers.protocol import observing
from tests.openrouter_core.both_clients import MESSAGES, Connect, sync_and_async
from tests.openrouter_core.wire_server import (
    ANSWER,
    CUT,
    DONE,
    HANG,
    STREAMED,
    USAGE,
    WireServer,
    chunk,
    head,
    refusal,
    sse,
)

Serve = Callable[..., WireServer]


class _Recorder:
    """Writes down what it is told."""

    def __init__(self, refusal: Exception | None = None, *, breaks: bool = False) -> None:
        self.intents: list[CallIntent] = []
        self.calls: list[CompletedCall] = []
        self.tickets: list[object] = []
        self._refusal = refusal
        self._breaks = breaks

    def admit(self, intent: CallIntent, /) -> object:
        if self._refusal:
            raise self._refusal
        self.intents.append(intent)
        return f"ticket {len(self.intents)}"

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        self.calls.append(call)
        self.tickets.append(ticket)
        if self._breaks:
            raise RuntimeError("an observer's bug")


@sync_and_async
async def test_a_whole_call_is_reported_once(serve: Serve, connect: Connect) -> None:
    server, recorder = serve(refusal(503), ANSWER), _Recorder()

    await connect(server.base_url, observers=[recorder]).send()

    (call,) = recorder.calls
    assert recorder.tickets == ["ticket 1"]
    assert (call.operation, call.outcome, call.streamed) == (
        "sendChatCompletionRequest",
        "ok",
        False,
    )
    assert (call.generation_id, call.requested_model, call.model) == ("gen-1-abc", "m", "m")
    assert call.usage == USAGE
    assert call.error is None
    assert recorder.intents[0].body["model"] == "m"


@sync_and_async
async def test_a_whole_stream_is_reported_once(serve: Serve, connect: Connect) -> None:
    server, recorder = serve(STREAMED), _Recorder()

    await connect(server.base_url, observers=[recorder]).read()

    (call,) = recorder.calls
    assert (call.outcome, call.streamed, call.provider, call.usage) == ("ok", True, "P", USAGE)
    assert call.first_event_s is not None
    assert 0 < call.first_event_s <= call.latency_s


@sync_and_async
@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (sse(chunk("Hel"), 0.02, CUT, X_Generation_Id="gen-h"), StreamInterruptedError),
        (sse({"choices": []}, chunk("", "error", error={"code": 429, "message": "x"}),
             X_Generation_Id="gen-h"), MidStreamError),
        (sse(chunk("x"), chunk("", "stop", error={"code": 429, "message": "x"}), DONE,
             X_Generation_Id="gen-h"), MidStreamError),
    ],
    ids=["cut", "failed", "failed-beside-a-stop"],
)  # fmt: skip
async def test_b5_b6_a_cut_stream_is_reported_with_its_id(
    serve: Serve, connect: Connect, script: Any, kind: type[Exception]
) -> None:
    """quirks.md B5 and B6: the id from the header, so that the cost can be looked up."""
    server, recorder = serve(script), _Recorder()

    _, error = await connect(server.base_url, observers=[recorder]).chunks_until_error()

    (call,) = recorder.calls
    assert isinstance(error, kind)
    assert (call.outcome, call.generation_id) == ("interrupted", "gen-h")
    assert call.error is error


@sync_and_async
async def test_b6_a_stream_left_early_is_reported_as_cut(serve: Serve, connect: Connect) -> None:
    """quirks.md B6: by the caller's will, without an error."""
    server, recorder = serve(sse(chunk("Hel"), HANG)), _Recorder()

    await connect(server.base_url, observers=[recorder]).first_of()

    (call,) = recorder.calls
    assert (call.outcome, call.generation_id, call.error) == ("interrupted", "gen-1-abc", None)


@sync_and_async
@pytest.mark.parametrize(
    "script",
    [
        refusal(400, X_Generation_Id="gen-h"),
        [head(200, content_length="50", X_Generation_Id="gen-h"), b"{", CUT],
        sse({"error": {"code": 400, "message": "x"}}, X_Generation_Id="gen-h"),
        sse(CUT, X_Generation_Id="gen-h"),
    ],
    ids=["refused", "cut-body", "refused-in-the-stream", "cut-stream"],
)
@pytest.mark.parametrize("streamed", [False, True], ids=["call", "stream"])
async def test_b6_a_failed_call_is_reported_with_its_id(
    serve: Serve, connect: Connect, script: Any, streamed: bool
) -> None:
    """quirks.md B6: the header counts whatever went wrong afterwards."""
    server, recorder = serve(script), _Recorder()
    caller = connect(server.base_url, observers=[recorder], max_retries=0)

    with pytest.raises(OpenRouterError):
        await (caller.read() if streamed else caller.send())

    (call,) = recorder.calls
    assert (call.outcome, call.streamed, call.usage) == ("error", streamed, None)
    assert isinstance(call.error, OpenRouterError)
    if not (streamed is False and script[0].find(b"event-stream") > 0):
        assert call.generation_id == "gen-h"


@sync_and_async
@pytest.mark.parametrize("streamed", [False, True], ids=["call", "stream"])
async def test_b10_a_refused_call_sends_nothing(
    serve: Serve, connect: Connect, streamed: bool
) -> None:
    """quirks.md B10: not even a connection; and observers that had admitted it hear of it."""
    server = serve(ANSWER)
    first, budget = _Recorder(), _Recorder(BudgetExceededError("Over."))
    caller = connect(server.base_url, observers=[first, budget])

    with pytest.raises(BudgetExceededError):
        await (caller.read() if streamed else caller.send())

    assert server.connections == 0
    assert [c.outcome for c in first.calls] == ["error"]
    assert budget.calls == []


@sync_and_async
async def test_observers_of_the_context_see_calls_too(serve: Serve, connect: Connect) -> None:
    server, mine, ours = serve(ANSWER, STREAMED), _Recorder(), _Recorder()
    caller = connect(server.base_url, observers=[mine])

    with observing(ours):
        await caller.send()
        await caller.read()

    assert len(mine.calls) == len(ours.calls) == 2


@sync_and_async
async def test_an_observer_that_breaks_does_not_break_the_call(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    server, broken, sound = serve(ANSWER), _Recorder(breaks=True), _Recorder()

    answer = await connect(server.base_url, observers=[broken, sound]).send()

    assert answer.text == "Hi"
    assert len(sound.calls) == 1
    assert "secret prompt" not in caplog.text


@sync_and_async
async def test_calls_that_cost_nothing_are_not_watched(serve: Serve, connect: Connect) -> None:
    server, recorder = serve(ANSWER), _Recorder()

    await connect(server.base_url, observers=[recorder]).request("GET", "/models")

    assert recorder.intents == recorder.calls == []


@sync_and_async
async def test_j7_raw_calls_are_watched(serve: Serve, connect: Connect) -> None:
    """quirks.md J7: whatever path was asked."""
    server, recorder = serve(ANSWER, sse({"usage": USAGE}, DONE)), _Recorder()
    caller = connect(server.base_url, observers=[recorder])

    await caller.request("POST", "/new", json={"model": "m"})
    await caller.read(caller.client.stream("POST", "/new", json={"model": "m"}))

    assert [(c.outcome, c.usage, c.requested_model) for c in recorder.calls] == [
        ("ok", USAGE, "m"),
        ("ok", USAGE, "m"),
    ]


async def test_a_cancelled_call_is_reported(serve: Serve) -> None:
    from openrouter_core import AsyncOpenRouterClient

    server, recorder = serve([HANG]), _Recorder()
    client = AsyncOpenRouterClient("k", base_url=server.base_url, observers=[recorder])

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.chat.send(MESSAGES)

    (call,) = recorder.calls
    assert call.outcome == "error"
    assert isinstance(call.error, asyncio.CancelledError)


@sync_and_async
async def test_an_unreachable_server_is_reported(connect: Connect) -> None:
    recorder = _Recorder()

    with pytest.raises(ConnectionFailedError):
        await connect("http://127.0.0.1:9", observers=[recorder], max_retries=1).send()

    assert [c.generation_id for c in recorder.calls] == [None]
