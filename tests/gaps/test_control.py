"""What has to pass with both packages: a failing gap test would prove nothing without these."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from openrouter_emulator import Emulator
from tests.gaps.subject import KEPT, OFFICIAL, gap, is_official, model, named
from tests.langchain_openrouter.call_styles import ALL_WAYS, Ask

CONTROL = gap(0, "control: the package can be used here", official=KEPT)


@CONTROL
def test_the_package_under_test_is_the_one_that_was_named():
    assert is_official() == named().startswith(OFFICIAL)


@CONTROL
@ALL_WAYS
async def test_a_question_is_answered(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script("Hello there")

    message = await ask(model(openrouter_emulator), "Hi")

    assert message.text == "Hello there"
    assert (message.usage_metadata or {})["total_tokens"] > 0
    assert len(openrouter_emulator.requests) == 1


@CONTROL
@ALL_WAYS
async def test_a_conversation_with_a_tool_is_sent(openrouter_emulator: Emulator, ask: Ask):
    call = {"name": "look_up", "args": {"city": "Paris"}, "id": "c1"}
    history = [
        SystemMessage("Be brief"),
        HumanMessage("How is the weather?"),
        AIMessage("", tool_calls=[call]),
        ToolMessage("Sunny", tool_call_id="c1"),
    ]

    await ask(model(openrouter_emulator, temperature=0.5), history)

    body = openrouter_emulator.bodies[0]
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["temperature"] == 0.5
