"""What Anthropic refuses: names of tools; empty texts, a fifth cache mark, foreign ids and signatures."""

from __future__ import annotations

import base64
import re
from typing import Any, NoReturn

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal, refuses
from openrouter_emulator.dialects.conversations import (
    calls_of,
    family_of,
    parts_of,
    reasoning_of,
)
from openrouter_emulator.planned_response import JsonObject

_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
_ID = re.compile(r"^[a-zA-Z0-9_-]+$")
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_MOST_MARKS = 4


@refuses("anthropic/")
def names(body: JsonObject, chosen: Chosen) -> None:
    """Names of tools have a form (modelcontextprotocol/modelcontextprotocol#1345)."""
    for at, tool in enumerate(body.get("tools") or ()):
        if tool.get("type") == "function" and not _NAME.match(tool["function"]["name"]):
            _refuse(
                chosen, f"tools.{at}.custom.name: String should match pattern '{_NAME.pattern}'"
            )


@refuses("anthropic/")
def history(body: JsonObject, chosen: Chosen) -> None:
    """Check a conversation as the Messages API does."""
    for check in (_marks, _texts, _tool_ids, _signatures, _images):
        check(body, chosen)


def _refuse(chosen: Chosen, words: str) -> NoReturn:
    error = {"type": "invalid_request_error", "message": words}
    raise refusal(chosen, {"type": "error", "error": error})


def _texts(body: JsonObject, chosen: Chosen) -> None:
    for _, _, part in parts_of(body["messages"]):
        _text(part.get("text") if part["type"] == "text" else None, chosen)
    for message in body["messages"][:-1]:
        if message["role"] == "assistant":
            _text(message.get("content"), chosen)


def _text(text: Any, chosen: Chosen) -> None:
    if text == "":
        _refuse(chosen, "messages: text content blocks must be non-empty")
    if isinstance(text, str) and not text.strip():
        _refuse(chosen, "messages: text content blocks must contain non-whitespace text")


def _marks(body: JsonObject, chosen: Chosen) -> None:
    marked = [(where, part) for _, where, part in parts_of(body["messages"]) if _is_marked(part)]
    for where, part in marked:
        if part.get("text") == "":
            words = f"{where}.text: cache_control cannot be set for empty text blocks"
            _refuse(chosen, words)
    others = [
        *(body.get("tools") or ()),
        *(call for _, _, call in calls_of(body["messages"])),
        body,
    ]
    found = len(marked) + sum(map(_is_marked, others))
    if found > _MOST_MARKS:
        words = (
            f"A maximum of {_MOST_MARKS} blocks with cache_control may be provided. Found {found}."
        )
        _refuse(chosen, words)


def _is_marked(block: JsonObject) -> bool:
    """OpenRouter hands OpenAI's kind of mark to Anthropic as `cache_control`."""
    return bool(block.get("cache_control") or block.get("prompt_cache_breakpoint"))


def _tool_ids(body: JsonObject, chosen: Chosen) -> None:
    known: set[str] = set()
    for at, n, call in calls_of(body["messages"]):
        where = f"messages.{at}.content.{n}"
        if not _ID.match(call["id"]):
            _refuse(chosen, f"{where}.tool_use.id: String should match pattern '{_ID.pattern}'")
        if call["id"] in known:
            _refuse(chosen, f"{where}: `tool_use` ids must be unique")
        known.add(call["id"])


def _signatures(body: JsonObject, chosen: Chosen) -> None:
    for where, entry in reasoning_of(body["messages"]):
        if entry.get("signature") and family_of(entry) not in {None, "anthropic"}:
            _refuse(chosen, f"{where}: Invalid `signature` in `thinking` block")


def _images(body: JsonObject, chosen: Chosen) -> None:
    for _, where, part in parts_of(body["messages"]):
        url = part["image_url"]["url"] if part["type"] == "image_url" else ""
        if url.startswith("data:"):
            declared, _, data = url.removeprefix("data:").partition(";base64,")
            _image(declared, data, f"{where}.image.source.base64", chosen)


def _image(declared: str, data: str, where: str, chosen: Chosen) -> None:
    if declared not in _IMAGES:
        names = "'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
        _refuse(chosen, f"{where}.media_type: Input should be {names}")
    if ":" in data:
        _refuse(chosen, f"{where}: invalid base64 data")
    shown = _type_of(base64.b64decode(data[:16] + "=="))
    if shown not in {None, declared}:
        words = (
            f"The image was specified using the {declared} media type, but the image appears to be "
        )
        _refuse(chosen, f"{where}: {words}a {shown} image")


def _type_of(head: bytes) -> str | None:
    if head[1:4] == b"PNG":
        return "image/png"
    if head[:2] == b"\xff\xd8":
        return "image/jpeg"
    if head[:3] == b"GIF":
        return "image/gif"
    return "image/webp" if head[8:12] == b"WEBP" else None
