"""Every fault that strikes after the status line: in bodies, in streams, on the connection."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx2
import pytest

from openrouter_emulator import Reply, ToolCall, faults

PIECES = [f"word{n} " for n in range(10)]
TEXT = "".join(PIECES)


@pytest.fixture
def ten_words(wire):
    """A wire whose next answer is ten words."""
    wire.emulator.script(Reply(pieces=PIECES))
    return wire


def _stream(wire, fault):
    wire.emulator.fail_next(fault)
    return wire.stream()


def _raw(wire, *, timeout=2.0, **body):
    """The bytes of a stream up to whatever ends it, and the error that ended it."""
    url = wire.emulator.base_url + "/chat/completions"
    sent = {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "x"}], **body}
    got: list[bytes] = []
    try:
        with wire.http.stream(
            "POST", url, json=sent, headers=wire.headers(), timeout=timeout
        ) as answer:
            got.extend(answer.iter_raw())
    except httpx2.HTTPError as error:
        return b"".join(got), error
    return b"".join(got), None


# ---------------------------------------------------------------- errors inside a 200


def test_midstream_error_rides_beside_choices_with_finish_reason_error(ten_words):
    """quirks.md C3: the documented frame has `error` and choices."""
    stream = _stream(ten_words, faults.midstream_error(after=0.5))
    last = stream.chunks[-1]

    assert stream.text == "".join(PIECES[:5])
    assert last["error"]["code"] == 502
    assert last["error"]["metadata"]["error_type"] == "provider_unavailable"
    assert last["choices"][0]["finish_reason"] == "error"
    assert last["id"] == stream.chunks[0]["id"]
    assert not stream.done


def test_midstream_error_code_can_be_a_string(ten_words):
    assert _stream(ten_words, faults.midstream_error("server_error")).chunks[-1]["error"][
        "code"
    ] == ("server_error")


def test_midstream_error_beside_comes_after_the_finish_chunk(ten_words):
    stream = _stream(ten_words, faults.midstream_error_beside())
    *_, finish, last = stream.chunks

    assert stream.text == TEXT
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert last["error"] == {"message": "Token limit reached", "code": 400}
    assert last["choices"][0]["finish_reason"] is None
    assert last["usage"]["cost"] == 0
    assert stream.done


def test_midstream_error_alone_has_no_chunk_around_it(ten_words):
    stream = _stream(ten_words, faults.midstream_error_alone(after=0.3))

    assert stream.text == "".join(PIECES[:3])
    assert set(stream.chunks[-1]) == {"error", "user_id"}
    assert not stream.done


def test_midstream_error_without_choices(ten_words):
    stream = _stream(ten_words, faults.midstream_error_no_choices())

    assert stream.chunks[-1]["choices"] == []
    assert stream.chunks[-1]["error"]["code"] == 502


def test_midstream_rate_limit_has_its_reset(ten_words):
    """quirks.md C8: 429 inside a 200 stream."""
    error = _stream(ten_words, faults.midstream_rate_limit()).chunks[-1]["error"]

    assert error["code"] == 429
    assert error["metadata"]["headers"]["X-RateLimit-Reset"] == "1900000000000"


MIDSTREAM = [
    faults.midstream_error,
    faults.midstream_error_beside,
    faults.midstream_error_alone,
    faults.midstream_error_no_choices,
    faults.midstream_rate_limit,
    faults.error_in_choice,
]


@pytest.mark.parametrize("make", MIDSTREAM, ids=lambda f: f.__name__)
def test_on_a_plain_answer_the_error_is_in_the_choice(ten_words, make):
    ten_words.emulator.fail_next(make())
    choice = ten_words.ok()["choices"][0]

    assert choice["error"]["code"] in {400, 429, 502}
    assert choice["message"]["content"] == TEXT[: len(TEXT) // 2]


def test_error_in_choice_streams_part_of_the_text(ten_words):
    stream = _stream(ten_words, faults.error_in_choice())
    choice = stream.chunks[-1]["choices"][0]

    assert stream.text == "".join(PIECES[:5])
    assert (choice["error"]["code"], choice["finish_reason"]) == (502, None)


@pytest.mark.parametrize("streamed", [False, True])
def test_error_in_200_has_no_choices(wire, streamed):
    """quirks.md C1: HTTP 200 whose body is only an error."""
    wire.emulator.fail_next(faults.error_in_200())
    answer = wire.chat(stream=streamed)
    body = json.loads(answer.text.removeprefix("data: "))

    assert answer.status_code == 200
    assert body["error"]["code"] == 502
    assert "choices" not in body


def test_finish_error_has_no_error_object(ten_words):
    stream = _stream(ten_words, faults.finish_error())
    choice = stream.chunks[-1]["choices"][0]

    assert choice["finish_reason"] == "error"
    assert choice["native_finish_reason"] == "MALFORMED_FUNCTION_CALL"
    assert not any("error" in c for c in stream.chunks)


# ---------------------------------------------------------------- stalls and cuts


def test_stall_silent_keeps_the_connection_open(ten_words):
    ten_words.emulator.fail_next(faults.stall_silent(after=0.2))
    got, error = _raw(ten_words, stream=True, timeout=0.3)

    assert isinstance(error, httpx2.ReadTimeout)
    assert got.count(b"data:") == 2


def test_stall_silent_on_a_plain_answer_never_begins(wire):
    wire.emulator.fail_next(faults.stall_silent())

    assert isinstance(_raw(wire, timeout=0.2)[1], httpx2.ReadTimeout)


def test_stall_comments_goes_on_for_ever(ten_words):
    """quirks.md C10: comments must not keep a stalled stream alive."""
    ten_words.emulator.fail_next(faults.stall_comments(after=0.2, every_s=0.02))
    url = ten_words.emulator.base_url + "/chat/completions"
    sent = {
        "model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "x"}],
        "stream": True,
    }
    lines: list[str] = []
    with ten_words.http.stream("POST", url, json=sent, headers=ten_words.headers()) as answer:
        for line in answer.iter_lines():
            lines.append(line)
            if len(lines) > 40:
                break

    assert sum(line.startswith("data:") for line in lines) == 2
    assert sum(line.startswith(":") for line in lines) > 10


def test_stall_comments_pads_a_plain_answer_for_ever(wire):
    wire.emulator.fail_next(faults.stall_comments(every_s=0.02))
    url = wire.emulator.base_url + "/chat/completions"
    sent = {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}
    got = b""
    with wire.http.stream("POST", url, json=sent, headers=wire.headers()) as answer:
        for piece in answer.iter_raw():
            got += piece
            if len(got) > 60:
                break

    assert got.strip() == b""


def test_slow_first_event_delays_the_event_but_not_the_headers(ten_words):
    ten_words.emulator.fail_next(faults.slow_first_event(0.3))
    began = time.monotonic()
    url = ten_words.emulator.base_url + "/chat/completions"
    sent = {
        "model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "x"}],
        "stream": True,
    }
    with ten_words.http.stream("POST", url, json=sent, headers=ten_words.headers()) as answer:
        headers_s = time.monotonic() - began
        next(line for line in answer.iter_lines() if line.startswith("data:"))
        event_s = time.monotonic() - began

    assert headers_s < 0.2
    assert event_s >= 0.3


def test_slow_first_event_on_a_plain_answer_delays_it(ten_words):
    ten_words.emulator.fail_next(faults.slow_first_event(0.2))
    began = time.monotonic()

    assert ten_words.message()["content"] == TEXT
    assert time.monotonic() - began >= 0.2


def test_slow_gap_goes_on_afterwards(ten_words):
    began = time.monotonic()
    stream = _stream(ten_words, faults.slow_gap(0.2))

    assert stream.text == TEXT
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("streamed", [False, True])
def test_cut_before_headers_gives_no_answer(wire, streamed):
    wire.emulator.fail_next(faults.cut_before_headers())
    got, error = _raw(wire, stream=streamed)

    assert got == b""
    assert isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError)
    assert wire.emulator.charges == []


def test_cut_midstream_ends_between_events(ten_words):
    """quirks.md C11: the socket is cut without finish reason or [DONE]."""
    ten_words.emulator.fail_next(faults.cut_midstream(after=0.5))
    got, error = _raw(ten_words, stream=True)

    assert isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError)
    assert got.count(b"data:") == 5
    assert got.endswith(b"\n\n")


def test_cut_mid_event_ends_inside_an_event(ten_words):
    ten_words.emulator.fail_next(faults.cut_mid_event(after=0.5))
    got, error = _raw(ten_words, stream=True)

    assert isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError)
    assert got.count(b"data:") == 6
    assert not got.endswith(b"\n")


@pytest.mark.parametrize(
    "make",
    [faults.cut_in_body, faults.cut_midstream, faults.cut_mid_event],
    ids=lambda f: f.__name__,
)
def test_a_plain_body_is_cut_before_its_length(ten_words, make):
    ten_words.emulator.fail_next(make())
    got, error = _raw(ten_words)

    assert isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError)
    assert got.startswith(b'{"id"')


def test_cut_in_body_cuts_streams_too(ten_words):
    ten_words.emulator.fail_next(faults.cut_in_body())

    assert _raw(ten_words, stream=True)[1] is not None


def test_eof_without_finish_is_a_clean_end(ten_words):
    """quirks.md C11: the body ends properly, the answer does not."""
    stream = _stream(ten_words, faults.eof_without_finish(after=0.4))

    assert stream.text == "".join(PIECES[:4])
    assert not stream.done
    assert all(c["choices"][0]["finish_reason"] is None for c in stream.chunks)


def test_no_done_is_complete_otherwise(ten_words):
    stream = _stream(ten_words, faults.no_done())

    assert stream.text == TEXT
    assert stream.usage
    assert not stream.done


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize("streamed", [False, True])
def test_empty_body(wire, streamed):
    wire.emulator.fail_next(faults.empty_body())
    answer = wire.chat(stream=streamed)

    assert (answer.status_code, answer.content) == (200, b"")


def test_truncated_json_is_complete_http(ten_words):
    ten_words.emulator.fail_next(faults.truncated_json())
    answer = ten_words.chat()

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_padding_stands_before_the_json(ten_words):
    """quirks.md C7: whitespace before a JSON body."""
    ten_words.emulator.fail_next(faults.padded_body())
    answer = ten_words.chat()

    assert answer.text.startswith("\n   ")
    assert answer.json()["choices"][0]["message"]["content"] == TEXT


def test_padding_of_a_stream_is_comments(ten_words):
    assert len(_stream(ten_words, faults.padded_body()).comments) == 5


def test_torn_bytes_are_the_same_bytes(wire):
    wire.emulator.script(Reply(pieces=["你好", "Ünï"]))
    wire.emulator.fail_next(faults.torn_bytes(3))
    pieces: list[bytes] = []
    url = wire.emulator.base_url + "/chat/completions"
    sent = {
        "model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "x"}],
        "stream": True,
    }
    with wire.http.stream("POST", url, json=sent, headers=wire.headers()) as answer:
        pieces.extend(answer.iter_raw())
    text = b"".join(pieces).decode()

    assert '"你好"' in text
    assert "Ünï" in text
    assert text.endswith("data: [DONE]\n\n")
    assert max(len(p) for p in pieces) <= 64 < len(text) / 20


# ---------------------------------------------------------------- surprising shapes


def test_unknown_everywhere_on_a_plain_answer(ten_words):
    """quirks.md C12: new enum values and fields do not break a good answer."""
    ten_words.emulator.fail_next(faults.unknown_everywhere())
    body = ten_words.ok()
    choice = body["choices"][0]

    assert body["x_new_field"] == {"nested": [1, None]}
    assert body["service_tier"] == "x_new_tier"
    assert choice["finish_reason"] == "x_new_reason"
    assert choice["message"]["content"] == TEXT
    assert choice["message"]["annotations"][0]["type"] == "x_new_annotation"
    assert choice["message"]["reasoning_details"][0]["type"] == "reasoning.x_new"
    assert body["usage"]["x_new_count"] == 1


def test_unknown_everywhere_on_a_stream(ten_words):
    stream = _stream(ten_words, faults.unknown_everywhere())

    assert all("x_new_field" in c for c in stream.chunks)
    assert stream.chunks[-1]["choices"][0]["finish_reason"] == "x_new_reason"


@pytest.mark.parametrize("value", ["content_filter", "weird", None])
def test_finish_reason_can_be_anything(ten_words, value):
    stream = _stream(ten_words, faults.finish_reason(value, native="N"))
    choice = stream.chunks[-1]["choices"][0]

    assert (choice["finish_reason"], choice["native_finish_reason"]) == (value, "N")


def test_finish_twice_ends_with_other_words(wire, tool):
    wire.emulator.fail_next(faults.finish_twice())
    chunks = wire.stream("Paris?", tools=[tool("w", city="string")]).chunks
    reasons = [c["choices"][0]["finish_reason"] for c in chunks[-3:]]

    assert reasons == ["tool_calls", "stop", None]


def test_usage_missing(ten_words):
    assert not any("usage" in c for c in _stream(ten_words, faults.usage_missing()).chunks)


def test_usage_twice(ten_words):
    chunks = _stream(ten_words, faults.usage_twice()).chunks

    assert chunks[-1]["usage"] == chunks[-2]["usage"]
    assert len(ten_words.emulator.charges) == 1


def test_missing_choices(ten_words):
    ten_words.emulator.fail_next(faults.missing_choices())

    assert ten_words.ok()["choices"] is None


def test_malformed_frame_is_one_among_good_ones(ten_words):
    ten_words.emulator.fail_next(faults.malformed_frame())
    text = ten_words.chat(stream=True).text
    bad = []
    for frame in text.split("\n\n"):
        if frame.startswith("data: {"):
            try:
                json.loads(frame[6:])
            except ValueError:
                bad.append(frame)

    assert len(bad) == 1
    assert text.endswith("data: [DONE]\n\n")


def test_odd_framing_says_the_same_to_a_reader_of_the_standard(ten_words):
    ten_words.emulator.fail_next(faults.odd_framing())
    raw = ten_words.chat(stream=True).content
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    events = []
    for frame in text.split("\n\n"):
        lines = [ln[5:].removeprefix(" ") for ln in frame.split("\n") if ln.startswith("data:")]
        if lines and lines != ["[DONE]"]:
            events.append(json.loads("\n".join(lines)))

    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    texts = [e["choices"][0]["delta"]["content"] for e in events]
    assert "".join(texts) == TEXT


CALLS = [ToolCall("a", {"x": "1234567890"}, "c1"), ToolCall("b", {"y": "1234567890"}, "c2")]


def _tools(wire, fault):
    wire.emulator.script(Reply(tool_calls=CALLS))
    return _stream(wire, fault)


def test_interleaved_tools_take_turns(wire):
    """quirks.md D3: argument pieces of parallel calls in turn."""
    stream = _tools(wire, faults.interleaved_tools())

    assert [p["index"] for p in stream.tool_pieces][:4] == [0, 1, 0, 1]
    assert stream.arguments() == {0: {"x": "1234567890"}, 1: {"y": "1234567890"}}


def test_shared_tool_index_differs_by_id_only(wire):
    """quirks.md D3: parallel calls that share index 0."""
    pieces = _tools(wire, faults.shared_tool_index()).tool_pieces

    assert {p["index"] for p in pieces} == {0}
    assert [p["id"] for p in pieces if p.get("id")] == ["c1", "c2"]


def test_missing_tool_index(wire):
    assert not any("index" in p for p in _tools(wire, faults.missing_tool_index()).tool_pieces)


def test_extra_comments_between_all_events(ten_words):
    stream = _stream(ten_words, faults.extra_comments())

    assert stream.text == TEXT
    assert len(stream.comments) == 2 + 2 * len(stream.chunks)


@pytest.mark.parametrize("streamed", [False, True])
def test_escaped_unicode_means_the_same(wire, streamed):
    wire.emulator.script("你好")
    wire.emulator.fail_next(faults.escaped_unicode())
    answer = wire.chat(stream=streamed)

    assert answer.content.isascii()
    assert "\\u4f60\\u597d" in answer.text


def test_every_fault_has_a_test():
    here = Path(__file__).parent
    text = "".join(p.read_text() for p in here.glob("test_*.py"))
    untested = [name for name in faults.BY_NAME if name != "none" and name not in text]

    assert untested == []
    assert all(make.__doc__ for make in faults.BY_NAME.values())
