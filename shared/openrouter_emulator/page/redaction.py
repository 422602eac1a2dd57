"""What of a body may be shown: no key, no credential, no data URL, no long run of base64. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from openrouter_emulator.state.seen import Body
from openrouter_emulator.stream_text import pieces

HIDDEN = "[hidden]"
_SHOWN = 20_000
"""Characters."""
_NAMES = (
    r"(?:[\w-]*[_-])?(?:api[_-]?key|key|secret|secret[_-]?key|password|authorization|access[_-]?token"
    r"|refresh[_-]?token|id[_-]?token|subject[_-]?token|bearer[_-]?token|token|credentials?|code[_-]?verifier)"
)
_SECRET_NAME = re.compile(rf"(?:{_NAMES}|\w*(?:ApiKey|Token|Secret|Password))", re.IGNORECASE)
_SECRET_FIELD = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.IGNORECASE)
_BY_PATH = {
    "/vault": frozenset({"value"}),
    "/observability": frozenset({"config"}),
    "/auth": frozenset({"code"}),
    "/oauth": frozenset({"code"}),
}
"""Fields that are secrets below a path, whatever is in them."""
_KEY = re.compile(r"\bsk-[\w-]{4,}|\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
_DATA_URL = re.compile(r"""data:([\w.+/-]*)[\w.;=+/-]*,[^\s"'<>)\\]*""", re.IGNORECASE)
_MEDIA_FIELDS = frozenset({"b64_json", "data", "file_data", "result"})
"""Fields that hold a picture, a sound or a file."""
_MEDIA = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}")


class Redactor:
    """Shows bodies without what nobody is to see.

    Args:
        keys: The keys of this emulator.
        path: Where the body was sent, for some endpoints take secrets in fields of their own.
    """

    def __init__(self, keys: Collection[str], path: str) -> None:
        self.keys = keys
        below = (names for start, names in _BY_PATH.items() if path.startswith(start))
        self.fields = frozenset[str]().union(*below)

    def body(self, body: Body) -> str:
        """A body as a person reads it: JSON indented, media as its size."""
        if not body.size:
            return ""
        kind = body.kind.partition(";")[0].strip().lower()
        if kind.startswith("multipart/") or not _is_text(kind):
            return f"[{body.size:,} bytes of {kind or 'something'}]"
        text = body.start.decode("utf-8", "replace")
        shown = self._stream(text) if kind == "text/event-stream" else self._json(text)
        whole = shown if body.is_whole else f"{shown}\n[... of {body.size:,} bytes]"
        return (
            whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}\n[... {len(whole):,} characters]"
        )

    def text(self, text: str) -> str:
        """A text without secrets."""
        for key in self.keys:
            text = text.replace(key, HIDDEN)
        text = _DATA_URL.sub(_sized, _KEY.sub(HIDDEN, text))
        return _BASE64.sub(lambda m: f"[{len(m[0]):,} characters]", text)

    def value(self, value: Any, name: str = "") -> Any:
        """A JSON value without secrets."""
        if name in self.fields or (isinstance(value, str) and _SECRET_NAME.fullmatch(name)):
            return HIDDEN
        if isinstance(value, str):
            return f"[{len(value):,} characters]" if _is_media(name, value) else self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(k)): self.value(v, str(k)) for k, v in value.items()}
        if isinstance(value, list):
            return [self.value(one, name) for one in value]
        return value

    def _json(self, text: str) -> str:
        try:
            return json.dumps(self.value(json.loads(text)), ensure_ascii=False, indent=2)
        except (ValueError, RecursionError):
            return self._written(text)

    def _stream(self, text: str) -> str:
        """The text of a stream, then its events; without them where a secret is cut across several."""
        frames = [frame for frame in text.split("\n\n") if frame.strip()]
        written: dict[str, str] = {}
        for frame in frames:
            for place, piece in pieces(frame.encode()):
                written[place] = written.get(place, "") + piece
        shown = "\n\n".join(self._written(one) for one in written.values() if one.strip())
        if any(self._written(one) != one for one in written.values()):
            return f"{shown}\n\n[{len(frames)} events, which hold what is hidden in pieces]"
        events = "\n".join(self._frame(frame) for frame in frames)
        return f"{shown}\n\n{events}" if shown else events

    def _written(self, text: str) -> str:
        """The text of a stream, or the arguments of a call in it."""
        return self.text(_SECRET_FIELD.sub(rf'\1"{HIDDEN}"', text))

    def _frame(self, frame: str) -> str:
        """One event on a line or two."""
        lines: list[str] = []
        for line in frame.split("\n"):
            field, _, data = line.partition(": ")
            try:
                value = self.value(json.loads(data)) if field == "data" else None
            except (ValueError, RecursionError):
                value = None
            compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            lines.append(self._written(line) if value is None else f"data: {compact}")
        return "\n".join(lines)


def _is_media(name: str, value: str) -> bool:
    return name in _MEDIA_FIELDS and _MEDIA.fullmatch(value) is not None


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith(("json", "x-www-form-urlencoded", "x-ndjson"))


def _sized(match: re.Match[str]) -> str:
    return f"[data URL, {match[1] or 'no type'}, {len(match[0]):,} characters]"
