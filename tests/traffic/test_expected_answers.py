"""The judge is judged: `expected_answers` on small answers written by hand. Needs no recordings."""

from __future__ import annotations

from typing import Any

import pytest

from .expected_answers import Answer, ToolCall, answer_of, failure_of, framework_answer_of, is_valid
from .recordings import made, sse_of


def reply(message: dict[str, Any], **choice: Any) -> dict[str, Any]:
    choices = [{"index": 0, "finish_reason": "stop", "message": message, **choice}]
    return {"id": "gen-1", "model": "m-1", "provider": "Some AI", "choices": choices}


def chunk(delta: dict[str, Any], *, more: dict[str, Any] | None = None, **choice: Any) -> Any:
    choices = [{"index": 0, "delta": delta, "finish_reason": None, **choice}]
    return {"id": "gen-1", "model": "m-1", "provider": "P", "choices": choices, **(more or {})}


def answer_in(body: dict[str, Any]) -> Answer:
    return answer_of(made({"body": body}))


def streamed(*chunks: dict[str, Any]) -> Answer:
    return answer_of(made({"sse": sse_of(*chunks)}))


def test_plain_reply_is_read() -> None:
    seen = answer_in(reply({"content": "Hi", "reasoning": "Hm"}, native_finish_reason="STOP"))

    assert (seen.text, seen.reasoning, seen.generation_id) == ("Hi", "Hm", "gen-1")
    assert (seen.model, seen.provider) == ("m-1", "Some AI")
    assert (seen.finish_reason, seen.native_finish_reason) == ("stop", "STOP")


def test_details_of_a_whole_reply_are_verbatim_even_when_they_share_an_index() -> None:
    details = [{"type": "reasoning.text", "text": t, "index": 0} for t in "ab"]

    assert (
        answer_in(reply({"content": None, "reasoning_details": details})).reasoning_details
        == details
    )


def test_absent_and_empty_details_differ() -> None:
    assert answer_in(reply({"content": "x"})).reasoning_details is None
    assert answer_in(reply({"content": "x", "reasoning_details": []})).reasoning_details == []


def test_streamed_details_are_one_entry_per_type_and_index() -> None:
    text = {"type": "reasoning.text", "format": "f", "index": 0}
    pieces = [
        {**text, "text": "to "},
        {"type": "reasoning.encrypted", "data": "x", "index": 0},
        {**text, "text": "be"},
        {**text, "signature": "s"},
    ]

    seen = streamed(*[chunk({"reasoning_details": [piece]}) for piece in pieces])

    assert seen.reasoning_details == [{**text, "text": "to be", "signature": "s"}, pieces[1]]


def test_streamed_details_without_index_stay_apart() -> None:
    piece = {"type": "reasoning.text", "text": "a"}

    seen = streamed(chunk({"reasoning_details": [piece]}), chunk({"reasoning_details": [piece]}))

    assert seen.reasoning_details == [piece, piece]


def test_streamed_call_is_joined_and_an_empty_id_changes_nothing() -> None:
    first = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f"}}
    later = {"index": 0, "id": "", "function": {"arguments": '{"a":'}}
    last = {"index": 0, "function": {"arguments": " 1}"}}

    seen = streamed(*[chunk({"content": None, "tool_calls": [p]}) for p in (first, later, last)])

    assert seen.tool_calls == [ToolCall("c1", "f", '{"a": 1}')]


def test_another_id_on_the_same_index_is_another_call() -> None:
    calls = [{"index": 0, "id": i, "function": {"name": "f", "arguments": "{}"}} for i in "ab"]

    seen = streamed(*[chunk({"tool_calls": [c]}) for c in calls])

    assert [c.id for c in seen.tool_calls] == ["a", "b"]


@pytest.mark.parametrize(
    "arguments", ["", " ", "null", "[]", "{}", '{"a": [1]}', '{}{"a": 1}', '{"a": "\n"}', '"{}"']
)
def test_usable_arguments(arguments: str) -> None:
    assert is_valid(arguments)


@pytest.mark.parametrize("arguments", ['{"a": ', '{"a": 1}{"a": 1}', "[1]", '"text"', "hello"])
def test_unusable_arguments(arguments: str) -> None:
    assert not is_valid(arguments)


def test_tool_calls_wins_over_a_later_stop_and_keeps_its_own_native_reason() -> None:
    seen = streamed(
        chunk({}, finish_reason="tool_calls", native_finish_reason=None),
        chunk({}, finish_reason="stop", native_finish_reason="STOP"),
        chunk({}),
    )

    assert (seen.finish_reason, seen.native_finish_reason) == ("tool_calls", None)


def test_usage_is_found_beside_no_choices() -> None:
    usage = {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "total_tokens": 7,
        "cost": 0.5,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": None,
    }

    seen = streamed(chunk({"content": "x"}), {"id": "gen-1", "choices": [], "usage": usage})

    assert (seen.tokens, seen.cost) == ((3, 4, 7), 0.5)
    assert (seen.cached_tokens, seen.reasoning_tokens) == (2, None)


def test_citations_refusal_logprobs_and_extra_fields_are_read() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "u"}}
    seen = streamed(
        chunk({"annotations": [note]}, logprobs={"content": [{"token": "a"}]}),
        chunk({"refusal": "I "}, logprobs={"content": [{"token": "b"}]}),
        chunk({"refusal": "won't"}, more={"service_tier": "default", "citations": ["u2"]}),
    )

    assert seen.citations == [note, "u2"]
    assert seen.refusal == "I won't"
    assert seen.logprobs == {"content": [{"token": "a"}, {"token": "b"}]}
    assert seen.extra == {"service_tier": "default"}


def test_error_inside_a_200_takes_its_own_code() -> None:
    body = {"error": {"code": 502, "message": "No."}, "user_id": "u"}

    seen = failure_of(made({"body": body}))

    assert (seen.error_class, seen.status, seen.sentences) == ("ServerError", 502, ["No"])
    assert seen.body == body


def test_error_inside_a_choice_is_a_failure() -> None:
    error = {"code": 429, "message": "Slow down", "metadata": {"provider_name": "P"}}

    seen = failure_of(made({"body": reply({"content": "a"}, error=error)}))

    assert (seen.error_class, seen.provider) == ("RateLimitError", "P")


def test_error_beside_choices_keeps_what_came_before() -> None:
    broken = chunk({"content": ""}, more={"error": {"code": 400, "message": "Limit"}})

    seen = failure_of(made({"sse": sse_of(chunk({"content": "so far"}), broken)}))

    assert seen.midstream
    assert seen.partial is not None
    assert (seen.partial.text, seen.error_class) == ("so far", "BadRequestError")


def test_error_before_any_chunk_is_no_midstream_failure() -> None:
    only = {"error": {"code": 502, "message": "Down"}, "user_id": "u"}

    seen = failure_of(made({"sse": sse_of(only)}))

    assert (seen.midstream, seen.partial, seen.error_class) == (False, None, "ServerError")


def test_framework_shows_the_details_where_no_reasoning_came() -> None:
    details = [{"type": "reasoning.summary", "summary": "Hm", "index": 0}]
    recording = made({"body": reply({"content": "x", "reasoning_details": details})})

    assert answer_of(recording).reasoning is None
    assert framework_answer_of(recording).reasoning == "Hm"


@pytest.mark.parametrize(("received", "shown"), [("stop", "tool_calls"), ("length", "length")])
def test_d6_calls_end_in_tool_calls_unless_they_were_cut(received: str, shown: str) -> None:
    calls = [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]
    body = reply({"content": None, "tool_calls": calls}, finish_reason=received)

    assert framework_answer_of(made({"body": body})).finish_reason == shown


@pytest.mark.parametrize(
    "raw",
    [
        '{"error": {"message": "the cause"}}',
        '{"error": "the cause"}',
        "the cause",
        '{"detail": "the cause"}',
    ],
    ids=["object", "text-in-object", "text", "detail"],
)
def test_words_behind_provider_returned_error_are_found(raw: str) -> None:
    error = {"code": 400, "message": "Provider returned error", "metadata": {"raw": raw}}

    assert failure_of(made({"status": 400, "body": {"error": error}})).sentences == ["the cause"]
