"""LangChain's v3 events, made by the package itself: valid, and nothing of the reply is lost."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_tests.utils.stream_lifecycle import assert_valid_event_stream

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._response.stream_events import EventChunkConverter, events
from openrouter_emulator import Emulator, Reply, ToolCall
from tests.langchain_openrouter.streams import RICH, STREAMS, call, pieces, stream, unstreamed

pytestmark = pytest.mark.filterwarnings("ignore:.*in beta")


def events_of(recorded: list[dict[str, Any]]) -> list[Any]:
    chunks: list[ChatGenerationChunk] = stream(recorded, EventChunkConverter)
    return list(events(iter(chunks)))


@pytest.mark.parametrize("recorded", STREAMS.values(), ids=STREAMS.keys())
def test_a15_events_of_every_stream_are_a_valid_life_cycle(recorded: list[dict[str, Any]]):
    """quirks.md A15."""
    assert_valid_event_stream(events_of(recorded))


def test_finished_blocks_are_those_of_the_message():
    finished = [e["content"] for e in events_of(RICH) if e["event"] == "content-block-finish"]

    def by_name(block: Any) -> str:
        return str(sorted(block.items(), key=str))

    assert sorted(finished, key=by_name) == sorted(unstreamed(RICH).content_blocks, key=by_name)


def test_deltas_carry_what_grows():
    deltas = [e["delta"] for e in events_of(RICH) if e["event"] == "content-block-delta"]

    assert [d.get("reasoning") for d in deltas if d["type"] == "reasoning-delta"] == [
        "Let me ",
        "see.",
    ]
    assert [d.get("text") for d in deltas if d["type"] == "text-delta"] == ["Hel", "lo"]
    assert "".join(d["args"] for d in deltas if d["type"] == "tool-call-delta") == '{"a": 1}'


def test_end_carries_usage_metadata_and_what_must_go_back():
    end = events_of(RICH)[-1]
    plain = unstreamed(RICH)

    assert end["event"] == "message-finish"
    assert end["usage"] == plain.usage_metadata
    assert end["metadata"] == {**plain.response_metadata, "output_version": "v1"}
    assert end["additional_kwargs"] == plain.additional_kwargs


def test_c11_cut_off_arguments_are_an_invalid_call_with_the_exact_text():
    """quirks.md C11."""
    cut = '{"summary": "The cache'
    finished = events_of(pieces(call(0, cut, id="c1", name="f")))[-2]["content"]

    assert finished["type"] == "invalid_tool_call"
    assert finished["args"] == cut


SCRIPT = Reply(
    "Hello",
    reasoning="Hm.",
    tool_calls=[ToolCall("add", {"a": 1}, "c1")],
    annotations=[{"type": "url_citation", "url_citation": {"url": "https://a.b"}}],
)


def check(output: AIMessage, plain: AIMessage) -> None:
    assert output.tool_calls == plain.tool_calls
    assert output.text == plain.text
    unnumbered = [{k: v for k, v in dict(b).items() if k != "index"} for b in output.content_blocks]
    assert unnumbered == [
        b for kind in ("reasoning", "text", "tool_call") for b in plain.content_blocks if b["type"] == kind
    ]  # fmt: skip
    assert output.additional_kwargs == plain.additional_kwargs
    assert output.response_metadata["cost"] == plain.response_metadata["cost"]
    assert output.id == output.response_metadata["id"]
    assert output.usage_metadata == plain.usage_metadata


def test_stream_events_gives_the_whole_message(openrouter_emulator: Emulator):
    openrouter_emulator.script([SCRIPT, SCRIPT])
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5")

    running = model.stream_events("Hi", version="v3")
    texts = list(running.text)

    assert "".join(texts) == "Hello"
    check(running.output, model.invoke("Hi"))


async def test_astream_events_gives_the_whole_message(openrouter_emulator: Emulator):
    openrouter_emulator.script([SCRIPT, SCRIPT])
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5")

    running = await model.astream_events("Hi", version="v3")

    check(await running.output, await model.ainvoke("Hi"))
