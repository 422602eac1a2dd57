"""A content part in its wire form survives everything that LlamaIndex does with messages."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, TextBlock
from llama_index.core.memory import ChatMemoryBuffer, Memory
from llama_index.core.storage.chat_store import SimpleChatStore
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from llama_index_openrouter import WireBlock
from openrouter_emulator import Emulator
from tests.llama_index_openrouter.conversation import to_wire_messages
from tests.llama_index_openrouter.factories import MakeLlm

PART = {"type": "file", "file": {"file_id": "file-1"}, "of_tomorrow": [1, None]}
TEXT = {"type": "text", "text": "Rules.", "prompt_cache_breakpoint": {"mode": "explicit"}}


def message(role: str = "user") -> ChatMessage:
    return ChatMessage(role=role, blocks=[TextBlock(text="Read:"), WireBlock(PART)])


def content_of(one: ChatMessage) -> Any:
    return to_wire_messages([one])[0]["content"]


def by_store(one: ChatMessage) -> ChatMessage:
    store = SimpleChatStore()
    store.add_message("key", one)
    return store.get_messages("key")[0]


def by_buffer(one: ChatMessage) -> ChatMessage:
    memory = ChatMemoryBuffer.from_defaults(token_limit=10_000)
    memory.put(one)
    return memory.get()[0]


TRIPS: dict[str, Callable[[ChatMessage], ChatMessage]] = {
    "as it is": lambda one: one,
    "json": lambda one: ChatMessage.model_validate_json(one.model_dump_json()),
    "dict": lambda one: ChatMessage.model_validate(one.model_dump()),
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),
    "deep copy": copy.deepcopy,
    "model copy": lambda one: one.model_copy(deep=True),
    "chat store": by_store,
    "chat memory buffer": by_buffer,
}


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS.keys())
@pytest.mark.parametrize("role", ["user", "assistant", "tool"])
def test_the_part_is_sent_as_it_was_given(trip: Callable[[ChatMessage], ChatMessage], role: str):
    one = message(role)
    one.additional_kwargs = {"tool_call_id": "c1"} if role == "tool" else {}
    assert content_of(trip(one)) == [{"type": "text", "text": "Read:"}, PART]


async def test_the_part_survives_memory_in_a_database():
    engine = create_async_engine("sqlite+aiosqlite:///:memory:", poolclass=StaticPool)
    memory = Memory.from_defaults(session_id="s", tokenizer_fn=str.split, async_engine=engine)

    await memory.aput(message())
    (one,) = await memory.aget()
    await engine.dispose()

    assert content_of(one)[-1] == PART


async def test_the_part_reaches_the_server(openrouter_emulator: Emulator, make_llm: MakeLlm):
    make_llm().chat([ChatMessage(blocks=[WireBlock(TEXT), TextBlock(text="Hi")])])

    (body,) = openrouter_emulator.bodies
    assert body["messages"][0]["content"] == [TEXT, {"type": "text", "text": "Hi"}]


def test_the_part_that_was_given_is_not_changed():
    part = copy.deepcopy(PART)
    block = WireBlock(part)
    ChatMessage(blocks=[block]).model_copy(deep=True)
    assert part == PART
    assert block.content is None
    assert message().content == "Read:"
