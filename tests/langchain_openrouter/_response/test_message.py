"""A reply of the wire becomes a message that holds everything it said."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import add_usage

from langchain_openrouter._response.message import to_result
from langchain_openrouter._response.usage import combined, to_usage_metadata

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 50,
    "total_tokens": 150,
    "cost": 0.00000495,
    "is_byok": True,
    "cost_details": {"upstream_inference_cost": 0.001},
    "prompt_tokens_details": {"cached_tokens": 80, "cache_write_tokens": 10, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 20, "image_tokens": 3},
    "server_tool_use_details": {"web_search_requests": 2},
}
REPLY: dict[str, Any] = {
    "id": "gen-1",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "anthropic/claude-4.5-haiku-20251001",
    "provider": "Amazon Bedrock",
    "service_tier": "standard",
    "system_fingerprint": None,
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "native_finish_reason": "end_turn",
            "logprobs": None,
            "message": {
                "role": "assistant",
                "content": "Hello",
                "refusal": None,
                "reasoning": None,
            },
        }
    ],
    "usage": USAGE,
}


def reply(*, finish: str | None = "stop", top: Any = None, **message: Any) -> dict[str, Any]:
    body = {**copy.deepcopy(REPLY), **(top or {})}
    body["choices"][0]["message"].update(message)
    body["choices"][0]["finish_reason"] = finish
    return body


def read(body: dict[str, Any], **how: Any) -> AIMessage:
    message = to_result(body, **how).generations[0].message
    assert isinstance(message, AIMessage)
    return message


def test_h5_row10_row11_row12_metadata_holds_what_openrouter_said():
    """quirks.md H5, B1, B12; gap rows 10, 11 and 12."""
    metadata = read(REPLY).response_metadata

    assert metadata == {
        "model_provider": "openrouter",
        "model_name": "anthropic/claude-4.5-haiku-20251001",
        "id": "gen-1",
        "generation_id": "gen-1",
        "object": "chat.completion",
        "created": 1700000000,
        "provider": "Amazon Bedrock",
        "service_tier": "standard",
        "finish_reason": "stop",
        "native_finish_reason": "end_turn",
        "cost": 0.00000495,
        "cost_details": {"upstream_inference_cost": 0.001},
        "is_byok": True,
        "server_tool_use_details": {"web_search_requests": 2},
        "token_usage": USAGE,
    }


def test_b6_generation_id_comes_from_the_header_first():
    """quirks.md B6."""
    metadata = read(REPLY, generation_id="gen-header").response_metadata
    without = read({**REPLY, "id": None}, generation_id="gen-header")

    assert (metadata["id"], metadata["generation_id"]) == ("gen-1", "gen-header")
    assert without.id == "gen-header"


def test_c17_attempts_are_shown_when_it_took_several():
    """quirks.md C17."""
    assert "attempts" not in read(REPLY).response_metadata
    assert read(REPLY, attempts=3).response_metadata["attempts"] == 3


def test_b15_usage_metadata_has_whole_numbers_only():
    """quirks.md B15: details are filled, and nothing that LangChain cannot add."""
    usage = read(REPLY).usage_metadata

    assert usage == {
        "input_tokens": 100,
        "output_tokens": 50,
        "total_tokens": 150,
        "input_token_details": {"cache_read": 80, "cache_creation": 10, "audio": 0},
        "output_token_details": {"reasoning": 20, "image": 3},
    }
    assert add_usage(usage, usage)["total_tokens"] == 300


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": 3, "completion_tokens": 4}, (3, 4, 7)),
        ({"prompt_tokens": 3.0, "completion_tokens": 4.0, "total_tokens": 7.0}, (3, 4, 7)),
        ({"prompt_tokens": 3, "prompt_tokens_details": None, "total_tokens": 3}, (3, 0, 3)),
    ],
)
def test_odd_usage_is_read(usage: Any, expected: Any):
    counts = to_usage_metadata(usage)

    seen = counts and (counts["input_tokens"], counts["output_tokens"], counts["total_tokens"])
    assert seen == expected


def test_llm_outputs_add_up():
    outputs = [to_result(REPLY).llm_output, None, to_result(REPLY).llm_output]

    total = combined(outputs)

    assert total["token_usage"] == {
        "prompt_tokens": 200,
        "completion_tokens": 100,
        "total_tokens": 300,
        "cost": pytest.approx(0.0000099),
    }
    assert combined([None]) == {}


@pytest.mark.parametrize("content", [None, ""])
def test_row23_null_content_is_empty_text(content: Any):
    assert read(reply(content=content)).content == ""


def test_row24_content_parts_are_kept():
    parts = [{"type": "text", "text": "Hi"}, {"type": "new", "x": 1}]

    message = read(reply(content=parts))

    assert message.content == parts
    assert message.text == "Hi"


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_a8_row1_reasoning_text_is_read_under_either_name(name: str):
    """quirks.md A8, gap row 1."""
    message = read(reply(**{name: "Hm."}))

    assert message.additional_kwargs["reasoning_content"] == "Hm."


def test_row2_row21_details_are_kept_verbatim():
    details = [{"type": "reasoning.future", "x": None}, {"type": "reasoning.text", "text": "Hm."}]

    extra = read(reply(reasoning_details=details)).additional_kwargs

    assert extra["reasoning_details"] == details
    assert extra["reasoning_content"] == "Hm."


def test_a9_empty_and_absent_details_differ():
    """quirks.md A9."""
    assert read(reply(reasoning_details=[])).additional_kwargs["reasoning_details"] == []
    assert "reasoning_details" not in read(REPLY).additional_kwargs


def test_j1_unknown_fields_of_every_level_reach_the_user():
    """quirks.md J1."""
    body = reply(top={"citations": ["https://a.b"], "brand_new": {"x": 1}}, mood="fine")
    body["choices"][0]["confidence"] = 0.5

    message = read(body)

    assert message.response_metadata["citations"] == ["https://a.b"]
    assert message.response_metadata["brand_new"] == {"x": 1}
    assert message.response_metadata["confidence"] == 0.5
    assert message.additional_kwargs["mood"] == "fine"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("images", [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]),
        ("annotations", [{"type": "url_citation", "url_citation": {"url": "u"}}]),
        ("audio", {"id": "a", "data": "AA", "transcript": "Hi"}),
        ("refusal", "No."),
    ],
)
def test_row6_to_9_row17_other_output_is_kept_verbatim(field: str, value: Any):
    assert read(reply(**{field: value})).additional_kwargs == {field: value}


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter", "brand_new", "error"])
def test_c12_row22_any_finish_reason_is_kept(finish: str):
    """quirks.md C12."""
    assert read(reply(finish=finish)).response_metadata["finish_reason"] == finish


# ------------------------------------------------------------------ tool calls


def call(arguments: Any = "{}", identity: Any = "c1", name: str = "f") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"index": 0, "id": identity, "type": "function", "function": function}


@pytest.mark.parametrize("arguments", ["", "  ", None, "null", "[]", "{}"])
def test_d2_no_arguments_are_an_empty_dict(arguments: Any):
    """quirks.md D2."""
    message = read(reply(tool_calls=[call(arguments)]))

    assert message.tool_calls == [{"name": "f", "args": {}, "id": "c1", "type": "tool_call"}]


def test_d2_missing_arguments_are_an_empty_dict():
    function = {"id": "c1", "type": "function", "function": {"name": "f"}}

    assert read(reply(tool_calls=[function])).tool_calls[0]["args"] == {}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ('{"a": "Par', "not JSON"),
        ('{"a": 1}{"b": 2}', "not JSON"),
        ('"text"', "a JSON string"),
        ("[1]", "a JSON array"),
    ],
)
def test_d2_broken_arguments_are_invalid_with_the_reason(arguments: str, why: str):
    """quirks.md D2: recorded from Venice, among others."""
    message = read(reply(tool_calls=[call(arguments), call('{"a": 1}', "c2")]))

    (invalid,) = message.invalid_tool_calls
    assert invalid["args"] == arguments
    assert why in str(invalid["error"])
    assert [c["id"] for c in message.tool_calls] == ["c2"]


def test_d6_finish_reason_says_tool_calls_when_there_are_some():
    """quirks.md D6: the provider's word stays."""
    body = reply(finish="stop", tool_calls=[call()])
    body["choices"][0]["native_finish_reason"] = "STOP"

    metadata = read(body).response_metadata

    assert metadata["finish_reason"] == "tool_calls"
    assert metadata["native_finish_reason"] == "STOP"
    assert (
        read(reply(finish="length", tool_calls=[call()])).response_metadata["finish_reason"]
        == "length"
    )


def test_d12_missing_and_repeated_ids_are_made_unique_and_stable():
    """quirks.md D12."""
    body = reply(tool_calls=[call(identity=None), call(identity="x"), call(identity="x")])

    first, again = read(body), read(body)
    ids = [c["id"] for c in first.tool_calls]

    assert len(set(ids)) == 3
    assert ids[1] == "x"
    assert ids == [c["id"] for c in again.tool_calls]
    assert [c["id"] for c in first.additional_kwargs["raw_tool_calls"]] == ids


def test_d11_calls_are_kept_verbatim():
    """quirks.md D11."""
    calls = [{**call('{ "a":1}'), "extra_content": {"x": 1}}]

    assert read(reply(tool_calls=calls)).additional_kwargs["raw_tool_calls"] == calls


# ------------------------------------------------------------------ several, and none


def test_h4_an_answer_cut_before_any_text_is_reported(caplog: pytest.LogCaptureFixture):
    """quirks.md H4."""
    with caplog.at_level(logging.WARNING, "openrouter"):
        read(reply(finish="length", content=""))
        read(reply(finish="length", content="Some"))

    assert len(caplog.records) == 1
    assert "Raise max_tokens" in caplog.text


def test_usage_stands_on_the_first_of_several_answers_only():
    body = reply()
    body["choices"].append({**body["choices"][0], "index": 1})

    result = to_result(body)

    counted = [g.message.usage_metadata for g in result.generations]  # type: ignore[attr-defined]
    assert [c is not None for c in counted] == [True, False]


def test_legacy_completions_text_is_read():
    body = {**REPLY, "choices": [{"text": "Hello", "finish_reason": "stop"}]}

    assert read(body).content == "Hello"
