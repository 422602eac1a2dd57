"""Tool calls put together from streamed pieces. Called by the accumulator; no JSON is changed.

Pieces belong to a call by (index, id). Recorded streams repeat the type, the id and the name on every
piece, send `id: ""` later, leave `arguments` or the index out, or give several calls the same index.
"""

from __future__ import annotations

import json
import logging
from typing import Any, NamedTuple

from openrouter_core._json import join_halves, lenient_json
from openrouter_core.chat.answer import parse_arguments, tool_call_id

_log = logging.getLogger("openrouter")


class CallPiece(NamedTuple):
    """What one piece adds to a call, for those who show calls while they come in."""

    position: int
    """The call's place among the calls of the answer, from 0."""
    id: str | None
    """The call's id, on its first piece that has one; an id that an earlier call has is numbered."""
    name: str | None
    """The tool, on the piece that names it."""
    arguments: str
    """Text that can be shown: the arguments once they are an object, so never `null` or a placeholder."""


class ToolCalls:
    """The tool calls of one answer so far."""

    __slots__ = ("_calls", "_latest", "_shown_ids")

    def __init__(self) -> None:
        self._calls: list[_ToolCall] = []
        self._latest: dict[Any, _ToolCall] = {}
        self._shown_ids: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, piece: dict[str, Any]) -> CallPiece | None:
        """Take in one `delta.tool_calls[]` entry.

        Returns:
            What it adds to which call; None when that is nothing that says what is called.
        """
        if not isinstance(piece, dict):  # pyright: ignore[reportUnnecessaryIsInstance]  # JSON
            _log.warning("Skipped an entry of tool_calls that holds no call.")
            return None
        index = piece.get("index")
        index = index if isinstance(index, int) else None
        call = self._latest.get(index)
        if call is not None and call.is_open and (text := call.go_on(piece)) is not None:
            self._latest[None] = call
            return _piece(CallPiece, (call.position, None, None, text))
        call = (call and self._find(call, piece)) or _ToolCall()
        self._latest[index] = self._latest[None] = call
        text = call.add(piece)
        if call.is_shown:
            return CallPiece(call.position, None, None, text) if text else None
        return self._first_piece(call, text)

    def entries(self) -> list[dict[str, Any]]:
        """The calls in wire shape, in order of first sight; argument strings joined, not parsed."""
        return [call.entry(at) for at, call in enumerate(self._calls)]

    def finish(self) -> None:
        """Accept the end of the answer."""
        for call in self._calls:
            call.finish()

    def rest(self, reply_id: str | None) -> list[CallPiece]:
        """What is left to show at the end: ids that never came, arguments that were held back."""
        pieces: list[CallPiece] = []
        for at, call in enumerate(self._calls):
            identity = None if call.shown_id else self._unique_id(call, at, reply_id)
            held = call.take_held()
            if identity or held:
                pieces.append(CallPiece(at, identity, None, held))
        return pieces

    def _first_piece(self, call: _ToolCall, text: str) -> CallPiece | None:
        """A piece of a call whose id or name is not shown yet."""
        if call.position < 0:
            if not call.has_content:
                return None
            call.position = len(self._calls)
            self._calls.append(call)
        identity = None
        if call.shown_id is None and call.id:
            identity = self._unique_id(call, call.position, None)
        name, call.shown_name = (None if call.shown_name else call.name), call.name
        call.is_shown = bool(call.shown_id and call.name)
        call.is_open = call.is_shown and call.shows_all
        return CallPiece(call.position, identity, name, text)

    def _unique_id(self, call: _ToolCall, at: int, reply_id: str | None) -> str:
        identity = call.id
        if not isinstance(identity, str) or identity in self._shown_ids:
            identity = tool_call_id(identity, at, reply_id=reply_id, taken=self._shown_ids)
        self._shown_ids.add(identity)
        call.shown_id = identity
        return identity

    def _find(self, latest: _ToolCall, piece: dict[str, Any]) -> _ToolCall | None:
        """The call that a piece belongs to, given the latest of its index; None when it begins one."""
        call: _ToolCall | None = latest
        identity = piece.get("id")
        if identity and latest.id and latest.id != identity:
            call = next((c for c in reversed(self._calls) if c.id == identity), None)
        function = piece.get("function")
        if call and function and isinstance(function, dict) and function.get("name"):
            return None if call.is_followed_by(function) else call
        return call


class _ToolCall:
    __slots__ = (
        "_extra",
        "_function_extra",
        "_half",
        "_held",
        "_pieces",
        "_type",
        "has_content",
        "id",
        "is_open",
        "is_shown",
        "name",
        "position",
        "shown_id",
        "shown_name",
        "shows_all",
    )

    def __init__(self) -> None:
        self.has_content = False
        """Whether it is known what is called: a tool, arguments, or something newer."""
        self.position = -1
        """Its place among the calls, once a piece has said what is called."""
        self.id: str | int | None = None
        self.name: str | None = None
        self.shown_id: str | None = None
        self.shown_name: str | None = None
        self.is_shown = False
        """Whether its id and its name have been shown."""
        self.shows_all = False
        """Whether its arguments are an object, all of which has been shown."""
        self.is_open = False
        """Whether, besides, its arguments are an object, so that the next piece is shown at once."""
        self._type: str | None = None
        self._pieces: list[str] = []
        self._half = ""
        self._held: str | None = ""
        """Arguments that are not shown yet; None once they are an object."""
        self._extra: dict[str, Any] = {}
        self._function_extra: dict[str, Any] = {}

    def add(self, piece: dict[str, Any]) -> str:
        """Take in a piece; return the argument text that can be shown."""
        identity = piece.get("id")
        if identity and not self.id and isinstance(identity, str | int):
            self.id = identity
        self._type = piece.get("type") or self._type
        if not _CALL_KEYS.issuperset(piece):
            self._extra |= {k: v for k, v in piece.items() if k not in _CALL_KEYS}
            self.has_content = self.has_content or any(self._extra.values())
        function = piece.get("function")
        if not isinstance(function, dict):
            return ""
        name = function.get("name")
        if name and not self.name and isinstance(name, str):
            self.name = name
            self.has_content = True
        if not _FUNCTION_KEYS.issuperset(function):
            more = {k: v for k, v in function.items() if k not in _FUNCTION_KEYS}
            self._function_extra |= more
        text = function.get("arguments")
        if text is None or text == "":
            return ""
        if not isinstance(text, str):
            text = json.dumps(text, ensure_ascii=False)
        if self._half or not text.isascii():
            text, self._half = join_halves(self._half, text)
        self._pieces.append(text)
        self.has_content = True
        if self._held == "" and text.startswith('{"'):
            self._held = None
        self.shows_all = self._held is None and not self._half
        self.is_open = self.is_shown and self.shows_all
        return text if self._held is None else self._held_back(text)

    def go_on(self, piece: dict[str, Any]) -> str | None:
        """Take in a piece that holds nothing but more arguments; None, and nothing taken, for any other."""
        function = piece.get("function")
        if piece.get("id") or type(function) is not dict or len(function) != 1:
            return None
        text: object = function.get("arguments")
        if type(text) is not str or not text.isascii() or not _CALL_KEYS.issuperset(piece):
            return None
        self._pieces.append(text)
        return text

    def _held_back(self, text: str) -> str:
        """Hold arguments back until they are an object: models write nothing as null, [], blanks or {}."""
        self._held = held = (self._held or "") + text
        begun = held.lstrip()
        if not begun.startswith("{") or begun.rstrip() in _MAY_BE_NOTHING:
            return ""
        self._held = None
        return begun[2:].lstrip() if begun.startswith("{}") else held

    def finish(self) -> None:
        """Take half a character that nothing completed as it is."""
        if self._half:
            self._pieces.append(self._half)
            self._held, self._half = (self._held or "") + self._half, ""

    def take_held(self) -> str:
        """Return what was held back, as the object that it means."""
        held, self._held = self._held or "", None
        values, error = parse_arguments(held)
        if error is not None:
            return held
        return json.dumps(values, ensure_ascii=False) if values else held and "{}"

    def is_followed_by(self, function: dict[str, Any]) -> bool:
        """Whether a piece with a name, of the same id or of none, begins another call.

        It does after whole JSON when the name is another or arguments come again. Providers repeat the
        name on every piece, and send one more without arguments.
        """
        if function["name"] == self.name and not _has_text(function.get("arguments")):
            return False
        return self._is_complete()

    @property
    def arguments(self) -> str:
        """The argument text so far; kept joined, so that reading it after every piece stays cheap."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def _is_complete(self) -> bool:
        text = self.arguments.rstrip()
        if not text.endswith(_MAY_BE_WHOLE):
            return False  # spares parsing the arguments again for every piece that repeats the name
        try:
            lenient_json(text)
        except ValueError:
            return False
        return True

    def entry(self, position: int) -> dict[str, Any]:
        function = {"name": self.name, "arguments": self.arguments, **self._function_extra}
        kind = self._type or "function"
        return {
            "index": position,
            "id": self.id,
            "type": kind,
            "function": function,
            **self._extra,
        }


_piece = tuple.__new__  # a fifth of what the constructor of a named tuple takes
_CALL_KEYS = frozenset({"index", "id", "type", "function"})
_FUNCTION_KEYS = frozenset({"name", "arguments"})
_MAY_BE_NOTHING = frozenset({"{", "{}"})
_MAY_BE_WHOLE = ("}", "]", "null")


def _has_text(arguments: object) -> bool:
    return bool(arguments.strip()) if isinstance(arguments, str) else arguments is not None
