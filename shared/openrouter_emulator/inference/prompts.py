"""What a prompt holds that an answer can use: numbers, quoted strings, places, names. Pure.

`default_model` reads the last user message with it; `schema_instances` takes the values in the order in which they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_QUOTED = re.compile(
    r"'([^'\n]{1,200})'(?!\w)|\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|「([^」\n]{1,200})」|`([^`\n]{1,200})`"
)
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b([A-Z][\w'\u2019-]+(?:\s+[A-Z][\w'\u2019-]+)*)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_URL = re.compile(r"https?://[^\s\"'<>)]+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_PLACES = (
    "Amsterdam", "Athens", "Barcelona", "Beijing", "Berlin", "Boston", "Brussels", "Cairo",
    "Chicago", "Copenhagen", "Delhi", "Dublin", "Florence", "Hamburg", "Helsinki", "Hong Kong",
    "Istanbul", "Lisbon", "London", "Los Angeles", "Madrid", "Melbourne", "Mexico City", "Milan",
    "Moscow", "Mumbai", "Munich", "Nairobi", "New York", "Oslo", "Paris", "Prague", "Rome",
    "San Francisco", "Seattle", "Seoul", "Shanghai", "Singapore", "Stockholm", "Sydney", "Tokyo",
    "Toronto", "Vienna", "Warsaw", "Zurich", "東京", "北京", "上海",
)  # fmt: skip
_PLACE = re.compile("|".join(re.escape(p) for p in sorted(_PLACES, key=len, reverse=True)))
_STATE = re.compile(r",\s*[A-Z]{2}\b")


@dataclass(slots=True)
class Hints:
    """The values that a text offers; taking one moves to the next."""

    text: str
    numbers: list[float | int] = field(default_factory=list[float | int])
    quoted: list[str] = field(default_factory=list[str])
    places: list[str] = field(default_factory=list[str])
    names: list[str] = field(default_factory=list[str])
    emails: list[str] = field(default_factory=list[str])
    urls: list[str] = field(default_factory=list[str])
    dates: list[str] = field(default_factory=list[str])

    @classmethod
    def of(cls, text: str) -> Hints:
        """Read a text."""
        quoted = [next(g for g in m.groups() if g) for m in _QUOTED.finditer(text)]
        bare = _DATE.sub(" ", text)
        return cls(
            text,
            numbers=[_number(m.group()) for m in _NUMBER.finditer(_parenthesised(bare))],
            quoted=quoted,
            places=_places(text),
            names=[m.group(1) for m in _NAME.finditer(text)],
            emails=_EMAIL.findall(text),
            urls=_URL.findall(text),
            dates=_DATE.findall(text),
        )

    def take(self, values: list[Any], default: Any) -> Any:
        """The next of some values; the last one stays for whoever asks again."""
        if not values:
            return default
        return values.pop(0) if len(values) > 1 else values[0]


def _parenthesised(text: str) -> str:
    """`magic_function(3)` holds a 3: set digits in brackets free."""
    return re.sub(r"[()\[\]]", " ", text)


def _number(text: str) -> float | int:
    return float(text) if "." in text else int(text)


def _places(text: str) -> list[str]:
    """Known places in order, each once, with a state after the comma: "San Francisco, CA"."""
    found: dict[str, None] = {}
    for match in _PLACE.finditer(text):
        state = _STATE.match(text, match.end())
        found[match.group() + (state.group() if state else "")] = None
    return list(found)


def text_of(content: object) -> str:
    """The text of a message's content, parts joined by newlines."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [p for p in content if isinstance(p, Mapping) and p.get("type") == "text"]
    return "\n".join(str(p.get("text") or "") for p in parts)


def last_of(messages: Sequence[Mapping[str, Any]], *roles: str) -> str:
    """The text of the last message with one of these roles; empty when there is none."""
    for message in reversed(messages):
        if message.get("role") in roles:
            return text_of(message.get("content"))
    return ""
