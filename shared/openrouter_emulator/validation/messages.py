"""The checks of conversations: content parts, messages by role, and the order of calls and results.

Called by `validation`. Pure; every refusal is a 400 that names the place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.validation.checks import (
    Check,
    array,
    either,
    fields,
    integer,
    mapping,
    nullable,
    one_of,
    open_to,
    refuse,
    string,
    tagged,
)

_BASE64 = re.compile(r"^[A-Za-z0-9+/=\s]*$")
_AUDIO_FORMATS = (
    "wav", "mp3", "aiff", "aac", "ogg", "flac", "m4a", "pcm16", "pcm24", "g711_ulaw", "g711_alaw",
)  # fmt: skip
CACHE: Check = fields({"type": one_of("ephemeral"), "ttl": open_to("5m", "1h")}, required=["type"])
"""A `cache_control` object."""
_BREAKPOINT = fields({"mode": one_of("explicit")}, required=["mode"])


# ---------------------------------------------------------------- content parts


def _audio_data(value: Any, where: str) -> None:
    string(least=1)(value, where)
    if value.startswith(("http://", "https://", "data:")):
        refuse(where, "Audio must be raw base64: neither a URL nor a data URI")
    if not _BASE64.match(value):
        refuse(where, "Invalid base64")


def _url_or_data(value: Any, where: str) -> None:
    string(least=1)(value, where)
    if not value.startswith(("http://", "https://", "data:")):
        refuse(where, "Expected a URL or a data URI")
    if value.startswith("data:") and ";base64," not in value:
        refuse(where, "Expected a base64 data URI")


def _file_source(value: Any, where: str) -> None:
    fields({"filename": string(), "file_data": _url_or_data, "file_id": string(least=1)})(
        value, where
    )
    if not value.get("file_data") and not value.get("file_id"):
        refuse(where, "file_data or file_id is required")


_VIDEO = fields(
    {"video_url": fields({"url": _url_or_data}, required=["url"])}, required=["video_url"]
)
_TEXT_PART = fields(
    {"text": string(), "cache_control": nullable(CACHE), "prompt_cache_breakpoint": _BREAKPOINT},
    required=["text"],
)
_PARTS: dict[str, Check] = {
    "text": _TEXT_PART,
    "image_url": fields(
        {
            "image_url": fields(
                {"url": _url_or_data, "detail": open_to("auto", "low", "high", "original")},
                required=["url"],
            )
        },
        required=["image_url"],
    ),
    "input_audio": fields(
        {
            "input_audio": fields(
                {"data": _audio_data, "format": one_of(*_AUDIO_FORMATS)},
                required=["data", "format"],
            )
        },
        required=["input_audio"],
    ),
    "video_url": _VIDEO,
    "input_video": _VIDEO,
    "file": fields({"file": _file_source}, required=["file"]),
}
_ANY_PARTS = either(string(), array(tagged(_PARTS), least=1))
_TEXT_PARTS = either(string(), array(tagged({"text": _TEXT_PART}), least=1))


# ---------------------------------------------------------------- messages


def _arguments(value: Any, where: str) -> None:
    string()(value, where)
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        refuse(where, "Tool call arguments must be JSON text")
    if not isinstance(parsed, dict):
        refuse(where, "Tool call arguments must be the text of a JSON object")


_TOOL_CALL = fields(
    {
        "id": string(least=1),
        "type": one_of("function"),
        "function": fields(
            {"name": string(least=1), "arguments": _arguments}, required=["name", "arguments"]
        ),
    },
    required=["id", "type", "function"],
)
_DETAIL = fields(
    {"type": string(least=1), "format": nullable(string()), "index": integer(0)}, required=["type"]
)
_ANNOTATION = fields({"type": string(least=1)}, required=["type"])
_NAMED: dict[str, Check] = {"role": string(), "name": string(least=1)}
_BY_ROLE: dict[str, Check] = {
    "system": fields({**_NAMED, "content": _TEXT_PARTS}, required=["content"]),
    "developer": fields({**_NAMED, "content": _TEXT_PARTS}, required=["content"]),
    "user": fields({**_NAMED, "content": _ANY_PARTS}, required=["content"]),
    "assistant": fields(
        {
            **_NAMED,
            "content": nullable(_ANY_PARTS),
            "refusal": nullable(string()),
            "reasoning": nullable(string()),
            "reasoning_content": nullable(string()),
            "reasoning_details": nullable(array(_DETAIL)),
            "tool_calls": nullable(array(_TOOL_CALL, least=1)),
            "images": array(tagged({"image_url": _PARTS["image_url"]})),
            "annotations": array(_ANNOTATION),
            "audio": nullable(mapping),
            "model": string(),
        }
    ),
    "tool": fields(
        {**_NAMED, "tool_call_id": string(least=1), "content": _ANY_PARTS},
        required=["tool_call_id", "content"],
    ),
}


MESSAGES: Check = array(tagged(_BY_ROLE, key="role"), least=1)
"""A conversation, message by message; `history` checks how they follow each other."""


def history(messages: Sequence[JsonObject]) -> None:
    """Tool results answer calls that were made; no message is empty of everything."""
    known: set[str] = set()
    for at, message in enumerate(messages):
        if message["role"] == "assistant":
            _check_has_content(message, at)
            known |= _call_ids(message, at)
        elif message["role"] == "tool" and message["tool_call_id"] not in known:
            refuse(
                f"messages.{at}.tool_call_id",
                "No tool call with this id in a preceding assistant message",
            )


def _check_has_content(message: JsonObject, at: int) -> None:
    carriers = (
        "content",
        "tool_calls",
        "refusal",
        "reasoning_details",
        "reasoning",
        "images",
        "audio",
    )
    if all(message.get(name) is None for name in carriers):
        refuse(f"messages.{at}", "An assistant message needs content, tool_calls or a refusal")


def _call_ids(message: JsonObject, at: int) -> set[str]:
    ids = [call["id"] for call in message.get("tool_calls") or []]
    if len(set(ids)) < len(ids):
        refuse(f"messages.{at}.tool_calls", "Tool call ids must be unique")
    return set(ids)
