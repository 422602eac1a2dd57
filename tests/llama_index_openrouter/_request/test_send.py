"""A provider that has lost the reasoning items of earlier turns: one more request, without them."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ThinkingBlock

from openrouter_core import BadRequestError
from openrouter_emulator import Emulator, faults
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.test_chat import Ask, four_ways

HI = ChatMessage(content="Hi")
MODEL = "openai/gpt-5.5"


async def two_turns(make_llm: MakeLlm, ask: Ask, **settings: Any) -> list[ChatMessage]:
    """A conversation whose next request sends reasoning items back."""
    llm = make_llm(MODEL, reasoning={"effort": "low"}, **settings)
    first = await ask(llm, [HI])
    assert [b for b in first.message.blocks if isinstance(b, ThinkingBlock)]
    return [HI, first.message, ChatMessage(content="And now?")]


@four_ways
async def test_a6_a_lost_item_costs_one_more_request_and_a_warning(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
):
    history = await two_turns(make_llm, ask)
    openrouter_emulator.forget_reasoning_items = True

    with caplog.at_level(logging.WARNING, logger="openrouter"):
        response = await ask(make_llm(MODEL), history)

    refused, repeated = (body["messages"][1] for body in openrouter_emulator.bodies[1:])
    ids = [entry.get("id") or "" for entry in refused["reasoning_details"]]
    assert any(name.startswith("rs_") for name in ids)
    assert "rs_" not in str(repeated)
    assert repeated["content"] == refused["content"]
    assert response.message.content
    assert "repeated without" in caplog.text


@four_ways
async def test_a6_another_400_is_not_repeated(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    history = await two_turns(make_llm, ask)
    openrouter_emulator.fail_next(faults.bad_request())

    with pytest.raises(BadRequestError):
        await ask(make_llm(MODEL), history)

    assert len(openrouter_emulator.requests) == 2


@four_ways
async def test_a6_policy_none_needs_no_second_request(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    history = await two_turns(make_llm, ask)
    openrouter_emulator.forget_reasoning_items = True

    await ask(make_llm(MODEL, reasoning_replay="none"), history)

    assert len(openrouter_emulator.requests) == 2
