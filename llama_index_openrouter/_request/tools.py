"""Tools to the wire. Pure; called by `llm` before a call.

A dict with a type of its own is a server tool, such as `openrouter:web_search`, and goes out as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from openrouter_core import ConfigurationError
from openrouter_core.chat.tools import (
    WireTool,
    check_tool_name,
    function_tool,
    is_server_tool,
    server_tool,
)

__all__ = ["server_tool", "to_wire_tools", "tool_options"]


def to_wire_tools(tools: Sequence[Any]) -> list[WireTool]:
    """Convert tools: LlamaIndex's, functions in any form that the core reads, server tools unchanged.

    Raises:
        ConfigurationError: A tool cannot be read, or providers refuse its name.
    """
    return [_to_wire_tool(tool) for tool in tools]


def _to_wire_tool(tool: Any) -> WireTool:
    if is_server_tool(tool):
        return dict(tool)
    if isinstance(tool, Mapping):
        return function_tool(cast("Mapping[str, Any]", tool))
    metadata = getattr(tool, "metadata", None)
    if metadata is None:
        raise ConfigurationError(
            f"This {type(tool).__name__} is not a valid tool. Give a tool of LlamaIndex, e.g. "
            "FunctionTool.from_defaults(a_function), or a dict of the API's own form."
        )
    check_tool_name(str(metadata.name or ""))  # LlamaIndex would send another name
    return function_tool(metadata.to_openai_tool(skip_length_check=True))


def tool_options(
    tools: Sequence[Any], *, choice: Any, required: bool, parallel: bool | None
) -> dict[str, Any]:
    """Return the request fields for tools; none at all when there are no tools.

    Args:
        parallel: None does not say whether the model may call several at once.
    """
    if not tools:
        return {}
    options: dict[str, Any] = {"tools": to_wire_tools(tools)}
    if choice is not None or required:
        options["tool_choice"] = "required" if choice is None else choice
    if parallel is not None:
        options["parallel_tool_calls"] = parallel
    return options
