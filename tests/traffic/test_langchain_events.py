"""Every streamed recording through LangChain's v3 events, sync and async: the message at their end is whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from . import as_langchain, expected_answers, shown_by_langchain
from .cases import one_loop, over_failures, over_streamed_answers, over_streamed_next_turns
from .compare import losses, request_losses
from .recordings import Recording
from .replay_server import ReplayServer
from .scoreboard import counts
from .test_langchain import chat_model, failure_problems, next_turn_problems, options

SYNC, ASYNC = "v3 events sync", "v3 events async"
pytestmark = pytest.mark.filterwarnings("ignore:.*in beta")


def ask(server: ReplayServer, recording: Recording) -> AIMessage:
    model: Any = chat_model(server, SYNC, recording, reasoning_replay="all")
    history = as_langchain.messages(recording.messages)
    return model.stream_events(history, version="v3", **options(recording)).output


async def aask(server: ReplayServer, recording: Recording) -> AIMessage:
    model: Any = chat_model(server, ASYNC, recording, reasoning_replay="all")
    history = as_langchain.messages(recording.messages)
    running = await model.astream_events(history, version="v3", **options(recording))
    return await running.output


def problems_with(
    server: ReplayServer, column: str, recording: Recording, message: AIMessage
) -> list[str]:
    """What the message lacks; its content is blocks, so the text is what LangChain reads from them."""
    seen = shown_by_langchain.of_message(message)
    assert seen.extra.pop("output_version") == "v1", "LangChain's sign for such content"
    seen = replace(seen, text=message.text)
    expected = expected_answers.framework_answer_of(recording)
    found = losses(expected, seen, column=column, recording=recording)
    return found + request_losses(recording, server.heard(column, recording), column=column)


@over_streamed_answers
@counts(SYNC)
def test_a15_events_lose_nothing(server: ReplayServer, recording: Recording) -> None:
    """quirks.md A15."""
    message = ask(server, recording)

    problems = problems_with(server, SYNC, recording, message)
    assert not problems, "\n".join(problems)


@over_streamed_answers
@counts(ASYNC)
@one_loop
async def test_a15_events_lose_nothing_async(server: ReplayServer, recording: Recording) -> None:
    """quirks.md A15."""
    message = await aask(server, recording)

    problems = problems_with(server, ASYNC, recording, message)
    assert not problems, "\n".join(problems)


@over_streamed_next_turns
@counts(SYNC, "replay next turn")
def test_a1_a15_the_next_turn_sends_back_what_came(
    server: ReplayServer, recording: Recording
) -> None:
    """quirks.md A1 and A15."""
    problems = next_turn_problems(server, SYNC, recording, ask(server, recording))

    assert not problems, "\n".join(problems)


@over_failures
@counts(SYNC, "errors")
def test_failure_is_typed(server: ReplayServer, recording: Recording) -> None:
    with pytest.raises(Exception) as raised:
        ask(server, recording)

    problems = failure_problems(recording, raised.value)
    assert not problems, "\n".join(problems)


@over_failures
@counts(ASYNC, "errors")
@one_loop
async def test_failure_is_typed_async(server: ReplayServer, recording: Recording) -> None:
    with pytest.raises(Exception) as raised:
        await aask(server, recording)

    problems = failure_problems(recording, raised.value)
    assert not problems, "\n".join(problems)
