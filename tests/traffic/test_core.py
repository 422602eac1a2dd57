"""Every chat recording through the core clients: typed, verbatim, and with the user's own request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    ChatAccumulator,
    ChatChunk,
    ChatResult,
    OpenRouterClient,
    OpenRouterError,
)
from openrouter_core.chat.reasoning import replayable

from . import expected_answers, shown_by_core
from .cases import one_loop, over_answers, over_failures, over_streamed_answers, over_thoughts
from .compare import losses, request_losses
from .failures import problems_of
from .next_turn import lost_signed_entries
from .recordings import Recording, made
from .replay_server import ReplayServer, once, once_async
from .scoreboard import counts

SYNC, ASYNC = "core sync", "core async"


def _settings(server: ReplayServer, column: str, recording: Recording) -> dict[str, Any]:
    base_url = server.base_url(column, recording)
    return {"api_key": "sk-or-test", "base_url": base_url, "max_retries": 0}


def _options(recording: Recording) -> dict[str, Any]:
    spoken = recording.request or {"model": "some/model"}
    return {k: v for k, v in spoken.items() if k not in ("messages", "stream")}


@dataclass(frozen=True)
class Outcome:
    """What one call brought: the answer, as a reply's JSON too, and the chunks of a stream."""

    answer: ChatResult | ChatAccumulator
    whole: dict[str, Any]
    chunks: list[ChatChunk]


def ask(server: ReplayServer, recording: Recording) -> Outcome:
    with OpenRouterClient(**_settings(server, SYNC, recording)) as client:
        if not recording.wants_stream:
            result = client.chat.send(recording.messages, **_options(recording))
            return Outcome(result, result.raw, [])
        with client.chat.stream(recording.messages, **_options(recording)) as stream:
            chunks = list(stream)
            return Outcome(stream.so_far, stream.so_far.result(), chunks)


async def aask(server: ReplayServer, recording: Recording) -> Outcome:
    async with AsyncOpenRouterClient(**_settings(server, ASYNC, recording)) as client:
        if not recording.wants_stream:
            result = await client.chat.send(recording.messages, **_options(recording))
            return Outcome(result, result.raw, [])
        async with client.chat.stream(recording.messages, **_options(recording)) as stream:
            chunks = [chunk async for chunk in stream]
            return Outcome(stream.so_far, stream.so_far.result(), chunks)


received = once(ask)
areceived = once_async(aask)


def judge(server: ReplayServer, column: str, recording: Recording, outcome: Outcome) -> list[str]:
    expected = expected_answers.answer_of(recording)
    if isinstance(outcome.answer, ChatResult):
        seen, verbatim = shown_by_core.of_result(outcome.answer), outcome.whole == recording.body
    else:
        seen = shown_by_core.of_stream(outcome.answer)
        verbatim = outcome.chunks == expected_answers.events(recording.sse or "")
    found = losses(expected, seen, column=column, recording=recording)
    if not verbatim:
        found.append("the JSON that came back is not verbatim")
    return found + request_losses(recording, server.heard(column, recording), column=column)


@over_answers
@counts(SYNC)
def test_nothing_is_lost_in_either_direction(server: ReplayServer, recording: Recording) -> None:
    problems = judge(server, SYNC, recording, received(server, recording))

    assert not problems, "\n".join(problems)


@over_answers
@counts(ASYNC)
@one_loop
async def test_nothing_is_lost_in_either_direction_async(
    server: ReplayServer, recording: Recording
) -> None:
    problems = judge(server, ASYNC, recording, await areceived(server, recording))

    assert not problems, "\n".join(problems)


def says_the_same(recording: Recording, whole: dict[str, Any]) -> bool:
    """Whether a stream adds up to a reply that says what the stream said, also after JSON."""
    reply = made({"body": json.loads(json.dumps(whole))})
    return expected_answers.answer_of(reply) == expected_answers.answer_of(recording)


@over_streamed_answers
@counts(SYNC, "chunks add up")
def test_chunks_add_up_to_a_whole_reply(server: ReplayServer, recording: Recording) -> None:
    assert says_the_same(recording, received(server, recording).whole)


@over_streamed_answers
@counts(ASYNC, "chunks add up")
@one_loop
async def test_chunks_add_up_to_a_whole_reply_async(
    server: ReplayServer, recording: Recording
) -> None:
    assert says_the_same(recording, (await areceived(server, recording)).whole)


def next_turn_problems(recording: Recording, whole: dict[str, Any]) -> list[str]:
    """A history kept as JSON, its details chosen by the core's replay policy."""
    expected = expected_answers.answer_of(recording)
    message = json.loads(json.dumps(whole))["choices"][0]["message"]
    details = message.get("reasoning_details")
    if details is None:
        return [] if expected.reasoning_details is None else ["  the details are gone"]
    problems = (
        [] if replayable(details, "all") == expected.reasoning_details else ["  not unchanged"]
    )
    return problems + lost_signed_entries(expected, {"reasoning_details": replayable(details)})


@over_thoughts
@counts(SYNC, "replay next turn")
def test_a1_next_turn_sends_back_what_came(server: ReplayServer, recording: Recording) -> None:
    problems = next_turn_problems(recording, received(server, recording).whole)

    assert not problems, "\n".join(problems)


@over_thoughts
@counts(ASYNC, "replay next turn")
@one_loop
async def test_a1_next_turn_sends_back_what_came_async(
    server: ReplayServer, recording: Recording
) -> None:
    problems = next_turn_problems(recording, (await areceived(server, recording)).whole)

    assert not problems, "\n".join(problems)


@over_failures
@counts(SYNC, "errors")
def test_failure_is_typed_and_says_what_upstream_said(
    server: ReplayServer, recording: Recording
) -> None:
    with pytest.raises(OpenRouterError) as raised:
        ask(server, recording)

    problems = problems_of(expected_answers.failure_of(recording), raised.value)
    assert not problems, "\n".join(problems)


@over_failures
@counts(ASYNC, "errors")
@one_loop
async def test_failure_is_typed_and_says_what_upstream_said_async(
    server: ReplayServer, recording: Recording
) -> None:
    with pytest.raises(OpenRouterError) as raised:
        await aask(server, recording)

    problems = problems_of(expected_answers.failure_of(recording), raised.value)
    assert not problems, "\n".join(problems)
