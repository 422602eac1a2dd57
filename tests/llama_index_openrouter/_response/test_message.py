"""Replies and chunks to LlamaIndex responses, as values."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    ChatResponse,
    CitationBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.callbacks.token_counting import get_tokens_from_response

from llama_index_openrouter._response.message import to_chat_response
from llama_index_openrouter._response.stream_responses import ResponseConverter
from openrouter_core import ChatAccumulator, ReplyInfo, ResponseShapeError

PNG64 = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()
USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 5,
    "total_tokens": 17,
    "cost": 0.00042,
    "is_byok": False,
    "cost_details": {"upstream_inference_cost": None},
}


HTTP = ReplyInfo(generation_id="gen-header")


def reply(message: dict[str, Any], **choice: Any) -> dict[str, Any]:
    fields = {"index": 0, "finish_reason": "stop", "native_finish_reason": "completed", **choice}
    return {
        "id": "gen-1-abc",
        "object": "chat.completion",
        "created": 1,
        "model": "openai/gpt-5.5-20260423",
        "provider": "Azure",
        "choices": [{**fields, "message": {"role": "assistant", **message}}],
        "usage": USAGE,
    }


def chunk(delta: dict[str, Any] | None = None, **top: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": top.pop("finish", None)}
    return {"id": "gen-1-abc", "model": "m", "provider": "Azure", "choices": [choice], **top}


def streamed(*chunks: dict[str, Any]) -> list[ChatResponse]:
    """All the responses of a stream, the whole one last."""
    so_far = ChatAccumulator()
    snapshot = ResponseConverter(so_far)
    responses: list[ChatResponse | None] = []
    for piece in chunks:
        so_far.add(piece)
        responses.append(snapshot.after(piece))
    so_far.first.finish()
    return [r for r in responses if r is not None] + [snapshot.last(HTTP)]


def kinds(response: ChatResponse) -> list[str]:
    return [type(block).__name__ for block in response.message.blocks]


# ------------------------------------------------------------------ whole replies


def test_text_is_one_block():
    response = to_chat_response(reply({"content": "Hi"}))

    assert response.message.blocks == [TextBlock(text="Hi")]
    assert response.message.content == "Hi"
    assert response.delta is None


def test_gap_24_content_as_a_list_is_coalesced():
    parts = [{"type": "text", "text": "Hi "}, {"type": "text", "text": "there"}]

    assert to_chat_response(reply({"content": parts})).message.content == "Hi there"


def test_content_parts_without_a_block_are_kept():
    parts = [{"type": "text", "text": "Hi"}, {"type": "hologram", "depth": 3}]

    message = to_chat_response(reply({"content": parts})).message

    assert message.content == "Hi"
    assert message.additional_kwargs["content"] == parts


@pytest.mark.parametrize("content", [None, ""], ids=["null", "empty"])
def test_gap_23_no_text_is_no_crash(content: str | None):
    assert not to_chat_response(reply({"content": content})).message.content


def test_reply_without_choices_is_a_shape_error():
    with pytest.raises(ResponseShapeError, match="no choices") as caught:
        to_chat_response({"id": "gen-1", "choices": []})

    assert caught.value.raw == {"id": "gen-1", "choices": []}


def test_h5_b6_notes_say_who_answered_and_what_it_cost():
    notes = to_chat_response(reply({"content": "Hi"}), http=HTTP).additional_kwargs

    assert notes == {
        "generation_id": "gen-header",
        "finish_reason": "stop",
        "native_finish_reason": "completed",
        "model": "openai/gpt-5.5-20260423",
        "provider": "Azure",
        **USAGE,
    }


def test_b15_unknown_cost_is_absent_not_zero():
    body = reply({"content": "Hi"})
    del body["usage"]

    assert "cost" not in to_chat_response(body).additional_kwargs


def test_b12_raw_is_the_reply_itself():
    body = reply({"content": "Hi"}) | {"openrouter_metadata": {"region": "eu"}, "novel": 1}

    assert to_chat_response(body).raw is body


def test_token_counting_reads_the_true_counts():
    assert get_tokens_from_response(to_chat_response(reply({"content": "Hi"}))) == (12, 5)


def test_c12_unknown_finish_reason_is_kept():
    body = reply({"content": "Hi"}, finish_reason="bored", native_finish_reason=None)

    assert to_chat_response(body).additional_kwargs["finish_reason"] == "bored"


def test_a8_reasoning_text_alone_is_a_plain_thinking_block():
    for name in ("reasoning", "reasoning_content"):
        response = to_chat_response(reply({"content": "4", name: "2+2"}))

        assert response.message.blocks[0] == ThinkingBlock(content="2+2")


def test_a7_each_detail_is_a_block_with_all_its_fields():
    details = [
        {"type": "reasoning.text", "text": "Hm", "signature": "s", "format": "f", "index": 0},
        {"type": "reasoning.encrypted", "data": "zzz", "id": "rs_1", "index": 0},
        {"type": "reasoning.dream", "text": "sheep"},
    ]

    message = to_chat_response(
        reply({"content": "4", "reasoning": "Hm", "reasoning_details": details})
    ).message

    thoughts = [b for b in message.blocks if isinstance(b, ThinkingBlock)]
    assert [t.content for t in thoughts] == ["Hm", None, None]
    assert thoughts[0].additional_information == {
        k: v for k, v in details[0].items() if k != "text"
    }
    assert [t.additional_information for t in thoughts[1:]] == details[1:]


def test_a13_encrypted_data_is_carried_but_not_shown():
    details = [{"type": "reasoning.encrypted", "data": "[REDACTED]"}]

    message = to_chat_response(reply({"content": "4", "reasoning_details": details})).message

    assert message.content == "4"
    assert message.blocks[0].content is None


def test_a9_empty_details_are_remembered():
    message = to_chat_response(reply({"content": "4", "reasoning_details": []})).message

    assert message.additional_kwargs == {"reasoning_details": []}


def test_gap_6_images_are_image_blocks():
    url = f"data:image/png;base64,{PNG64}"
    images = [{"type": "image_url", "image_url": {"url": url}, "index": 0}]

    message = to_chat_response(reply({"content": "Look", "images": images})).message

    image = message.blocks[1]
    assert isinstance(image, ImageBlock)
    assert image.resolve_image().read().startswith(b"\x89PNG")
    assert image.image_mimetype == "image/png"
    assert "images" not in message.additional_kwargs  # LlamaIndex reads that key in its own way


def test_image_data_that_is_not_base64_is_not_encoded_twice():
    url = "data:image/png;base64,iVBOR…cut"

    message = to_chat_response(
        reply({"content": None, "images": [{"image_url": {"url": url}}]})
    ).message

    image = next(b for b in message.blocks if isinstance(b, ImageBlock))
    assert image.image is None
    assert str(image.url).startswith("data:image/png;base64,iVBOR")


def test_gap_9_audio_is_an_audio_block():
    audio = {"id": "a1", "data": PNG64, "transcript": "ping", "expires_at": 9}

    message = to_chat_response(reply({"content": None, "audio": audio})).message

    assert any(isinstance(block, AudioBlock) for block in message.blocks)
    assert message.additional_kwargs["audio"] == {"id": "a1", "transcript": "ping", "expires_at": 9}


def test_g1_citations_are_blocks_and_kept_verbatim():
    annotations = [
        {
            "type": "url_citation",
            "url_citation": {
                "url": "https://a.example",
                "title": "A",
                "start_index": 0,
                "end_index": 2,
            },
        },
        {"type": "url_citation", "url_citation": {"url": "https://b.example"}},
        {"type": "file", "file": {"hash": "h", "content": []}},
    ]

    message = to_chat_response(reply({"content": "So it is", "annotations": annotations})).message

    assert message.content == "So it is"
    assert message.additional_kwargs["annotations"] == annotations
    first, second = (b for b in message.blocks if isinstance(b, CitationBlock))
    assert (first.source, first.title, first.cited_content.text) == ("https://a.example", "A", "So")
    assert first.additional_location_info == {"start_index": 0, "end_index": 2}
    assert (second.source, second.title) == ("https://b.example", "")


def test_gap_17_refusal_is_noted():
    message = to_chat_response(reply({"content": None, "refusal": "No."})).message

    assert message.additional_kwargs["refusal"] == "No."


def test_logprobs_list_the_alternatives_of_each_token():
    tokens = [
        {
            "token": "Hi",
            "logprob": -0.1,
            "bytes": [72],
            "top_logprobs": [{"token": "Yo", "logprob": -2}],
        },
        {"token": "!", "logprob": -0.5, "bytes": None, "top_logprobs": []},
    ]

    response = to_chat_response(reply({"content": "Hi!"}, logprobs={"content": tokens}))

    assert response.logprobs is not None
    assert [[p.token for p in alternatives] for alternatives in response.logprobs] == [
        ["Yo"],
        ["!"],
    ]


def test_logprobs_of_an_odd_shape_are_no_crash():
    response = to_chat_response(reply({"content": "Hi"}, logprobs=-1.7e-06))

    assert response.logprobs is None


def test_h4_answer_cut_before_any_text_warns(caplog: pytest.LogCaptureFixture):
    body = reply({"content": "", "reasoning": "long"}, finish_reason="length")

    with caplog.at_level(logging.WARNING, "llama_index_openrouter"):
        to_chat_response(body)

    assert "Raise max_tokens" in caplog.text


def test_notes_are_plain_json():
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    response = to_chat_response(reply({"content": None, "tool_calls": [call]}))

    json.dumps([response.additional_kwargs, response.message.additional_kwargs])


# ------------------------------------------------------------------ tool calls


def call(at: int, identity: str | None, arguments: Any = "{}", **extra: Any) -> dict[str, Any]:
    function = {"name": "f", "arguments": arguments}
    return {"index": at, "id": identity, "type": "function", "function": function, **extra}


def test_d11_argument_text_is_kept_as_it_came():
    message = to_chat_response(
        reply({"content": None, "tool_calls": [call(0, "c1", '{"b":1, "a":2}')]})
    ).message

    assert message.blocks == [
        ToolCallBlock(tool_call_id="c1", tool_name="f", tool_kwargs='{"b":1, "a":2}')
    ]


@pytest.mark.parametrize("ended", ["stop", None, "unheard_of"])
def test_d6_answer_with_calls_ended_in_tool_calls(ended: str | None):
    body = reply({"content": None, "tool_calls": [call(0, "c1")]}, finish_reason=ended)

    notes = to_chat_response(body).additional_kwargs

    assert (notes["finish_reason"], notes["native_finish_reason"]) == ("tool_calls", "completed")


def test_d6_a_cut_answer_does_not_pretend_to_be_whole():
    body = reply({"content": None, "tool_calls": [call(0, "c1")]}, finish_reason="length")

    assert to_chat_response(body).additional_kwargs["finish_reason"] == "length"


def test_d12_ids_are_made_unique_and_stable():
    calls = [call(0, "c1"), call(1, "c1"), call(2, None), call(3, "")]

    first = to_chat_response(reply({"content": None, "tool_calls": calls})).message
    second = to_chat_response(reply({"content": None, "tool_calls": calls})).message

    ids = [block.tool_call_id for block in first.blocks if isinstance(block, ToolCallBlock)]
    assert ids[0] == "c1"
    assert len(set(ids)) == 4
    assert first == second


@pytest.mark.parametrize("arguments", ["", None, {}, []], ids=["blank", "null", "object", "list"])
def test_d2_call_without_arguments_is_a_call_with_none(arguments: Any):
    message = to_chat_response(
        reply({"content": None, "tool_calls": [call(0, "c", arguments)]})
    ).message

    assert message.blocks == [ToolCallBlock(tool_call_id="c", tool_name="f", tool_kwargs={})]


# ------------------------------------------------------------------ streams


def test_each_response_holds_the_text_so_far_and_its_delta():
    responses = streamed(
        chunk({"role": "assistant", "content": "He"}),
        chunk({"content": "llo"}),
        chunk({"content": ""}, finish="stop"),
    )

    assert [r.delta for r in responses] == ["He", "llo", "", ""]
    assert [r.message.content for r in responses] == ["He", "Hello", "Hello", "Hello"]


def test_stream_ends_in_the_response_of_a_whole_reply():
    last = streamed(
        chunk({"reasoning": "Hm", "reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]}),
        chunk({"content": "Hi"}, finish="stop"),
        chunk({"content": ""}, finish="stop", usage=USAGE),
    )[-1]

    assert kinds(last) == ["ThinkingBlock", "TextBlock"]
    assert last.additional_kwargs["cost"] == 0.00042
    assert last.additional_kwargs["generation_id"] == "gen-header"
    assert last.additional_kwargs["finish_reason"] == "stop"
    assert last.raw["object"] == "chat.completion"
    assert get_tokens_from_response(last) == (12, 5)


def test_b14_usage_is_on_one_response_only():
    responses = streamed(
        chunk({"content": "Hi"}, finish="stop"), chunk({"content": ""}, usage=USAGE)
    )

    assert [bool(r.raw.get("usage")) for r in responses] == [False, True]


def test_b3_usage_without_choices_is_not_lost():
    responses = streamed(chunk({"content": "Hi"}, finish="stop"), {"choices": [], "usage": USAGE})

    assert responses[-1].raw["usage"] == USAGE


def test_text_beside_the_usage_is_not_lost():
    responses = streamed(
        chunk({"content": "Hi"}), chunk({"content": "!"}, finish="stop", usage=USAGE)
    )

    assert "".join(r.delta or "" for r in responses) == "Hi!"
    assert responses[-1].message.content == "Hi!"


def test_thinking_comes_as_delta_and_as_block():
    responses = streamed(
        chunk({"content": "", "reasoning": "2"}),
        chunk({"content": "", "reasoning": "+2"}),
        chunk({"content": "4"}, finish="stop"),
    )

    assert [r.additional_kwargs.get("thinking_delta") for r in responses] == ["2", "+2", None, None]
    assert responses[1].message.blocks[0] == ThinkingBlock(content="2+2")
    assert responses[2].message.content == "4"


def test_a4_signature_after_the_text_joins_its_block():
    head = {"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1"}
    last = streamed(
        chunk({"reasoning": "Hm", "reasoning_details": [{**head, "text": "Hm"}]}),
        chunk({"content": "", "reasoning_details": [{**head, "signature": "s"}]}),
        chunk({"content": "4"}, finish="stop"),
    )[-1]

    [thought] = (b for b in last.message.blocks if isinstance(b, ThinkingBlock))
    assert thought.content == "Hm"
    assert thought.additional_information["signature"] == "s"


def test_a14_details_come_once_at_the_end():
    detail = {"type": "reasoning.text", "index": 0, "text": "x"}
    responses = streamed(
        *[chunk({"reasoning": "x", "reasoning_details": [detail]}) for _ in range(3)],
        chunk({"content": "4"}, finish="stop"),
    )

    carrying = [r for r in responses if r.message.blocks[0].additional_information]
    assert carrying == responses[-1:]


def piece(at: int, **fields: Any) -> dict[str, Any]:
    name, arguments = fields.pop("name", None), fields.pop("arguments", None)
    function = {"name": name, "arguments": arguments}
    named = {key: value for key, value in function.items() if value is not None}
    return {"index": at, **fields, "function": named}


def test_gap_19_interleaved_tool_deltas_stay_apart():
    responses = streamed(
        chunk({"content": None, "tool_calls": [piece(0, id="a", name="f", arguments="")]}),
        chunk({"content": None, "tool_calls": [piece(1, id="b", name="g", arguments="")]}),
        chunk({"content": None, "tool_calls": [piece(0, arguments='{"x":')]}),
        chunk({"content": None, "tool_calls": [piece(1, arguments='{"y":2}')]}),
        chunk({"content": None, "tool_calls": [piece(0, arguments="1}")]}, finish="tool_calls"),
    )

    assert responses[-1].message.blocks == [
        ToolCallBlock(tool_call_id="a", tool_name="f", tool_kwargs='{"x":1}'),
        ToolCallBlock(tool_call_id="b", tool_name="g", tool_kwargs='{"y":2}'),
    ]
    assert responses[2].message.blocks[0].tool_kwargs == '{"x":'


def test_d3_calls_that_share_an_index_stay_apart():
    last = streamed(
        chunk({"tool_calls": [piece(0, id="a", name="f", arguments="{}")]}),
        chunk({"tool_calls": [piece(0, id="b", name="f", arguments="{}")]}, finish="tool_calls"),
    )[-1]

    assert [b.tool_call_id for b in last.message.blocks] == ["a", "b"]


def test_d10_whitespace_after_the_arguments_is_no_second_call():
    last = streamed(
        chunk({"tool_calls": [piece(0, id="a", name="f", arguments="{}")]}),
        chunk({"tool_calls": [piece(0, arguments=" ")]}, finish="tool_calls"),
    )[-1]

    assert len(last.message.blocks) == 1


def test_responses_already_given_do_not_change():
    responses = streamed(
        chunk({"content": "a", "tool_calls": [piece(0, id="a", name="f", arguments='{"x"')]}),
        chunk({"content": "b", "tool_calls": [piece(0, arguments=": 1}")]}, finish="tool_calls"),
    )

    assert responses[0].message.content == "a"
    assert responses[0].message.blocks[1].tool_kwargs == '{"x"'


def test_each_response_shows_every_parallel_call_as_far_as_it_has_come():
    pieces = [(0, "call_a", '{"x": '), (1, "call_b", '{"y": '), (0, None, "1}"), (1, None, "2}")]
    responses = streamed(*(chunk({"tool_calls": [_piece(*piece)]}) for piece in pieces))

    shown = [
        [block.tool_kwargs for block in r.message.blocks if isinstance(block, ToolCallBlock)]
        for r in responses[:-1]
    ]
    assert shown == [
        ['{"x": '],
        ['{"x": ', '{"y": '],
        ['{"x": 1}', '{"y": '],
        ['{"x": 1}', '{"y": 2}'],
    ]


def test_call_that_did_not_change_keeps_its_block():
    pieces = [(0, "call_a", "{}"), (1, "call_b", '{"y": '), (1, None, "2}")]
    responses = streamed(*(chunk({"tool_calls": [_piece(*piece)]}) for piece in pieces))

    (_, before, after) = (r.message.blocks for r in responses[:-1])
    assert before[0] is after[0]
    assert before[1] != after[1]


def _piece(index: int, identity: str | None, arguments: str) -> dict[str, Any]:
    function = {"name": f"tool_{index}" if identity else None, "arguments": arguments}
    return {"index": index, "id": identity, "type": "function", "function": function}


def test_response_equals_one_that_llama_index_checked():
    response = to_chat_response(
        reply({"content": "Hi", "refusal": "No"}),
        http=HTTP,
    )

    checked = ChatResponse(**dict(response))
    assert response == checked
    assert response.model_dump() == checked.model_dump()
    assert response.message.model_fields_set >= {"role", "blocks", "additional_kwargs"}
