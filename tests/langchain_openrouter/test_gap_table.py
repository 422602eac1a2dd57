"""Known losses of other LangChain packages for OpenRouter, each as a claim over a real socket.

The numbers are the rows of docs/gaps.md. Rows that are
settled by a pure function have their tests, with their numbers, beside that function's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.exceptions import (
    ModelError,
)
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage

from langchain_openrouter.errors import (
    ApiStatusError,
    BadRequestError,
    MidStreamError,
    RateLimitError,
    ServerError,
)
from openrouter_emulator import Emulator, Reply, ToolCall, faults
from tests.langchain_openrouter.call_styles import ALL_WAYS, CLAUDE, PNG, STREAMS, Ask, model

# ------------------------------------------------------------------ what comes back

SUMMARY = {"type": "reasoning.summary", "summary": "S", "index": 0, "format": "openai-responses-v1"}
ENCRYPTED = {"type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "index": 0, "format": "openai-responses-v1"}  # fmt: skip
CITED = {"type": "url_citation", "url_citation": {"url": "https://a.b", "title": "T"}}
PARSED = {"type": "file", "file": {"hash": "h", "content": [{"type": "text", "text": "x"}]}}


@ALL_WAYS
async def test_row1_to_5_a1_reasoning_is_received_and_sent_back(
    openrouter_emulator: Emulator, ask: Ask
):
    """Rows 1 to 5; quirks.md A1."""
    details = [SUMMARY, ENCRYPTED]
    openrouter_emulator.script([Reply("Hi", reasoning_details=details), "Done"])
    made = model("openai/gpt-5.5")

    message = await ask(made, "Hi")
    await ask(made, [HumanMessage("Hi"), message, HumanMessage("Go on")])

    assert message.additional_kwargs["reasoning_details"] == details
    assert message.additional_kwargs["reasoning_content"] == "S"
    assert openrouter_emulator.bodies[1]["messages"][1]["reasoning_details"] == details


@ALL_WAYS
async def test_a1_a2_claude_takes_its_thinking_back(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md A1 and A2: the emulator refuses thinking that was lost or altered."""

    def look_up(city: str) -> str:
        """Look up the weather of a city."""
        return f"Sunny in {city}"

    bound = model(CLAUDE, reasoning={"effort": "high"}).bind_tools([look_up])
    question = HumanMessage("Use look_up for the city Paris")

    calling = await ask(bound, [question])  # type: ignore[arg-type]
    (call,) = calling.tool_calls
    answer = await ask(bound, [question, calling, ToolMessage("Sunny", tool_call_id=call["id"])])  # type: ignore[arg-type]

    assert calling.additional_kwargs["reasoning_details"][0]["signature"]
    assert answer.text


@ALL_WAYS
async def test_row6_to_9_images_citations_files(openrouter_emulator: Emulator, ask: Ask):
    """Rows 6, 7 and 8."""
    openrouter_emulator.script([Reply("Hi", images=[PNG], annotations=[CITED, PARSED])])

    message = await ask(model(), "Hi")

    kinds = {b["type"] for b in message.content_blocks}
    assert {"text", "image"} <= kinds
    assert message.additional_kwargs["annotations"] == [CITED, PARSED]
    (text,) = [b for b in message.content_blocks if b["type"] == "text"]
    assert text["annotations"][0]["url"] == "https://a.b"  # type: ignore[typeddict-item]


@ALL_WAYS
async def test_row9_audio_comes_also_without_streaming(openrouter_emulator: Emulator, ask: Ask):
    """Row 9: OpenRouter gives audio in streams only."""
    made = model(
        "openai/gpt-audio-mini",
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    )

    message = await ask(made, "Say hello")

    (audio,) = [b for b in message.content_blocks if b["type"] == "audio"]
    assert audio["base64"]  # type: ignore[typeddict-item]
    assert openrouter_emulator.bodies[0]["stream"] is True


@ALL_WAYS
async def test_row10_to_12_h5_cost_provider_and_ids(openrouter_emulator: Emulator, ask: Ask):
    """Rows 10, 11 and 12; quirks.md B4, B6 and H5."""
    openrouter_emulator.byok = True

    message = await ask(model(), "Hi")

    metadata, (booked,) = message.response_metadata, openrouter_emulator.charges
    assert metadata["cost"] == metadata["token_usage"]["cost"]
    assert metadata["is_byok"] is True
    assert metadata["cost_details"]["upstream_inference_cost"] > 0
    assert metadata["provider"] == "OpenAI"
    assert metadata["native_finish_reason"]
    assert metadata["generation_id"] == metadata["id"] == message.id == booked.generation_id


@STREAMS
@pytest.mark.parametrize(
    "fault",
    [
        faults.midstream_error(),
        faults.midstream_error("server_error"),
        faults.midstream_error_beside(),
        faults.midstream_error_alone(after=0.5),
        faults.midstream_error_no_choices(),
        faults.finish_error(),
    ],
    ids=["documented", "string-code", "beside-choices", "alone", "no-choices", "finish-reason"],
)
async def test_row13_row14_c3_failure_inside_a_stream_is_raised(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    """Rows 13 and 14; quirks.md C3."""
    openrouter_emulator.fail_next(fault)

    with pytest.raises(MidStreamError) as raised:
        await ask(model(), "Tell a story about a long journey through the night")

    error: Any = raised.value
    assert isinstance(error, ModelError)
    assert error.partial_text
    assert error.generation_id
    assert isinstance(error.cause_error, ApiStatusError)


async def _collect(stream: AsyncIterator[AIMessageChunk], into: list[str]) -> None:
    async for chunk in stream:
        into.append(chunk.text)  # noqa: PERF401  # what came before a failure must stay


async def test_row13_text_before_the_failure_is_delivered(openrouter_emulator: Emulator):
    """Row 13: the user sees what came, then the error."""
    openrouter_emulator.fail_next(faults.midstream_rate_limit())
    seen: list[str] = []

    with pytest.raises(RateLimitError) as raised:
        await _collect(model().astream("Tell a story about a long journey"), seen)

    assert seen
    assert "".join(seen) == raised.value.partial_text  # type: ignore[attr-defined]


@ALL_WAYS
@pytest.mark.parametrize("fault", [faults.error_in_200(), faults.error_in_choice()])
async def test_row15_row16_c1_error_inside_a_200_is_typed(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    """Rows 15 and 16; quirks.md C1."""
    openrouter_emulator.fail_next(fault)

    with pytest.raises(ServerError) as raised:
        await ask(model(), "Hi")

    assert raised.value.status_code == 502


@ALL_WAYS
async def test_row17_refusal_reaches_the_message(openrouter_emulator: Emulator, ask: Ask):
    """Row 17."""
    message = await ask(model("emulator/refuser"), "Hi")

    assert message.additional_kwargs["refusal"]
    assert message.content == ""


@STREAMS
@pytest.mark.parametrize(
    "fault",
    [None, faults.interleaved_tools(), faults.missing_tool_index(), faults.shared_tool_index()],
    ids=["plain", "interleaved", "no-index", "shared-index"],
)
async def test_row18_to_20_d3_parallel_calls_stay_apart(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault | None
):
    """Rows 18, 19 and 20; quirks.md D3."""
    calls = [ToolCall("f", {"city": "Paris"}, "c1"), ToolCall("f", {"city": "Rome"}, "c2")]
    openrouter_emulator.script([calls])
    if fault:
        openrouter_emulator.fail_next(fault)

    message = await ask(model(), "Hi")

    assert [(c["id"], c["args"]["city"]) for c in message.tool_calls] == [
        ("c1", "Paris"),
        ("c2", "Rome"),
    ]
    assert not message.invalid_tool_calls


@ALL_WAYS
async def test_row21_row22_c12_nothing_unknown_breaks_an_answer(
    openrouter_emulator: Emulator, ask: Ask
):
    """Rows 21 and 22; quirks.md C12: fields, enum values and details that nobody heard of."""
    openrouter_emulator.script(["Hello"])
    openrouter_emulator.fail_next(faults.unknown_everywhere())

    assert (await ask(model(), "Hi")).text == "Hello"


@ALL_WAYS
async def test_row22_unknown_finish_reason_is_kept(openrouter_emulator: Emulator, ask: Ask):
    """Row 22."""
    openrouter_emulator.fail_next(faults.finish_reason("x_new_reason"))

    metadata = (await ask(model(), "Hi")).response_metadata

    assert metadata["finish_reason"] == "x_new_reason"


@STREAMS
@pytest.mark.parametrize("fault", [faults.finish_twice(), faults.usage_twice()])
async def test_row25_row26_b9_repeated_ends_are_counted_once(
    openrouter_emulator: Emulator, ask: Ask, fault: faults.Fault
):
    """Rows 25 and 26; quirks.md B9."""
    plain = await ask(model(), "Hi")
    openrouter_emulator.fail_next(fault)

    message = await ask(model(), "Hi")

    assert message.response_metadata["finish_reason"] == "stop"
    assert message.response_metadata["model_name"] == plain.response_metadata["model_name"]
    assert message.usage_metadata == plain.usage_metadata


# ------------------------------------------------------------------ what is sent


def test_row34_to_38_every_key_reaches_the_wire(openrouter_emulator: Emulator):
    """Rows 34 to 38: reasoning keys, prices as numbers, unknown enums, route, plugins, new fields."""
    made = model(
        CLAUDE,
        reasoning={"max_tokens": 2000, "exclude": True},
        openrouter_provider={
            "max_price": {"prompt": 5, "completion": "20"},
            "data_collection": "deny",
        },
        route="fallback",
        plugins=[{"id": "context-compression", "engine": "middle-out"}],
        model_kwargs={"safe_prompt": True},
    )

    made.invoke("Hi", max_tokens=4000)

    (body,) = openrouter_emulator.bodies
    assert body == {
        "model": CLAUDE,
        "messages": [{"role": "user", "content": "Hi"}],
        "provider": {"max_price": {"prompt": 5, "completion": "20"}, "data_collection": "deny"},
        "route": "fallback",
        "reasoning": {"max_tokens": 2000, "exclude": True},
        "plugins": [{"id": "context-compression", "engine": "middle-out"}],
        "safe_prompt": True,
        "max_tokens": 4000,
    }


def test_row39_row40_server_tools_through_bind_tools_and_agents(openrouter_emulator: Emulator):
    """Rows 39 and 40; quirks.md D1."""
    search = {"type": "openrouter:web_search", "parameters": {"max_results": 2}}

    model().bind_tools([search]).invoke("Hi")
    create_agent(model(), tools=[search]).invoke({"messages": [HumanMessage("Hi")]})

    assert [body["tools"] for body in openrouter_emulator.bodies] == [[search], [search]]


def test_row41_to_45_multimodal_messages_are_accepted(openrouter_emulator: Emulator):
    """Rows 41 to 45 and 47: the emulator refuses parts that OpenRouter would refuse."""
    media: list[Any] = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
        },
        {
            "type": "image",
            "url": "https://a.b/c.png",
            "extras": {"cache_control": {"type": "ephemeral"}},
        },
        {"type": "audio", "base64": "UklGRg==", "mime_type": "audio/mpeg"},
        {"type": "video", "base64": "AAAA", "mime_type": "video/mp4"},
        {"type": "file", "url": "https://a.b/c.pdf"},
        {"type": "text-plain", "text": "Notes", "mime_type": "text/plain"},
    ]
    call = {"name": "f", "args": {}, "id": "c1"}

    model("google/gemini-3-flash-preview").invoke(
        [
            HumanMessage(["Look:", *media], name="Ann"),
            AIMessage("", tool_calls=[call]),
            ToolMessage(["See:", media[0]], tool_call_id="c1"),
        ]
    )

    user, _, tool = openrouter_emulator.bodies[0]["messages"]
    assert user["name"] == "Ann"
    assert user["content"][2]["cache_control"] == {"type": "ephemeral"}
    assert [p["type"] for p in user["content"]] == [
        "text", "image_url", "image_url", "input_audio", "video_url", "file", "text",
    ]  # fmt: skip
    assert tool["content"][1]["image_url"]["url"].startswith("data:image/png")
    assert tool["name"] == "f"


@pytest.mark.parametrize("mime", ["application/pdf", "text/csv", "image/tiff"])
@ALL_WAYS
async def test_files_in_wire_shape_keep_their_type(
    openrouter_emulator: Emulator, ask: Ask, mime: str
):
    """LangChain's own preparation of messages calls every file a PDF."""
    file = {"filename": "a", "file_data": f"data:{mime};base64,QUJD"}

    await ask(model(), [HumanMessage(["Read:", {"type": "file", "file": file}])])

    assert openrouter_emulator.bodies[0]["messages"][0]["content"][1] == {
        "type": "file",
        "file": file,
    }


@ALL_WAYS
async def test_a6_lost_reasoning_items_cost_one_more_request(
    openrouter_emulator: Emulator, ask: Ask, caplog: pytest.LogCaptureFixture
):
    """quirks.md A6: "Item with id 'rs_...' not found" is answered by asking without them."""
    openrouter_emulator.forget_reasoning_items = True
    history = [
        HumanMessage("Hi"),
        AIMessage("Hello", additional_kwargs={"reasoning_details": [SUMMARY, ENCRYPTED]}),
        HumanMessage("Go on"),
    ]

    message = await ask(model("openai/gpt-5.5"), history)

    first, second = openrouter_emulator.bodies
    assert message.text
    assert first["messages"][1]["reasoning_details"] == [SUMMARY, ENCRYPTED]
    assert second["messages"][1]["reasoning_details"] == [SUMMARY]
    assert "lost reasoning items" in caplog.text


@ALL_WAYS
async def test_a6_any_other_400_is_not_repeated(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md A6."""
    openrouter_emulator.fail_next(faults.bad_request())
    history = [
        AIMessage("Hello", additional_kwargs={"reasoning_details": [ENCRYPTED]}),
        HumanMessage("Hi"),
    ]

    with pytest.raises(BadRequestError):
        await ask(model("openai/gpt-5.5"), history)

    assert len(openrouter_emulator.requests) == 1
