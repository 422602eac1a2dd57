"""Every chat recording through the LlamaIndex adapter, sync and async, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.memory import Memory
from sqlalchemy.ext.asyncio import create_async_engine

from llama_index_openrouter import OpenRouter

from . import as_llama_index, expected_answers, next_turn, shown_by_llama_index
from .cases import (
    one_loop,
    over_all_next_turns,
    over_answers,
    over_failures,
    over_next_turns,
    over_streamed_answers,
)
from .compare import losses, request_losses
from .failures import problems_of
from .recordings import Recording
from .replay_server import ReplayServer, once, once_async
from .scoreboard import counts

SYNC, ASYNC = "LlamaIndex sync", "LlamaIndex async"
FOLLOW_UP = ChatMessage(role="user", content="Go on.")


def llm(server: ReplayServer, column: str, recording: Recording, **more: Any) -> OpenRouter:
    return OpenRouter(
        model=recording.model,
        api_key="sk-or-test",
        api_base=server.base_url(column, recording),
        max_retries=0,
        **more,
    )


def options(recording: Recording) -> dict[str, Any]:
    spoken = {k: v for k, v in recording.request.items() if k not in ("messages", "stream")}
    return spoken if recording.request else {}


@dataclass(frozen=True)
class Outcome:
    """What one call brought: the last response, and what the pieces before it got wrong."""

    last: ChatResponse
    pieces_wrong: list[str]


def ask(server: ReplayServer, recording: Recording) -> Outcome:
    model = llm(server, SYNC, recording, reasoning_replay="all")
    messages = as_llama_index.messages(recording.messages)
    if not recording.wants_stream:
        return Outcome(model.chat(messages, **options(recording)), [])
    return summed_up(list(model.stream_chat(messages, **options(recording))))


async def aask(server: ReplayServer, recording: Recording) -> Outcome:
    model = llm(server, ASYNC, recording, reasoning_replay="all")
    messages = as_llama_index.messages(recording.messages)
    if not recording.wants_stream:
        return Outcome(await model.achat(messages, **options(recording)), [])
    stream = await model.astream_chat(messages, **options(recording))
    return summed_up([response async for response in stream])


def summed_up(responses: list[ChatResponse]) -> Outcome:
    """The deltas must say what the last message says, and usage must come once."""
    message = responses[-1].message
    thoughts = "".join(r.additional_kwargs.get("thinking_delta") or "" for r in responses)
    with_usage = [r for r in responses if r.raw and r.raw.get("usage")]
    claims = {
        "the deltas are the text": "".join(r.delta or "" for r in responses)
        == (message.content or ""),
        "the thinking deltas are the reasoning": thoughts
        == (shown_by_llama_index.reasoning_of(message) or ""),
        "usage comes once, at the end": with_usage in ([], responses[-1:]),
        "every message so far is the start of the last": all(
            (message.content or "").startswith(r.message.content or "") for r in responses
        ),
    }
    return Outcome(
        responses[-1], [f"not true: {claim}" for claim, holds in claims.items() if not holds]
    )


received = once(ask)
areceived = once_async(aask)


def judge(server: ReplayServer, column: str, recording: Recording, outcome: Outcome) -> list[str]:
    expected = expected_answers.framework_answer_of(recording)
    seen = shown_by_llama_index.of_response(outcome.last)
    problems = losses(expected, seen, column=column, recording=recording)
    return problems + request_losses(recording, server.heard(column, recording), column=column)


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


@over_streamed_answers
@counts(SYNC, "chunks add up")
def test_b14_deltas_add_up_to_the_last_message(server: ReplayServer, recording: Recording) -> None:
    assert received(server, recording).pieces_wrong == []


@over_streamed_answers
@counts(ASYNC, "chunks add up")
@one_loop
async def test_b14_deltas_add_up_to_the_last_message_async(
    server: ReplayServer, recording: Recording
) -> None:
    assert (await areceived(server, recording)).pieces_wrong == []


@over_failures
@counts(SYNC, "errors")
def test_failure_is_typed_and_says_what_upstream_said(
    server: ReplayServer, recording: Recording
) -> None:
    with pytest.raises(Exception) as raised:
        ask(server, recording)

    problems = problems_of(expected_answers.failure_of(recording), raised.value)
    assert not problems, "\n".join(problems)


@over_failures
@counts(ASYNC, "errors")
@one_loop
async def test_failure_is_typed_and_says_what_upstream_said_async(
    server: ReplayServer, recording: Recording
) -> None:
    with pytest.raises(Exception) as raised:
        await aask(server, recording)

    problems = problems_of(expected_answers.failure_of(recording), raised.value)
    assert not problems, "\n".join(problems)


def next_turn_problems(
    server: ReplayServer, column: str, recording: Recording, message: ChatMessage
) -> list[str]:
    expected = expected_answers.answer_of(recording)
    history = as_llama_index.messages(recording.messages)
    faithful = llm(server, column, recording, reasoning_replay="all")
    stored = ChatMessage.model_validate_json(message.model_dump_json())
    problems: list[str] = []
    for way, kept in {"as it came": message, "after model_dump_json": stored}.items():
        request = faithful.build_request([*history, kept, FOLLOW_UP])
        problems += next_turn.problems_of(expected, request["messages"][-2], way=way)
    usual = llm(server, column, recording).build_request([*history, message, FOLLOW_UP])
    problems += next_turn.lost_signed_entries(expected, usual["messages"][-2])
    return problems


@over_next_turns
@counts(SYNC, "replay next turn")
def test_a1_a2_d11_next_turn_sends_back_what_came(
    server: ReplayServer, recording: Recording
) -> None:
    message = received(server, recording).last.message

    problems = next_turn_problems(server, SYNC, recording, message)

    assert not problems, "\n".join(problems)


@over_next_turns
@counts(ASYNC, "replay next turn")
@one_loop
async def test_a1_a2_d11_next_turn_sends_back_what_came_async(
    server: ReplayServer, recording: Recording
) -> None:
    message = (await areceived(server, recording)).last.message

    problems = next_turn_problems(server, ASYNC, recording, message)

    assert not problems, "\n".join(problems)


@over_all_next_turns
@one_loop
async def test_a2_reasoning_survives_llama_index_memory(
    server: ReplayServer, recordings: list[Recording]
) -> None:
    engine = create_async_engine("sqlite+aiosqlite:///:memory:")
    memory = Memory.from_defaults(session_id="s", async_engine=engine, tokenizer_fn=lambda _: [])
    await memory.aset([(await areceived(server, r)).last.message for r in recordings])
    restored = await memory.aget_all()
    await engine.dispose()

    faithful = llm(server, ASYNC, recordings[0], reasoning_replay="all")
    sent = faithful.build_request(restored)["messages"]
    problems = [
        problem
        for recording, wire in zip(recordings, sent, strict=True)
        for problem in next_turn.problems_of(
            expected_answers.answer_of(recording), wire, way=f"{recording.id} after Memory"
        )
    ]
    assert not problems, "\n".join(problems)
