"""What the assistant said before goes back as it came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    messages_from_dict,
    messages_to_dict,
)

from langchain_openrouter import chat_models  # noqa: F401  # registers the block translator
from tests.langchain_openrouter._request.conversation import to_wire

CLAUDE = {
    "type": "reasoning.text",
    "text": "Hm.",
    "signature": "sig",
    "format": "anthropic-claude-v1",
    "index": 0,
}
UNSIGNED = {"type": "reasoning.text", "text": "Hm.", "format": "anthropic-claude-v1", "index": 0}
OPEN = {"type": "reasoning.text", "text": "Hm.", "format": "unknown", "index": 0}
SUMMARY = {
    "type": "reasoning.summary",
    "summary": "Sum",
    "format": "openai-responses-v1",
    "id": "rs_1",
    "index": 0,
}
ENCRYPTED = {
    "type": "reasoning.encrypted",
    "data": "gAAA",
    "format": "openai-responses-v1",
    "id": "rs_1",
    "index": 0,
}
UNKNOWN = {"type": "reasoning.future", "payload": {"a": [1]}, "index": 1}
SERVER = {
    "type": "reasoning.server_tool_call",
    "tool_name": "openrouter:web_search",
    "arguments": '{"query": "x"}',
    "result": '{"status": "ok"}',
    "tool_call_id": "st_1",
}


def one(message: AIMessage, **how: Any) -> dict[str, Any]:
    (wire,) = to_wire([message], **how)
    return wire


def thinking(*details: dict[str, Any], text: str | None = None, **more: Any) -> AIMessage:
    extra: dict[str, Any] = {"reasoning_details": list(details)}
    if text is not None:
        extra["reasoning_content"] = text
    return AIMessage("Answer", additional_kwargs=extra, **more)


# ------------------------------------------------------------------ reasoning


@pytest.mark.parametrize(
    "details",
    [[CLAUDE], [SUMMARY, ENCRYPTED], [UNKNOWN], [SERVER, CLAUDE, UNKNOWN], [OPEN]],
    ids=["signed", "summary-and-encrypted", "unknown", "server-tool", "open-model"],
)
def test_a1_row3_row5_row21_details_go_back_unmodified_and_in_order(details: list[Any]):
    """quirks.md A1, gap rows 3, 5 and 21."""
    assert one(thinking(*details, text="Hm."))["reasoning_details"] == details


def test_a1_text_is_not_sent_beside_details():
    assert "reasoning" not in one(thinking(CLAUDE, text="Hm."))


@pytest.mark.parametrize("details", [[CLAUDE], [SUMMARY, ENCRYPTED], [UNKNOWN], [SERVER]])
def test_a2_details_survive_checkpoints(details: list[Any]):
    """quirks.md A2: LangGraph stores messages as JSON."""
    stored = json.loads(json.dumps(messages_to_dict([thinking(*details)])))
    (message,) = messages_from_dict(stored)

    assert one(message)["reasoning_details"] == details  # type: ignore[arg-type]


def test_a3_row4_persisted_fragments_are_joined():
    """quirks.md A3, gap row 4: histories that other packages have stored in pieces."""
    signature = {"type": "reasoning.text", "signature": "sig", "index": 0}
    pieces = [{**UNSIGNED, "text": "H"}, {**UNSIGNED, "text": "m."}, signature]

    assert one(thinking(*pieces))["reasoning_details"] == [CLAUDE]


def test_a5_unsigned_text_of_a_signing_format_is_left_out_without_a_stand_in():
    """quirks.md A5: plain `reasoning` must not replace stripped details."""
    wire = one(thinking(UNSIGNED, text="Hm."))

    assert "reasoning_details" not in wire
    assert "reasoning" not in wire


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        ("all", [UNSIGNED, ENCRYPTED]),
        ("auto", [ENCRYPTED]),
        ("signed-only", [ENCRYPTED]),
        ("none", None),
    ],
)
def test_a6_replay_policy_decides(policy: Any, sent: Any):
    """quirks.md A6: a documented policy."""
    wire = one(thinking(UNSIGNED, ENCRYPTED), reasoning_replay=policy)

    assert wire.get("reasoning_details") == sent


@pytest.mark.parametrize(
    ("policy", "sent"), [("auto", "Hm."), ("signed-only", None), ("none", None)]
)
def test_plain_reasoning_goes_back_where_there_are_no_details(policy: Any, sent: Any):
    message = AIMessage("x", additional_kwargs={"reasoning_content": "Hm."})

    assert one(message, reasoning_replay=policy).get("reasoning") == sent


def test_a9_empty_details_are_sent_as_empty():
    """quirks.md A9: DeepSeek wants `[]` back."""
    assert one(thinking())["reasoning_details"] == []
    assert "reasoning_details" not in one(AIMessage("x"))


def test_a10_copies_over_several_messages_are_sent_once():
    """quirks.md A10: duplicated over parallel calls or turns."""
    first, second = to_wire([thinking(SUMMARY, ENCRYPTED), thinking(SUMMARY, ENCRYPTED, OPEN)])

    assert first["reasoning_details"] == [SUMMARY, ENCRYPTED]
    assert second["reasoning_details"] == [OPEN]


@pytest.mark.parametrize("detail", [CLAUDE, SUMMARY, ENCRYPTED, UNKNOWN, SERVER, OPEN])
def test_details_are_rebuilt_from_standard_blocks_alone(detail: dict[str, Any]):
    """A history that keeps only `content_blocks` loses nothing."""
    blocks = thinking(
        detail, text="Hm.", response_metadata={"model_provider": "openrouter"}
    ).content_blocks
    message = AIMessage(content_blocks=blocks)

    wire = one(message)

    assert wire["reasoning_details"] == [detail]
    assert wire["content"] == "Answer"


def test_anthropic_thinking_becomes_details():
    message = AIMessage(
        [
            {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
            {"type": "redacted_thinking", "data": "zzz"},
            {"type": "text", "text": "Answer"},
        ]
    )

    wire = one(message)

    assert wire["content"] == "Answer"
    assert wire["reasoning_details"] == [
        {
            "type": "reasoning.text",
            "text": "Hm.",
            "signature": "sig",
            "format": "anthropic-claude-v1",
        },
        {"type": "reasoning.encrypted", "data": "zzz", "format": "anthropic-claude-v1"},
    ]


def test_openai_reasoning_item_becomes_details():
    item = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "Sum"}],
        "encrypted_content": "gAAA",
    }

    assert one(AIMessage([item]))["reasoning_details"] == [SUMMARY, ENCRYPTED]


def test_server_tool_blocks_of_others_become_one_detail():
    message = AIMessage(
        [
            {"type": "server_tool_call", "id": "s1", "name": "web_search", "args": {"q": "x"}},
            {"type": "server_tool_result", "tool_call_id": "s1", "output": [{"url": "u"}]},
        ]
    )

    assert one(message)["reasoning_details"] == [
        {
            "type": "reasoning.server_tool_call",
            "tool_name": "web_search",
            "arguments": '{"q": "x"}',
            "result": '[{"url": "u"}]',
            "tool_call_id": "s1",
        }
    ]


# ------------------------------------------------------------------ tool calls


def raw_call(arguments: str, identity: str = "c1", **more: Any) -> dict[str, Any]:
    function = {"name": "f", "arguments": arguments}
    return {"index": 0, "id": identity, "type": "function", "function": function, **more}


def calling(args: Any, *raw: dict[str, Any], kind: str = "raw_tool_calls") -> AIMessage:
    call = {"name": "f", "args": args, "id": "c1"}
    return AIMessage("", tool_calls=[call], additional_kwargs={kind: list(raw)})


@pytest.mark.parametrize("kind", ["raw_tool_calls", "tool_calls"])
def test_d11_argument_string_goes_back_byte_for_byte(kind: str):
    """quirks.md D11: re-serialised arguments miss the prompt cache."""
    arguments = '{ "b":1,"a" : "\\u00e9"}'

    (call,) = one(calling({"b": 1, "a": "é"}, raw_call(arguments), kind=kind))["tool_calls"]

    assert call["function"]["arguments"] == arguments


def test_d11_edited_arguments_are_sent_as_edited():
    (call,) = one(calling({"a": 2}, raw_call('{"a": 1}')))["tool_calls"]

    assert call["function"]["arguments"] == '{"a": 2}'


def test_unknown_keys_of_a_call_go_back_without_its_position():
    extra = {"extra_content": {"google": {"thought_signature": "s"}}}

    (call,) = one(calling({}, raw_call("{}", **extra)))["tool_calls"]

    assert call == {
        "id": "c1",
        "type": "function",
        "function": {"name": "f", "arguments": "{}"},
        **extra,
    }


def test_removed_calls_are_not_sent():
    raw = [raw_call("{}"), raw_call("{}", "c2")]

    calls = one(calling({}, *raw))["tool_calls"]

    assert [call["id"] for call in calls] == ["c1"]


def test_unicode_arguments_are_not_escaped():
    message = AIMessage("", tool_calls=[{"name": "f", "args": {"name": "北京"}, "id": "c1"}])

    assert one(message)["tool_calls"][0]["function"]["arguments"] == '{"name": "北京"}'


@pytest.mark.parametrize(
    ("args", "sent"),
    [
        ("", "{}"),
        (None, "{}"),
        ('{"a": 1}', '{"a": 1}'),
        ('{}{"a": 1}', '{"a": 1}'),
        ('{"a": "x\ny"}', '{"a": "x\\ny"}'),
        ('"{\\"a\\": 1}"', '{"a": 1}'),
        ("[1]", '{"invalid_arguments": "[1]"}'),
        ('{"a": "Par', '{"invalid_arguments": "{\\"a\\": \\"Par"}'),
    ],
)
def test_d2_history_always_holds_valid_json(args: Any, sent: str):
    """quirks.md D2."""
    call = {"name": "f", "args": args, "id": "c1", "error": "broken"}

    (wire,) = one(AIMessage("", invalid_tool_calls=[call]))["tool_calls"]

    assert wire["function"]["arguments"] == sent


def test_d9_content_is_null_when_there_are_only_calls():
    """quirks.md D9: Bedrock Nova refuses "" beside tool calls."""
    assert one(calling({}))["content"] is None
    assert one(AIMessage(""))["content"] == ""


def test_valid_and_invalid_calls_keep_the_order_of_the_reply():
    message = AIMessage(
        "",
        tool_calls=[{"name": "f", "args": {}, "id": "c2"}],
        invalid_tool_calls=[{"name": "f", "args": "{", "id": "c1", "error": None}],
        additional_kwargs={"raw_tool_calls": [raw_call("{"), raw_call("{}", "c2")]},
    )

    assert [call["id"] for call in one(message)["tool_calls"]] == ["c1", "c2"]


def test_anthropic_tool_use_is_sent_once():
    block = {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}}
    alone = AIMessage([{"type": "text", "text": "Let me see"}, block])
    beside = AIMessage([block], tool_calls=[{"name": "f", "args": {"a": 1}, "id": "c1"}])

    expected = {
        "id": "c1",
        "type": "function",
        "function": {"name": "f", "arguments": '{"a": 1}'},
    }
    assert one(alone)["tool_calls"] == [expected]
    assert one(beside)["tool_calls"] == [expected]
    assert one(beside)["content"] is None


# ------------------------------------------------------------------ other output


def test_g2_row8_file_annotations_go_back():
    """quirks.md G2: they save parsing the PDF again. Citations are not needed again."""
    parsed = {"type": "file", "file": {"hash": "h", "content": [{"type": "text", "text": "x"}]}}
    cited = {"type": "url_citation", "url_citation": {"url": "https://a.b"}}
    message = AIMessage("x", additional_kwargs={"annotations": [cited, parsed]})

    assert one(message)["annotations"] == [parsed]


@pytest.mark.parametrize(
    "extra",
    [
        {"images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]},
        {"refusal": "No."},
        {"audio": {"id": "a1", "data": "AA", "transcript": "Hi"}},
    ],
    ids=["images", "refusal", "audio"],
)
def test_images_refusal_and_audio_go_back(extra: dict[str, Any]):
    """Also when only the standard blocks are left."""
    message = AIMessage(
        "x", additional_kwargs=extra, response_metadata={"model_provider": "openrouter"}
    )

    assert one(message) == {"role": "assistant", "content": "x", **extra}
    rebuilt = one(AIMessage(content_blocks=message.content_blocks))
    assert {k: v for k, v in rebuilt.items() if k in extra}.keys() == extra.keys()


def test_chunks_added_up_can_be_sent_back():
    whole = AIMessageChunk("Hel", id="g") + AIMessageChunk("lo", id="g", chunk_position="last")

    assert one(whole) == {"role": "assistant", "content": "Hello"}  # type: ignore[arg-type]


def test_wire_shaped_reasoning_of_converted_messages_is_sent():
    """`convert_to_messages` keeps the wire's own names."""
    message = AIMessage("x", additional_kwargs={"reasoning": "Hm.", "model": "a/b"})

    assert one(message)["reasoning"] == "Hm."
    assert one(message)["model"] == "a/b"
