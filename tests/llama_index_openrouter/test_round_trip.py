"""What was received goes back unchanged, whatever the message went through in between."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import ChatMemoryBuffer, Memory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from llama_index_openrouter._response.message import to_chat_message
from tests.llama_index_openrouter.conversation import to_wire_messages

PNG64 = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()
WAV64 = base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt \xff\xfe").decode()

ANSWER: dict[str, Any] = {
    "role": "assistant",
    "content": "Here: ü",
    "reasoning_details": [
        {"type": "reasoning.text", "text": "Hm", "signature": "s==", "format": "anthropic-claude-v1",
         "index": 0},
        {"type": "reasoning.encrypted", "data": "zzz", "id": "call_1", "format": "google-gemini-v1",
         "index": 1},
        {"type": "reasoning.server_tool_call", "tool_name": "web_search", "arguments": "{}",
         "result": {"hits": [1]}, "tool_call_id": "st_1"},
    ],
    "images": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG64}"}}],
    "audio": {"id": "audio_1", "transcript": "ping", "expires_at": 99, "data": WAV64},
    "annotations": [
        {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A",
                                                  "start_index": 0, "end_index": 4}},
        {"type": "file", "file": {"hash": "h1", "name": "a.pdf",
                                  "content": [{"type": "text", "text": "page"}]}},
    ],
    "tool_calls": [
        {"id": "call_1", "type": "function",
         "function": {"name": "f", "arguments": '{"b": 1,  "a": "ü"}'}},
        {"id": "call_2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ],
}  # fmt: skip


def by_json(message: ChatMessage) -> ChatMessage:
    return ChatMessage.model_validate_json(message.model_dump_json())


def by_dict(message: ChatMessage) -> ChatMessage:
    return ChatMessage.model_validate(json.loads(json.dumps(message.model_dump(mode="json"))))


def by_memory_buffer(message: ChatMessage) -> ChatMessage:
    """Not through `to_string`: llama-index-core 0.14.25 cannot dump any store under pydantic 2.14."""
    memory = ChatMemoryBuffer.from_defaults(token_limit=4000, tokenizer_fn=str.split)
    memory.put(ChatMessage(content="Hi"))
    memory.put(message)
    return memory.get()[-1]


def by_pickle(message: ChatMessage) -> ChatMessage:
    return pickle.loads(pickle.dumps(message))


WAYS: list[Callable[[ChatMessage], ChatMessage]] = [
    lambda message: message,
    by_json,
    by_dict,
    by_memory_buffer,
    by_pickle,
    copy.deepcopy,
]
NAMES = ["as it is", "json", "dict", "buffer", "pickle", "deepcopy"]


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # Memory leaves its SQLite file to the collector
@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a1_a2_g2_an_answer_goes_back_as_it_came(way: Callable[[ChatMessage], ChatMessage]):
    message = way(to_chat_message(ANSWER, reply_id="gen-1"))

    assert to_wire_messages([message], reasoning_replay="all") == [ANSWER]


async def test_a2_an_answer_survives_llama_index_memory():
    engine = create_async_engine("sqlite+aiosqlite:///:memory:", poolclass=StaticPool)
    memory = Memory.from_defaults(
        session_id="s", token_limit=100_000, tokenizer_fn=str.split, async_engine=engine
    )
    message = to_chat_message(ANSWER, reply_id="gen-1")

    await memory.aput_messages([ChatMessage(content="Hi"), message])
    read = (await memory.aget_all())[-1]
    await engine.dispose()

    assert to_wire_messages([read], reasoning_replay="all") == [ANSWER]


@pytest.mark.parametrize("way", [by_json, by_memory_buffer], ids=["json", "buffer"])
def test_a9_empty_details_survive(way: Callable[[ChatMessage], ChatMessage]):
    message = way(to_chat_message({"content": "4", "reasoning_details": []}))

    assert to_wire_messages([message])[0]["reasoning_details"] == []


def test_message_text_is_the_text_alone():
    assert to_chat_message(ANSWER).content == "Here: ü"


# ------------------------------------------------------------------ any detail, any call

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
extras = st.dictionaries(
    st.sampled_from(["id", "format", "signature", "novel"]), scalars, max_size=3
)
texts = st.none() | st.text(max_size=12)
details = st.one_of(
    st.builds(lambda t, e: {"type": "reasoning.text", "text": t, **e}, texts, extras),
    st.builds(lambda t, e: {"type": "reasoning.summary", "summary": t, **e}, texts, extras),
    st.builds(lambda e: {"type": "reasoning.text", **e}, extras),
    st.builds(lambda d, e: {"type": "reasoning.encrypted", "data": d, **e}, texts, extras),
    st.builds(lambda t, e: {"type": "reasoning.novel", "text": t, "x": [1], **e}, texts, extras),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(details, min_size=1, max_size=4))
def test_a1_any_details_come_back_deep_equal(received: list[dict[str, Any]]):
    message = by_json(to_chat_message({"content": "4", "reasoning_details": received}))

    [sent] = to_wire_messages([message], reasoning_replay="all")

    assert sent["reasoning_details"] == received


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=5), scalars, min_size=1, max_size=3))
def test_d11_any_arguments_come_back_byte_for_byte(arguments: dict[str, Any]):
    text = json.dumps(arguments, indent=1)
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": text}}
    message = by_json(to_chat_message({"content": None, "tool_calls": [call]}))

    assert to_wire_messages([message])[0]["tool_calls"] == [call]
