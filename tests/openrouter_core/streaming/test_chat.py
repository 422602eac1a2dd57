"""Chunks in, the whole answer out: the shapes that recorded streams have."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import (
    ChatAccumulator,
    MidStreamError,
    RateLimitError,
    ServerError,
    StreamInterruptedError,
)
from tests.openrouter_core.chat_chunks import USAGE, chunk, fed, message_of, piece_of, texts

# ------------------------------------------------------------------------- text and usage

_USAGE_FORMS = {
    "null-finish": [chunk({}, "stop", "end_turn"), chunk({}, usage=USAGE)],
    "no-choices": [chunk({}, "stop", "end_turn"), chunk(choices=[], usage=USAGE)],
    "finish-twice": [chunk({}, "stop", "end_turn"), chunk({}, "stop", "end_turn", usage=USAGE)],
    "on-the-finish": [chunk({}, "stop", "end_turn", usage=USAGE)],
}


@pytest.mark.parametrize("ending", _USAGE_FORMS.values(), ids=_USAGE_FORMS.keys())
def test_b3_b9_usage_arrives_once_in_every_form(ending: list[dict[str, Any]]) -> None:
    """quirks.md B3 and B9: a usage-only chunk counts, a repeated finish is not joined."""
    answer = fed(*texts("Hel", "lo"), *ending)

    assert answer.usage == USAGE
    assert answer.text == "Hello"
    assert (answer.finish_reason, answer.native_finish_reason) == ("stop", "end_turn")
    answer.finish()


def test_b14_cumulative_usage_is_counted_once() -> None:
    """quirks.md B14: the last usage is the whole usage."""
    answer = fed(chunk(usage={"cost": 1}), chunk({}, "stop", usage={"cost": 3}))

    assert answer.usage == {"cost": 3}


def test_an_empty_usage_does_not_erase_the_one_that_came() -> None:
    answer = fed(chunk({}, "stop", usage=USAGE), chunk(choices=[], usage=None))

    assert answer.usage == USAGE


def test_the_role_on_every_chunk_is_said_once() -> None:
    assert message_of(*texts("a", "b"), chunk({}, "stop"))["role"] == "assistant"


def test_the_result_reads_like_a_reply_that_was_not_streamed() -> None:
    answer = fed(*texts("Hi"), chunk({}, "stop", "STOP", usage=USAGE)).result()

    assert answer == {
        "id": "gen-1-abc",
        "provider": "Amazon Bedrock",
        "model": "m/dated",
        "created": 7,
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "native_finish_reason": "STOP",
                "message": {"role": "assistant", "content": "Hi"},
            }
        ],
        "usage": USAGE,
    }


def test_chunks_are_handed_out_verbatim() -> None:
    sent = chunk({"content": "x", "new_field": [1]}, brand_new={"a": None})

    assert ChatAccumulator().feed(json.dumps(sent).encode()) == sent


def test_unknown_top_level_fields_are_kept() -> None:
    answer = fed(
        chunk({"content": "x"}, citations=["https://a"]),
        chunk({}, "stop", openrouter_metadata={"strategy": "auto"}, usage=USAGE),
    ).result()

    assert answer["citations"] == ["https://a"]
    assert answer["openrouter_metadata"] == {"strategy": "auto"}


def test_unknown_fields_of_a_choice_are_kept() -> None:
    sent = chunk({"content": "x"}, "stop")
    sent["choices"][0]["content_filter_results"] = {"hate": False}

    assert fed(sent).result()["choices"][0]["content_filter_results"] == {"hate": False}


def test_unknown_fields_of_a_delta_are_kept() -> None:
    assert message_of(chunk({"phase": "final"}), chunk({}, "stop"))["phase"] == "final"


def test_a_field_that_is_null_at_first_is_read_when_it_comes() -> None:
    """`service_tier` is null on most chunks and said on the finish chunk alone."""
    answer = fed(
        chunk({"content": "x"}, service_tier=None),
        chunk({}, "stop", service_tier="standard"),
        chunk(choices=[], service_tier=None, usage=USAGE),
    )

    assert answer.result()["service_tier"] == "standard"


def test_the_first_value_of_a_field_stays() -> None:
    answer = fed(chunk({"content": "x"}), chunk({}, "stop", model="other", usage=USAGE))

    assert answer.model == "m/dated"


def test_several_choices_are_kept_apart() -> None:
    second = chunk({"content": "two"}, "length")
    second["choices"][0]["index"] = 1

    answer = fed(chunk({"content": "one"}, "stop"), second).result()

    assert [c["message"]["content"] for c in answer["choices"]] == ["one", "two"]
    assert [c["finish_reason"] for c in answer["choices"]] == ["stop", "length"]


def test_a_whole_reply_reads_as_one_chunk() -> None:
    """A server may answer a stream request with plain JSON."""
    reply = chunk(choices=[{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}])

    answer = fed({**reply, "usage": USAGE})

    assert (answer.text, answer.finish_reason, answer.usage) == ("Hi", "stop", USAGE)


# ------------------------------------------------------------------------- finish reasons


@pytest.mark.parametrize(
    ("reasons", "kept"),
    [
        ([("tool_calls", None), ("stop", "STOP"), (None, None)], ("tool_calls", None)),
        ([("stop", "a"), ("tool_calls", "b")], ("tool_calls", "b")),
        ([("tool_calls", "x"), ("tool_calls", "y"), ("tool_calls", "stop")], ("tool_calls", "x")),
        ([("length", "MAX_TOKENS"), ("stop", "STOP")], ("length", "MAX_TOKENS")),
        ([("stop", None), ("stop", "end_turn")], ("stop", "end_turn")),
        ([("brand_new", "x")], ("brand_new", "x")),
    ],
    ids=["tool-then-stop", "stop-then-tool", "thrice", "length-first", "native-later", "unknown"],
)
def test_b9_c12_one_finish_reason_is_kept_with_its_native_word(
    reasons: list[tuple[str | None, str | None]], kept: tuple[str, str | None]
) -> None:
    """quirks.md B9 and C12: providers finish more than once, with different and new values."""
    answer = fed(*(chunk({}, reason, native) for reason, native in reasons))

    assert (answer.finish_reason, answer.native_finish_reason) == kept


def test_text_on_the_finish_chunk_is_kept() -> None:
    assert fed(*texts("a"), chunk({"content": "b"}, "stop")).text == "ab"


def test_d6_the_servers_finish_reason_is_not_changed_by_tool_calls() -> None:
    """quirks.md D6: what the server said stays readable; adapters normalise it."""
    answer = fed(chunk({"tool_calls": [piece_of(0, "a", "f", "{}")]}), chunk({}, "stop"))

    assert answer.finish_reason == "stop"
    assert len(answer.tool_calls) == 1


# ------------------------------------------------------------------------- ends and failures


def test_c11_an_end_without_a_finish_reason_is_an_interruption() -> None:
    """quirks.md C11: what arrived is on the error, unfinished arguments too."""
    answer = fed(*texts("Hel"), chunk({"tool_calls": [piece_of(0, "a", "f", '{"x":')]}))

    with pytest.raises(StreamInterruptedError) as caught:
        answer.finish()

    assert caught.value.partial_text == "Hel"
    assert caught.value.generation_id == "gen-1-abc"
    call = caught.value.partial["choices"][0]["message"]["tool_calls"][0]
    assert call["function"]["arguments"] == '{"x":'


_FAILURE = {"code": 429, "message": "Slow down", "metadata": {"provider_name": "Minimax"}}

_FAILED_CHUNKS = {
    "beside-choices": chunk({"content": ""}, "error", error=_FAILURE),
    "beside-choices-and-usage": chunk({}, "stop", error=_FAILURE, usage=USAGE),
    "empty-choices": chunk(choices=[], error=_FAILURE),
    "alone": {"error": _FAILURE, "user_id": "user_1"},
    "in-the-choice": chunk(
        choices=[{"index": 0, "delta": {}, "finish_reason": None, "error": _FAILURE}]
    ),
}


@pytest.mark.parametrize("failed", _FAILED_CHUNKS.values(), ids=_FAILED_CHUNKS.keys())
def test_c3_c4_a_failure_in_the_stream_raises_the_type_of_its_code(failed: dict[str, Any]) -> None:
    """quirks.md C3 and C4: also beside choices; typed like the same failure outside a stream."""
    answer = fed(*texts("Hel", "lo"))

    with pytest.raises(RateLimitError) as caught:
        answer.add(failed)

    error = caught.value
    assert isinstance(error, MidStreamError)
    assert isinstance(error.cause_error, RateLimitError)
    assert (error.status_code, error.code, error.provider_name) == (429, 429, "Minimax")
    assert (error.partial_text, error.generation_id) == ("Hello", "gen-1-abc")
    assert error.partial["choices"][0]["message"]["content"] == "Hello"


def test_c3_a_failure_keeps_the_usage_that_rode_on_it() -> None:
    """quirks.md C3: the cost of a failed stream is known when the server says it."""
    answer = fed(*texts("Hel"))

    with pytest.raises(MidStreamError) as caught:
        answer.add(_FAILED_CHUNKS["beside-choices-and-usage"])

    assert caught.value.partial["usage"] == USAGE
    assert answer.summary["usage"] == USAGE


def test_c3_a_finish_reason_error_without_an_error_object_raises() -> None:
    """quirks.md C3: reported from production with MALFORMED_FUNCTION_CALL."""
    answer = fed(*texts("Hel"))

    with pytest.raises(ServerError, match="MALFORMED_FUNCTION_CALL"):
        answer.add(chunk({}, "error", "MALFORMED_FUNCTION_CALL"))


def test_c3_a_string_code_is_kept_as_it_is() -> None:
    """quirks.md C3: the streaming page shows `"server_error"` where the spec says a number."""
    with pytest.raises(ServerError) as caught:
        ChatAccumulator().add(chunk(error={"code": "server_error", "message": "x"}))

    assert (caught.value.code, caught.value.status_code) == ("server_error", 500)


@pytest.mark.parametrize(
    "payload",
    [b'{"choices"', b"[]", b"null", b'"text"', b"7", b'{"choices":[null]}', b'{"choices":5}',
     b'{"choices":[{"delta":"x"}]}'],
)  # fmt: skip
def test_a_chunk_of_a_strange_shape_is_a_typed_error(payload: bytes) -> None:
    answer = fed(*texts("Hel"))

    with pytest.raises(StreamInterruptedError) as caught:
        answer.feed(payload)

    assert caught.value.partial_text == "Hel"


_JUNK = [None, 7, True, "x", [], ["x"], [None], [7], {}, {"a": 1}, [{"a": [None]}], [{"index": {}}]]
_DELTA = ("content", "reasoning", "reasoning_content", "reasoning_details", "tool_calls", "refusal",
          "images", "annotations", "audio", "of_tomorrow")  # fmt: skip


@pytest.mark.parametrize("key", _DELTA)
@pytest.mark.parametrize("junk", _JUNK, ids=repr)
def test_a_surprising_leaf_never_costs_the_answer(key: str, junk: object) -> None:
    answer = fed(
        *texts("Hel"),
        chunk({"content": "", "tool_calls": [piece_of(0, "a", "f", "{}")]}),
        chunk({"content": "lo", key: junk}),
        chunk({}, "stop", usage={"cost": 0.1}),
    )

    answer.finish()

    assert answer.text.startswith("Hel")
    assert answer.text.endswith("lo") or key == "content"
    assert answer.tool_calls[0]["function"] == {"name": "f", "arguments": "{}"}
    assert answer.result()["usage"] == {"cost": 0.1}
    assert isinstance(answer.reasoning or "", str)
    assert isinstance(answer.refusal or "", str)


@pytest.mark.parametrize("key", ["index", "finish_reason", "native_finish_reason", "logprobs"])
@pytest.mark.parametrize("junk", _JUNK, ids=repr)
def test_a_surprising_leaf_of_a_choice_never_costs_the_answer(key: str, junk: object) -> None:
    strange = chunk({"content": "lo"})
    strange["choices"][0][key] = junk

    answer = fed(*texts("Hel"), strange, chunk({}, "stop"))

    assert answer.result()["choices"][0]["message"]["content"] in ("Hello", "Hel")
    assert answer.finish_reason in ("stop", "x")


@pytest.mark.parametrize("junk", ["x", [1], 7, True])
def test_usage_that_is_no_object_is_left_out(junk: object) -> None:
    answer = fed(*texts("Hi"), chunk({}, "stop", usage=junk))

    assert answer.usage is None
    assert answer.summary["usage"] is None


def test_entries_that_hold_no_call_are_logged_and_skipped(caplog: pytest.LogCaptureFixture) -> None:
    stray = {"index": 1, "id": "b", "type": "function", "function": None}

    answer = fed(
        chunk({"tool_calls": [piece_of(0, "a", "f", "{}"), None, stray]}), chunk({}, "stop")
    )

    assert [call["id"] for call in answer.tool_calls] == ["a"]
    assert [piece.arguments for piece in answer.first.tool_calls.rest(answer.id)] == ["{}"]
    assert "holds no call" in caplog.text


def _halves(field: str) -> ChatAccumulator:
    answer = ChatAccumulator()
    answer.feed(f'{{"choices":[{{"delta":{{"{field}":"Hi \\ud83d"}}}}]}}'.encode())
    return answer


@pytest.mark.parametrize("field", ["content", "reasoning"])
def test_a_character_cut_in_two_is_shown_whole(field: str) -> None:
    """A provider that cuts between the two escapes of one character sends halves."""
    answer = _halves(field)
    shown = [answer.first.new_text + answer.first.new_reasoning]

    answer.feed(f'{{"choices":[{{"delta":{{"{field}":"\\ude00!"}}}}]}}'.encode())
    shown.append(answer.first.new_text + answer.first.new_reasoning)

    assert shown == ["Hi ", "\U0001f600!"]
    assert (answer.text or answer.reasoning) == "Hi \U0001f600!"


@pytest.mark.parametrize("field", ["content", "reasoning"])
def test_half_a_character_at_the_end_is_shown_as_it_came(field: str) -> None:
    answer = _halves(field)
    answer.add(chunk({}, "stop"))

    answer.finish()

    assert answer.first.new_text + answer.first.new_reasoning == "\ud83d"
    assert (answer.text or answer.reasoning) == "Hi \ud83d"


def test_a_broken_connection_that_is_called_a_stop_is_an_error() -> None:
    """The provider's word is network_error, and nothing had come."""
    with pytest.raises(MidStreamError, match="network_error"):
        fed(*texts("", ""), chunk({"content": ""}, "stop", "network_error"))

    assert fed(*texts("Hi"), chunk({}, "stop", "network_error")).text == "Hi"


def test_what_is_new_is_that_of_the_latest_chunk() -> None:
    answer = fed(
        chunk({"content": "a", "reasoning": "b", "tool_calls": [piece_of(0, "c", "f", "{")]})
    )
    assert (answer.first.new_text, answer.first.new_reasoning, len(answer.first.new_calls)) == (
        "a",
        "b",
        1,
    )

    answer.add({"id": "gen-1", "choices": [], "usage": {"cost": 0.1}})
    assert (answer.first.new_text, answer.first.new_reasoning, answer.first.new_calls) == (
        "",
        "",
        (),
    )
    assert answer.first.new_details == ()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(extra=st.dictionaries(st.text(max_size=6), _JSON, max_size=4), word=st.text(max_size=8))
def test_c12_unknown_fields_and_words_never_raise(extra: dict[str, Any], word: str) -> None:
    """quirks.md C12: new fields anywhere and new values of enums are no failure."""
    noise = {f"x_{key}": value for key, value in extra.items()}
    finish = word if word != "error" else None
    sent = chunk({"content": "a", **noise}, finish, word, service_tier=word, **noise)
    sent["choices"][0] |= noise

    answer = fed(sent, chunk({}, "stop"))

    assert answer.text == "a"
    assert answer.result().items() >= {k: v for k, v in noise.items() if v is not None}.items()


# ------------------------------------------------------------------------- other deltas


def test_content_as_a_list_is_kept() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x/y.png?a=b"}}
    answer = fed(
        chunk({"content": [{"type": "text", "text": "See "}]}),
        chunk({"content": [{"type": "text", "text": "this"}, image]}, "stop"),
    )

    assert answer.text == "See this"
    assert answer.result()["choices"][0]["message"]["content"] == [
        {"type": "text", "text": "See this"},
        image,
    ]


def test_a_refusal_in_pieces_is_joined() -> None:
    answer = fed(chunk({"refusal": "I can"}), chunk({"refusal": "not."}), chunk({}, "stop"))

    assert answer.refusal == "I cannot."
    message = answer.result()["choices"][0]["message"]
    assert (message["refusal"], message["content"]) == ("I cannot.", None)


def test_g1_annotations_before_the_text_are_collected_in_order() -> None:
    """quirks.md G1: one citation per chunk, with empty content, before the answer."""
    cited = [{"type": "url_citation", "url_citation": {"url": f"https://{n}", "title": ""}}
             for n in range(3)]  # fmt: skip
    answer = fed(*(chunk({"annotations": [c]}) for c in cited), *texts("Answer"), chunk({}, "stop"))

    assert answer.annotations == cited
    assert answer.result()["choices"][0]["message"]["annotations"] == cited


def test_an_empty_list_of_annotations_differs_from_none() -> None:
    assert message_of(chunk({"annotations": []}), chunk({}, "stop"))["annotations"] == []
    assert "annotations" not in message_of(chunk({}, "stop"))


def test_g4_images_are_collected() -> None:
    """quirks.md G4: `delta.images[]`."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}

    assert fed(chunk({"images": [image]}), chunk({"images": [image]})).images == [image, image]


@pytest.mark.parametrize(
    "data", [["AAEC", "AwQF"], ["AAE=", "AgMEBQ=="]], ids=["cut-text", "padded-pieces"]
)
def test_audio_in_pieces_is_one_base64_text(data: list[str]) -> None:
    answer = fed(
        chunk({"audio": {"id": "au_1", "transcript": "Hel"}}),
        chunk({"audio": {"data": data[0]}}),
        chunk({"audio": {"data": data[1], "transcript": "lo"}}),
        chunk({"audio": {"expires_at": 99}}),
    )

    assert answer.audio is not None
    assert base64.b64decode(answer.audio["data"]) == bytes(range(6))
    assert answer.audio | {"data": ""} == {
        "id": "au_1",
        "transcript": "Hello",
        "data": "",
        "expires_at": 99,
    }


def _with_logprobs(*values: Any) -> ChatAccumulator:
    chunks = []
    for value in values:
        sent = chunk({"content": "x"})
        sent["choices"][0]["logprobs"] = value
        chunks.append(sent)
    return fed(*chunks)


def test_log_probabilities_are_joined() -> None:
    answer = _with_logprobs(
        {"content": [{"token": "a"}], "refusal": None}, None, {"content": [{"token": "b"}]}
    )

    assert answer.logprobs == {"content": [{"token": "a"}, {"token": "b"}], "refusal": None}


def test_log_probabilities_that_are_a_number_are_kept() -> None:
    assert _with_logprobs(-1.7881393e-06).logprobs == -1.7881393e-06


def test_joining_log_probabilities_leaves_the_chunk_alone() -> None:
    answer = ChatAccumulator()
    sent = chunk({"content": "x"})
    sent["choices"][0]["logprobs"] = {"content": [{"token": "a"}]}
    answer.add(sent)
    answer.add(sent)

    assert sent["choices"][0]["logprobs"] == {"content": [{"token": "a"}]}
    assert len(answer.logprobs["content"]) == 2


# ------------------------------------------------------------------------- reasoning


def test_a8_reasoning_is_read_under_both_names() -> None:
    """quirks.md A8: `reasoning`, else `reasoning_content`."""
    assert fed(chunk({"reasoning": "a"}), chunk({"reasoning": "b"})).reasoning == "ab"
    assert fed(chunk({"reasoning_content": "a"})).reasoning == "a"
    assert fed(chunk({"reasoning": "a", "reasoning_content": "a"})).reasoning == "a"


def test_reasoning_that_is_null_or_empty_says_nothing() -> None:
    assert fed(chunk({"reasoning": None}), chunk({"reasoning": ""})).reasoning is None


def test_a9_empty_details_differ_from_absent_ones() -> None:
    """quirks.md A9: some models want `[]` back."""
    assert (
        message_of(chunk({"reasoning_details": []}), chunk({}, "stop"))["reasoning_details"] == []
    )
    assert "reasoning_details" not in message_of(chunk({}, "stop"))
    assert fed(chunk({})).reasoning_details is None


def test_a3_a4_details_are_merged_while_they_come() -> None:
    """quirks.md A3 and A4: the signature comes last, alone, without text."""
    head = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
    answer = fed(*(chunk({"reasoning_details": [{**head, "text": t}]}) for t in ("a", "b")))
    assert answer.reasoning_details == [{**head, "text": "ab"}]

    answer.add(chunk({"reasoning_details": [{**head, "signature": "sig"}]}))

    assert answer.reasoning_details == [{**head, "text": "ab", "signature": "sig"}]


def test_a14_the_cost_of_a_chunk_does_not_grow_with_the_answer() -> None:
    """quirks.md A14: fragments are kept as they come and joined when asked for."""
    fragment = {"type": "reasoning.text", "index": 0, "text": "x"}
    answer = ChatAccumulator()
    for _ in range(5_000):
        answer.add(chunk({"reasoning_details": [fragment], "reasoning": "x", "content": "x"}))

    assert answer.reasoning_details is not None
    assert len(answer.reasoning_details[0]["text"]) == len(answer.text) == 5_000
    assert fragment["text"] == "x"
