"""Token estimates without a tokenizer. Pure.

OpenRouter serves models of many tokenizers, so these are estimates: four characters of Latin text or a
bit more than one of other scripts per token, and a flat rate for each image or file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_PER_MESSAGE = 4
_PER_MEDIUM = 1000
_TEXT_FIELDS = ("reasoning", "refusal", "name", "tool_call_id")


def of_text(text: str) -> int:
    """Estimate the tokens of a text."""
    ascii_only = len(text.encode("ascii", "ignore"))
    return math.ceil(ascii_only / 4 + (len(text) - ascii_only) * 0.8)


def of_messages(
    messages: Iterable[Mapping[str, Any]],
    tools: Iterable[Mapping[str, Any]],
    of: Callable[[str], int] = of_text,
) -> int:
    """Estimate the tokens of wire messages and tools."""
    schemas = sum(of(json.dumps(tool, ensure_ascii=False)) for tool in tools)
    return schemas + sum(_of_message(message, of) for message in messages)


def _of_message(message: Mapping[str, Any], of: Callable[[str], int]) -> int:
    content = message.get("content") or ""
    count = _PER_MESSAGE
    count += of(content) if isinstance(content, str) else sum(_of_part(p, of) for p in content)
    count += sum(of(message[name]) for name in _TEXT_FIELDS if message.get(name))
    for call in message.get("tool_calls") or ():
        count += of(call["function"]["name"] + call["function"]["arguments"])
    for detail in message.get("reasoning_details") or ():
        count += of(detail.get("text") or detail.get("summary") or "")
    return count


def _of_part(part: Mapping[str, Any], of: Callable[[str], int]) -> int:
    return of(part["text"]) if isinstance(part.get("text"), str) else _PER_MEDIUM
