"""Walks over what a conversation holds: parts, tool calls, reasoning. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openrouter_emulator.planned_response import JsonObject

_FAMILIES = {"anthropic": "anthropic", "google": "google", "openai": "openai", "xai": "x-ai"}
"""Whose models a reasoning format belongs to, by the format's first word."""


def parts_of(messages: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, str, JsonObject]]:
    """Every content part with its message and the place where it stands."""
    for at, message in enumerate(messages):
        content: Any = message.get("content")
        for n, part in enumerate(content if isinstance(content, list) else ()):
            yield message, f"messages.{at}.content.{n}", part


def calls_of(messages: Sequence[JsonObject]) -> Iterator[tuple[int, int, JsonObject]]:
    """Every tool call with the numbers of its message and of its place there."""
    for at, message in enumerate(messages):
        for n, call in enumerate(message.get("tool_calls") or ()):
            yield at, n, call


def reasoning_of(messages: Sequence[JsonObject]) -> Iterator[tuple[str, JsonObject]]:
    """Every reasoning detail that comes back, with the place where it stands."""
    for at, message in enumerate(messages):
        for n, entry in enumerate(message.get("reasoning_details") or ()):
            yield f"messages.{at}.content.{n}", entry


def family_of(entry: JsonObject) -> str | None:
    """The author of the models that made a reasoning detail; None when its format does not say."""
    words = str(entry.get("format")).removeprefix("azure-").removeprefix("bedrock-").split("-")
    return _FAMILIES.get(words[0])
