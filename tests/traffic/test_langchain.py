"""Every chat recording through the LangChain adapter, sync and async, in both directions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from langchain_core import exceptions
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    message_chunk_to_message,
    messages_from_dict,
    messages_to_dict,
)

from langchain_openrouter import ChatOpenRouter
from openrouter_core import ChatAccumulator

from . import as_langchain, expected_answers, next_turn, shown_by_langchain
from .cases import (
    one_loop,
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

SYNC, ASYNC = "LangChain sync", "LangChain async"
FOLLOW_UP = HumanMessage("Go on.")


def chat_model(
    server: ReplayServer, column: str, recording: Recording, **more: Any
) -> ChatOpenRouter:
    return ChatOpenRouter(
        model=recording.model,
        api_key="sk-or-test",
        base_url=server.base_url(column, recording),
        max_retries=0,
        **more,
    )


def options(recording: Recording) -> dict[str, Any]:
    return {k: v for k, v in recording.request.items() if k not in ("messages", "stream")}


def ask(server: ReplayServer, recording: Recording) -> AIMessage:
    model = chat_model(server, SYNC, recording, reasoning_replay="all")
    messages = as_langchain.messages(recording.messages)
    if not recording.wants_stream:
        return model.invoke(messages, **options(recording))
    return added_up(list(model.stream(messages, **options(recording))))


async def aask(server: ReplayServer, recording: Recording) -> AIMessage:
    model = chat_model(server, ASYNC, recording, reasoning_replay="all")
    messages = as_langchain.messages(recording.messages)
    if not recording.wants_stream:
        return await model.ainvoke(messages, **options(recording))
    return added_up([c async for c in model.astream(messages, **options(recording))])


def added_up(chunks: list[AIMessageChunk]) -> AIMessage:
    message = message_chunk_to_message(chunks[0].__add__(chunks[1:]) if chunks[1:] else chunks[0])
    assert isinstance(message, AIMessage)
    return message


received = once(ask)
areceived = once_async(aask)


def judge(server: ReplayServer, column: str, recording: Recording, message: AIMessage) -> list[str]:
    expected = expected_answers.framework_answer_of(recording)
    seen = shown_by_langchain.of_message(message)
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


LANGCHAIN_CLASS: dict[str, type[Exception]] = {
    "AuthenticationError": exceptions.ModelAuthenticationError,
    "BadRequestError": exceptions.ModelInvalidRequestError,
    "ContextLengthError": exceptions.ContextOverflowError,
    "NoEndpointsError": exceptions.ModelNotFoundError,
    "NotFoundError": exceptions.ModelNotFoundError,
    "PaymentRequiredError": exceptions.ModelError,
    "PermissionDeniedError": exceptions.ModelPermissionDeniedError,
    "RateLimitError": exceptions.ModelRateLimitError,
    "ServerError": exceptions.ModelAPIError,
}


def failure_problems(recording: Recording, error: Exception) -> list[str]:
    """What the error does not say, to people and to LangChain's middleware."""
    expected = expected_answers.failure_of(recording)
    return problems_of(expected, error) + langchain_problems(expected, error)


def langchain_problems(expected: expected_answers.Failure, error: Exception) -> list[str]:
    """What LangChain's middleware looks at: its own class, and whether a retry makes sense."""
    wanted = LANGCHAIN_CLASS[expected.error_class]
    retryable = expected.status == 429 or expected.status >= 500
    problems: list[str] = []
    if not isinstance(error, wanted):
        problems.append(f"  {type(error).__name__} is no {wanted.__name__}")
    if getattr(error, "is_retryable", None) is not retryable:
        problems.append(f"  is_retryable is not {retryable}")
    return problems


@over_failures
@counts(SYNC, "errors")
def test_failure_is_typed_and_says_what_upstream_said(
    server: ReplayServer, recording: Recording
) -> None:
    with pytest.raises(Exception) as raised:
        ask(server, recording)

    problems = failure_problems(recording, raised.value)
    assert not problems, "\n".join(problems)


@over_failures
@counts(ASYNC, "errors")
@one_loop
async def test_failure_is_typed_and_says_what_upstream_said_async(
    server: ReplayServer, recording: Recording
) -> None:
    with pytest.raises(Exception) as raised:
        await aask(server, recording)

    problems = failure_problems(recording, raised.value)
    assert not problems, "\n".join(problems)


def whole(recording: Recording) -> Recording:
    """The recorded stream as the reply that would have come without streaming."""
    accumulator = ChatAccumulator()
    for event in expected_answers.events(recording.sse or ""):
        accumulator.add(event)
    return replace(recording, id=f"{recording.id}--whole", sse=None, body=accumulator.result())


def difference(streamed: AIMessage, invoked: AIMessage) -> list[str]:
    """Field by field; the text of broken calls is compared in `raw_tool_calls`."""
    one, other = streamed.model_dump(), invoked.model_dump()
    for dump in (one, other):
        dump["invalid_tool_calls"] = [(c["id"], c["name"]) for c in dump["invalid_tool_calls"]]
    return [
        f"  {field}:\n    streamed: {str(one[field])[:500]}\n    invoked:  {str(other[field])[:500]}"
        for field in sorted(one.keys() | other.keys())
        if one.get(field) != other.get(field)
    ]


@over_streamed_answers
@counts(SYNC, "chunks add up")
def test_b4_b9_chunks_add_up_to_what_invoke_gives(
    server: ReplayServer, recording: Recording
) -> None:
    unstreamed = whole(recording)
    server.add(unstreamed)
    messages = as_langchain.messages(recording.messages)
    model = chat_model(server, SYNC, unstreamed)

    invoked = model.invoke(messages, **options(recording))

    problems = difference(received(server, recording), invoked)
    assert not problems, "\n".join(problems)


@over_streamed_answers
@counts(ASYNC, "chunks add up")
@one_loop
async def test_b4_b9_chunks_add_up_to_what_invoke_gives_async(
    server: ReplayServer, recording: Recording
) -> None:
    unstreamed = whole(recording)
    server.add(unstreamed)
    messages = as_langchain.messages(recording.messages)
    model = chat_model(server, ASYNC, unstreamed)

    invoked = await model.ainvoke(messages, **options(recording))

    problems = difference(await areceived(server, recording), invoked)
    assert not problems, "\n".join(problems)


def next_turn_problems(
    server: ReplayServer, column: str, recording: Recording, message: AIMessage
) -> list[str]:
    expected = expected_answers.answer_of(recording)
    history = as_langchain.messages(recording.messages)
    faithful = chat_model(server, column, recording, reasoning_replay="all")
    (stored,) = messages_from_dict(json.loads(json.dumps(messages_to_dict([message]))))
    problems: list[str] = []
    for way, kept in {"as it came": message, "after messages_to_dict": stored}.items():
        request = faithful.build_request([*history, kept, FOLLOW_UP])
        problems += next_turn.problems_of(expected, request["messages"][-2], way=way)
    usual = chat_model(server, column, recording).build_request([*history, message, FOLLOW_UP])
    problems += next_turn.lost_signed_entries(expected, usual["messages"][-2])
    return problems


@over_next_turns
@counts(SYNC, "replay next turn")
def test_a1_a2_d11_next_turn_sends_back_what_came(
    server: ReplayServer, recording: Recording
) -> None:
    problems = next_turn_problems(server, SYNC, recording, received(server, recording))

    assert not problems, "\n".join(problems)


@over_next_turns
@counts(ASYNC, "replay next turn")
@one_loop
async def test_a1_a2_d11_next_turn_sends_back_what_came_async(
    server: ReplayServer, recording: Recording
) -> None:
    problems = next_turn_problems(server, ASYNC, recording, await areceived(server, recording))

    assert not problems, "\n".join(problems)
