"""Streams as LangChain's v3 events: message, block and delta life cycles. Pure but for one stream's state.

Reads the chunks of `EventChunkConverter`, whose content is standard blocks with an index each. Made here and not
by LangChain's bridge, which gives the message another id and leaves part of the reply out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from langchain_openrouter._response.content_blocks import Block
from langchain_openrouter._response.message import PROVIDER
from langchain_openrouter._response.stream_blocks import BlockChunkConverter
from openrouter_core.chat.answer import parse_arguments

if TYPE_CHECKING:
    from langchain_protocol.protocol import MessagesData

_GROWING = {
    "text": ("text", "text-delta"),
    "reasoning": ("reasoning", "reasoning-delta"),
    "tool_call_chunk": ("args", "tool-call-delta"),
}
"""Per block type: the field that grows, and the name of its delta."""
_HEAVY = frozenset({"base64", "output", "args", "value", "extras", "annotations"})


class EventChunkConverter(BlockChunkConverter):
    """Chunks for events, whose reader parses arguments strictly by itself."""

    _marks_broken: ClassVar[bool] = False


def events(chunks: Iterator[ChatGenerationChunk]) -> Iterator[MessagesData]:
    """Yield the events of a stream."""
    message = _Message()
    for chunk in chunks:
        yield from message.read(chunk)
    yield from message.end()


async def aevents(chunks: AsyncIterator[ChatGenerationChunk]) -> AsyncIterator[MessagesData]:
    """Yield the events of an async stream."""
    message = _Message()
    async for chunk in chunks:
        for event in message.read(chunk):
            yield event
    for event in message.end():
        yield event


class _Message:
    """One message while it comes in."""

    def __init__(self) -> None:
        self._blocks: dict[Any, _Block] = {}
        self._started = False
        self._metadata: dict[str, Any] = {}
        self._extra: dict[str, Any] = {}
        self._reasoning: list[str] = []
        self._usage: Any = None
        self._costs: dict[str, float] = {}

    def read(self, generation: ChatGenerationChunk) -> Iterator[MessagesData]:
        """Yield the events of one chunk."""
        chunk = cast("AIMessageChunk", generation.message)
        if not self._started:
            self._started = True
            fields = {"provider": PROVIDER}
            yield _event("message-start", role="ai", id=chunk.id or "", metadata=fields)
        self._note(chunk)
        self._costs = getattr(generation, "costs", None) or self._costs
        for block in cast("list[Block]", chunk.content):
            known = self._blocks.get(block["index"])
            if known is None:
                known = self._blocks[block["index"]] = _Block(len(self._blocks), block)
                yield known.start()
            delta = known.add(block)
            if delta is not None:
                yield delta

    def end(self) -> Iterator[MessagesData]:
        """Yield the finished blocks and the end of the message."""
        if not self._started:
            return
        for block in self._blocks.values():
            yield block.finish()
        if self._reasoning:
            self._extra["reasoning_content"] = "".join(self._reasoning)
        fields = {
            "usage": self._usage and {**self._usage, **self._costs},
            "metadata": self._metadata,
            "additional_kwargs": self._extra,
        }
        yield _event("message-finish", **{k: v for k, v in fields.items() if v})

    def _note(self, chunk: AIMessageChunk) -> None:
        self._metadata |= chunk.response_metadata
        self._usage = chunk.usage_metadata or self._usage
        for key, value in chunk.additional_kwargs.items():
            if key == "reasoning_content":
                self._reasoning.append(value)
            else:
                self._extra[key] = value


class _Block:
    """One content block while it comes in."""

    def __init__(self, at: int, first: Block) -> None:
        self._at = at
        self._fields = {k: v for k, v in first.items() if k != "index"}
        self._grows, self._delta = _GROWING.get(first["type"], ("", ""))
        self._pieces: list[str] = []

    def start(self) -> MessagesData:
        """The event that announces the block: what it is, without what is still to come."""
        shown = {k: v for k, v in self._fields.items() if k not in _HEAVY and k != self._grows}
        if self._grows:
            shown[self._grows] = ""
        elif self._fields["type"] == "server_tool_call":
            shown["args"] = {}
        elif self._fields["type"] == "non_standard":
            shown["value"] = {}
        return _event("content-block-start", index=self._at, content=shown)

    def add(self, block: Block) -> MessagesData | None:
        """Take in a piece; the event for it if it makes the block longer."""
        self._fields |= {k: v for k, v in block.items() if k != "index" and v is not None}
        piece = block.get(self._grows)
        if not piece:
            return None
        self._pieces.append(piece)
        delta = {"type": self._delta, self._grows: piece}
        return _event("content-block-delta", index=self._at, delta=delta)

    def finish(self) -> MessagesData:
        """The event with the whole block."""
        return _event("content-block-finish", index=self._at, content=self._whole())

    def _whole(self) -> Block:
        if not self._grows:
            return self._fields
        whole = {**self._fields, self._grows: "".join(self._pieces)}
        return _finished_call(whole) if whole["type"] == "tool_call_chunk" else whole


def _finished_call(call: Block) -> Block:
    args, error = parse_arguments(call["args"])
    known = {"id": call.get("id"), "name": call.get("name") or ""}
    if error is None:
        return {"type": "tool_call", **known, "args": args}
    return {"type": "invalid_tool_call", **known, "args": call["args"], "error": error}


def _event(name: str, **fields: Any) -> MessagesData:
    return cast("MessagesData", {"event": name, **fields})
