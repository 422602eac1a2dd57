"""Failures on the wire reach the caller as typed errors, whichever way the call is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse

from openrouter_core import (
    ApiStatusError,
    ContextLengthError,
    MidStreamError,
    PaymentRequiredError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from openrouter_emulator import Emulator, Fault, Reply, faults
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.test_chat import Ask, four_ways

HI = [ChatMessage(content="Hi")]
LONG = Reply("word " * 40)

REFUSALS = {
    "c1 error in a 200": (faults.error_in_200, ServerError, 502),
    "402": (faults.payment_required, PaymentRequiredError, 402),
    "429": (faults.rate_limited, RateLimitError, 429),
    "context": (faults.context_length, ContextLengthError, 400),
    "c3 stream of nothing but an error": (faults.midstream_error_alone, ServerError, 502),
    "c16 html": (faults.html_500, ServerError, 500),
}


@four_ways
@pytest.mark.parametrize(("fault", "kind", "status"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_refusal_is_typed(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    ask: Ask,
    fault: Callable[[], Fault],
    kind: type[ApiStatusError],
    status: int,
):
    openrouter_emulator.fail_next(fault())

    with pytest.raises(kind) as caught:
        await ask(make_llm(), HI)

    assert caught.value.status_code == status


@four_ways
async def test_c1_error_in_a_choice_is_raised(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.error_in_choice())

    with pytest.raises((ApiStatusError, MidStreamError)) as caught:
        await ask(make_llm(), HI)

    assert "Error processing stream" in str(caught.value)


BROKEN = {
    "c3 documented form": faults.midstream_error,
    "c3 beside choices": faults.midstream_error_beside,
    "c3 without choices": faults.midstream_error_no_choices,
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN.keys())
def test_c3_stream_that_fails_keeps_what_had_arrived(
    openrouter_emulator: Emulator, make_llm: MakeLlm, fault: Callable[[], Fault]
):
    openrouter_emulator.script(LONG)
    openrouter_emulator.fail_next(fault())
    responses: list[ChatResponse] = []

    with pytest.raises(MidStreamError) as caught:
        responses.extend(make_llm().stream_chat(HI))

    seen = responses[-1].message.content or ""
    error = caught.value
    assert seen
    assert error.partial_text.startswith(seen)
    assert error.generation_id
    assert isinstance(error.cause_error, ApiStatusError)


@pytest.mark.parametrize(
    "fault", [faults.cut_midstream, faults.eof_without_finish], ids=["cut", "eof"]
)
async def test_c11_stream_that_ends_early_is_an_error(
    openrouter_emulator: Emulator, make_llm: MakeLlm, fault: Callable[[], Fault]
):
    openrouter_emulator.script(LONG)
    openrouter_emulator.fail_next(fault())

    with pytest.raises(StreamInterruptedError) as caught:
        _ = [r async for r in await make_llm().astream_chat(HI)]

    assert caught.value.partial_text


@four_ways
async def test_c6_zero_retries_is_one_request(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.bad_gateway())

    with pytest.raises(ServerError):
        await ask(make_llm(max_retries=0), HI)

    assert len(openrouter_emulator.requests) == 1


@four_ways
async def test_c6_one_retry_is_two_requests(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0.01))

    assert (await ask(make_llm(max_retries=1), HI)).message.content
    assert len(openrouter_emulator.requests) == 2
