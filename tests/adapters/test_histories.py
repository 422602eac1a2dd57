"""Conversations that go on with a model that did not begin them: both adapters, against the emulator.

The emulator refuses what the providers refuse, so each of these fails without its repair.
"""

from __future__ import annotations

import base64
import logging
from decimal import Decimal
from typing import Any

import pytest

from openrouter_core import (
    ApiStatusError,
    BadRequestError,
    BudgetExceededError,
    OpenRouterClient,
)
from openrouter_core._logging import warn_once
from openrouter_core.costs import Budget
from openrouter_core.errors import NotFoundError
from openrouter_emulator import Emulator, Raw, faults
from tests.adapters.conversations import BOTH, EIGHT_WAYS, Ask

CLAUDE = "anthropic/claude-sonnet-4.5"
GPT = "openai/gpt-5.5"
GEMINI = "google/gemini-3-flash-preview"
MISTRAL = "mistralai/mistral-medium-3.1"
AUTO = "openrouter/auto"

QUESTION = {"role": "user", "content": "Go on."}
OF_CLAUDE = {
    "type": "reasoning.text", "text": "Hm.", "signature": "s", "format": "anthropic-claude-v1", "index": 0,
}  # fmt: skip
OF_GPT = {
    "type": "reasoning.encrypted", "data": "k", "id": "rs_1", "format": "openai-responses-v1", "index": 0,
}  # fmt: skip
OF_GEMINI = {"type": "reasoning.encrypted", "data": "g", "format": "google-gemini-v1", "index": 0}
SUMMARY = {
    "type": "reasoning.summary",
    "summary": "Hm.",
    "format": "openai-responses-v1",
    "index": 1,
}
EPHEMERAL = {"cache_control": {"type": "ephemeral"}}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").decode()


@pytest.fixture(autouse=True)
def nothing_logged_yet() -> None:
    warn_once.cache_clear()


def turn(*details: Any, content: Any = "So.") -> dict[str, Any]:
    answer = {"role": "assistant", "content": content}
    return {**answer, "reasoning_details": list(details)} if details else answer


def called(*ids: str) -> list[dict[str, Any]]:
    function = {"name": "f", "arguments": '{"a": 1}'}
    calls = [{"id": i, "type": "function", "function": function} for i in ids]
    results = [{"role": "tool", "tool_call_id": i, "content": "1"} for i in ids]
    return [QUESTION, {"role": "assistant", "content": None, "tool_calls": calls}, *results]


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def parts(*content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(content)}]


# ---------------------------------------------------------------- reasoning of another model


@EIGHT_WAYS
@pytest.mark.parametrize(
    ("model", "details", "kept"),
    [
        (GPT, [OF_GEMINI, SUMMARY], [SUMMARY]),
        (GPT, [OF_CLAUDE, OF_GPT], [OF_GPT]),
        (GEMINI, [OF_CLAUDE], None),
        (GEMINI, [OF_GPT, OF_GEMINI], [OF_GEMINI]),
        (CLAUDE, [OF_GPT, SUMMARY, OF_CLAUDE], [SUMMARY, OF_CLAUDE]),
        ("deepseek/deepseek-v3.2", [OF_GEMINI], None),
    ],
    ids=[
        "gemini-gpt",
        "claude-gpt",
        "claude-gemini",
        "gpt-gemini",
        "gpt-claude",
        "gemini-deepseek",
    ],
)
async def test_a_conversation_goes_on_with_a_model_of_another_vendor(
    openrouter_emulator: Emulator, ask: Ask, model: str, details: Any, kept: Any
):
    assert await ask(model, [QUESTION, turn(*details), QUESTION])

    (body,) = openrouter_emulator.bodies
    assert body["messages"][1].get("reasoning_details") == kept


@EIGHT_WAYS
@pytest.mark.parametrize(
    "settings",
    [{"model": AUTO}, {"models": [GEMINI]}, {"preset": "mine"}],
    ids=["router", "vendors", "preset"],
)
async def test_who_answers_is_not_known_so_all_goes_and_a_refusal_costs_one_more_request(
    openrouter_emulator: Emulator, ask: Ask, settings: Any, caplog: pytest.LogCaptureFixture
):
    details = [OF_CLAUDE, OF_GEMINI, OF_GPT, SUMMARY]
    model = settings.get("model", GPT)
    settings = {name: value for name, value in settings.items() if name != "model"}
    if preset := settings.get("preset"):
        OpenRouterClient().presets.from_chat(preset, {"model": GPT, "messages": []})

    with caplog.at_level(logging.WARNING, logger="openrouter"):
        assert await ask(model, [QUESTION, turn(*details), QUESTION], **settings)

    refused, repeated = (body["messages"][1] for body in openrouter_emulator.bodies[-2:])
    assert refused["reasoning_details"] == details
    assert repeated["reasoning_details"] == [SUMMARY]
    assert len(openrouter_emulator.charges) == 1
    assert [r.message for r in caplog.records if "is repeated without" in r.message]
    assert len(caplog.records) == 1


@EIGHT_WAYS
async def test_a_refusal_inside_a_200_is_mended_too(openrouter_emulator: Emulator, ask: Ask):
    """A provider's refusal may come as the first event of a stream, or in the body of a 200."""
    words = "messages.1.content.0: Invalid `signature` in `thinking` block"
    metadata = {"provider_name": "Anthropic", "raw": words}
    error = {"code": 400, "message": "Provider returned error", "metadata": metadata}
    openrouter_emulator.script(Raw([{"error": error}]))

    assert await ask(CLAUDE, [QUESTION, turn(OF_CLAUDE, SUMMARY), QUESTION])

    assert len(openrouter_emulator.bodies) == 2
    assert openrouter_emulator.bodies[1]["messages"][1]["reasoning_details"] == [SUMMARY]


@EIGHT_WAYS
async def test_policy_all_sends_everything_and_never_repeats(
    openrouter_emulator: Emulator, ask: Ask
):
    with pytest.raises(NotFoundError, match="produced under a different model"):
        await ask(GPT, [QUESTION, turn(OF_GEMINI), QUESTION], reasoning_replay="all")

    (body,) = openrouter_emulator.bodies
    assert body["messages"][1]["reasoning_details"] == [OF_GEMINI]


@EIGHT_WAYS
async def test_policy_all_does_not_repeat_without_lost_items(
    openrouter_emulator: Emulator, ask: Ask
):
    openrouter_emulator.forget_reasoning_items = True

    with pytest.raises(BadRequestError):
        await ask(GPT, [QUESTION, turn(OF_GPT), QUESTION], reasoning_replay="all")

    assert len(openrouter_emulator.bodies) == 1


@EIGHT_WAYS
async def test_another_refusal_is_not_repeated(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.bad_request())

    with pytest.raises(ApiStatusError):
        await ask(AUTO, [QUESTION, turn(OF_CLAUDE), QUESTION])

    assert len(openrouter_emulator.requests) == 1


class Counted:
    """An observer that lets the first so many calls through."""

    def __init__(self, most: int) -> None:
        self.most, self.admitted, self.completed_calls = most, 0, list[Any]()

    def admit(self, intent: Any, /) -> None:
        if self.admitted == self.most:
            raise BudgetExceededError("no more")
        self.admitted += 1

    def completed(self, call: Any, ticket: object, /) -> None:
        self.completed_calls.append(call)


@EIGHT_WAYS
async def test_the_second_request_is_a_call_of_its_own(openrouter_emulator: Emulator, ask: Ask):
    counted = Counted(most=9)

    await ask(AUTO, [QUESTION, turn(OF_CLAUDE, OF_GEMINI), QUESTION], observers=[counted])

    assert counted.admitted == 2
    assert len(counted.completed_calls) == 2


@EIGHT_WAYS
async def test_a_budget_may_refuse_the_second_request(openrouter_emulator: Emulator, ask: Ask):
    with pytest.raises(BudgetExceededError):
        await ask(
            AUTO, [QUESTION, turn(OF_CLAUDE, OF_GEMINI), QUESTION], observers=[Counted(most=1)]
        )

    assert len(openrouter_emulator.requests) == 1


@BOTH
async def test_a_refused_request_costs_a_budget_nothing(openrouter_emulator: Emulator, ask: Ask):
    budget = Budget(Decimal(1))

    await ask(AUTO, [QUESTION, turn(OF_CLAUDE, OF_GEMINI), QUESTION], observers=[budget])

    (charge,) = openrouter_emulator.charges
    assert budget.spent_usd() == charge.cost


# ---------------------------------------------------------------- what Claude refuses

REPAIRED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "empty text": (CLAUDE, parts(text(""), text("x"))),
    "blank text": (CLAUDE, parts(text("\n"), text("x"))),
    "empty turn": (CLAUDE, [QUESTION, turn(content=""), QUESTION]),
    "blanks before a call": (CLAUDE, [QUESTION, {**called("c1")[1], "content": "\n\n"}, called("c1")[2]]),
    "mark on empty text": (CLAUDE, parts(text("x"), text("", **EPHEMERAL))),
    "five marks": (CLAUDE, [m for n in range(5) for m in parts(text(str(n), **EPHEMERAL))]),
    "foreign id": (CLAUDE, called("functions.f:0")),
    "id with an accent": (CLAUDE, called("call-é")),
    "an id that comes again": (CLAUDE, [*called("f"), *called("f")]),
    "an id that is too long": (GPT, called("x" * 65)),
    "an id that Mistral refuses": (MISTRAL, called("call_7hpvbSTkmAbcdEfgh")),
    "png called jpeg": (CLAUDE, parts(text("x"), {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{PNG}"}})),
    "image/jpg": (CLAUDE, parts(text("x"), {"type": "image_url", "image_url": {"url": "data:image/jpg;base64,AAAA"}})),
    "data URL in base64": (CLAUDE, parts(text("x"), {"type": "image_url", "image_url": {"url": f"data:image/png;base64,data:image/png;base64,{PNG}"}})),
}  # fmt: skip


@BOTH
@pytest.mark.parametrize(("model", "wire"), REPAIRED.values(), ids=REPAIRED.keys())
async def test_what_a_provider_refuses_is_mended(
    openrouter_emulator: Emulator, ask: Ask, model: str, wire: Any
):
    assert await ask(model, wire)


@BOTH
async def test_a_call_and_its_result_keep_the_same_id(openrouter_emulator: Emulator, ask: Ask):
    await ask(CLAUDE, called("functions.f:0", "functions.f:1"))

    _, turn_with_calls, *results = openrouter_emulator.bodies[-1]["messages"]
    ids = [call["id"] for call in turn_with_calls["tool_calls"]]
    assert ids == [result["tool_call_id"] for result in results]
    assert len(set(ids)) == 2


@BOTH
async def test_kimi_gets_its_ids_unchanged(openrouter_emulator: Emulator, ask: Ask):
    await ask("moonshotai/kimi-k2-thinking", called("functions.f:0"))

    _, turn_with_calls, result = openrouter_emulator.bodies[-1]["messages"]
    assert turn_with_calls["tool_calls"][0]["id"] == result["tool_call_id"] == "functions.f:0"


@BOTH
async def test_both_adapters_send_the_same_conversation(openrouter_emulator: Emulator, ask: Ask):
    wire = [
        {"role": "system", "content": [text("Rules.", **EPHEMERAL), text("")]},
        *called("functions.f:0"),
        turn(OF_GPT, SUMMARY),
        turn(content=""),
        *parts(text("Look:"), {"type": "image_url", "image_url": {"url": f"data:image/jpg;base64,{PNG}"}}),
    ]  # fmt: skip

    await ask(CLAUDE, wire)

    sent = openrouter_emulator.bodies[-1]["messages"]
    identity = sent[2]["tool_calls"][0]["id"]
    function = {"name": "f", "arguments": '{"a": 1}'}
    assert sent == [
        {"role": "system", "content": [text("Rules.", **EPHEMERAL)]},
        QUESTION,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": identity, "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": identity, "content": "1", "name": "f"},
        {"role": "assistant", "content": "So.", "reasoning_details": [SUMMARY]},
        {
            "role": "user",
            "content": [text("Look:"), {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}],
        },
    ]  # fmt: skip
