"""Messages of every class become wire messages; what has no role is refused."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
)

from langchain_openrouter.errors import ConfigurationError
from tests.langchain_openrouter._request.conversation import to_wire

MARK = {"type": "ephemeral"}


def one(message: BaseMessage) -> dict[str, Any]:
    (wire,) = to_wire([message])
    return wire


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (HumanMessage("Hi"), {"role": "user", "content": "Hi"}),
        (SystemMessage("Be brief"), {"role": "system", "content": "Be brief"}),
        (AIMessage("Hello"), {"role": "assistant", "content": "Hello"}),
        (ChatMessage("Be brief", role="developer"), {"role": "developer", "content": "Be brief"}),
        (ChatMessage("Hi", role="user"), {"role": "user", "content": "Hi"}),
        (ChatMessage("Hello", role="assistant"), {"role": "assistant", "content": "Hello"}),
        (
            ChatMessage("42", role="tool", additional_kwargs={"tool_call_id": "c"}),
            {"role": "tool", "content": "42", "tool_call_id": "c"},
        ),
        (
            ToolMessage("42", tool_call_id="c", name="add"),
            {"role": "tool", "content": "42", "tool_call_id": "c", "name": "add"},
        ),
    ],
)
def test_message_becomes_its_role(message: BaseMessage, wire: dict[str, Any]):
    assert one(message) == wire


def test_developer_role_of_converted_messages_is_kept():
    (message,) = convert_to_messages([("developer", "Be brief")])

    assert one(message) == {"role": "developer", "content": "Be brief"}


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage("x", name="Ann"),
        SystemMessage("x", name="Ann"),
        AIMessage("x", name="Ann"),
        ToolMessage("x", name="Ann", tool_call_id="c"),
        HumanMessage("x", additional_kwargs={"name": "Ann"}),
    ],
    ids=["user", "system", "assistant", "tool", "additional_kwargs"],
)
def test_row42_name_is_sent(message: BaseMessage):
    assert one(message)["name"] == "Ann"


def test_d12_tool_message_gets_the_name_of_its_call():
    """quirks.md D12: the tool message lacks `name`."""
    call = {"name": "add", "args": {}, "id": "c1"}
    *_, tool = to_wire([AIMessage("", tool_calls=[call]), ToolMessage("3", tool_call_id="c1")])

    assert tool == {"role": "tool", "content": "3", "tool_call_id": "c1", "name": "add"}


def test_row41_d7_images_and_files_in_tool_messages_are_converted():
    """quirks.md D7, gap row 41."""
    message = ToolMessage(
        [
            "See:",
            {"type": "image", "base64": "AA", "mime_type": "image/png"},
            {"type": "file", "base64": "AA", "mime_type": "application/pdf"},
            {"type": "image", "source": {"type": "url", "url": "https://a.b"}},
        ],
        tool_call_id="c",
    )

    assert [part["type"] for part in one(message)["content"]] == [
        "text",
        "image_url",
        "file",
        "image_url",
    ]


def test_anthropic_tool_results_become_tool_messages_before_the_rest():
    message = HumanMessage(
        [
            {"type": "text", "text": "Go on"},
            {"type": "tool_result", "tool_use_id": "t1", "content": "42", "cache_control": MARK},
            {
                "type": "tool_result",
                "tool_use_id": "t2",
                "content": [{"type": "text", "text": "7"}],
            },
        ]
    )

    assert to_wire([message]) == [
        {
            "role": "tool",
            "tool_call_id": "t1",
            "content": [{"type": "text", "text": "42", "cache_control": MARK}],
        },
        {"role": "tool", "tool_call_id": "t2", "content": [{"type": "text", "text": "7"}]},
        {"role": "user", "content": [{"type": "text", "text": "Go on"}]},
    ]


@pytest.mark.parametrize(
    "message",
    [
        SystemMessage("x", additional_kwargs={"cache_control": MARK}),
        HumanMessage("x", additional_kwargs={"cache_control": MARK}),
        AIMessage("x", additional_kwargs={"cache_control": MARK}),
        ToolMessage("x", tool_call_id="c", additional_kwargs={"cache_control": MARK}),
    ],
    ids=["system", "user", "assistant", "tool"],
)
def test_f3_row43_cache_control_of_a_message_moves_to_its_text(message: BaseMessage):
    """quirks.md F3: a message-level key is ignored upstream, so it goes to the block."""
    assert one(message)["content"] == [{"type": "text", "text": "x", "cache_control": MARK}]


@pytest.mark.parametrize(
    "message",
    [
        ChatMessage("x", role="narrator"),
        FunctionMessage("x", name="f"),
        RemoveMessage(id="1"),
    ],
    ids=["role", "function", "remove"],
)
def test_message_without_a_role_on_the_wire_is_refused(message: BaseMessage):
    with pytest.raises(ConfigurationError, match=r"no role .*Send|no role .*Use"):
        to_wire([message])


def test_conversation_is_not_changed():
    messages = [
        HumanMessage([{"type": "image", "url": "https://a.b"}]),
        AIMessage("", additional_kwargs={"reasoning_details": [{"type": "reasoning.text"}]}),
    ]
    before = [m.model_dump() for m in messages]

    to_wire(messages)

    assert [m.model_dump() for m in messages] == before
