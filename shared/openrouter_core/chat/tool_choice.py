"""The `tool_choice` of a request, from what frameworks call it. Pure; called by `request`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openrouter_core.errors import ConfigurationError

WireTool = Mapping[str, Any]

_WORDS = frozenset({"auto", "none", "required"})


def to_tool_choice(choice: Any, tools: Sequence[WireTool]) -> Any:
    """Return a choice as the API takes it; None when there is nothing to send.

    Args:
        choice: "auto", "none", "required" or "any", a tool's name or type, True for the only tool, or a
            dict of OpenAI's or Anthropic's shape.
        tools: The tools of the request, as wire dicts. Without any the choice is sent all the same:
            presets and `openrouter/fusion` bring their own.

    Raises:
        ConfigurationError: The name is none of the tools', or True stands beside several.
    """
    if choice is None or choice is False:
        return None
    if choice is True:
        return _the_only(tools)
    if isinstance(choice, Mapping):
        return _of_dict(choice)
    if choice == "any":
        return "required"
    return choice if choice in _WORDS else _by_name(choice, tools)


def _the_only(tools: Sequence[WireTool]) -> dict[str, Any]:
    if len(tools) != 1:
        raise ConfigurationError(
            f"tool_choice=True needs exactly one tool, and {len(tools)} are bound. Name the tool."
        )
    return _forced(tools[0])


def _by_name(name: Any, tools: Sequence[WireTool]) -> dict[str, Any]:
    for tool in tools:
        if name in {_name_of(tool), tool.get("type")}:
            return _forced(tool)
    if tools:
        known = ", ".join(map(_name_of, tools))
        raise ConfigurationError(f"tool_choice={name!r} is none of the bound tools: {known}.")
    return {"type": "function", "function": {"name": name}}


def _forced(tool: WireTool) -> dict[str, Any]:
    if tool.get("type") == "function":
        return {"type": "function", "function": {"name": _name_of(tool)}}
    return {"type": tool["type"]}


def _name_of(tool: WireTool) -> str:
    return str((tool.get("function") or {}).get("name") or tool.get("type"))


def _of_dict(choice: Mapping[str, Any]) -> Any:
    """Anthropic's `{"type": "any"}` and `{"type": "tool", "name": ...}`; any other dict as it is."""
    kind = choice.get("type")
    if kind == "tool" and "name" in choice:
        return {"type": "function", "function": {"name": choice["name"]}}
    if set(choice) == {"type"} and kind in {"any", *_WORDS}:
        return "required" if kind == "any" else kind
    return dict(choice)
