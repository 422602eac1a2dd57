"""Tools of LangChain as the wire takes them. Pure; called by `bind_tools` and for every request.

Functions, pydantic classes, TypedDicts and LangChain tools become function tools, by LangChain's own
conversion; dicts and everything about the wire form are `openrouter_core.chat.tools`' matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass

from langchain_openrouter._request.response_format import json_schema_of
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.json_schema import is_recursive
from openrouter_core.chat.tools import (
    WireTool,
    function_tool,
    is_server_tool,
    server_tool,
    to_tool_choice,
)

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    Tool: TypeAlias = Mapping[str, Any] | type | Callable[..., Any] | BaseTool
else:  # LangChain reads the hints at run time, where a tool is a Runnable; its module takes 4 ms
    Tool = Mapping[str, Any] | type | Callable[..., Any] | Runnable[Any, Any]

__all__ = ["Tool", "WireTool", "is_server_tool", "server_tool", "to_tool_choice", "to_tools"]


def to_tools(tools: Sequence[Tool], *, strict: bool | None = None) -> list[WireTool]:
    """Return the tools in wire form.

    Args:
        strict: Set on every function tool; True also closes its parameters, None leaves each as it is.

    Raises:
        ConfigurationError: A tool cannot be read or cannot be strict, or providers refuse its name.
    """
    return [_to_tool(tool, strict=strict) for tool in tools]


def _to_tool(tool: Tool, *, strict: bool | None) -> WireTool:
    if is_server_tool(tool):
        return dict(tool)
    if isinstance(tool, Mapping):
        return function_tool(tool, strict=strict)
    return function_tool({**_extras(tool), **_converted(tool)}, strict=strict)


def _converted(tool: Any) -> WireTool:
    try:
        wire = convert_to_openai_tool(tool)
    except ValueError as error:
        raise ConfigurationError(
            f"This {type(tool).__name__} is not a valid tool. Give a function, a pydantic class, a "
            'TypedDict, a LangChain tool, a JSON Schema with a "title", or a dict of the API\'s own form.'
        ) from error
    if isinstance(tool, type) and is_basemodel_subclass(tool):
        schema = json_schema_of(tool)
        if is_recursive(schema):  # LangChain's conversion puts {} where a class holds itself
            wire["function"]["parameters"] = schema
    return wire


def _extras(tool: Any) -> WireTool:
    """Keys beside the function: cache marks and flags that some providers read."""
    from langchain_core.tools import BaseTool  # 4 ms that only tools need

    return dict(tool.extras or {}) if isinstance(tool, BaseTool) else {}
