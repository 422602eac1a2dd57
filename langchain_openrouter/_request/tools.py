"""Tools and tool choices as the wire takes them. Pure; called by `bind_tools` and for every request.

Functions, pydantic classes, TypedDicts, JSON schemas and LangChain tools become function tools. A dict
with a type of its own, such as `{"type": "openrouter:web_search"}`, is a server tool and goes through
unchanged, as do extra keys of any dict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from langchain_core.utils.function_calling import convert_to_openai_tool

from langchain_openrouter.errors import ConfigurationError

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

Tool: TypeAlias = "Mapping[str, Any] | type | Callable[..., Any] | BaseTool"
WireTool = dict[str, Any]

_SCHEMA_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_CONVERTED_KEYS = frozenset(
    {"type", "name", "description", "parameters", "input_schema", "title", "properties"}
    | {"required", "$defs", "definitions", "additionalProperties", "toolSpec", "strict", "function"}
)
_WORDS = frozenset({"auto", "none", "required"})
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def server_tool(name: str, **parameters: Any) -> WireTool:
    """Describe a tool that OpenRouter runs itself, for `bind_tools` and `create_agent`.

    >>> server_tool("web_search", max_results=3)
    {'type': 'openrouter:web_search', 'parameters': {'max_results': 3}}

    Args:
        name: E.g. "web_search", "web_fetch" or "datetime"; "openrouter:" in front is optional.
        parameters: The tool's own settings.

    Source: guides/features/server-tools
    """
    kind = name if ":" in name else f"openrouter:{name}"
    return {"type": kind, "parameters": parameters} if parameters else {"type": kind}


def to_tools(tools: Sequence[Tool], *, strict: bool | None = None) -> list[WireTool]:
    """Return the tools in wire shape.

    Args:
        strict: Set on every function tool; None leaves each as it is.

    Raises:
        ConfigurationError: A tool cannot be read, or its name has characters that OpenRouter refuses.
    """
    return [_to_tool(tool, strict=strict) for tool in tools]


def _to_tool(tool: Tool, *, strict: bool | None) -> WireTool:
    if is_server_tool(tool):
        return dict(tool)
    if isinstance(tool, Mapping) and tool.get("type") == "function" and "function" in tool:
        wire = _with_strict(tool, strict=strict)
    else:
        wire = _converted(tool, strict=strict)
    function = wire["function"]
    if not function.get("parameters"):
        function["parameters"] = {"type": "object", "properties": {}}
    _check_name(function["name"])
    return wire


def is_server_tool(tool: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether the tool is a dict with a type of its own, to be sent as it is."""
    if not isinstance(tool, Mapping) or "input_schema" in tool:
        return False
    kind = tool.get("type")
    return isinstance(kind, str) and kind != "function" and kind not in _SCHEMA_TYPES


def _with_strict(tool: Mapping[str, Any], *, strict: bool | None) -> WireTool:
    function = dict(tool["function"])
    if strict is not None:
        function = dict(convert_to_openai_tool(function, strict=strict)["function"]) | {
            k: v for k, v in function.items() if k not in _CONVERTED_KEYS
        }
    return {**tool, "function": function}


def _converted(tool: Any, *, strict: bool | None) -> WireTool:
    source = dict(tool) if isinstance(tool, Mapping) else tool
    try:
        wire = convert_to_openai_tool(source, strict=strict)
    except ValueError as error:
        raise ConfigurationError(
            f"This {type(tool).__name__} is no tool. Give a function, a pydantic class, a TypedDict, "
            'a LangChain tool, a JSON schema with a "title", or a dict of the API\'s own shape.'
        ) from error
    return {**_extras(tool), "type": "function", "function": dict(wire["function"])}


def _extras(tool: Any) -> WireTool:
    """Keys beside the function: cache marks and flags that some providers read."""
    from langchain_core.tools import BaseTool  # 4 ms that only tools need

    if isinstance(tool, BaseTool):
        return dict(tool.extras or {})
    if not isinstance(tool, Mapping):
        return {}
    return {k: v for k, v in tool.items() if k not in _CONVERTED_KEYS}


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"The tool name {name!r} is refused upstream: names have at most 64 letters, digits, "
            '"_" and "-". Rename the tool, e.g. by @tool("another_name").'
        )


def to_tool_choice(choice: Any, tools: Sequence[WireTool]) -> str | dict[str, Any] | None:
    """Return the choice in wire shape; None when there is nothing to send.

    Args:
        choice: "auto", "none", "required" or "any", a tool's name or type, True for the only tool, or
            a dict of OpenAI's or Anthropic's shape.
        tools: The bound tools, in wire shape.
    """
    if choice is None or choice is False or not tools:
        return None
    if choice is True:
        return _the_only(tools)
    if isinstance(choice, Mapping):
        return _from_dict(choice)
    if choice == "any":
        return "required"
    return choice if choice in _WORDS else _named(choice, tools)


def _the_only(tools: Sequence[WireTool]) -> dict[str, Any]:
    if len(tools) != 1:
        raise ConfigurationError(
            f"tool_choice=True needs exactly one tool, and {len(tools)} are bound. Name the tool."
        )
    return _force(tools[0])


def _named(name: str, tools: Sequence[WireTool]) -> dict[str, Any]:
    for tool in tools:
        if name in {_name_of(tool), tool.get("type")}:
            return _force(tool)
    known = ", ".join(_name_of(tool) for tool in tools)
    raise ConfigurationError(f"tool_choice={name!r} is none of the bound tools: {known}.")


def _force(tool: WireTool) -> dict[str, Any]:
    if tool.get("type") == "function":
        return {"type": "function", "function": {"name": tool["function"]["name"]}}
    return {"type": tool["type"]}


def _name_of(tool: WireTool) -> str:
    return str((tool.get("function") or {}).get("name") or tool.get("type"))


def _from_dict(choice: Mapping[str, Any]) -> str | dict[str, Any]:
    """Anthropic's `{"type": "any"}` and `{"type": "tool", "name": ...}`; any other dict as it is."""
    kind = choice.get("type")
    if kind == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    if set(choice) == {"type"} and kind in {"any", *_WORDS}:
        return "required" if kind == "any" else str(kind)
    return dict(choice)
