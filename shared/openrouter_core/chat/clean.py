"""Leaving out of an answer what nobody can read, so that a surprising leaf never costs the whole answer.

Called by both adapters before they read a whole reply, and by the accumulator of chat streams. What is
left out is named in the log; `raw` keeps it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from operator import is_
from typing import Any, cast

from openrouter_core._json import as_dict
from openrouter_core.chat.answer import readable_calls

JsonObject = dict[str, Any]

_log = logging.getLogger("openrouter")

_Checks = Mapping[str, tuple[type | None, Callable[[Any], Any]]]
"""For each field the type that needs no check, if there is one, and the check of anything else."""


def clean_reply(reply: JsonObject) -> JsonObject:
    """Return a whole reply without the leaves of a type that nobody expects; itself when there are none.

    Numbers become text where text is declared. Entries of lists are left out one by one.
    """
    cleaned = _clean(reply, _REPLY)
    if cleaned is not reply:
        _log.warning("Left out of the answer %s what could not be read; see .raw.", reply.get("id"))
    return cleaned


def _clean(fields: JsonObject, checks: _Checks) -> JsonObject:
    """The object with the checked fields as their checks return them; itself when nothing differs."""
    changed: JsonObject = {}
    for key, (usual, check) in checks.items():
        value = fields.get(key)
        if value is None or type(value) is usual:
            continue
        if (checked := check(value)) is not value:
            changed[key] = checked
    return {**fields, **changed} if changed else fields


def reasoning_entries(details: object) -> list[JsonObject]:
    """Return the entries of `reasoning_details` that can be read; the others are logged."""
    return _logged(details, _entries(details, _is_detail), "reasoning_details")


def content_parts(content: object) -> list[JsonObject]:
    """Return the parts of a message's `content` that can be read, bare strings as text parts."""
    parts = _logged(content, _entries(content, _is_part), "content")
    return [{"type": "text", "text": p} if isinstance(p, str) else p for p in parts]


def _logged(value: object, readable: list[Any] | None, name: str) -> list[Any]:
    if readable is not value:
        note_left_out(name)
    return readable or []


def note_left_out(name: str) -> None:
    """Log that something of an answer could not be read; `name` is its field."""
    _log.warning("Left out of the answer's %s what could not be read.", name)


# ---------------------------------------------------------------------------- checks


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else None


def _object(value: object) -> JsonObject | None:
    return cast("JsonObject", value) if isinstance(value, dict) else None


def _objects(value: object) -> list[JsonObject] | None:
    return _entries(value, lambda entry: isinstance(entry, dict))


def _entries(value: object, is_readable: Callable[[object], bool]) -> list[Any] | None:
    """The entries of a list that can be read; the list itself when all can."""
    if not isinstance(value, list):
        return None
    entries = cast("list[object]", value)
    return entries if all(map(is_readable, entries)) else [e for e in entries if is_readable(e)]


def _content(value: object) -> str | list[Any] | None:
    return value if isinstance(value, str) else _entries(value, _is_part)


def _is_part(part: object) -> bool:
    if isinstance(part, str):
        return True
    if not isinstance(part, dict):
        return False
    fields = cast("JsonObject", part)
    return fields.get("type") != "text" or isinstance(fields.get("text"), str)


def _is_detail(detail: object) -> bool:
    if not isinstance(detail, dict):
        return False
    fields = cast("JsonObject", detail)
    index = fields.get("index")
    if index is not None and not isinstance(index, int | str):
        return False
    texts = (fields.get(key) for key in ("type", "text", "summary"))
    return all(text is None or isinstance(text, str) for text in texts)


def _is_annotation(annotation: object) -> bool:
    if not isinstance(annotation, dict):
        return False
    kind = cast("JsonObject", annotation).get("type")
    citation = cast("JsonObject", annotation).get("url_citation")
    return kind != "url_citation" or isinstance(citation, dict)


def _is_image(image: object) -> bool:
    place = as_dict(image).get("image_url")
    url = place if isinstance(place, str) else as_dict(place).get("url")
    return isinstance(url, str) and url != ""


def _logprobs(value: object) -> object:
    if not isinstance(value, dict):
        return value  # a bare number was seen
    return _clean(cast("JsonObject", value), _LOGPROBS)


def _tokens(value: object) -> list[JsonObject] | None:
    entries = _objects(value)
    if entries is None:
        return None
    checked = [_clean(entry, _TOKEN) for entry in entries]
    return entries if all(map(is_, checked, entries)) else checked


def _bytes(value: object) -> list[Any] | None:
    return _entries(value, lambda entry: type(entry) is int and 0 <= entry < 256)


_LOGPROBS: _Checks = {"content": (None, _tokens), "refusal": (None, _tokens)}


def readable_logprobs(value: object) -> JsonObject:
    """Return the `logprobs` of a choice without what cannot be read; empty where there are none."""
    return as_dict(_logprobs(value))


def _calls(value: object) -> list[JsonObject]:
    calls = readable_calls(value)
    return calls if calls != value else cast("list[JsonObject]", value)


_MESSAGE: _Checks = {
    "role": (str, _text),
    "content": (str, _content),
    "refusal": (str, _text),
    "reasoning": (str, _text),
    "reasoning_content": (str, _text),
    "reasoning_details": (None, lambda value: _entries(value, _is_detail)),
    "tool_calls": (None, _calls),
    "images": (None, lambda value: _entries(value, _is_image)),
    "audio": (dict, _object),
    "annotations": (None, lambda value: _entries(value, _is_annotation)),
}


def _choice(choice: object) -> JsonObject | None:
    return _clean(cast("JsonObject", choice), _CHOICE) if isinstance(choice, dict) else None


def _message(message: object) -> JsonObject | None:
    return _clean(cast("JsonObject", message), _MESSAGE) if isinstance(message, dict) else None


_CHOICE: _Checks = {
    "message": (None, _message),
    "finish_reason": (str, _text),
    "native_finish_reason": (str, _text),
    "logprobs": (None, _logprobs),
    "text": (str, _text),
}


def _choices(value: object) -> list[JsonObject] | None:
    if not isinstance(value, list):
        return None
    entries = cast("list[object]", value)
    checked = [_choice(entry) for entry in entries]
    if None not in checked and all(map(is_, checked, entries)):
        return cast("list[JsonObject]", value)
    return [choice for choice in checked if choice is not None]


def _usage(value: object) -> JsonObject | None:
    if not isinstance(value, dict):
        return None
    return _clean(cast("JsonObject", value), _USAGE)


def _number(value: object) -> object:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


_TOKEN: _Checks = {
    "token": (str, _text),
    "logprob": (float, _number),
    "bytes": (None, _bytes),
    "top_logprobs": (None, _tokens),
}


_USAGE: _Checks = {
    "prompt_tokens": (int, _number),
    "completion_tokens": (int, _number),
    "total_tokens": (int, _number),
    "cost": (float, _number),
    "prompt_tokens_details": (dict, _object),
    "completion_tokens_details": (dict, _object),
    "cost_details": (dict, _object),
    "server_tool_use_details": (dict, _object),
}
_REPLY: _Checks = {
    "id": (str, _text),
    "model": (str, _text),
    "provider": (str, _text),
    "choices": (None, _choices),
    "usage": (None, _usage),
}
