"""Chat and completion against the local emulator, in all eight forms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    ChatMessage,
    ChatResponse,
    CitationBlock,
    CompletionResponse,
    ImageBlock,
    ThinkingBlock,
)

from llama_index_openrouter import OpenRouter
from openrouter_emulator import Emulator, Raw, Reply, ToolCall, faults
from tests.llama_index_openrouter.factories import MakeLlm

HI = [ChatMessage(content="Hi")]
THINKERS = ["anthropic/claude-sonnet-4.5", "openai/gpt-5.5", "google/gemini-3-flash-preview"]
Ask = Callable[..., Awaitable[ChatResponse]]


async def by_chat(llm: OpenRouter, messages: list[ChatMessage], **options: Any) -> ChatResponse:
    return llm.chat(messages, **options)


async def by_achat(llm: OpenRouter, messages: list[ChatMessage], **options: Any) -> ChatResponse:
    return await llm.achat(messages, **options)


async def by_stream(llm: OpenRouter, messages: list[ChatMessage], **options: Any) -> ChatResponse:
    return list(llm.stream_chat(messages, **options))[-1]


async def by_astream(llm: OpenRouter, messages: list[ChatMessage], **options: Any) -> ChatResponse:
    return [r async for r in await llm.astream_chat(messages, **options)][-1]


four_ways = pytest.mark.parametrize(
    "ask",
    [by_chat, by_achat, by_stream, by_astream],
    ids=["chat", "achat", "stream_chat", "astream_chat"],
)


@four_ways
async def test_answer_arrives_with_its_cost(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    response = await ask(make_llm("anthropic/claude-haiku-4.5"), HI)

    [booking] = openrouter_emulator.charges
    assert response.message.content
    assert response.additional_kwargs["cost"] == pytest.approx(float(booking.cost))
    assert response.additional_kwargs["generation_id"] == booking.generation_id
    assert response.additional_kwargs["provider"] == booking.provider
    assert response.raw["usage"]["prompt_tokens"] > 0


@four_ways
async def test_options_of_a_call_are_sent(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    llm = make_llm(temperature=0.2, app_title="Tests")

    await ask(llm, HI, top_p=0.5, extra_headers={"X-Mine": "1"}, extra_body={"user": "u"})

    request = openrouter_emulator.last
    assert (request.json["temperature"], request.json["top_p"], request.json["user"]) == (
        0.2,
        0.5,
        "u",
    )
    assert request.headers["x-mine"] == "1"
    assert request.headers["x-openrouter-title"] == "Tests"


@four_ways
@pytest.mark.parametrize("model", THINKERS)
async def test_reasoning_arrives_whichever_way_it_is_asked_for(
    make_llm: MakeLlm, ask: Ask, model: str
):
    response = await ask(make_llm(model, reasoning={"effort": "low"}), HI)

    thoughts = [b for b in response.message.blocks if isinstance(b, ThinkingBlock)]
    assert thoughts
    assert all(block.additional_information.get("type") for block in thoughts)
    assert [b for b in response.message.blocks if b.block_type == "text"]


@four_ways
@pytest.mark.parametrize("form", [1, 2, 3])
async def test_b3_b4_usage_arrives_in_every_form(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask, form: int
):
    openrouter_emulator.usage_form = form

    response = await ask(make_llm(), HI)

    assert response.raw["usage"]["completion_tokens"] > 0
    assert response.additional_kwargs["finish_reason"] == "stop"


@four_ways
async def test_g1_citations_arrive(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    citation = {"url": "https://a.example", "title": "A", "start_index": 0, "end_index": 2}
    openrouter_emulator.script(
        Reply("So it is.", annotations=[{"type": "url_citation", "url_citation": citation}])
    )

    message = (await ask(make_llm(), HI)).message

    assert message.content == "So it is."
    assert [b.source for b in message.blocks if isinstance(b, CitationBlock)] == [
        "https://a.example"
    ]
    assert message.additional_kwargs["annotations"][0]["url_citation"] == citation


@four_ways
async def test_g4_pictures_arrive(make_llm: MakeLlm, ask: Ask):
    llm = make_llm("google/gemini-2.5-flash-image", modalities=["image", "text"])

    message = (await ask(llm, [ChatMessage(content="Draw a cat")])).message

    [image] = [b for b in message.blocks if isinstance(b, ImageBlock)]
    assert image.resolve_image().read()


@four_ways
async def test_gap_9_sound_arrives_whole(make_llm: MakeLlm, ask: Ask):
    llm = make_llm(
        "openai/gpt-audio-mini",
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
    )

    message = (await ask(llm, HI)).message

    [sound] = [b for b in message.blocks if isinstance(b, AudioBlock)]
    assert sound.resolve_audio().read()
    assert message.additional_kwargs["audio"]["transcript"]


@four_ways
async def test_gap_17_refusal_arrives(openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask):
    """Also as text: engines, agents and loops over deltas show nothing else."""
    openrouter_emulator.script(Reply(refusal="I cannot."))

    response = await ask(make_llm(), HI)

    assert response.message.additional_kwargs["refusal"] == "I cannot."
    assert response.message.content == str(response).removeprefix("assistant: ") == "I cannot."


def test_a_streamed_refusal_is_in_the_deltas(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script(Reply(refusal="I cannot."))

    deltas = [response.delta or "" for response in make_llm().stream_chat(HI)]

    assert "".join(deltas) == "I cannot."


def test_a_refusal_goes_back_as_it_came(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.script([Reply(refusal="I cannot."), "Sorry."])
    llm = make_llm()

    llm.chat([*HI, llm.chat(HI).message, *HI])

    sent = openrouter_emulator.last.json["messages"][1]
    assert (sent["content"], sent["refusal"]) == (None, "I cannot.")


def test_a_refusal_is_the_error_where_a_call_was_wanted(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script(Reply(refusal="I cannot."))
    llm = make_llm()

    with pytest.raises(ValueError, match="refused: I cannot"):
        llm.get_tool_calls_from_response(llm.chat(HI))


@four_ways
async def test_c12_unknown_fields_and_enums_break_nothing(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.unknown_everywhere())

    assert (await ask(make_llm(), HI)).message.content


async def test_b6_generation_id_is_known_when_a_stream_is_left_early(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.script(Reply("word " * 200))
    stream = make_llm().stream_chat(HI)

    first = next(stream)
    stream.close()

    assert first.raw["id"].startswith("gen-")
    assert openrouter_emulator.wait_idle()


async def test_async_stream_left_early_gives_its_connection_back(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    openrouter_emulator.chunk_gap_s = 0.01
    openrouter_emulator.script(Reply("word " * 500))
    stream = await make_llm().astream_chat(HI)

    async for _ in stream:
        break
    await stream.aclose()

    assert await asyncio.to_thread(openrouter_emulator.wait_idle, 3.0)


# ------------------------------------------------------------------ completion


async def by_complete(llm: OpenRouter, prompt: str) -> CompletionResponse:
    return llm.complete(prompt, formatted=True)


async def by_acomplete(llm: OpenRouter, prompt: str) -> CompletionResponse:
    return await llm.acomplete(prompt)


async def by_stream_complete(llm: OpenRouter, prompt: str) -> CompletionResponse:
    pieces = list(llm.stream_complete(prompt))
    assert "".join(p.delta or "" for p in pieces) == pieces[-1].text
    return pieces[-1]


async def by_astream_complete(llm: OpenRouter, prompt: str) -> CompletionResponse:
    pieces = [p async for p in await llm.astream_complete(prompt)]
    assert "".join(p.delta or "" for p in pieces) == pieces[-1].text
    return pieces[-1]


@pytest.mark.parametrize(
    "complete",
    [by_complete, by_acomplete, by_stream_complete, by_astream_complete],
    ids=["complete", "acomplete", "stream_complete", "astream_complete"],
)
async def test_completion_is_a_chat_with_one_message(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    complete: Callable[[OpenRouter, str], Awaitable[CompletionResponse]],
):
    response = await complete(make_llm(), "Say hello")

    assert openrouter_emulator.last.json["messages"] == [{"role": "user", "content": "Say hello"}]
    assert response.text
    assert response.additional_kwargs["cost"] > 0
    assert response.raw["usage"]["prompt_tokens"] > 0


# ------------------------------------------------------------------ the next turn


@four_ways
@pytest.mark.parametrize("model", THINKERS)
async def test_a1_a2_second_turn_returns_the_reasoning_of_the_first(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask, model: str
):
    llm = make_llm(model, reasoning={"effort": "low"}, reasoning_replay="all")
    tools = [
        {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    ]
    first = await ask(llm, [ChatMessage(content="weather?")], tools=tools)
    kept = ChatMessage.model_validate_json(first.message.model_dump_json())
    call_id = kept.additional_kwargs["tool_calls"][0]["id"]
    result = ChatMessage(role="tool", content="sunny", additional_kwargs={"tool_call_id": call_id})

    await ask(llm, [ChatMessage(content="weather?"), kept, result], tools=tools)

    received = first.raw["choices"][0]["message"]["reasoning_details"]
    assert openrouter_emulator.last.json["messages"][1]["reasoning_details"] == received


async def test_raw_chunks_reach_the_user(openrouter_emulator: Emulator, make_llm: MakeLlm):
    debug = {"id": "gen-1", "choices": [], "debug": {"echo_upstream_body": {"model": "m"}}}
    chunk = {"id": "gen-1", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    end = {"id": "gen-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    openrouter_emulator.script(Raw([debug, chunk, end]))

    responses = list(make_llm().stream_chat(HI))

    assert [r.raw for r in responses[:-1]] == [debug, chunk, end]
    assert responses[-1].raw["debug"] == debug["debug"]


def test_h2_gap_52_nothing_names_the_app_unless_it_is_set(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    make_llm().chat(HI)
    silent = openrouter_emulator.last.headers
    make_llm(app_url="https://a.example", app_title="A").chat(HI)
    named = openrouter_emulator.last.headers

    assert not {"http-referer", "x-title", "x-openrouter-title"} & silent.keys()
    assert named["http-referer"] == "https://a.example"


def test_gap_31_attempts_are_counted_in_requests(openrouter_emulator: Emulator, make_llm: MakeLlm):
    openrouter_emulator.fail_next(faults.bad_gateway(), times=2)

    assert make_llm(max_retries=2, max_wait_s=5).chat(HI).message.content
    assert len(openrouter_emulator.requests) == 3


@four_ways
async def test_gap_25_finish_chunk_that_comes_twice_changes_nothing(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    openrouter_emulator.fail_next(faults.finish_twice())

    response = await ask(make_llm(), HI)

    assert response.additional_kwargs["finish_reason"] == "stop"
    assert response.additional_kwargs["model"] == response.raw["model"]


@pytest.mark.parametrize("fault", ["interleaved_tools", "shared_tool_index", "missing_tool_index"])
def test_gap_19_20_d3_odd_tool_deltas_give_the_same_calls(
    openrouter_emulator: Emulator, make_llm: MakeLlm, fault: str
):
    calls = [ToolCall("weather", {"city": city}) for city in ("Paris", "Rome")]
    openrouter_emulator.script([calls])
    openrouter_emulator.fail_next(faults.BY_NAME[fault]())
    llm = make_llm()

    last = list(llm.stream_chat(HI, tools=[{"type": "function", "function": {"name": "weather"}}]))[
        -1
    ]

    selections = llm.get_tool_calls_from_response(last)
    assert [s.tool_kwargs for s in selections] == [{"city": "Paris"}, {"city": "Rome"}]
    assert len({s.tool_id for s in selections}) == 2
