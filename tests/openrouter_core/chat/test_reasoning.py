"""Reasoning details: merged from fragments, chosen for replay."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import merge_reasoning_details, replayable

_CLAUDE = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
_SUMMARY = {"type": "reasoning.summary", "format": "openai-responses-v1", "index": 0}
_ENCRYPTED = {"type": "reasoning.encrypted", "format": "openai-responses-v1", "index": 0}

_RECEIVED = {
    "claude": [{**_CLAUDE, "text": "think", "signature": "sig"}],
    "gemini": [{"type": "reasoning.encrypted", "data": "AAA=", "format": "google-gemini-v1",
                "index": 0, "id": "tool_weather_1"}],
    "gemini-signature-only": [{"type": "reasoning.text", "signature": "s",
                               "format": "google-gemini-v1", "index": 0}],
    "openai": [{**_SUMMARY, "summary": "s"}, {**_ENCRYPTED, "data": "AAA=", "id": "rs_1"}],
    "unknown-format": [{"type": "reasoning.text", "text": "t", "format": "unknown", "index": 0}],
    "null-format": [{"type": "reasoning.text", "text": "t", "format": None, "index": 0}],
    "no-index": [{"type": "reasoning.text", "text": "t", "provider": "p"}],
    "server-tool": [{"type": "reasoning.server_tool_call", "tool_name": "w", "arguments": "{}",
                     "result": "r", "tool_call_id": "c", "index": 2}],
    "unheard-of": [{"type": "brand.new", "payload": {"a": [1]}, "index": 0, "format": "v9"}],
    "partial": [{"type": "reasoning.text", "index": 0}],
    "empty": [],
}  # fmt: skip


# ------------------------------------------------------------------------- merging


def test_a3_fragments_of_one_block_become_one_entry() -> None:
    """quirks.md A3: text joined in order, signature and id kept, format not tripled."""
    fragments = [{**_CLAUDE, "text": "a"}, {**_CLAUDE, "text": "b"}, {**_CLAUDE, "signature": "s"}]

    assert merge_reasoning_details(fragments) == [{**_CLAUDE, "text": "ab", "signature": "s"}]


def test_a4_a_signature_without_text_attaches_to_its_block() -> None:
    """quirks.md A4: also when it comes between two texts; no second block is opened."""
    fragments = [
        {**_CLAUDE, "text": "a"},
        {**_CLAUDE, "signature": "s", "text": ""},
        {**_CLAUDE, "text": "b", "signature": None},
    ]

    assert merge_reasoning_details(fragments) == [{**_CLAUDE, "text": "ab", "signature": "s"}]


def test_a3_an_empty_signature_does_not_erase_the_real_one() -> None:
    """quirks.md A3: the last signature that says something is kept."""
    fragments = [
        {**_CLAUDE, "text": "a", "signature": "s"},
        {**_CLAUDE, "text": "b", "signature": ""},
    ]

    assert merge_reasoning_details(fragments)[0]["signature"] == "s"


def test_a3_summary_and_encrypted_on_one_index_stay_two() -> None:
    """quirks.md A3: OpenAI and xAI send both with `index: 0`."""
    fragments = [
        {**_SUMMARY, "summary": "su"},
        {**_ENCRYPTED, "data": "AAA=", "id": "rs_1"},
        {**_SUMMARY, "summary": "mmary"},
    ]

    assert merge_reasoning_details(fragments) == [
        {**_SUMMARY, "summary": "summary"},
        {**_ENCRYPTED, "data": "AAA=", "id": "rs_1"},
    ]


def test_blocks_stand_in_the_order_of_their_first_fragments() -> None:
    fragments = [
        {**_CLAUDE, "index": 1, "text": "one"},
        {**_CLAUDE, "index": 0, "text": "zero"},
        {**_CLAUDE, "index": 1, "text": "!"},
    ]

    assert [e["text"] for e in merge_reasoning_details(fragments)] == ["one!", "zero"]


def test_a3_entries_without_an_index_pass_untouched() -> None:
    """quirks.md A3: nothing says that they belong together."""
    fragments = [{"type": "reasoning.text", "text": "a"}, {"type": "reasoning.text", "text": "b"}]

    assert merge_reasoning_details(fragments) == fragments


def test_two_ids_on_one_index_are_two_blocks() -> None:
    """Parallel Gemini calls each bring a signature named after the call."""
    fragments = [{**_ENCRYPTED, "data": "A", "id": "t1"}, {**_ENCRYPTED, "data": "B", "id": "t2"}]

    assert merge_reasoning_details(fragments) == fragments


def test_an_id_that_comes_late_belongs_to_the_open_block() -> None:
    fragments = [{**_SUMMARY, "summary": "a"}, {**_SUMMARY, "summary": "b", "id": "rs_1"}]

    assert merge_reasoning_details(fragments) == [{**_SUMMARY, "summary": "ab", "id": "rs_1"}]


def test_an_encrypted_block_that_comes_twice_is_kept_once() -> None:
    block = {**_ENCRYPTED, "data": "AAA=", "id": "rs_1"}

    assert merge_reasoning_details([block, dict(block)]) == [block]


def test_a7_unknown_types_and_fields_survive() -> None:
    """quirks.md A7: plain dicts, no closed union."""
    fragments = [{"type": "brand.new", "index": 0, "payload": {"a": 1}, "text": "x"},
                 {"type": "brand.new", "index": 0, "more": [2], "text": "y"}]  # fmt: skip

    (entry,) = merge_reasoning_details(fragments)

    assert entry == {
        "type": "brand.new",
        "index": 0,
        "payload": {"a": 1},
        "text": "xy",
        "more": [2],
    }


def test_the_fragments_are_not_changed() -> None:
    fragments = [{**_CLAUDE, "text": "a"}, {**_CLAUDE, "text": "b"}]
    before = deepcopy(fragments)

    merge_reasoning_details(fragments)[0]["text"] = "changed"

    assert fragments == before


@pytest.mark.parametrize("received", _RECEIVED.values(), ids=_RECEIVED.keys())
def test_a1_a_whole_array_is_not_changed_by_merging(received: list[dict[str, Any]]) -> None:
    """quirks.md A1: what a plain reply brought goes back deep-equal and in order."""
    assert merge_reasoning_details(received) == received


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=30), cuts=st.lists(st.integers(0, 30), max_size=6))
def test_a3_any_cutting_of_a_text_merges_to_the_same_entry(text: str, cuts: list[int]) -> None:
    """quirks.md A3: what streamed equals what a plain reply would have said."""
    marks = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(marks)]
    fragments = [{**_CLAUDE, "text": p} for p in pieces] + [{**_CLAUDE, "signature": "s"}]

    assert merge_reasoning_details(fragments) == [{**_CLAUDE, "text": text, "signature": "s"}]


# ------------------------------------------------------------------------- replay


@pytest.mark.parametrize("received", _RECEIVED.values(), ids=_RECEIVED.keys())
def test_a1_a2_everything_goes_back_unchanged(received: list[dict[str, Any]]) -> None:
    """quirks.md A1, A2 and A7: deep-equal and in order, also after a JSON round trip."""
    stored = json.loads(json.dumps(received))

    assert replayable(stored) == received
    assert replayable(stored, "all") == received


def test_a5_unsigned_text_of_a_signing_format_is_left_out() -> None:
    """quirks.md A5: Anthropic and Gemini refuse it; other formats want it."""
    unsigned = {**_CLAUDE, "text": "t"}
    open_model = {**_CLAUDE, "text": "t", "format": "unknown", "index": 1}

    assert replayable([unsigned, open_model]) == [open_model]
    assert replayable([{**unsigned, "signature": ""}]) == []


def test_a6_signed_only_keeps_signatures_and_encrypted_data() -> None:
    """quirks.md A6: the policies."""
    signed = {**_CLAUDE, "text": "t", "signature": "s"}
    encrypted = {**_ENCRYPTED, "data": "A"}

    assert replayable([signed, {**_SUMMARY, "summary": "x"}, encrypted], "signed-only") == [
        signed,
        encrypted,
    ]
    assert replayable([signed, encrypted], "none") == []


def test_a3_a_history_of_fragments_is_repaired() -> None:
    """quirks.md A3: what an older client stored apart would be an invalid signature."""
    fragments = [{**_CLAUDE, "text": "a"}, {**_CLAUDE, "text": "b"}, {**_CLAUDE, "signature": "s"}]

    assert replayable(fragments) == [{**_CLAUDE, "text": "ab", "signature": "s"}]
    assert replayable(fragments, "all") == fragments


_DOUBLED = {
    "claude": [{**_CLAUDE, "text": "t", "signature": "s"}],
    "encrypted": [{**_ENCRYPTED, "data": "A", "id": "rs_1"}],
    "openai": [{**_SUMMARY, "summary": "x"}, {**_ENCRYPTED, "data": "A", "id": "rs_1"}],
}


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("once", _DOUBLED.values(), ids=_DOUBLED.keys())
def test_a10_copies_in_a_history_are_sent_once(once: list[dict[str, Any]], times: int) -> None:
    """quirks.md A10: parallel tool calls must not double a block, nor its text."""
    assert replayable(once * times) == once


def test_a10_copies_of_one_block_among_others_are_sent_once() -> None:
    """quirks.md A10: copies need not stand side by side."""
    first = {**_CLAUDE, "text": "t", "signature": "s"}
    second = {**_CLAUDE, "index": 1, "text": "u", "signature": "v"}

    assert replayable([first, second, first]) == [first, second]


def test_replaying_does_not_change_the_history() -> None:
    history = [{**_CLAUDE, "text": "t", "signature": "s"}]

    replayable(history)[0]["text"] = "changed"

    assert history[0]["text"] == "t"
