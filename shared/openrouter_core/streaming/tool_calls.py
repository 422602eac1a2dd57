"""Tool calls put together from streamed pieces. Called by the accumulator; no JSON is changed.

Pieces belong to a call by (index, id). Recorded streams repeat the type on every piece, send `id: ""`
later, leave `arguments` or the index out, or give several calls the same index.
"""

from __future__ import annotations

import json
from typing import Any


class ToolCalls:
    """The tool calls of one answer so far."""

    __slots__ = ("_calls", "_latest")

    def __init__(self) -> None:
        self._calls: list[_ToolCall] = []
        self._latest: dict[Any, _ToolCall] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, piece: dict[str, Any]) -> int:
        """Take in one `delta.tool_calls[]` entry; return the position of the call it belongs to."""
        index = piece.get("index")
        call = self._find(piece, index)
        if call is None:
            call = _ToolCall(len(self._calls))
            self._calls.append(call)
        self._latest[index] = self._latest[None] = call
        call.add(piece)
        return call.position

    def entries(self) -> list[dict[str, Any]]:
        """The calls in wire shape, in order of first sight; argument strings joined, not parsed."""
        return [call.entry() for call in self._calls]

    def _find(self, piece: dict[str, Any], index: Any) -> _ToolCall | None:
        call = self._latest.get(index)
        if call is None:
            return None
        identity = piece.get("id")
        if identity:
            known = next((c for c in self._calls if c.id == identity), None)
            if known or call.id:
                return known
        return None if call.is_followed_by(piece) else call


class _ToolCall:
    __slots__ = ("_extra", "_function_extra", "_pieces", "_type", "id", "name", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.id: str | None = None
        self.name: str | None = None
        self._type: str | None = None
        self._pieces: list[str] = []
        self._extra: dict[str, Any] = {}
        self._function_extra: dict[str, Any] = {}

    def add(self, piece: dict[str, Any]) -> None:
        self.id = self.id or piece.get("id") or None
        self._type = piece.get("type") or self._type
        function = piece.get("function")
        if function:
            self._add_function(function)
        if not _CALL_KEYS.issuperset(piece):
            self._extra |= {k: v for k, v in piece.items() if k not in _CALL_KEYS}

    def _add_function(self, function: dict[str, Any]) -> None:
        self.name = self.name or function.get("name") or None
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            self._pieces.append(arguments)
        elif arguments is not None:
            self._pieces.append(json.dumps(arguments, ensure_ascii=False))
        if not _FUNCTION_KEYS.issuperset(function):
            more = {k: v for k, v in function.items() if k not in _FUNCTION_KEYS}
            self._function_extra |= more

    def is_followed_by(self, piece: dict[str, Any]) -> bool:
        """Whether a piece that names no known id begins another call: it has a name, after whole JSON."""
        function = piece.get("function") or {}
        name = function.get("name")
        if not name or (name == self.name and not _has_text(function.get("arguments"))):
            return False
        return self._is_complete()

    @property
    def arguments(self) -> str:
        """The argument text so far; kept joined, so that reading it after every piece stays cheap."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def _is_complete(self) -> bool:
        try:
            json.loads(self.arguments)
        except ValueError:
            return False
        return True

    def entry(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": self.arguments, **self._function_extra}
        kind = self._type or "function"
        return {
            "index": self.position,
            "id": self.id,
            "type": kind,
            "function": function,
            **self._extra,
        }


_CALL_KEYS = frozenset({"index", "id", "type", "function"})
_FUNCTION_KEYS = frozenset({"name", "arguments"})


def _has_text(arguments: object) -> bool:
    return bool(arguments.strip()) if isinstance(arguments, str) else arguments is not None
