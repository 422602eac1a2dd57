"""The event-stream decoder: bytes cut anywhere give the same payloads."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core.streaming.reader import SseDecoder

_EVENTS = [
    {"id": "gen-1", "text": "22\u00b0C \U0001f600 \u2028 line"},
    {"choices": [{"delta": {"content": "a\\nb"}}]},
    {"usage": {"cost": 0.00000495}},
]


def _wire(*, line_end: bytes = b"\n", bom: bool = False) -> bytes:
    lines: list[bytes] = [] if bom else [b": OPENROUTER PROCESSING", b""]
    for event in _EVENTS:
        lines += [b"data: " + json.dumps(event, ensure_ascii=False).encode(), b"", b":", b""]
    lines += [b"event: message", b"id: 7", b"retry: 10", b"data: [DONE]", b"", b""]
    return (b"\xef\xbb\xbf" if bom else b"") + line_end.join(lines)


def _decoded(pieces: list[bytes]) -> list[bytes]:
    decoder = SseDecoder()
    payloads = [payload for piece in pieces for payload in decoder.feed(piece)]
    return payloads + decoder.flush()


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    marks = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


@pytest.mark.parametrize("bom", [False, True], ids=["plain", "bom"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.integers(0, len(_wire(line_end=b"\r\n", bom=True))), max_size=12))
def test_any_split_gives_the_same_payloads(line_end: bytes, bom: bool, places: list[int]) -> None:
    """Also inside a character, a CRLF or the byte order mark, and with empty pieces between."""
    wire = _wire(line_end=line_end, bom=bom)

    payloads = _decoded(_cut(wire, [min(place, len(wire)) for place in places]))

    assert [json.loads(p) for p in payloads] == _EVENTS


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_one_byte_at_a_time_gives_the_same_payloads(line_end: bytes) -> None:
    wire = _wire(line_end=line_end)

    payloads = _decoded([wire[i : i + 1] for i in range(len(wire))])

    assert [json.loads(p) for p in payloads] == _EVENTS


def test_c7_comments_yield_nothing() -> None:
    """quirks.md C7: keep-alive comments are no events."""
    assert _decoded([b": OPENROUTER PROCESSING\n\n", b":\n\n", b"\n\n"]) == []


def test_an_event_is_handed_out_as_soon_as_its_blank_line_is_there() -> None:
    decoder = SseDecoder()

    assert decoder.feed(b"data: 1\n") == []
    assert decoder.feed(b"\nda") == [b"1"]


def test_a_carriage_return_at_the_end_of_a_piece_does_not_delay_the_event() -> None:
    decoder = SseDecoder()

    assert decoder.feed(b"data: 1\r\n\r") == [b"1"]
    assert decoder.feed(b"\ndata: 2\r\n\r\n") == [b"2"]


def test_an_empty_piece_inside_a_crlf_does_not_end_the_event() -> None:
    decoder = SseDecoder()

    pieces = [b"data: 1\r", b"", b"\ndata: 2\r\n\r\n"]

    assert [p for piece in pieces for p in decoder.feed(piece)] == [b"1\n2"]


def test_several_data_lines_are_joined_by_line_feeds() -> None:
    assert _decoded([b"data: {\ndata: \ndata:}\n\n"]) == [b"{\n\n}"]


def test_only_one_space_after_the_colon_is_taken_away() -> None:
    assert _decoded([b"data:  x\n\n", b"data:y\n\n"]) == [b" x", b"y"]


def test_done_is_remembered_and_not_handed_out() -> None:
    decoder = SseDecoder()

    payloads = decoder.feed(b"data: 1\n\ndata: [DONE]\n\ndata: 2\n\n")

    assert payloads == [b"1", b"2"]
    assert decoder.done


def test_a_last_event_without_its_blank_line_is_left_over_for_flush() -> None:
    decoder = SseDecoder()

    assert decoder.feed(b'data: {"a":1}') == []
    assert decoder.flush() == [b'{"a":1}']
    assert decoder.flush() == []


def test_fields_that_only_begin_like_data_are_passed_over() -> None:
    assert _decoded([b"database: 1\n\n", b"data : 2\n\n"]) == []
