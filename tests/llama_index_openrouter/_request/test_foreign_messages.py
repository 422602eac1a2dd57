"""Messages that other LlamaIndex packages made: their thoughts and calls go out whole."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, TextBlock, ThinkingBlock, ToolCallBlock

from tests.llama_index_openrouter.conversation import to_wire_messages

CLAUDES = {
    "type": "reasoning.text",
    "text": "Hm.",
    "signature": "S",
    "format": "anthropic-claude-v1",
}
GEMINIS = {
    "type": "reasoning.text",
    "text": "Hm.",
    "signature": "UwA=",
    "format": "google-gemini-v1",
}
ITEM = {"format": "openai-responses-v1", "id": "rs_1", "index": 0}


def sent(*blocks: Any, **notes: Any) -> dict[str, Any]:
    message = ChatMessage(role="assistant", blocks=list(blocks), additional_kwargs=notes)
    [entry] = to_wire_messages([message])
    [again] = to_wire_messages([ChatMessage.model_validate_json(message.model_dump_json())])
    assert again == entry
    return entry


def thought(content: str | None, **information: Any) -> ThinkingBlock:
    return ThinkingBlock(content=content, additional_information=information)


@pytest.mark.parametrize(
    ("block", "details"),
    [
        (thought("Hm.", type="thinking", signature="S"), [CLAUDES]),
        (thought("Hm.", signature="S"), [CLAUDES]),
        (
            thought(None, type="redacted_thinking", data="R"),
            [{"type": "reasoning.encrypted", "data": "R", "format": "anthropic-claude-v1"}],
        ),
        (
            thought("Hm.", id="rs_1", type="reasoning", encrypted_content="E", status=None),
            [
                {"type": "reasoning.summary", "summary": "Hm.", **ITEM},
                {"type": "reasoning.encrypted", "data": "E", **ITEM},
            ],
        ),
        (
            thought(None, id="rs_1", type="reasoning", encrypted_content="E"),
            [{"type": "reasoning.encrypted", "data": "E", **ITEM}],
        ),
        (
            thought("Hm.", id="rs_1", type="reasoning", encrypted_content=None),
            [{"type": "reasoning.summary", "summary": "Hm.", **ITEM}],
        ),
        (thought("Hm.", thought=True, thought_signature="UwA="), [GEMINIS]),
    ],
    ids=["claude", "claude streamed", "redacted", "openai", "openai sealed", "openai open", "gemini"],
)  # fmt: skip
def test_thoughts_of_other_packages_keep_text_signature_and_format(block: Any, details: Any):
    assert sent(block, TextBlock(text="So."))["reasoning_details"] == details


def test_a_signature_that_google_kept_as_bytes_is_sent_as_text():
    message = ChatMessage(role="assistant", blocks=[thought("Hm.", thought_signature=b"S\0")])
    assert to_wire_messages([message])[0]["reasoning_details"] == [GEMINIS]


def test_google_signs_texts_and_calls_beside_their_blocks():
    entry = sent(
        TextBlock(text="Let me see."),
        ToolCallBlock(tool_call_id="c1", tool_name="f", tool_kwargs={"a": 1}),
        thought_signatures=["T", "C"],
    )
    sealed = {"type": "reasoning.encrypted", "format": "google-gemini-v1"}
    assert entry["reasoning_details"] == [
        {**sealed, "data": "T"},
        {**sealed, "data": "C", "id": "c1"},
    ]


def test_a_thought_of_unknown_origin_is_text():
    assert sent(thought("Hm."), TextBlock(text="So."))["reasoning"] == "Hm."


@pytest.mark.parametrize(
    "call",
    [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"id": "c1", "type": "tool_use", "name": "f", "input": {"a": 1}},
        {"id": "c1", "name": "f", "args": {"a": 1}},
    ],
    ids=["openai", "anthropic", "google"],
)
def test_calls_that_stand_beside_the_blocks_are_sent(call: Any):
    assert sent(tool_calls=[call])["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    ]


def test_calls_without_id_and_their_results_find_each_other():
    call = ToolCallBlock(tool_name="f", tool_kwargs={})
    result = ChatMessage(role="tool", content="1", additional_kwargs={"tool_call_id": None})
    calling, answered = to_wire_messages([ChatMessage(role="assistant", blocks=[call]), result])
    assert calling["tool_calls"][0]["id"] == answered["tool_call_id"]
    assert answered["name"] == "f"


def test_an_older_function_call_and_its_result_are_sent():
    """llms-openai once kept a call in `function_call`, and its result had the role function."""
    older = {"function_call": {"name": "f", "arguments": '{"a": 1}'}}
    calling, answered = to_wire_messages(
        [
            ChatMessage(role="assistant", additional_kwargs=older),
            ChatMessage(role="function", content="1", additional_kwargs={"name": "f"}),
        ]
    )
    assert calling["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert answered["tool_call_id"] == calling["tool_calls"][0]["id"]
