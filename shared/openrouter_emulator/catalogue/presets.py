"""Presets at work: the stored settings of a preset under those of a request. Pure apart from reading the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openrouter_emulator.planned_response import JsonObject

if TYPE_CHECKING:
    from openrouter_emulator.state.state import State

_MARK = "@preset/"
_OWN = frozenset({"cache_enabled", "cache_ttl_seconds"})
"""Settings of a preset that are not fields of a request."""
_SEVERAL = ("openrouter:advisor", "openrouter:subagent")
"""Server tools of which a request may have more than one, told apart by name."""


def with_preset(body: JsonObject, state: State) -> JsonObject:
    """A chat request with the fields of its preset; what the request says itself wins, tools are joined.

    Raises:
        ApiError: 404 for a preset that is not there.
    """
    name, mark, slug = str(body.get("model") or "").partition(_MARK)
    slug = slug or str(body.get("preset") or "")
    if not slug:
        return body
    preset = state.table("Preset", id_field="slug").get(slug)
    version = state.table("Preset version").get(preset["designated_version_id"])
    config = {k: v for k, v in version["config"].items() if k not in _OWN}
    sent = {k: v for k, v in body.items() if k != "model" or not mark}
    if name:
        sent["model"] = name
    tools = _joined(body.get("tools") or (), config.get("tools") or ())
    whole = {**config, **sent, **({"tools": tools} if tools else {})}
    return {**whole, "messages": _messages(body.get("messages"), version["system_prompt"])}


def _joined(own: Sequence[JsonObject], others: Sequence[JsonObject]) -> list[JsonObject]:
    known = {_identity(tool) for tool in own}
    return [*own, *(tool for tool in others if _identity(tool) not in known)]


def _identity(tool: Mapping[str, Any]) -> tuple[str, str]:
    kind = str(tool.get("type"))
    if kind == "function":
        return kind, str((tool.get("function") or {}).get("name"))
    return kind, str((tool.get("parameters") or {}).get("name")) if kind in _SEVERAL else ""


def _messages(messages: Any, system_prompt: str | None) -> Any:
    """The conversation behind the preset's system prompt, unless it brings one of its own."""
    if not system_prompt or not isinstance(messages, list):
        return messages
    if any(isinstance(m, dict) and m.get("role") in ("system", "developer") for m in messages):
        return messages
    return [{"role": "system", "content": system_prompt}, *messages]
