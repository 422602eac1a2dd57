"""One choice of a chat stream while it comes in. Used by the accumulator alone; no I/O."""

from __future__ import annotations

import base64
from io import StringIO
from typing import Any

from openrouter_core._json import whole_characters
from openrouter_core.chat.reasoning import ReasoningDetail, merge_reasoning_details
from openrouter_core.streaming.tool_calls import ToolCalls

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
    """

    __slots__ = (
        "_audio",
        "_details",
        "_extra",
        "_merged",
        "_reasoning",
        "_refusal",
        "_rest",
        "_text",
        "error",
        "finish_reason",
        "index",
        "lists",
        "logprobs",
        "native_finish_reason",
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
        self._text = StringIO()
        self._reasoning: StringIO | None = None
        self._refusal: StringIO | None = None
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
                if isinstance(content, str):
                    self._text.write(content)
                else:
                    self._add_parts(content)
            if not _PLAIN.issuperset(delta):
                self._add_more(delta)
        if choice.get("finish_reason"):
            self._finish(choice)
        if choice.get("logprobs"):
            self._add_logprobs(choice["logprobs"])
        if choice.get("error"):
            self.error = choice["error"]
        if not _KNOWN.issuperset(choice):
            self._rest |= {k: v for k, v in choice.items() if k not in _KNOWN}

    def _add_more(self, delta: dict[str, Any]) -> None:
        """Take in what a delta holds beside its text."""
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        if reasoning:
            if self._reasoning is None:
                self._reasoning = StringIO()
            self._reasoning.write(reasoning)
        details = delta.get("reasoning_details")
        if details is not None:
            if self._details is None:
                self._details = []
            self._details.extend(details)
        for piece in delta.get("tool_calls") or ():
            self.tool_calls.add(piece)
        if not _EVERYDAY.issuperset(delta):
            self._add_rare(delta)

    def _add_parts(self, content: list[dict[str, Any]]) -> None:
        for part in content:
            if part.get("type") == "text" and part.keys() <= {"type", "text"}:
                self._text.write(part.get("text") or "")
            else:
                self.lists.setdefault("content", []).append(part)

    def _add_rare(self, delta: dict[str, Any]) -> None:
        for key, value in delta.items():
            if key in _EVERYDAY or value is None:
                continue
            if key == "refusal":
                if self._refusal is None:
                    self._refusal = StringIO()
                self._refusal.write(value)
            elif key == "audio":
                self._audio.append(value)
            elif isinstance(value, list):
                self.lists.setdefault(key, []).extend(value)
            else:
                self._extra[key] = value

    def _finish(self, choice: dict[str, Any]) -> None:
        reason = choice["finish_reason"]
        if self.finish_reason is None or (
            reason == "tool_calls" and self.finish_reason != "tool_calls"
        ):
            self.finish_reason = reason
            self.native_finish_reason = choice.get("native_finish_reason")
        elif self.native_finish_reason is None and reason == self.finish_reason:
            self.native_finish_reason = choice.get("native_finish_reason")
        if reason == "error" and not choice.get("error"):
            native = choice.get("native_finish_reason")
            self.error = {"message": f"The provider ended the answer with an error ({native})."}

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
        return whole_characters(self._text.getvalue())

    @property
    def reasoning(self) -> str | None:
        """The reasoning text so far; None if none came."""
        return whole_characters(self._reasoning.getvalue()) if self._reasoning else None

    @property
    def refusal(self) -> str | None:
        """The refusal so far; None if none came."""
        return self._refusal.getvalue() if self._refusal else None

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
        data = [p["data"] for p in self._audio if p.get("data")]
        if data:
            whole["data"] = _join_base64(data)
        transcript = [p["transcript"] for p in self._audio if p.get("transcript")]
        if transcript:
            whole["transcript"] = "".join(transcript)
        return whole

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
        said = {
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
        return message | {key: value for key, value in said.items() if value is not None}


def _join_base64(pieces: list[str]) -> str:
    """Join base64 pieces; pieces padded on their own are decoded first."""
    if not any(piece.endswith("=") for piece in pieces[:-1]):
        return "".join(pieces)
    return base64.b64encode(b"".join(base64.b64decode(piece) for piece in pieces)).decode()
