"""Chunks of a stream as standard content blocks: for `output_version="v1"` and for v3 events.

As `stream_chunks`, but the content is a list of blocks. Each block has an `index` of its own, so that pieces
of one block come together when LangChain adds chunks, and blocks of different kinds never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from langchain_core.messages.tool import ToolCallChunk

from langchain_openrouter._response.content_blocks import (
    TEXT_KEYS,
    Block,
    detail_blocks,
    output_blocks,
    reasoning_blocks,
    text_blocks,
    to_annotation,
)
from langchain_openrouter._response.message import PROVIDER, Reply
from langchain_openrouter._response.stream_chunks import ChunkConverter
from openrouter_core.chat.answer import detail_text

if TYPE_CHECKING:
    from openrouter_core.streaming.choice import Choice

_TEXT = "lc_text"
_REASONING = "lc_reasoning"


class BlockChunkConverter(ChunkConverter):
    """What must be remembered while one stream is converted to blocks."""

    _constant: ClassVar[dict[str, Any]] = {"model_provider": PROVIDER, "output_version": "v1"}
    _shows_details: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self._shown: set[str] = set()

    def _content(self, text: str, new: Choice, pieces: list[ToolCallChunk]) -> list[Block]:
        blocks = self._reasoning(new.new_reasoning, new.new_details)
        if text:
            blocks.append({"type": "text", "text": text, "index": _TEXT})
        self._shown.update(block["index"] for block in blocks)
        return [*blocks, *_call_blocks(pieces)]

    def _reasoning(self, reasoning: str, details: Iterable[Mapping[str, Any]]) -> list[Block]:
        """The reasoning text under its details; a detail without text holds its place in the order."""
        blocks = [_reasoning_block(detail_text(d), _index_of(d)) for d in details if _is_shown(d)]
        if reasoning and not any(block["reasoning"] for block in blocks):
            blocks.append(_reasoning_block(reasoning, _REASONING))
        return blocks

    def _closing(self, reply: Reply, pieces: list[ToolCallChunk]) -> list[Block]:
        extra = reply.additional_kwargs
        blocks = self._closing_reasoning(extra)
        blocks += self._closing_text(reply)
        blocks += _numbered(output_blocks(extra), "lc_output")
        return [*blocks, *_call_blocks(pieces)]

    def _closing_reasoning(self, extra: dict[str, Any]) -> list[Block]:
        """Signatures and the like for blocks whose text went before; whole blocks for the rest."""
        details: list[dict[str, Any]] | None = extra.get("reasoning_details")
        if not details:
            return [] if self._reasoned else _numbered(reasoning_blocks(extra), _REASONING)
        closing: list[Block] = []
        for at, detail in enumerate(details):
            index = _index_of(detail)
            for block in detail_blocks(detail):
                if block["type"] != "reasoning":
                    closing += _numbered([block], f"lc_detail_{at}_{block['type']}")
                    continue
                if index in self._shown:
                    del block["reasoning"]
                closing.append({**block, "index": index})
        return closing

    def _closing_text(self, reply: Reply) -> list[Block]:
        annotations: list[dict[str, Any]] = reply.additional_kwargs.get("annotations") or []
        if _TEXT in self._shown and annotations:
            cited = [to_annotation(a) for a in annotations]
            return [{"type": "text", "text": "", "index": _TEXT, "annotations": cited}]
        parts = super()._closing(reply, []) or []
        return _numbered(text_blocks(parts, annotations), "lc_part")


def _reasoning_block(text: str, index: str) -> Block:
    return {"type": "reasoning", "reasoning": text, "index": index}


def _is_shown(detail: Mapping[str, Any]) -> bool:
    return detail.get("type") in TEXT_KEYS


def _index_of(detail: Mapping[str, Any]) -> str:
    return f"lc_{detail.get('type')}_{detail.get('index')}"


def _numbered(blocks: list[Block], name: str) -> list[Block]:
    return [{**block, "index": f"{name}_{at}"} for at, block in enumerate(blocks)]


def _call_blocks(pieces: list[ToolCallChunk]) -> list[Block]:
    return [{**piece, "type": "tool_call_chunk"} for piece in pieces]
