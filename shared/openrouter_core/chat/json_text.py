"""JSON that models write: lenient reading, and finding the answer in a text that holds more than JSON.

Called by both adapters for structured answers, whole and growing, and by `text_calls` for what is thinking. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar, cast

from openrouter_core._json import LENIENT, decoded_again, lenient_json

T = TypeVar("T")


class JsonInText(NamedTuple):
    """The JSON that stands in the text of an answer."""

    values: list[Any]
    """The values that are complete, in order: the objects, or the arrays when there is no object."""
    open_at: int | None
    """Where an object or array begins that never closes; None when there is none."""


def json_in(text: str) -> JsonInText:
    """Find the JSON in the text of an answer: whole, fenced, or between words.

    Only outermost values count. What stands inside `<think>` is a draft; what stands inside an object that
    is broken or never closes is a part of an answer, not the answer.
    """
    whole = _whole_value(text)
    if whole is not None:
        return JsonInText([whole], None)
    values: list[Any] = []
    open_at = None
    for found in _outermost(text):
        if found is _DRAFTS_END:
            values.clear()
        elif isinstance(found, _Open):
            open_at = found.at
        else:
            values.append(found)
    objects = [value for value in values if isinstance(value, dict)]
    return JsonInText(objects or values, open_at)


def _whole_value(text: str) -> Any:
    """The object or array that the whole text is, also when it was encoded twice; else None."""
    try:
        value = lenient_json(text)
    except ValueError:
        return None
    if isinstance(value, str):
        value = decoded_again(value)
    return cast("Any", value) if isinstance(value, dict | list) else None


def read_json(text: str, accept: Callable[[Any], T], *, finish_reason: str | None = None) -> T:
    """Return the JSON of an answer as `accept` makes it: of the first value that it takes.

    Args:
        accept: Validates a value and returns what is wanted of it; raises ValueError when it is not that.
        finish_reason: Why the answer ended; "length" turns an unfinished answer into an error that says so.

    Raises:
        MissingJsonError: There is no JSON in the text, or it was cut off.
        ValueError: Whatever `accept` raised for the last value.
    """
    found = json_in(text)
    is_cut = finish_reason == "length" and found.open_at is not None
    if is_cut or not found.values:
        sentence = why_no_json(finish_reason, is_open=found.open_at is not None)
        raise MissingJsonError(sentence, is_cut=finish_reason == "length")
    for value in found.values[:-1]:
        try:
            return accept(value)
        except ValueError:
            continue
    return accept(found.values[-1])


class MissingJsonError(ValueError):
    """An answer holds no complete JSON.

    Attributes:
        is_cut: Whether the answer ended at its token limit.
    """

    def __init__(self, message: str, *, is_cut: bool = False) -> None:
        super().__init__(message)
        self.is_cut = is_cut


def why_no_json(finish_reason: str | None, *, is_open: bool = False) -> str:
    """Return the sentence for an answer without complete JSON: what happened and what to do.

    Args:
        is_open: Whether the text holds JSON that never closes.
    """
    if finish_reason == "length":
        return "The answer was cut off at its token limit, so its JSON is incomplete. Raise max_tokens."
    if finish_reason == "content_filter":
        return "The provider's content filter ended the answer, so there is no complete JSON in it."
    if is_open:
        return "The JSON in the answer never closes, so it is incomplete."
    return "There is no JSON in the answer."


def partial_json_in(text: str) -> Any:
    """Return the JSON of an answer that is still growing, as far as it can be read.

    The value that is open now, else the last complete one; None while there is none.
    """
    found = json_in(text)
    if found.open_at is None:
        return found.values[-1] if found.values else None
    return _parse_partial(text[found.open_at :])


def _parse_partial(text: str) -> Any:
    from pydantic_core import from_json

    for attempt in (text, _STRING.sub(_escape_controls, text)):
        try:
            return from_json(attempt, allow_partial="trailing-strings")
        except (ValueError, TypeError):
            continue
    return None


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_CONTROLS = {code: f"\\u{code:04x}" for code in range(32)}


def _escape_controls(match: re.Match[str]) -> str:
    return match.group().translate(_CONTROLS)


class _Open(NamedTuple):
    at: int


_DRAFTS_END = object()
_TAGS = "think|thinking|thought|reasoning"
_THINKING = rf"<(?P<tag>{_TAGS})>.*?(?:</(?P=tag)>|\Z)|◁think▷.*?(?:◁/think▷|\Z)"
_THOUGHT = rf"(?P<thought></(?:{_TAGS})>|◁/think▷)"
"""The end of thinking that begins in the prompt: Qwen's and DeepSeek's templates open it there."""
_MARK = re.compile(rf"[{{\[]|{_THINKING}|{_THOUGHT}", re.IGNORECASE | re.DOTALL)
_DRAFT = re.compile(f"{_THINKING}|{_THOUGHT}", re.IGNORECASE | re.DOTALL)
_BEGINS_VALUE = re.compile(r'\{\s*(?:["}]|\Z)|\[\s*(?:[{\["\]\d\-tfnNI]|\Z)')
_BEGINS_OBJECT = re.compile(r'\{\s*(?:["}]|\Z)|\[\s*(?:[{\["\]]|\Z)')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*(?:"|\Z)|[{}\[\]]', re.DOTALL)


def _outermost(text: str) -> Iterator[Any]:
    """Every complete value outside thinking; `_Open` and the end when one never closes."""
    at, end = 0, len(text.rstrip())
    while mark := _MARK.search(text, at):
        if mark["thought"]:
            yield _DRAFTS_END
        if mark.group() not in ("{", "["):
            at = mark.end()
            continue
        value, at = _value_at(text, mark.start(), end)
        if value is not _NOTHING:
            yield value
        if isinstance(value, _Open):
            return


def thinking_spans(text: str) -> list[tuple[int, int]]:
    """Where the text is thinking that a provider left in it, as (start, end)."""
    return [(0 if m["thought"] else m.start(), m.end()) for m in _DRAFT.finditer(text)]


_NOTHING = object()


def _value_at(text: str, start: int, text_end: int) -> tuple[Any, int]:
    """The value that begins at a bracket, and where to read on."""
    if not _BEGINS_VALUE.match(text, start):
        return _NOTHING, start + 1  # a bracket of prose, as in {curly}
    try:
        return LENIENT.raw_decode(text, start)
    except json.JSONDecodeError as error:
        if error.pos >= text_end:
            return _Open(start), len(text)
    except RecursionError:
        return _Open(start), len(text)
    if not _BEGINS_OBJECT.match(text, start):
        return _NOTHING, start + 1  # as in [0, 1)
    end = _closing(text, start)
    return (_NOTHING, end) if end is not None else (_Open(start), len(text))


def _closing(text: str, start: int) -> int | None:
    """Where a value that is not valid JSON ends by its brackets; None when it never does."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token.group() in ("{", "["):
            depth += 1
        elif token.group() in ("}", "]"):
            depth -= 1
            if not depth:
                return token.end()
    return None
