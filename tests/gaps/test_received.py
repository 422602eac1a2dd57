"""Rows 1 to 12 and 17 to 26: what a model said has to be in the message, under whatever name."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from openrouter_emulator import Emulator, Raw, Reply, ToolCall, faults
from tests.gaps.subject import CLAUDE, KEPT, PNG, gap, held, model, sent_by
from tests.langchain_openrouter.call_styles import ALL_WAYS, STREAMS, Ask, ainvoke

FORMAT = "anthropic-claude-v1"
SIGNED = {"type": "reasoning.text", "text": "Hmmm", "signature": "c2lnbmVk", "format": FORMAT, "index": 0}  # fmt: skip
SUMMARY = {"type": "reasoning.summary", "summary": "S", "index": 0, "format": "openai-responses-v1"}
ENCRYPTED = {"type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "index": 0, "format": "openai-responses-v1"}  # fmt: skip
UNHEARD_OF = {"type": "reasoning.x_new", "x": 1, "index": 0}


async def resent(
    emulator: Emulator, ask: Ask, details: list[dict[str, Any]], name: str = CLAUDE
) -> list[dict[str, Any]]:
    """Let a model think, answer it, and return the reasoning details of the second request."""
    emulator.script([Reply("Hi", reasoning_details=details), "Done"])
    made = model(emulator, name)
    message = await ask(made, "Hi")
    body = await sent_by(
        emulator, lambda: ainvoke(made, [HumanMessage("Hi"), message, HumanMessage("Go on")])
    )
    return body["messages"][1].get("reasoning_details") or []


# ------------------------------------------------------------------ reasoning


@gap(1, "the text of the reasoning", official=KEPT)
@ALL_WAYS
async def test_row1_reasoning_text_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", reasoning="Because of that"))

    assert "Because of that" in held(await ask(model(openrouter_emulator, CLAUDE), "Hi"))


@gap(2, "signatures of the reasoning", official=KEPT)
@ALL_WAYS
async def test_row2_signature_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", reasoning_details=[SIGNED]))

    assert "c2lnbmVk" in held(await ask(model(openrouter_emulator, CLAUDE), "Hi"))


@gap(3, "reasoning of invoke is sent back", official=KEPT)
async def test_row3_reasoning_of_invoke_is_sent_back(openrouter_emulator: Emulator):
    assert await resent(openrouter_emulator, ainvoke, [SIGNED]) == [SIGNED]


@gap(3, "ids of reasoning items are sent back", official="no id was sent")
async def test_row3_ids_of_reasoning_items_are_sent_back(openrouter_emulator: Emulator):
    (sent,) = await resent(openrouter_emulator, ainvoke, [ENCRYPTED], "openai/gpt-5.5")

    assert sent.get("id") == "rs_1", "no id was sent"


@gap(4, "reasoning of a stream is sent back", official="its format was lost")
@STREAMS
async def test_row4_streamed_reasoning_is_sent_back_whole(openrouter_emulator: Emulator, ask: Ask):
    head = {"type": "reasoning.text", "format": FORMAT, "index": 0}
    pieces = [{**head, "text": "Hm"}, {**head, "text": "mm"}, {**head, "signature": "c2lnbmVk"}]

    sent = await resent(openrouter_emulator, ask, pieces)

    assert "".join(d.get("text") or "" for d in sent) == "Hmmm"
    assert sent[-1]["signature"] == "c2lnbmVk"
    assert {d.get("format") for d in sent} == {FORMAT}, "its format was lost"


@gap(5, "summary and encrypted part of one reasoning item", official="the encrypted part was lost")
@STREAMS
async def test_row5_encrypted_part_survives_beside_its_summary(
    openrouter_emulator: Emulator, ask: Ask
):
    sent = await resent(openrouter_emulator, ask, [SUMMARY, ENCRYPTED], "openai/gpt-5.5")

    assert '"S"' in json.dumps(sent)
    assert "gAAA" in json.dumps(sent), "the encrypted part was lost"


@gap(
    21,
    "an unknown kind of reasoning, sent back as it came",
    official="was sent back as something else",
)
@ALL_WAYS
async def test_row21_unheard_of_reasoning_is_sent_back_as_it_came(
    openrouter_emulator: Emulator, ask: Ask
):
    sent = await resent(openrouter_emulator, ask, [UNHEARD_OF])

    assert sent == [UNHEARD_OF], "it was sent back as something else"


# ------------------------------------------------------------------ output that is no text

CITED = {
    "type": "url_citation",
    "url_citation": {"url": "https://a.b/cited", "title": "T", "start_index": 0, "end_index": 2},
}
PARSED = {"type": "file", "file": {"hash": "h4sh", "content": [{"type": "text", "text": "x"}]}}


@gap(6, "images of an answer", official="no image is in the message")
@ALL_WAYS
async def test_row6_image_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", images=[PNG]))

    message = await ask(model(openrouter_emulator), "Draw")

    assert PNG.partition(",")[2] in held(message), "no image is in the message"


@gap(7, "cited web pages", official="no citation is in the message")
@ALL_WAYS
async def test_row7_citation_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", annotations=[CITED]))

    message = await ask(model(openrouter_emulator), "Hi")

    assert "https://a.b/cited" in held(message), "no citation is in the message"


@gap(8, "parsed files, which need not be parsed again", official="no parsed file is in the message")
@ALL_WAYS
async def test_row8_file_annotation_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", annotations=[PARSED]))

    message = await ask(model(openrouter_emulator), "Hi")

    assert "h4sh" in held(message), "no parsed file is in the message"


@gap(9, "sound in an answer", official="no sound is in the message")
@STREAMS
async def test_row9_audio_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply(audio=b"RIFF1234", audio_transcript="Hello"))

    message = await ask(model(openrouter_emulator), "Speak")

    assert base64.b64encode(b"RIFF1234").decode() in held(message), "no sound is in the message"


# ------------------------------------------------------------------ what the call was


@gap(10, "the cost", official=KEPT)
@ALL_WAYS
async def test_row10_cost_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", usage={"cost": 0.0123}))

    assert "0.0123" in held(await ask(model(openrouter_emulator), "Hi"))


@gap(11, "the provider, and its own finish reason", official="is not in the message")
@ALL_WAYS
@pytest.mark.parametrize(
    ("field", "value"), [("provider", "Nebius"), ("native_finish_reason", "END_OF_TURN")]
)
async def test_row11_provider_and_native_finish_reason_are_received(
    openrouter_emulator: Emulator, ask: Ask, field: str, value: str
):
    openrouter_emulator.script(Reply("Hi", **{field: value}))

    message = await ask(model(openrouter_emulator), "Hi")

    assert value in held(message), f"{field} is not in the message"


@gap(
    12,
    "is_byok, server tools, service tier, tokens of sound and video",
    official="is not in the message",
)
@ALL_WAYS
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"usage": {"is_byok": True}}, '"is_byok": true'),
        ({"usage": {"server_tool_use": {"web_search_requests": 47114711}}}, "47114711"),
        ({"extra": {"service_tier": "tier-of-test"}}, "tier-of-test"),
        ({"usage": {"completion_tokens_details": {"audio_tokens": 47114711}}}, "47114711"),
        ({"usage": {"prompt_tokens_details": {"video_tokens": 47114711}}}, "47114711"),
    ],
    ids=["is_byok", "server_tool_use", "service_tier", "audio_tokens", "video_tokens"],
)
async def test_row12_usage_is_received_whole(
    openrouter_emulator: Emulator, ask: Ask, reply: Mapping[str, Any], expected: str
):
    openrouter_emulator.script(Reply("Hi", **reply))

    message = await ask(model(openrouter_emulator), "Hi")

    assert expected in held(message), f"{expected} is not in the message"


@gap(17, "the text of a refusal", official="the refusal is not in the message")
@ALL_WAYS
async def test_row17_refusal_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply(refusal="I will not say that"))

    message = await ask(model(openrouter_emulator), "Hi")

    assert "I will not say that" in held(message), "the refusal is not in the message"


# ------------------------------------------------------------------ tool calls and odd shapes


def _calls(message: AIMessage) -> list[tuple[str | None, Any]]:
    return [(call["id"], call["args"].get("city")) for call in message.tool_calls]


async def _two_calls(emulator: Emulator, ask: Ask, fault: faults.Fault | None) -> AIMessage:
    calls = [ToolCall("f", {"city": "Paris"}, "c1"), ToolCall("f", {"city": "Rome"}, "c2")]
    emulator.script([calls])
    if fault:
        emulator.fail_next(fault)
    return await ask(model(emulator), "Hi")


@gap(18, "parallel tool calls", official=KEPT)
@ALL_WAYS
async def test_row18_parallel_calls_stay_apart(openrouter_emulator: Emulator, ask: Ask):
    message = await _two_calls(openrouter_emulator, ask, None)

    assert _calls(message) == [("c1", "Paris"), ("c2", "Rome")]


@gap(19, "parallel tool calls that come interleaved", official=KEPT)
@STREAMS
async def test_row19_interleaved_calls_stay_apart(openrouter_emulator: Emulator, ask: Ask):
    message = await _two_calls(openrouter_emulator, ask, faults.interleaved_tools())

    assert _calls(message) == [("c1", "Paris"), ("c2", "Rome")]


@gap(20, "tool calls that come without an index", official="ValidationError")
@STREAMS
async def test_row20_calls_without_index_stay_apart(openrouter_emulator: Emulator, ask: Ask):
    message = await _two_calls(openrouter_emulator, ask, faults.missing_tool_index())

    assert _calls(message) == [("c1", "Paris"), ("c2", "Rome")]


@gap(22, "an unknown finish reason", official=KEPT)
@ALL_WAYS
async def test_row22_unheard_of_finish_reason_is_received(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.finish_reason("x_new_reason"))

    assert "x_new_reason" in held(await ask(model(openrouter_emulator), "Hi"))


@gap(23, "an answer without content", official=KEPT)
@ALL_WAYS
async def test_row23_null_content_is_an_empty_text(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply(None))

    assert (await ask(model(openrouter_emulator), "Hi")).text == ""


@gap(24, "content that is a list of parts", official=KEPT)
async def test_row24_content_as_a_list_is_read(openrouter_emulator: Emulator):
    listed = {"content": [{"type": "text", "text": "Hello"}]}
    openrouter_emulator.script(Reply("x", message_extra=listed))

    assert (await ainvoke(model(openrouter_emulator), "Hi")).text == "Hello"


@gap(25, "an end that is said twice", official=KEPT)
@STREAMS
async def test_row25_repeated_end_is_read_once(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(faults.finish_twice())

    message = await ask(model(openrouter_emulator), "Hi")

    assert message.response_metadata["finish_reason"] == "stop"


@gap(26, "usage that is said twice", official="counted twice")
@STREAMS
async def test_row26_repeated_usage_is_counted_once(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Reply("Hi", usage={"cost": 0.25, "total_tokens": 7}))
    openrouter_emulator.fail_next(faults.usage_twice())

    message = await ask(model(openrouter_emulator), "Hi")

    assert message.response_metadata["cost"] == 0.25
    assert (message.usage_metadata or {}).get("total_tokens") == 7, "the tokens were counted twice"


@gap(26, "a cost that is corrected", official="TypeError")
@STREAMS
async def test_row26_the_last_cost_counts(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.script(Raw([_chunk(0), _chunk(0.25)]))

    assert (await ask(model(openrouter_emulator), "Hi")).response_metadata["cost"] == 0.25


def _chunk(cost: float) -> dict[str, Any]:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": cost}
    choice = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop" if cost else None}
    head = {"id": "g", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": [choice], "usage": usage}
