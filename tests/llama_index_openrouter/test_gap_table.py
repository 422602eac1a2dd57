"""Known losses of other LlamaIndex packages for OpenRouter, each as a claim over a real socket.

The numbers are the rows of docs/gaps.md, and 46 of LlamaIndex's own citable blocks.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import pickle
import wave
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import (
    AudioBlock,
    CachePoint,
    ChatMessage,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    VideoBlock,
)
from llama_index.core.tools import FunctionTool

from openrouter_core import (
    ApiStatusError,
    MidStreamError,
    PaymentRequiredError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
    TransportError,
)
from openrouter_emulator import Emulator, Reply, ToolCall, faults
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.test_chat import Ask, four_ways

# llama-index-core 0.14 itself uses what pydantic calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HI = ChatMessage(content="Hi")
GO_ON = ChatMessage(content="Go on")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

SUMMARY = {"type": "reasoning.summary", "summary": "S", "index": 0, "format": "openai-responses-v1"}
ENCRYPTED = {"type": "reasoning.encrypted", "data": "gAAA", "id": "rs_1", "index": 0, "format": "openai-responses-v1"}  # fmt: skip
SIGNED = {"type": "reasoning.text", "text": "Hm.", "signature": "s==", "index": 0, "format": "anthropic-claude-v1"}  # fmt: skip
UNKNOWN = {"type": "reasoning.x_new", "payload": {"a": [1]}, "index": 1}
CITED = {"type": "url_citation", "url_citation": {"url": "https://a.b", "title": "T"}}
PARSED = {"type": "file", "file": {"hash": "h", "content": [{"type": "text", "text": "x"}]}}

SEARCHED = {"server_tool_use": {"web_search_requests": 1}}

# What comes back


@four_ways
async def test_row_1_reasoning_text(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    openrouter_emulator.script(Reply("Hi", reasoning="Let me think."))

    message = (await ask(make_llm("deepseek/deepseek-v3.2"), [HI])).message

    assert "".join(b.content for b in message.blocks if isinstance(b, ThinkingBlock)) == (
        "Let me think."
    )


DETAILS = {
    "rows 2 3 4 signed text": ("anthropic/claude-sonnet-4.5", [SIGNED]),
    "row 5 summary and encrypted on one index": ("openai/gpt-5.5", [SUMMARY, ENCRYPTED]),
    "row 21 unknown type": ("openai/gpt-5.5", [SUMMARY, UNKNOWN]),
}


@four_ways
@pytest.mark.parametrize(("model", "details"), DETAILS.values(), ids=DETAILS.keys())
async def test_rows_2_to_5_and_21_reasoning_details_come_and_go_back(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    ask: Ask,
    model: str,
    details: list[dict[str, Any]],
):
    openrouter_emulator.check_reasoning = False  # these signatures are made up
    openrouter_emulator.script([Reply("Hi", reasoning_details=details), "Done"])
    llm = make_llm(model)

    message = (await ask(llm, [HI])).message
    await ask(llm, [HI, message, GO_ON])

    assert len([b for b in message.blocks if isinstance(b, ThinkingBlock)]) == len(details)
    assert openrouter_emulator.last.json["messages"][1]["reasoning_details"] == details


@four_ways
async def test_row_6_pictures(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    openrouter_emulator.script(Reply("Here.", images=[PNG_URL]))

    message = (await ask(make_llm("google/gemini-2.5-flash-image"), [HI])).message

    [image] = [b for b in message.blocks if isinstance(b, ImageBlock)]
    assert image.resolve_image().read() == PNG


@four_ways
async def test_row_7_citations(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    openrouter_emulator.script(Reply("So.", annotations=[CITED]))

    message = (await ask(make_llm(), [HI])).message

    assert [b.source for b in message.blocks if isinstance(b, CitationBlock)] == ["https://a.b"]


@four_ways
async def test_row_8_parsed_files_go_back(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.script([Reply("Read.", annotations=[PARSED]), "Done"])

    message = (await ask(make_llm(), [HI])).message
    await ask(make_llm(), [HI, message, GO_ON])

    assert openrouter_emulator.last.json["messages"][1]["annotations"] == [PARSED]


@four_ways
async def test_row_9_sound(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    settings = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
    llm = make_llm("openai/gpt-audio-mini", additional_kwargs=settings)

    message = (await ask(llm, [HI])).message

    [sound] = [b for b in message.blocks if isinstance(b, AudioBlock)]
    with wave.open(BytesIO(sound.resolve_audio().read())) as played:
        assert played.getnframes() > 0


@four_ways
async def test_rows_10_11_12_the_answer_says_who_gave_it_and_what_it_cost(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.byok = True
    openrouter_emulator.script(
        Reply("Hi", native_finish_reason="end_turn", extra={"service_tier": "flex"}, usage=SEARCHED)
    )

    response = await ask(make_llm("anthropic/claude-haiku-4.5"), [HI])

    fields = response.additional_kwargs
    [booking] = openrouter_emulator.charges
    assert fields["cost"] == pytest.approx(float(booking.cost))
    assert (fields["provider"], fields["native_finish_reason"]) == (booking.provider, "end_turn")
    assert (fields["is_byok"], fields["service_tier"]) == (True, "flex")
    assert response.raw["usage"]["server_tool_use"] == SEARCHED["server_tool_use"]
    assert response.raw["usage"]["completion_tokens_details"]


@pytest.mark.parametrize("fault", ["midstream_error", "midstream_error_beside"])
async def test_rows_13_14_a_stream_that_fails_is_no_success(
    openrouter_emulator: Emulator, make_llm: MakeLlm, fault: str
):
    openrouter_emulator.script(Reply("word " * 40))
    openrouter_emulator.fail_next(faults.BY_NAME[fault]())

    with pytest.raises(MidStreamError) as caught:
        _ = [r async for r in await make_llm().astream_chat([HI])]

    assert caught.value.partial_text.startswith("word")


@four_ways
async def test_row_15_error_inside_a_200(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.error_in_200())

    with pytest.raises(ServerError):
        await ask(make_llm(), [HI])


@four_ways
async def test_row_16_error_inside_a_choice(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.error_in_choice())

    with pytest.raises((ApiStatusError, MidStreamError)):
        await ask(make_llm(), [HI])


@four_ways
async def test_row_17_refusal(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    openrouter_emulator.script(Reply(refusal="I cannot."))

    assert (await ask(make_llm(), [HI])).message.additional_kwargs["refusal"] == "I cannot."


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


WEATHER = FunctionTool.from_defaults(weather)


@pytest.mark.parametrize("fault", ["none", "interleaved_tools", "missing_tool_index"])
def test_rows_18_19_20_parallel_calls_however_they_are_cut(
    openrouter_emulator: Emulator, make_llm: MakeLlm, fault: str
):
    openrouter_emulator.script([[ToolCall("weather", {"city": c}) for c in ("Paris", "Rome")]])
    if fault != "none":
        openrouter_emulator.fail_next(faults.BY_NAME[fault]())
    llm = make_llm(is_function_calling_model=True)

    last = list(llm.stream_chat_with_tools([WEATHER], "Hi", allow_parallel_tool_calls=True))[-1]

    calls = llm.get_tool_calls_from_response(last)
    assert [c.tool_kwargs for c in calls] == [{"city": "Paris"}, {"city": "Rome"}]
    assert len({c.tool_id for c in calls}) == 2


@four_ways
async def test_row_22_unknown_finish_reason(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.finish_reason("x_new_reason"))

    response = await ask(make_llm(), [HI])

    assert response.additional_kwargs["finish_reason"] == "x_new_reason"


@pytest.mark.parametrize(
    ("content", "text"), [(None, None), ([{"type": "text", "text": "So."}], "So.")]
)
async def test_rows_23_24_content_that_is_null_or_a_list(
    openrouter_emulator: Emulator, make_llm: MakeLlm, content: Any, text: str | None
):
    openrouter_emulator.script(Reply("-", message_extra={"content": content}))

    assert (await make_llm().achat([HI])).message.content == text


# How calls fail


@four_ways
async def test_row_27_payment_required_says_what_it_wants(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.payment_required(requested=900, affordable=12))

    with pytest.raises(PaymentRequiredError) as caught:
        await ask(make_llm(), [HI])

    assert (caught.value.requested, caught.value.affordable) == (900, 12)


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 2), (2, 3)])
def test_rows_31_32_33_retries_are_counted_in_requests(
    openrouter_emulator: Emulator, make_llm: MakeLlm, retries: int, requests: int
):
    openrouter_emulator.fail_next(faults.rate_limited(retry_after_s=0.01), times=9)

    with pytest.raises(RateLimitError):
        make_llm(max_retries=retries).chat([HI])

    assert len(openrouter_emulator.requests) == requests


@four_ways
async def test_row_54_cut_connection_is_an_error_of_ours(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.script(Reply("word " * 40))
    openrouter_emulator.fail_next(faults.cut_midstream())

    with pytest.raises((TransportError, StreamInterruptedError)):
        await ask(make_llm(), [HI])


# What goes out


SENT: dict[str, dict[str, Any]] = {
    "row 34 reasoning budget": {"reasoning": {"max_tokens": 2000}},
    "row 34 reasoning switch": {"reasoning": {"enabled": True, "exclude": True}},
    "row 35 max_price": {"provider": {"max_price": {"prompt": 1}, "data_collection": "deny"}},
    "row 36 unknown preference": {"provider": {"x_new": "y", "data_collection": "deny"}},
    "row 37 route": {"route": "fallback"},
    "row 38 unknown plugin": {"plugins": [{"id": "x-new", "a": 1}]},
}


@four_ways
@pytest.mark.parametrize("option", SENT.values(), ids=SENT.keys())
async def test_rows_34_to_38_options_go_out_as_they_are_said(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask, option: dict[str, Any]
):
    openrouter_emulator.script("ok")

    await ask(make_llm("deepseek/deepseek-v3.2", **option), [HI])

    sent = openrouter_emulator.last.json
    assert {name: sent[name] for name in option} == option


@pytest.mark.parametrize("parameters", [{}, {"x_new": 1}])
def test_rows_39_40_server_tools_beside_functions(
    openrouter_emulator: Emulator, make_llm: MakeLlm, parameters: dict[str, Any]
):
    search: Any = {"type": "openrouter:web_search", "parameters": parameters}

    make_llm().chat_with_tools([WEATHER, search], "Hi")

    assert openrouter_emulator.last.json["tools"][1] == search


async def test_row_41_picture_of_a_tool(openrouter_emulator: Emulator, make_llm: MakeLlm):
    def photo() -> list[Any]:
        """Take a photo."""
        return [TextBlock(text="Look"), ImageBlock(image=PNG)]

    openrouter_emulator.script([ToolCall("photo", "{}"), "A tower."])

    await FunctionAgent(tools=[photo], llm=make_llm()).run("Show me")

    sent = openrouter_emulator.last.json["messages"][-1]
    assert sent["role"] == "tool"
    assert sent["content"][1] == {"type": "image_url", "image_url": {"url": PNG_URL}}


BLOCKS: dict[str, tuple[list[Any], Callable[[list[Any]], bool]]] = {
    "row 43 cache mark on text": (
        [TextBlock(text="Long"), CachePoint(cache_control={"type": "ephemeral"})],
        lambda parts: parts[0]["cache_control"]["type"] == "ephemeral",
    ),
    "row 44 cache mark on a picture": (
        [TextBlock(text="See"), ImageBlock(image=PNG), CachePoint(cache_control={"type": "e"})],
        lambda parts: parts[1]["cache_control"]["type"] == "e",
    ),
    "row 45 video": (
        [TextBlock(text="See"), VideoBlock(url="https://a.example/v.mp4")],
        lambda parts: parts[1]["video_url"] == {"url": "https://a.example/v.mp4"},
    ),
    "row 45 document URL is not fetched here": (
        [TextBlock(text="Read"), DocumentBlock(url="https://a.example/d.pdf")],
        lambda parts: parts[1]["file"]["file_data"] == "https://a.example/d.pdf",
    ),
    "row 46 citable block": (
        [CitableBlock(title="T", source="S", content=[TextBlock(text="Quote")])],
        lambda parts: "Quote" in str(parts) and "T" in str(parts),
    ),
    "row 46 citation block": (
        [CitationBlock(cited_content=TextBlock(text="Quote"), source="S", title="T",
                       additional_location_info={})],
        lambda parts: "Quote" in str(parts),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("blocks", "is_there"), BLOCKS.values(), ids=BLOCKS.keys())
async def test_rows_43_to_46_blocks_reach_the_model(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    blocks: list[Any],
    is_there: Callable[[list[Any]], bool],
):
    openrouter_emulator.script("ok")

    await make_llm("google/gemini-3-flash-preview").achat([ChatMessage(blocks=blocks)])

    assert is_there(openrouter_emulator.last.json["messages"][0]["content"])


# The object itself


def test_row_48_nothing_is_sent_unasked_and_the_window_is_the_models(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm("openai/gpt-4o-mini")

    llm.chat([HI])

    assert openrouter_emulator.last.json.keys() == {"model", "messages"}
    assert llm.metadata.context_window == 128_000
    assert llm.metadata.is_function_calling_model


def test_row_49_no_key_is_shown(openrouter_emulator: Emulator, make_llm: MakeLlm):
    llm = make_llm(api_key="sk-or-v1-very-secret")

    assert "very-secret" not in f"{llm!r} {llm} {llm.to_dict()} {llm.to_json()}"


@pytest.mark.parametrize("way", [copy.deepcopy, lambda llm: pickle.loads(pickle.dumps(llm))])
def test_row_50_copies_work(
    openrouter_emulator: Emulator, make_llm: MakeLlm, way: Callable[[Any], Any]
):
    llm = make_llm()
    llm.chat([HI])

    assert way(llm).chat([HI]).message.content


def test_row_51_one_object_in_several_event_loops(openrouter_emulator: Emulator, make_llm: MakeLlm):
    llm = make_llm()

    async def both() -> str | None:
        _ = [r async for r in await llm.astream_chat([HI])]
        return (await llm.achat([HI])).message.content

    assert [asyncio.run(both()) for _ in range(3)] == ["You said: Hi."] * 3


def test_row_52_the_app_is_named_if_it_is_set(openrouter_emulator: Emulator, make_llm: MakeLlm):
    make_llm(app_url="https://a.example", app_title="Mine").chat([HI])

    headers = openrouter_emulator.last.headers
    assert (headers["http-referer"], headers["x-openrouter-title"]) == ("https://a.example", "Mine")


def test_row_53_every_endpoint_is_in_reach(openrouter_emulator: Emulator, make_llm: MakeLlm):
    llm = make_llm()

    answer = llm.chat([HI])

    generation_id = answer.additional_kwargs["generation_id"]
    assert llm.client.generations.get(generation_id).id == generation_id
    assert llm.client.keys.current().usage > 0


def test_the_callers_history_is_left_alone(openrouter_emulator: Emulator, make_llm: MakeLlm):
    """Appending the question to the caller's list is what the official package does."""
    history = [HI]

    make_llm(is_function_calling_model=True).chat_with_tools([WEATHER], "Hi", chat_history=history)

    assert history == [HI]
