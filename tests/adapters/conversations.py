"""One conversation, asked through both adapters, sync and async, whole and streamed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from llama_index.core.base.llms.types import ChatMessage, TextBlock, ThinkingBlock, ToolCallBlock

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter, WireBlock

Wire = Sequence[dict[str, Any]]
Ask = Callable[..., Awaitable[str]]


def to_langchain(wire: Wire) -> list[BaseMessage]:
    """The conversation as LangChain's messages."""
    return [_LANGCHAIN[message["role"]](message) for message in wire]


def _human(message: dict[str, Any]) -> BaseMessage:
    return HumanMessage(message["content"])


def _system(message: dict[str, Any]) -> BaseMessage:
    return SystemMessage(message["content"])


def _ai(message: dict[str, Any]) -> BaseMessage:
    details = message.get("reasoning_details")
    extra = {} if details is None else {"reasoning_details": details}
    calls = [
        {
            "id": c["id"],
            "name": c["function"]["name"],
            "args": json.loads(c["function"]["arguments"]),
        }
        for c in message.get("tool_calls") or ()
    ]
    return AIMessage(message["content"] or "", additional_kwargs=extra, tool_calls=calls)  # type: ignore[arg-type]


def _tool(message: dict[str, Any]) -> BaseMessage:
    return ToolMessage(message["content"], tool_call_id=message["tool_call_id"])


_LANGCHAIN: dict[str, Callable[[dict[str, Any]], BaseMessage]] = {
    "system": _system,
    "user": _human,
    "assistant": _ai,
    "tool": _tool,
}


def to_llama_index(wire: Wire) -> list[ChatMessage]:
    """The conversation as LlamaIndex's messages."""
    return [_chat_message(message) for message in wire]


def _chat_message(message: dict[str, Any]) -> ChatMessage:
    details = message.get("reasoning_details") or ()
    blocks: list[Any] = [_thinking(detail) for detail in details]
    content = message["content"]
    blocks += (
        [TextBlock(text=content)] if isinstance(content, str) else map(WireBlock, content or ())
    )
    blocks += [
        ToolCallBlock(
            tool_call_id=call["id"],
            tool_name=call["function"]["name"],
            tool_kwargs=call["function"]["arguments"],
        )
        for call in message.get("tool_calls") or ()
    ]
    extra = {"tool_call_id": message["tool_call_id"]} if message["role"] == "tool" else {}
    return ChatMessage(role=message["role"], blocks=blocks, additional_kwargs=extra)


def _thinking(detail: dict[str, Any]) -> ThinkingBlock:
    information = {key: value for key, value in detail.items() if key not in {"text", "summary"}}
    text = detail.get("text", detail.get("summary"))
    return ThinkingBlock(content=text, additional_information=information)


# ---------------------------------------------------------------- the eight ways


def _chat_model(model: str, settings: dict[str, Any]) -> ChatOpenRouter:
    return ChatOpenRouter(model=model, **{"max_retries": 0, **settings})


def _llm(model: str, settings: dict[str, Any]) -> OpenRouter:
    return OpenRouter(model, **{"max_retries": 0, **settings})


async def langchain_invoke(model: str, wire: Wire, **settings: Any) -> str:
    made = _chat_model(model, settings)
    return (await asyncio.to_thread(made.invoke, to_langchain(wire))).text


async def langchain_ainvoke(model: str, wire: Wire, **settings: Any) -> str:
    return (await _chat_model(model, settings).ainvoke(to_langchain(wire))).text


async def langchain_stream(model: str, wire: Wire, **settings: Any) -> str:
    def run() -> str:
        return "".join(c.text for c in _chat_model(model, settings).stream(to_langchain(wire)))

    return await asyncio.to_thread(run)


async def langchain_astream(model: str, wire: Wire, **settings: Any) -> str:
    made = _chat_model(model, settings)
    return "".join([chunk.text async for chunk in made.astream(to_langchain(wire))])


async def llama_index_chat(model: str, wire: Wire, **settings: Any) -> str:
    made = _llm(model, settings)
    return (await asyncio.to_thread(made.chat, to_llama_index(wire))).message.content or ""


async def llama_index_achat(model: str, wire: Wire, **settings: Any) -> str:
    return (await _llm(model, settings).achat(to_llama_index(wire))).message.content or ""


async def llama_index_stream(model: str, wire: Wire, **settings: Any) -> str:
    def run() -> str:
        return "".join(
            r.delta or "" for r in _llm(model, settings).stream_chat(to_llama_index(wire))
        )

    return await asyncio.to_thread(run)


async def llama_index_astream(model: str, wire: Wire, **settings: Any) -> str:
    responses = await _llm(model, settings).astream_chat(to_llama_index(wire))
    return "".join([response.delta or "" async for response in responses])


WAYS = [
    langchain_invoke,
    langchain_ainvoke,
    langchain_stream,
    langchain_astream,
    llama_index_chat,
    llama_index_achat,
    llama_index_stream,
    llama_index_astream,
]
EIGHT_WAYS = pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)
BOTH = pytest.mark.parametrize(
    "ask", [langchain_invoke, llama_index_chat], ids=["langchain", "llama_index"]
)
