"""One choice of a chat stream while it comes in. Used by the accumulator alone; no I/O."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import StringIO
from typing import Any, cast

from openrouter_core._json import join_halves, whole_characters
from openrouter_core.chat.answer import failure_of
from openrouter_core.chat.clean import content_parts, note_left_out, reasoning_entries
from openrouter_core.chat.reasoning import ReasoningDetail, merge_reasoning_details
from openrouter_core.streaming.accumulator import Pieces
from openrouter_core.streaming.tool_calls import CallPiece, ToolCalls

_PLAIN = frozenset({"role", "content"})
_EVERYDAY = frozenset(
    {"role", "content", "reasoning", "reasoning_content", "reasoning_details", "tool_calls"}
)
_KNOWN = frozenset(
    {"index", "delta", "message", "finish_reason", "native_finish_reason", "logprobs", "error"}
)


class Choice:
    """What the deltas of one choice add up to.

    Attributes:
        finish_reason: The first one given; a `tool_calls` that comes before or after wins.
        native_finish_reason: The provider's word from the same chunk.
        logprobs: Lists joined; anything that is not an object is kept as it came.
        error: A failure that rode on the choice.
        lists: Images, annotations and content parts, in order of arrival.
        new_text: What the latest delta added to the text.
        new_reasoning: What it added to the reasoning text.
        new_details: The reasoning details that came with it.
        new_calls: What it added to the tool calls.
    """

    __slots__ = (
        "_audio",
        "_details",
        "_extra",
        "_half",
        "_merged",
        "_reasoning",
        "_reasoning_half",
        "_refusal",
        "_rest",
        "_text",
        "error",
        "finish_reason",
        "index",
        "lists",
        "logprobs",
        "native_finish_reason",
        "new_calls",
        "new_details",
        "new_reasoning",
        "new_text",
        "tool_calls",
    )

    def __init__(self, index: int) -> None:
        self.index = index
        self.tool_calls = ToolCalls()
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.logprobs: Any = None
        self.finish_reason: str | None = None
        self.native_finish_reason: str | None = None
        self.error: Any = None
        self.new_text = ""
        self.new_reasoning = ""
        self.new_details: Sequence[ReasoningDetail] = ()
        self.new_calls: Sequence[CallPiece] = ()
        self._text = StringIO()
        self._half = ""
        self._reasoning: StringIO | None = None
        self._reasoning_half = ""
        self._refusal: Pieces | None = None
        self._details: list[ReasoningDetail] | None = None
        self._merged: tuple[int, list[ReasoningDetail]] = (0, [])
        self._audio: list[dict[str, Any]] = []
        self._extra: dict[str, Any] = {}
        self._rest: dict[str, Any] = {}

    def add(self, choice: dict[str, Any]) -> None:
        """Take in one entry of a chunk's `choices`; a whole `message` counts as one delta."""
        delta = choice.get("delta") or choice.get("message")
        if delta:
            content = delta.get("content")
            if content:
                self._add_text(content if isinstance(content, str) else self._add_parts(content))
            if not _PLAIN.issuperset(delta):
                self._add_more(delta)
        reason = choice.get("finish_reason")
        if reason and isinstance(reason, str):
            self._finish(reason, choice)
        if choice.get("logprobs"):
            self._add_logprobs(choice["logprobs"])
        if choice.get("error"):
            self.error = choice["error"]
        if not _KNOWN.issuperset(choice):
            self._rest |= {k: v for k, v in choice.items() if k not in _KNOWN}

    def nothing_new(self) -> None:
        """Forget what the latest delta added, before the next one or for a chunk without one."""
        self.new_text = self.new_reasoning = ""
        self.new_details = self.new_calls = ()

    def finish(self) -> None:
        """Accept the end: half a character that nothing completes is new text as it is."""
        self.nothing_new()
        self.new_text, self._half = self._half, ""
        self._text.write(self.new_text)
        self.tool_calls.finish()
        if self._reasoning_half and self._reasoning is not None:
            self.new_reasoning, self._reasoning_half = self._reasoning_half, ""
            self._reasoning.write(self.new_reasoning)

    def _add_text(self, text: str) -> None:
        if self._half or not text.isascii():
            text, self._half = join_halves(self._half, text)
        self._text.write(text)
        self.new_text = text

    def _add_more(self, delta: dict[str, Any]) -> None:
        """Take in what a delta holds beside its text."""
        details = delta.get("reasoning_details")
        if details is not None:
            if self._details is None:
                self._details = []
            self.new_details = reasoning_entries(details)
            self._details.extend(self.new_details)
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        if reasoning:
            self._add_reasoning(reasoning)
        calls = delta.get("tool_calls")
        if calls:
            new: list[CallPiece] = []
            for call in calls if isinstance(calls, list) else [calls]:
                piece = self.tool_calls.add(call)
                if piece is not None:
                    _add_piece(new, piece) if new else new.append(piece)
            self.new_calls = new
        if not _EVERYDAY.issuperset(delta):
            self._add_rare(delta)

    def _add_reasoning(self, text: object) -> None:
        if not isinstance(text, str):
            note_left_out("reasoning")
            return
        if self._reasoning is None:
            self._reasoning = StringIO()
        if self._reasoning_half or not text.isascii():
            text, self._reasoning_half = join_halves(self._reasoning_half, text)
        self._reasoning.write(text)
        self.new_reasoning = text

    def _add_parts(self, content: Any) -> str:
        """Keep the parts that are not plain text; return the text of the others."""
        texts: list[str] = []
        for part in content_parts(content):
            if part.get("type") == "text" and part.keys() <= {"type", "text"}:
                texts.append(part.get("text") or "")
            else:
                self.lists.setdefault("content", []).append(part)
        return "".join(texts)

    def _add_rare(self, delta: dict[str, Any]) -> None:
        for key, value in delta.items():
            if key in _EVERYDAY or value is None:
                continue
            if key == "refusal":
                if self._refusal is None:
                    self._refusal = Pieces()
                self._refusal.add(value)
            elif key == "audio":
                if isinstance(value, dict):
                    self._audio.append(cast("dict[str, Any]", value))
            elif isinstance(value, list):
                self.lists.setdefault(key, []).extend(cast("Sequence[Any]", value))
            else:
                self._extra[key] = value

    def _finish(self, reason: str, choice: dict[str, Any]) -> None:
        if self.finish_reason is None or (
            reason == "tool_calls" and self.finish_reason != "tool_calls"
        ):
            self.finish_reason = reason
            self.native_finish_reason = choice.get("native_finish_reason")
        elif self.native_finish_reason is None and reason == self.finish_reason:
            self.native_finish_reason = choice.get("native_finish_reason")
        if reason == "error" or choice.get("native_finish_reason") == "network_error":
            self.error = failure_of({**choice, "message": self._message()}) or self.error

    def _add_logprobs(self, logprobs: Any) -> None:
        if not isinstance(logprobs, dict):
            self.logprobs = logprobs
            return
        if not isinstance(self.logprobs, dict):
            self.logprobs = {}
        for key, value in logprobs.items():
            before = self.logprobs.get(key)
            if not isinstance(value, list):
                self.logprobs[key] = value or before
            elif isinstance(before, list):
                before.extend(value)
            else:
                self.logprobs[key] = list(value)

    @property
    def text(self) -> str:
        """The text so far."""
        return self._text.getvalue() + self._half

    @property
    def reasoning(self) -> str | None:
        """The reasoning text so far; None if none came."""
        if self._reasoning is None:
            return None
        return self._reasoning.getvalue() + self._reasoning_half

    @property
    def refusal(self) -> str | None:
        """The refusal so far; None if none came."""
        return str(self._refusal) if self._refusal else None

    @property
    def reasoning_details(self) -> list[ReasoningDetail] | None:
        """One entry per block; `[]` if only empty lists came, None if the field never did."""
        if self._details is None:
            return None
        if self._merged[0] != len(self._details):
            self._merged = (len(self._details), merge_reasoning_details(self._details))
        return self._merged[1]

    @property
    def audio(self) -> dict[str, Any] | None:
        """The pieces joined: `data` is one base64 text, `transcript` one string."""
        if not self._audio:
            return None
        whole: dict[str, Any] = {}
        for piece in self._audio:
            whole.update({k: v for k, v in piece.items() if v is not None})
        data = self._audio_texts("data")
        if data:
            whole["data"] = _join_base64(data)
        transcript = self._audio_texts("transcript")
        if transcript:
            whole["transcript"] = whole_characters("".join(transcript))
        return whole

    def _audio_texts(self, key: str) -> list[str]:
        return [text for p in self._audio if (text := p.get(key)) and isinstance(text, str)]

    def result(self) -> dict[str, Any]:
        """The choice in the shape of a reply that was not streamed."""
        choice: dict[str, Any] = {
            "index": self.index,
            "finish_reason": self.finish_reason,
            "native_finish_reason": self.native_finish_reason,
            "message": self._message(),
            **self._rest,
        }
        if self.logprobs is not None:
            choice["logprobs"] = self.logprobs
        return choice

    def _message(self) -> dict[str, Any]:
        text: Any = self.text
        lists = dict(self.lists)
        parts = lists.pop("content", None)
        if parts:
            text = [*([{"type": "text", "text": text}] if text else []), *parts]
        fields = {
            "refusal": self.refusal,
            "reasoning": self.reasoning,
            "reasoning_details": self.reasoning_details,
            "tool_calls": self.tool_calls.entries() or None,
            "audio": self.audio,
            **lists,
            **self._extra,
        }
        bare = not text and (self.tool_calls or self._refusal)
        message: dict[str, Any] = {"role": "assistant", "content": None if bare else text}
        return message | {key: value for key, value in fields.items() if value is not None}


def _add_piece(pieces: list[CallPiece], piece: CallPiece) -> None:
    """Add a piece of a call to those of one chunk, of which each call has one."""
    for at, known in enumerate(pieces):
        if known.position == piece.position:
            both = (known.id or piece.id, known.name or piece.name)
            pieces[at] = CallPiece(known.position, *both, known.arguments + piece.arguments)
            return
    pieces.append(piece)


def _join_base64(pieces: list[str]) -> str:
    """Join base64 pieces; pieces padded on their own are decoded first."""
    if not any(piece.endswith("=") for piece in pieces[:-1]):
        return "".join(pieces)
    try:
        return base64.b64encode(b"".join(map(base64.b64decode, pieces))).decode()
    except ValueError:
        return "".join(pieces)
