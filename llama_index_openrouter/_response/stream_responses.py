"""The cumulative response of a stream, one per chunk. Driven by both colours of `stream_chat`; no I/O.

The work per chunk is kept small: blocks that did not change are reused, and what only the whole answer
has (reasoning details, citations, images, usage) comes with the last response.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from llama_index_openrouter._response.message import to_chat_response, tool_call_block, with_ids
from openrouter_core import ChatAccumulator
from openrouter_core._fast import copy_unchecked

_MESSAGE = ChatMessage(role=MessageRole.ASSISTANT)
_RESPONSE = ChatResponse(message=_MESSAGE)
_TEXT = TextBlock(text="")
_PLAIN = frozenset({"role", "content"})


class Snapshot:
    """What a stream has said so far, as LlamaIndex responses."""

    __slots__ = (
        "_calls",
        "_held",
        "_so_far",
        "_text",
        "_text_block",
        "_thinking",
        "_thought",
        "_wire_calls",
    )

    def __init__(self, so_far: ChatAccumulator) -> None:
        """Watch an accumulator that the stream feeds."""
        self._so_far = so_far
        self._text = ""
        self._text_block = copy_unchecked(_TEXT, {"text": ""})
        self._thought = ""
        self._thinking: list[ThinkingBlock] = []
        self._calls: list[ToolCallBlock] = []
        self._wire_calls: list[dict[str, Any]] = []
        self._held = ""

    def after(self, chunk: dict[str, Any]) -> ChatResponse | None:
        """Return the response after a chunk that the accumulator has taken in.

        Returns:
            The message so far and the chunk's own text. None for the chunk that brings the usage: what
            it says comes with `last`, so that no reader counts the tokens twice.
        """
        choices = chunk.get("choices")
        delta: dict[str, Any] = (choices[0].get("delta") or {}) if choices else {}
        text = delta.get("content") or ""
        if text:
            text = text if isinstance(text, str) else _joined(text)
            self._text += text
            self._text_block = copy_unchecked(_TEXT, {"text": self._text})
        if chunk.get("usage"):
            self._held += text
            return None
        if self._held:
            text, self._held = self._held + text, ""
        notes: dict[str, Any] = {}
        if not _PLAIN.issuperset(delta):
            notes = self._think(delta)
            if delta.get("tool_calls"):
                self._call()
        said = {"delta": text, "raw": chunk, "additional_kwargs": notes}
        return copy_unchecked(_RESPONSE, {"message": self._message(), **said})

    def last(
        self,
        generation_id: str | None = None,
        finished: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> ChatResponse:
        """Return the whole answer, with the text that was held back as its delta.

        Args:
            finished: Makes of a whole reply what was asked for.
        """
        reply = finished(self._so_far.result())
        return to_chat_response(reply, generation_id=generation_id, delta=self._held)

    def _think(self, delta: dict[str, Any]) -> dict[str, Any]:
        thought = delta.get("reasoning") or delta.get("reasoning_content")
        if not thought:
            thought = _readable(delta.get("reasoning_details"))
        if not thought:
            return {}
        self._thought += thought
        self._thinking = [ThinkingBlock(content=self._thought)]
        return {"thinking_delta": thought}

    def _call(self) -> None:
        """Show the calls so far. Those that did not change keep their blocks."""
        before = self._wire_calls
        self._wire_calls = with_ids(self._so_far.tool_calls, self._so_far.id)
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


def _joined(parts: list[dict[str, Any]]) -> str:
    return "".join(part.get("text") or "" for part in parts if part.get("type") == "text")


def _readable(details: list[dict[str, Any]] | None) -> str:
    """The text of details that came without `reasoning`; encrypted data is never shown."""
    if not details:
        return ""
    return "".join(detail.get("text") or detail.get("summary") or "" for detail in details)
