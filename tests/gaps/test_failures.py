"""Rows 13 to 16, 27 to 33 and 54: failures are raised, typed, and retried as often as was asked."""

from __future__ import annotations

import time

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware
from langchain_core.exceptions import ContextOverflowError, ModelError
from langchain_core.messages import HumanMessage

from openrouter_emulator import Emulator, faults
from tests.gaps.subject import failure, gap, let_end, model
from tests.langchain_openrouter.call_styles import ALL_WAYS, STREAMS, Ask, ainvoke

STORY = "Tell a story about a long journey through the night"

# ------------------------------------------------------------------ inside a 200


@gap(13, "an exception when a stream fails in the middle", official="no failure, but an answer")
@STREAMS
@pytest.mark.parametrize(
    "fault",
    [faults.midstream_error(), faults.midstream_error_beside(), faults.finish_error()],
    ids=["documented", "beside-choices", "finish-reason"],
)
async def test_row13_failure_inside_a_stream_is_raised(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    openrouter_emulator.fail_next(fault)

    await failure(ask(model(openrouter_emulator), STORY))


@gap(
    13,
    "an exception when the stream of an agent's model fails",
    official="no failure, but an answer",
)
async def test_row13_agent_does_not_go_on_after_a_failed_stream(openrouter_emulator: Emulator):
    agent = create_agent(model(openrouter_emulator, streaming=True))
    openrouter_emulator.fail_next(faults.midstream_error())

    await failure(agent.ainvoke({"messages": [HumanMessage(STORY)]}))


@gap(14, "what failed, when the error code is a word", official="does not say what failed")
@STREAMS
async def test_row14_error_with_a_code_of_letters_says_what_failed(
    openrouter_emulator: Emulator, ask: Ask
):
    openrouter_emulator.fail_next(faults.midstream_error("server_error"))

    error = await failure(ask(model(openrouter_emulator), STORY))

    assert "Provider disconnected unexpectedly" in str(error), "its text does not say what failed"


@gap(15, "what failed, when a 200 holds an error", official="does not say what failed")
@ALL_WAYS
async def test_row15_error_in_a_200_is_told_as_one(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.error_in_200())

    error = await failure(ask(model(openrouter_emulator), "Hi"))

    named = [
        words in str(error) for words in ("Provider returned error", "upstream request failed")
    ]
    assert any(named), "its text does not say what failed"
    assert isinstance(error, ModelError)


@gap(16, "an exception when a choice holds an error", official="no failure, but an answer")
@ALL_WAYS
async def test_row16_error_in_a_choice_is_raised(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.error_in_choice())

    await failure(ask(model(openrouter_emulator), STORY))


# ------------------------------------------------------------------ statuses


@gap(27, "402 as a ModelError", official="is no ModelError")
@ALL_WAYS
async def test_row27_402_is_a_model_error(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.payment_required())

    error = await failure(ask(model(openrouter_emulator), "Hi"))

    assert isinstance(error, ModelError), f"{type(error).__name__} is no ModelError"
    assert not error.is_retryable


@gap(28, "400, 401, 404 and 429 as LangChain's exceptions", official="is no Model")
@ALL_WAYS
@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (faults.unauthorized(), "ModelAuthenticationError"),
        (faults.no_endpoints(), "ModelNotFoundError"),
        (faults.rate_limited(), "ModelRateLimitError"),
        (faults.bad_request(), "ModelInvalidRequestError"),
    ],
    ids=["401", "404", "429", "400"],
)
async def test_row28_statuses_are_langchains_exceptions(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault, name: str
):
    openrouter_emulator.fail_next(fault)

    error = await failure(ask(model(openrouter_emulator), "Hi"))

    assert name in {cls.__name__ for cls in type(error).__mro__}, (
        f"{type(error).__name__} is no {name}"
    )


@gap(29, "an overlong conversation as ContextOverflowError", official="is no ContextOverflowError")
@ALL_WAYS
async def test_row29_overflow_can_be_told_from_other_400s(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.context_length())

    error = await failure(ask(model(openrouter_emulator), "Hi"))

    name = type(error).__name__
    assert isinstance(error, ContextOverflowError), f"{name} is no ContextOverflowError"


# ------------------------------------------------------------------ retries


@gap(30, "no retries of what cannot get better", official="3 requests were sent")
@pytest.mark.parametrize(
    "fault",
    [faults.payment_required(), faults.unauthorized(), faults.bad_request()],
    ids=["402", "401", "400"],
)
async def test_row30_middleware_does_not_repeat_what_cannot_get_better(
    openrouter_emulator: Emulator, fault: faults.Fault
):
    openrouter_emulator.fail_next(fault, times=5)
    retry = ModelRetryMiddleware(
        max_retries=2, initial_delay=0, jitter=False, backoff_factor=0, on_failure="error"
    )
    agent = create_agent(model(openrouter_emulator), middleware=[retry])

    await failure(agent.ainvoke({"messages": [HumanMessage("Hi")]}))

    sent = len(openrouter_emulator.requests)
    assert sent == 1, f"{sent} requests were sent"


@gap(31, "a retry when a rate limit is over", official="TooManyRequests")
async def test_row31_rate_limit_is_waited_for(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0.3))
    started = time.perf_counter()

    message = await ainvoke(model(openrouter_emulator, max_retries=1), "Hi")

    assert message.text
    assert time.perf_counter() - started >= 0.3


@gap(32, "max_retries=0 is one request", official="[3-9] requests were sent")
async def test_row32_no_retries_means_one_request(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.bad_gateway(), times=20)

    await let_end(ainvoke(model(openrouter_emulator, max_retries=0), "Hi"))

    sent = len(openrouter_emulator.requests)
    assert sent == 1, f"{sent} requests were sent"


@gap(33, "max_retries=1 is at most two requests", official="[3-9] requests were sent")
async def test_row33_max_retries_is_a_count(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.bad_gateway(), times=20)

    await let_end(ainvoke(model(openrouter_emulator, max_retries=1), "Hi"), patience_s=8.0)

    sent = len(openrouter_emulator.requests)
    assert sent == 2, f"{sent} requests were sent"


# ------------------------------------------------------------------ broken connections


@gap(54, "a broken connection as a ModelError", official="is no ModelError")
@STREAMS
@pytest.mark.parametrize(
    "fault", [faults.cut_midstream(), faults.cut_mid_event()], ids=["events", "inside-one"]
)
async def test_row54_broken_stream_is_a_model_error(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    openrouter_emulator.fail_next(fault)

    error = await failure(ask(model(openrouter_emulator), STORY))

    assert isinstance(error, ModelError), f"{type(error).__name__} is no ModelError"
