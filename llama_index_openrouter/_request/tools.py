"""Tools to the wire. Pure; called by `llm` before a call.

A dict is a tool in its wire form and goes out as it is: that is how server tools such as
`openrouter:web_search` are used beside functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from openrouter_core import ConfigurationError

ToolSpec = dict[str, Any]


def server_tool(name: str, **parameters: Any) -> ToolSpec:
    """Describe a tool that OpenRouter runs itself.

    Args:
        name: E.g. "web_search", "web_fetch" or "datetime"; "openrouter:" in front is optional.
        parameters: The tool's own settings, e.g. `max_results=3`.

    Source: guides/features/server-tools
    """
    kind = name if ":" in name else f"openrouter:{name}"
    return {"type": kind, "parameters": parameters} if parameters else {"type": kind}


def to_wire_tools(tools: Sequence[Any]) -> list[ToolSpec]:
    """Convert LlamaIndex tools; dicts pass through.

    Raises:
        ConfigurationError: A tool has no name, or one that the API does not take.
    """
    return [
        dict(cast("Mapping[str, Any]", t)) if isinstance(t, Mapping) else _spec(t) for t in tools
    ]


def _spec(tool: Any) -> ToolSpec:
    name = tool.metadata.name
    spec = cast("ToolSpec", tool.metadata.to_openai_tool(skip_length_check=True))
    function = cast("dict[str, Any]", spec["function"])
    if not name or function["name"] != name:
        raise ConfigurationError(
            f"The tool name {name!r} cannot be sent: names are 1 to 64 of A-Z, a-z, 0-9, _ and -. "
            f"Rename the tool, e.g. to {function['name'] or 'my_tool'!r}."
        )
    given = cast("dict[str, Any]", function["parameters"])
    function["parameters"] = {"type": "object", "properties": {}, **given}
    return spec


def to_tool_choice(choice: Any, *, required: bool) -> Any:
    """Return the wire form of a tool choice: a word, a dict, or the name of a function.

    Returns:
        None when the choice is left to the model.
    """
    if choice is None:
        return "required" if required else None
    if choice == "any":
        return "required"
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        return {"type": "function", "function": {"name": choice}}
    return choice


def tool_options(
    tools: Sequence[Any], *, choice: Any, required: bool, parallel: bool
) -> dict[str, Any]:
    """Return the request fields for tools; none at all when there are no tools."""
    if not tools:
        return {}
    options: dict[str, Any] = {"tools": to_wire_tools(tools)}
    wire_choice = to_tool_choice(choice, required=required)
    if wire_choice is not None:
        options["tool_choice"] = wire_choice
    if not parallel:
        options["parallel_tool_calls"] = False
    return options
