"""Chunks of a stream add up to the message of a call that is not streamed."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk, message_chunk_to_message

from langchain_openrouter._response.stream_blocks import BlockChunkConverter
from langchain_openrouter._response.stream_chunks import ChunkConverter
from openrouter_core import ChatAccumulator
from openrouter_core.chat.reply import ReplyReader
from tests.langchain_openrouter.streams import (
    HTTP,
    RICH,
    STREAMS,
    USAGE,
    call,
    event,
    pieces,
    recorded,
    stream,
    unstreamed,
    usage,
    whole,
)


@pytest.mark.parametrize("events", STREAMS.values(), ids=STREAMS.keys())
def test_b4_b9_chunks_add_up_to_the_unstreamed_message(events: list[dict[str, Any]]):
    """quirks.md B4 and B9, field by field."""
    streamed, plain = whole(events).model_dump(), unstreamed(events).model_dump()

    assert streamed == plain


@pytest.mark.parametrize("events", STREAMS.values(), ids=STREAMS.keys())
def test_chunks_add_up_in_pairs_as_well(events: list[dict[str, Any]]):
    """Users add chunk after chunk; LangChain adds a list."""
    messages = [c.message for c in stream(events)]

    assert message_chunk_to_message(reduce(add, messages)) == whole(events)  # type: ignore[arg-type]


@pytest.mark.parametrize("events", STREAMS.values(), ids=STREAMS.keys())
def test_v1_blocks_add_up_to_the_blocks_of_the_unstreamed_message(events: list[dict[str, Any]]):
    def plain(block: Any) -> Any:
        return {k: v for k, v in block.items() if k != "index"}

    streamed = [plain(b) for b in whole(events, BlockChunkConverter).content]
    expected = [plain(b) for b in unstreamed(events).content_blocks]

    def name(block: Any) -> str:
        return str(sorted(block.items(), key=str))

    assert sorted(streamed, key=name) == sorted(expected, key=name)


@given(st.lists(st.integers(1, 60), max_size=12))
def test_calls_cut_anywhere_are_put_together(cuts: list[int]):
    text = '{"city": "São Paulo", "days": [1, 2, {"x": "}\\""}], "unit": null}'
    marks = sorted({0, *cuts, len(text)})
    parts = [text[a:b] for a, b in pairwise(marks)]
    first = call(0, parts[0], id="c1", name="f")
    events = pieces(first, *(call(0, part) for part in parts[1:]))

    assert whole(events).model_dump() == unstreamed(events).model_dump()


# ------------------------------------------------------------------ single claims


def test_b9_row25_scalars_come_once():
    """quirks.md B9, gap row 25: two finish chunks gave "stopstop"."""
    metadata = whole(STREAMS["finish-twice"]).response_metadata

    assert metadata["finish_reason"] == "stop"
    assert metadata["model_name"] == "a/b-20251001"


def test_row26_cost_on_two_chunks_is_taken_once():
    events = [
        event(content="Hi"),
        usage(cost=0),
        {**event("stop"), "usage": {**USAGE, "cost": 0.2}},
    ]

    message = whole(events)

    assert message.response_metadata["cost"] == 0.2
    assert message.usage_metadata == {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}


def test_b3_b14_usage_comes_on_exactly_one_chunk():
    """quirks.md B3 and B14."""
    carrying = [c for c in stream(STREAMS["usage-on-finish"]) if c.message.usage_metadata]  # type: ignore[attr-defined]

    assert len(carrying) == 1


def test_a14_merged_details_come_on_the_last_chunk_only():
    """quirks.md A14: on every chunk they would be quadratic."""
    *early, last = stream(RICH)

    assert all("reasoning_details" not in c.message.additional_kwargs for c in early)
    (detail,) = last.message.additional_kwargs["reasoning_details"]
    assert (detail["text"], detail["signature"]) == ("Let me see.", "sig")


def test_b6_every_chunk_has_the_id_and_the_first_the_generation_id():
    """quirks.md B6: also of a stream that is cut."""
    first, *rest = stream(RICH)

    assert {c.message.id for c in (first, *rest)} == {"gen-1"}
    assert first.message.response_metadata["generation_id"] == "gen-1"
    assert all("generation_id" not in c.message.response_metadata for c in rest)


def test_last_chunk_says_that_it_is_the_last():
    *early, last = [c.message for c in stream(RICH)]

    assert last.chunk_position == "last"  # type: ignore[attr-defined]
    assert not any(c.chunk_position for c in early)  # type: ignore[attr-defined]


def test_empty_chunks_are_not_shown():
    events = recorded(event(content=""), event(content="Hi"), event(content=""))

    assert [c.text for c in stream(events)] == ["Hi", ""]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("parallel", ["c1", "c2"]),
        ("interleaved", ["c1", "c2"]),
        ("shared-index", ["c1", "c2"]),
        ("missing-index", ["c1", "c2"]),
        ("late-id", ["c1"]),
        ("trailing-whitespace", ["c1"]),
    ],
)
def test_d3_d10_row18_to_20_calls_stay_apart_and_together(name: str, ids: list[str]):
    """quirks.md D3 and D10, gap rows 18, 19 and 20."""
    message = whole(STREAMS[name])

    assert [c["id"] for c in message.tool_calls] == ids
    assert not message.invalid_tool_calls


def test_c11_cut_off_arguments_are_never_a_valid_call():
    """quirks.md C11: LangChain's own JSON repair would run the tool with half its arguments."""
    cut = '{"summary": "The cache warmer raced'
    message = whole(pieces(call(0, cut, id="c1", name="f")))

    assert message.tool_calls == []
    assert [c["id"] for c in message.invalid_tool_calls] == ["c1"]
    (raw,) = message.additional_kwargs["raw_tool_calls"]
    assert raw["function"]["arguments"] == cut


@pytest.mark.parametrize("name", ["text", "parallel", "reasoning-only", "empty-id-later"])
def test_chunks_equal_what_the_constructor_makes(name: str):
    """Most chunks are copies of a template, to save time; they are no other objects."""
    for chunk in stream(STREAMS[name])[:-1]:
        message: Any = chunk.message
        made = AIMessageChunk(
            content=message.content,
            additional_kwargs=message.additional_kwargs,
            response_metadata=message.response_metadata,
            tool_call_chunks=message.tool_call_chunks,
            id=message.id,
        )
        assert message == made
        assert vars(message) == vars(made)


def test_pieces_share_no_state():
    parts = [call(0, '{"a', id="c1", name="f"), call(0, "b"), call(0, 'c": 1}')]
    _, one, other = stream(pieces(*parts))[:3]

    one.message.additional_kwargs["x"] = 1
    one.message.tool_calls.append({})  # type: ignore[attr-defined]

    assert other.message.additional_kwargs == {}
    assert other.message.tool_calls == []  # type: ignore[attr-defined]


def test_further_choices_do_not_mix_into_the_text():
    other = event(content="Other")
    other["choices"][0]["index"] = 1

    assert whole(recorded(event(content="Hi"), other)).text == "Hi"


def test_usage_can_be_left_out():
    converter, so_far = ChunkConverter(), ChatAccumulator()
    converter.shows_usage = False
    converter.open(so_far, HTTP, ReplyReader())
    for each in STREAMS["text"]:
        so_far.add(each)

    last = converter.last().message

    assert last.usage_metadata is None  # type: ignore[attr-defined]
    assert last.response_metadata["cost"] == 0


def test_a4_signature_joins_the_block_whose_text_came_before():
    """quirks.md A4: a late signature opens no second block."""
    reasoning = [b for b in whole(RICH, BlockChunkConverter).content if b["type"] == "reasoning"]  # type: ignore[index]

    (block,) = reasoning
    assert block["reasoning"] == "Let me see."  # type: ignore[index]
    assert block["extras"]["signature"] == "sig"  # type: ignore[index]


def test_v1_has_exactly_one_text_block():
    texts = [b for b in whole(RICH, BlockChunkConverter).content if b["type"] == "text"]  # type: ignore[index]

    assert len(texts) == 1
    assert texts[0]["annotations"][0]["url"] == "https://a.b"  # type: ignore[index]
