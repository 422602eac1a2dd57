"""Failures over a real socket: typed in both vocabularies, retried exactly as often as asked."""

from __future__ import annotations

import time
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRetryMiddleware
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAuthenticationError,
    ModelError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelRateLimitError,
)
from langchain_core.messages import HumanMessage

from langchain_openrouter.errors import (
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    MidStreamError,
    NoEndpointsError,
    PaymentRequiredError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    StreamError,
    StreamInterruptedError,
    TransportError,
)
from openrouter_core import OpenRouterError
from openrouter_emulator import Emulator, faults
from tests.langchain_openrouter import call_styles
from tests.langchain_openrouter.call_styles import ALL_WAYS, STREAMS, Ask, model


@ALL_WAYS
@pytest.mark.parametrize(
    ("fault", "ours", "langchains"),
    [
        (faults.unauthorized(), AuthenticationError, ModelAuthenticationError),
        (faults.payment_required(), PaymentRequiredError, ModelError),
        (faults.no_endpoints(), NoEndpointsError, ModelNotFoundError),
        (faults.context_length(), ContextLengthError, ContextOverflowError),
        (faults.bad_request(), BadRequestError, ModelInvalidRequestError),
        (faults.rate_limited(), RateLimitError, ModelRateLimitError),
        (faults.bad_gateway(), ServerError, ModelError),
        (faults.html_500(), ServerError, ModelError),
    ],
    ids=["401", "402", "404", "context", "400", "429", "502", "html"],
)
async def test_row27_to_29_c4_failures_are_typed_in_both_vocabularies(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault, ours: Any, langchains: Any
):
    """Rows 27, 28 and 29; quirks.md C4."""
    openrouter_emulator.fail_next(fault)

    with pytest.raises(ours) as raised:
        await ask(model(), "Hi")

    assert isinstance(raised.value, langchains)
    assert isinstance(raised.value, OpenRouterError)
    assert len(openrouter_emulator.requests) == 1


def test_c2_402_says_what_is_affordable(openrouter_emulator: Emulator):
    """quirks.md C2."""
    openrouter_emulator.fail_next(faults.payment_required(requested=16_384, affordable=120))

    with pytest.raises(PaymentRequiredError) as raised:
        model().invoke("Hi")

    assert (raised.value.requested, raised.value.affordable) == (16_384, 120)


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (faults.payment_required(), 1),
        (faults.unauthorized(), 1),
        (faults.bad_request(), 1),
        (faults.overloaded(), 3),
    ],
    ids=["402", "401", "400", "503"],
)
def test_row30_retry_middleware_retries_only_what_can_get_better(
    openrouter_emulator: Emulator, fault: faults.Fault, calls: int
):
    """Row 30."""
    openrouter_emulator.fail_next(fault, times=5)
    retry = ModelRetryMiddleware(
        max_retries=2, initial_delay=0, jitter=False, backoff_factor=0, on_failure="error"
    )
    agent = create_agent(model(), middleware=[retry])

    with pytest.raises(OpenRouterError):
        agent.invoke({"messages": [HumanMessage("Hi")]})

    assert len(openrouter_emulator.requests) == calls


@ALL_WAYS
async def test_row31_rate_limit_is_retried_when_the_server_says(
    openrouter_emulator: Emulator, ask: Ask
):
    """Row 31; quirks.md C8."""
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0.2))
    started = time.perf_counter()

    message = await ask(model(max_retries=1), "Hi")

    assert message.text
    assert time.perf_counter() - started >= 0.2
    assert message.response_metadata["attempts"] == 2


@ALL_WAYS
@pytest.mark.parametrize("retries", [0, 2])
async def test_row32_row33_c6_max_retries_is_an_exact_count(
    openrouter_emulator: Emulator, ask: Ask, retries: int
):
    """Rows 32 and 33; quirks.md C6 and C17."""
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0), times=9)

    with pytest.raises(RateLimitError):
        await ask(model(max_retries=retries), "Hi")

    assert len(openrouter_emulator.requests) == retries + 1


@STREAMS
@pytest.mark.parametrize(
    "fault",
    [faults.cut_midstream(), faults.eof_without_finish(), faults.malformed_frame()],
    ids=["cut", "eof", "not-json"],
)
async def test_row54_c11_stream_that_breaks_off_is_typed(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    """Row 54; quirks.md C11."""
    openrouter_emulator.fail_next(fault)

    with pytest.raises(StreamError) as raised:
        await ask(model(), "Tell a story about a long journey through the night")

    assert isinstance(raised.value, StreamInterruptedError | MidStreamError)
    assert raised.value.partial_text


@pytest.mark.parametrize("ask", [call_styles.invoke, call_styles.ainvoke])
@pytest.mark.parametrize(
    "fault", [faults.cut_before_headers(), faults.cut_in_body(), faults.truncated_json()]
)
async def test_row54_broken_connection_is_a_transport_error(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    """Row 54."""
    openrouter_emulator.fail_next(fault)

    with pytest.raises(TransportError) as raised:
        await ask(model(), "Hi")

    assert isinstance(raised.value, ModelError)


@STREAMS
async def test_c10_keep_alive_comments_do_not_hide_a_stall(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md C10."""
    openrouter_emulator.fail_next(faults.stall_comments())

    with pytest.raises((RequestTimeoutError, StreamInterruptedError)):
        await ask(model(timeout=0.5), "Tell a story about a long journey through the night")
