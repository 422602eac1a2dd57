"""The cumulative response of a stream, one per chunk. Driven by `stream_chat`, sync and async; no I/O.

The work per chunk is kept small: blocks that did not change are reused, and what only the whole answer
has (reasoning details, citations, images, usage) comes with the last response.
"""

from __future__ import annotations

from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_openrouter._response.message import to_chat_response, tool_call_block
from openrouter_core import ChatAccumulator, ReplyInfo
from openrouter_core._fast import copy_unchecked
from openrouter_core.chat.answer import detail_text, refusal_of, with_ids
from openrouter_core.chat.reply import ReplyReader

_MESSAGE = ChatMessage(role=MessageRole.ASSISTANT)
_RESPONSE = ChatResponse(message=_MESSAGE)
_TEXT = TextBlock(text="")
_PLAIN = ReplyReader()


class ResponseConverter:
    """Converts one stream. It reads what the stream's accumulator says is new."""

    __slots__ = (
        "_calls",
        "_filter",
        "_held",
        "_new",
        "_reader",
        "_so_far",
        "_text",
        "_text_block",
        "_thinking",
        "_thought",
        "_wire_calls",
        "has_begun",
    )

    def __init__(self, so_far: ChatAccumulator, reader: ReplyReader = _PLAIN) -> None:
        """Watch an accumulator that the stream feeds."""
        self._so_far = so_far
        self._new = so_far.first
        self._reader = reader
        self._filter = reader.text_filter()
        self._text = ""
        self._text_block = copy_unchecked(_TEXT, {"text": ""})
        self._thought = ""
        self._thinking: list[ThinkingBlock] = []
        self._calls: list[ToolCallBlock] = []
        self._wire_calls: list[dict[str, Any]] = []
        self._held = ""
        self.has_begun = False
        """Whether a chunk has said anything: those before it give no response."""

    def after(self, chunk: dict[str, Any]) -> ChatResponse | None:
        """Return the response after a chunk that the accumulator has taken in.

        Returns:
            The message so far and the chunk's own text. None before a chunk has said anything, for an
            empty answer is asked for again, and for the chunk that brings the usage: what it says comes
            with `last`, so that no reader counts the tokens twice.
        """
        new = self._new
        if not self.has_begun:
            self.has_begun = _has_content(chunk)
            if not self.has_begun:
                return None
        text = new.new_text
        if text:
            if self._filter is not None:
                text = self._filter.show(text)
            self._text += text
            self._text_block = copy_unchecked(_TEXT, {"text": self._text})
        if chunk.get("usage"):
            self._held += text
            return None
        if self._held:
            text, self._held = self._held + text, ""
        notes: dict[str, Any] = {}
        if new.new_reasoning or new.new_details:
            notes = self._think(new.new_reasoning or "".join(map(detail_text, new.new_details)))
        if new.new_calls:
            self._call()
        fields = {"delta": text, "raw": chunk, "additional_kwargs": notes}
        return copy_unchecked(_RESPONSE, {"message": self._message(), **fields})

    def last(self, http: ReplyInfo) -> ChatResponse:
        """Return the whole answer, with the text that was held back as its delta."""
        self._held += self._new.new_text  # half a character that nothing completed
        if self._filter is not None:
            self._held = self._filter.show(self._held) + self._filter.rest(self._reader.tools)
        whole = self._so_far.result()
        if not self._text and not self._held:
            self._held = self._whole_text(whole)
        return to_chat_response(whole, http=http, delta=self._held, reader=self._reader)

    def _whole_text(self, whole: dict[str, Any]) -> str:
        """The text of an answer that no delta has shown: a refusal."""
        message: dict[str, Any] = whole["choices"][0]["message"]
        return refusal_of(message) or ""

    def _think(self, thought: str) -> dict[str, Any]:
        if not thought:
            return {}
        self._thought += thought
        self._thinking = [ThinkingBlock(content=self._thought)]
        return {"thinking_delta": thought}

    def _call(self) -> None:
        """Show the calls so far. Those that did not change keep their blocks."""
        before = self._wire_calls
        self._wire_calls = with_ids(self._new.tool_calls.entries(), self._so_far.id)
        kept = 0
        if len(self._wire_calls) > 1:
            while kept < len(before) and self._wire_calls[kept] == before[kept]:
                kept += 1
        changed = [tool_call_block(call) for call in self._wire_calls[kept:]]
        self._calls = [*self._calls[:kept], *changed]

    def _message(self) -> ChatMessage:
        text = [self._text_block] if self._text or not self._calls else []
        notes = {"tool_calls": self._wire_calls} if self._calls else {}
        blocks = [*self._thinking, *text, *self._calls]
        return copy_unchecked(_MESSAGE, {"blocks": blocks, "additional_kwargs": notes})


_ON_EVERY_CHUNK = frozenset(
    {"id", "object", "created", "model", "provider", "system_fingerprint", "service_tier"}
    | {"choices", "usage"}
)


def _has_content(chunk: dict[str, Any]) -> bool:
    """Whether a chunk has more than a role, an ending and what stands on every chunk."""
    if any(value for key, value in chunk.items() if key not in _ON_EVERY_CHUNK):
        return True
    deltas = [choice.get("delta") or choice.get("message") for choice in chunk.get("choices") or ()]
    return any(v for delta in deltas if delta for k, v in delta.items() if k != "role")
