"""One answer of the wire, read through both adapters in every way: sync, async, whole, streamed, as events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    ToolMessage,
    message_chunk_to_message,
)
from llama_index.core.base.llms.types import ChatMessage, ChatResponse

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from tests.openrouter_core.wire_server import WireServer, reply, sse

JsonObject = dict[str, Any]
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.0001}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@dataclass(frozen=True)
class Answer:
    """What comes over the wire, whole and in pieces."""

    message: JsonObject
    deltas: Sequence[JsonObject] = ()
    """By default the message is one delta."""
    finish: str | None = "stop"
    native: str | None = None
    top: JsonObject | None = None

    def script(self, *, streamed: bool) -> Any:
        return sse(*self._events()) if streamed else reply(self._reply())

    def _reply(self) -> JsonObject:
        choice = {**self._ending(), "message": {"role": "assistant", **self.message}}
        return self._body("chat.completion", choice)

    def _events(self) -> list[Any]:
        deltas = [*(self.deltas or [self.message])]
        chunks = [{"index": 0, "delta": {"role": "assistant", **delta}} for delta in deltas]
        chunks.append({"delta": {"content": ""}, **self._ending()})
        events = [self._body("chat.completion.chunk", choice) for choice in chunks]
        for event in events[:-1]:
            event.pop("usage", None)
        return [*map(_event, events), "data: [DONE]\n\n"]

    def _ending(self) -> JsonObject:
        native = self.native or self.finish
        return {"index": 0, "finish_reason": self.finish, "native_finish_reason": native}

    def _body(self, kind: str, choice: JsonObject) -> JsonObject:
        head = {"id": "gen-1", "object": kind, "created": 1, "model": "a/b", "provider": "P"}
        return {**head, "choices": [choice], "usage": USAGE, **(self.top or {})}


def _event(body: JsonObject) -> str:
    return f"data: {json.dumps(body)}\n\n"  # halves of characters stay escaped


@dataclass(frozen=True)
class Seen:
    """What a user of either framework sees of it."""

    text: str
    calls: list[tuple[str, JsonObject]]
    invalid: list[tuple[str, str, str]]
    """Name, arguments as the model wrote them, and the reason."""
    ids: list[str]
    reasoning: str
    finish: str | None


# ------------------------------------------------------------------------ LangChain


def of_message(message: AIMessage) -> Seen:
    blocks = message.content_blocks
    if isinstance(message.content, list):
        shown = [b for b in blocks if b["type"] == "invalid_tool_call"]
        assert [b["args"] for b in shown] == [c["args"] for c in message.invalid_tool_calls]
        assert not any(b["type"] == "tool_call_chunk" for b in blocks)
    return Seen(
        text=message.text,
        calls=[(call["name"], call["args"]) for call in message.tool_calls],
        invalid=[
            (c["name"] or "", c["args"] or "", c["error"] or "") for c in message.invalid_tool_calls
        ],
        ids=[c["id"] or "" for c in [*message.tool_calls, *message.invalid_tool_calls]],
        reasoning="".join(str(b.get("reasoning", "")) for b in blocks if b["type"] == "reasoning"),
        finish=message.response_metadata.get("finish_reason"),
    )


def chat_model(server: WireServer, **settings: Any) -> ChatOpenRouter:
    settings = {"max_retries": 0, **settings}
    return ChatOpenRouter(model="a/b", api_key="k", base_url=server.base_url, **settings)


def total(chunks: Sequence[AIMessageChunk]) -> AIMessage:
    """The sum, chunk by chunk."""
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    message = message_chunk_to_message(whole)
    assert isinstance(message, AIMessage)
    return message


async def langchain_invoke(server: WireServer, **settings: Any) -> Seen:
    made = chat_model(server, **settings).bind(tools=[TOOL])
    return of_message(await asyncio.to_thread(made.invoke, "Hi"))


async def langchain_ainvoke_v1(server: WireServer, **settings: Any) -> Seen:
    made = chat_model(server, output_version="v1", **settings).bind(tools=[TOOL])
    return of_message(await made.ainvoke("Hi"))


async def langchain_stream(server: WireServer, **settings: Any) -> Seen:
    made = chat_model(server, **settings).bind(tools=[TOOL])
    return of_message(total(await asyncio.to_thread(lambda: list(made.stream("Hi")))))


async def langchain_astream(server: WireServer, **settings: Any) -> Seen:
    made = chat_model(server, **settings).bind(tools=[TOOL])
    return of_message(total([chunk async for chunk in made.astream("Hi")]))


async def langchain_stream_v1(server: WireServer, **settings: Any) -> Seen:
    made = chat_model(server, output_version="v1", **settings).bind(tools=[TOOL])
    return of_message(total(await asyncio.to_thread(lambda: list(made.stream("Hi")))))


async def langchain_astream_v1(server: WireServer, **settings: Any) -> Seen:
    made = chat_model(server, output_version="v1", **settings).bind(tools=[TOOL])
    return of_message(total([chunk async for chunk in made.astream("Hi")]))


async def langchain_streaming_invoke(server: WireServer, **settings: Any) -> Seen:
    """As agents ask when somebody watches: LangChain adds the chunks up itself."""
    made = chat_model(server, streaming=True, **settings).bind(tools=[TOOL])
    return of_message(await made.ainvoke("Hi"))


async def langchain_events(server: WireServer, **settings: Any) -> Seen:
    made: Any = chat_model(server, **settings)
    return of_message(
        await asyncio.to_thread(lambda: made.stream_events("Hi", version="v3", tools=[TOOL]).output)
    )


# ------------------------------------------------------------------------ LlamaIndex


def of_response(llm: OpenRouter, response: ChatResponse) -> Seen:
    message = response.message
    valid: list[tuple[str, JsonObject]] = []
    invalid: list[tuple[str, str, str]] = []
    selections = llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
    calls = message.additional_kwargs.get("tool_calls") or []
    for selection, call in zip(selections, calls, strict=True):
        name, broken, why = selection.tool_name.partition(" (not run: ")
        if broken:
            invalid.append((name, call["function"]["arguments"], why.removesuffix(")")))
        else:
            valid.append((name, selection.tool_kwargs))
    thoughts = [b.content or "" for b in message.blocks if b.block_type == "thinking"]
    return Seen(
        text=message.content or "",
        calls=valid,
        invalid=invalid,
        ids=[selection.tool_id for selection in selections],
        reasoning="".join(thoughts),
        finish=response.additional_kwargs["finish_reason"],
    )


def chat_llm(server: WireServer, **settings: Any) -> OpenRouter:
    settings = {"max_retries": 0, **settings}
    return OpenRouter("a/b", api_key="k", api_base=server.base_url, **settings)


_HI = [ChatMessage("Hi")]


async def llama_index_chat(server: WireServer, **settings: Any) -> Seen:
    llm = chat_llm(server, **settings)
    response = await asyncio.to_thread(lambda: llm.chat(_HI, tools=[TOOL]))
    return of_response(llm, response)


async def llama_index_achat(server: WireServer, **settings: Any) -> Seen:
    llm = chat_llm(server, **settings)
    return of_response(llm, await llm.achat(_HI, tools=[TOOL]))


async def llama_index_stream(server: WireServer, **settings: Any) -> Seen:
    llm = chat_llm(server, **settings)
    responses = await asyncio.to_thread(lambda: list(llm.stream_chat(_HI, tools=[TOOL])))
    return of_responses(llm, responses)


async def llama_index_astream(server: WireServer, **settings: Any) -> Seen:
    llm = chat_llm(server, **settings)
    return of_responses(llm, [r async for r in await llm.astream_chat(_HI, tools=[TOOL])])


def of_responses(llm: OpenRouter, responses: Sequence[ChatResponse]) -> Seen:
    """The last response, whose text the deltas must have shown."""
    seen = of_response(llm, responses[-1])
    assert "".join(response.delta or "" for response in responses) == seen.text
    for response in responses:
        llm.get_tool_calls_from_response(response, error_on_no_tool_call=False)
        response.message.model_dump_json()
    return seen


# ------------------------------------------------------------------------ the next turn


async def langchain_follow_up(server: WireServer, **settings: Any) -> None:
    """Ask, and ask again with the answer and a result of its call."""
    made = chat_model(server, **settings)
    message = await made.ainvoke("Hi")
    called = [*message.tool_calls, *message.invalid_tool_calls]
    results = [ToolMessage("1", tool_call_id=c["id"]) for c in called]
    await made.ainvoke([HumanMessage("Hi"), message, *results])


async def langchain_follow_up_v1(server: WireServer) -> None:
    await langchain_follow_up(server, output_version="v1")


async def llama_index_follow_up(server: WireServer) -> None:
    llm = chat_llm(server)
    message = (await llm.achat(_HI)).message
    results = [
        ChatMessage("1", role="tool", additional_kwargs={"tool_call_id": c["id"]})
        for c in message.additional_kwargs["tool_calls"]
    ]
    await llm.achat([*_HI, message, *results])


WHOLE = [langchain_invoke, langchain_ainvoke_v1, llama_index_chat, llama_index_achat]
STREAMED = [
    langchain_stream,
    langchain_astream,
    langchain_stream_v1,
    langchain_astream_v1,
    langchain_streaming_invoke,
    langchain_events,
    llama_index_stream,
    llama_index_astream,
]
Read = Callable[..., Awaitable[Seen]]


def name_of(way: Read) -> str:
    return way.__name__


ALL_WAYS = pytest.mark.parametrize("read", [*WHOLE, *STREAMED], ids=name_of)
STREAMS = pytest.mark.parametrize("read", STREAMED, ids=name_of)
BOTH = pytest.mark.parametrize("read", [langchain_invoke, llama_index_chat], ids=name_of)


async def seen_of(read: Read, answer: Answer, **settings: Any) -> Seen:
    """Ask a server that gives this answer."""
    server = WireServer(answer.script(streamed=read in STREAMED))
    try:
        return await read(server, **settings)
    finally:
        server.stop()


def call(arguments: Any, name: str | None = "f", **more: Any) -> JsonObject:
    function = {
        key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None
    }
    return {"index": 0, "id": "c1", "type": "function", "function": function, **more}


def calling(*calls: Any, pieces: Sequence[Any] = ()) -> Answer:
    """An answer that calls; in a stream by these pieces, or by one chunk for each call."""
    deltas = [{"content": None, "tool_calls": [piece]} for piece in pieces or calls]
    message = {"content": None, "tool_calls": list(calls)}
    return Answer(message, deltas, finish="tool_calls")


def cut(text: str, *marks: int) -> list[JsonObject]:
    """The pieces of one call whose argument text is cut at these places."""
    at = [0, *marks, len(text)]
    first, *rest = [text[a:b] for a, b in pairwise(at)]
    more = [{"index": 0, "function": {"arguments": piece}} for piece in rest]
    return [call(first), *more]
