"""Checks that reasoning comes back as it was sent, as Anthropic and Gemini do.

Called by the chat handler: `remember` when a reply with tool calls goes out, `check` when a request comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.provider_style import ProviderStyle
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.state.state import State

_JOINED = ("text", "summary", "data")


def remember(
    details: Sequence[JsonObject], call_ids: Sequence[str], style: ProviderStyle, state: State
) -> None:
    """Keep the reasoning details that must come back with these tool calls."""
    thoughts = merged(details)
    if not style.signs or not thoughts:
        return
    for id in call_ids:
        state.remember(state.reasoning_of_call, id, thoughts)


def merged(details: Sequence[JsonObject]) -> list[JsonObject]:
    """Join fragments of one block, matched by type and index; the last signature stays."""
    blocks: list[JsonObject] = []
    for piece in details:
        key = (piece.get("type"), piece.get("index"))
        same = (b for b in blocks if (b.get("type"), b.get("index")) == key)
        block = next(same, None) if key[1] is not None else None
        if block is None:
            blocks.append(dict(piece))
            continue
        for name, value in piece.items():
            joined = name in _JOINED and isinstance(block.get(name), str)
            if value is not None:
                block[name] = block[name] + value if joined else value
    return blocks


def check(body: JsonObject, chosen: Chosen, state: State) -> None:
    """Refuse a conversation whose reasoning was lost or altered on its way.

    Raises:
        ApiError: 400, as the provider words it.
    """
    style = chosen.model.style
    for at, message in enumerate(body["messages"]):
        if message["role"] != "assistant":
            continue
        details: Sequence[JsonObject] = message.get("reasoning_details") or []
        if state.settings.forget_reasoning_items:
            _check_items(details, chosen)
        if style.reasoning == "anthropic":
            _check_signatures(details, at, chosen)
        if style.signs:
            _check_unmodified(message, details, at, chosen, state)


def _check_unmodified(
    message: Mapping[str, Any],
    details: Sequence[JsonObject],
    at: int,
    chosen: Chosen,
    state: State,
) -> None:
    for call in message.get("tool_calls") or []:
        expected = state.reasoning_of_call.get(call["id"])
        style = chosen.model.style.reasoning
        if expected is None or not _same_family(expected, style):
            continue
        if _what_counts(details, style) == _what_counts(expected, style):
            continue
        if style == "gemini":
            raise _refused(
                chosen,
                f"Function call `{call['function']['name']}` in message {at} is missing its "
                "thought_signature: reasoning details must be preserved unmodified.",
            )
        raise _refused(
            chosen,
            f"messages.{at}.content: `thinking` blocks in the assistant message cannot be modified. "
            "They must remain as they were in the original response.",
        )


def _what_counts(details: Sequence[JsonObject], style: str) -> list[JsonObject]:
    """Gemini wants its signatures back and does not miss unsigned text; Claude wants everything."""
    return [d for d in details if style != "gemini" or d.get("data") or d.get("signature")]


def _same_family(expected: Sequence[JsonObject], style: str) -> bool:
    """Details of another provider's format are not this provider's to check."""
    start = {"anthropic": "anthropic", "gemini": "google"}[style]
    return any(str(d.get("format")).startswith(start) for d in expected)


def _check_signatures(details: Sequence[JsonObject], at: int, chosen: Chosen) -> None:
    """Thinking of Claude's own format needs its signature."""
    for n, entry in enumerate(details):
        claude = entry.get("format") == "anthropic-claude-v1"
        if claude and entry.get("type") == "reasoning.text" and not entry.get("signature"):
            raise _refused(chosen, f"messages.{at}.content.{n}.thinking.signature: Field required")


def _check_items(details: Sequence[JsonObject], chosen: Chosen) -> None:
    for entry in details:
        name = str(entry.get("id") or "")
        if entry.get("type") == "reasoning.encrypted" and name.startswith("rs_"):
            raise _refused(
                chosen,
                f"Item with id '{name}' not found. Items are not persisted when `store` is set to "
                "false. Try again with `store` set to true, or remove this item from your input.",
            )


def _refused(chosen: Chosen, words: str) -> ApiError:
    """A 400 of the provider, wrapped as OpenRouter wraps it."""
    style = chosen.model.style.reasoning
    if style == "gemini":
        error: JsonObject = {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}
        return refusal(chosen, {"error": error})
    error = {"type": "invalid_request_error", "message": words}
    outer = {"type": "error"} if style == "anthropic" else {}
    return refusal(chosen, {**outer, "error": error})
