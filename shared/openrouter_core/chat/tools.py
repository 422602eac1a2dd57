"""Tools and tool choices in wire form, server tools, and what forcing a tool costs. Pure.

The adapters turn tools of their framework into one of the forms that `function_tool` reads; dicts of
users come here as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard, cast

from openrouter_core._logging import warn_once
from openrouter_core.chat.schema import answer_schema, as_parameters, clean_name, read_schema
from openrouter_core.errors import ConfigurationError

WireTool = dict[str, Any]

_SCHEMA_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_READ = frozenset(
    {"type", "name", "description", "parameters", "strict", "function", "input_schema", "toolSpec"}
)
_WORDS = frozenset({"auto", "none", "required"})
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def server_tool(name: str, **parameters: Any) -> WireTool:
    """Describe a tool that OpenRouter runs itself.

        >>> server_tool("web_search", max_results=3)
        {'type': 'openrouter:web_search', 'parameters': {'max_results': 3}}

    Args:
        name: E.g. "web_search", "web_fetch" or "datetime"; "openrouter:" in front is optional.
        parameters: The tool's own settings.

    Source: guides/features/server-tools
    """
    kind = name if ":" in name else f"openrouter:{name}"
    return {"type": kind, "parameters": parameters} if parameters else {"type": kind}


def is_server_tool(tool: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a tool is a dict with a type of its own, to be sent as it is."""
    if not isinstance(tool, Mapping) or "input_schema" in tool:
        return False
    kind: object = cast("Mapping[str, Any]", tool).get("type")
    return isinstance(kind, str) and kind != "function" and kind not in _SCHEMA_TYPES


def function_tool(tool: Mapping[str, Any], *, strict: bool | None = None) -> WireTool:
    """Return a function tool in wire form: OpenAI's nested and flat forms, Anthropic's, Bedrock's, a schema.

    Keys that belong to none of these, such as `cache_control`, go along.

    Args:
        strict: Set on the function; True also closes its parameters, where optional ones are required and
            not nullable, for the tool runs with the arguments as they come. None leaves both as they are.

    Raises:
        ConfigurationError: It cannot be read, its name is refused upstream, or it cannot be strict.
    """
    nested: object = tool.get("function")
    function: WireTool = dict(cast("WireTool", nested)) if isinstance(nested, Mapping) else {}
    if strict is None and tool.get("type") == "function" and _is_whole(function):
        return dict(tool)
    named = read_schema(tool)
    check_tool_name(named.name)
    function |= _without_none(name=named.name, description=named.description, strict=named.strict)
    schema = named.schema
    if strict is not None:
        function |= {"strict": strict}
        schema = answer_schema(named, strict=strict, nullable=False).sent
    is_schema = _is_schema(tool)
    beside = {} if is_schema else {k: v for k, v in tool.items() if k not in _READ}
    function["parameters"] = as_parameters(schema, without=("title", "description") * is_schema)
    return {**beside, "type": "function", "function": function}


def _is_whole(function: WireTool) -> bool:
    """Whether nothing is to be done: most tools come here once they were converted."""
    parameters: object = function.get("parameters")
    if not isinstance(parameters, Mapping) or "properties" not in parameters:
        return False
    name: object = function.get("name")
    return "type" in parameters and isinstance(name, str) and bool(_NAME.fullmatch(name))


def _is_schema(tool: Mapping[str, Any]) -> bool:
    """Whether it is a JSON Schema: its title is the name, and nothing stands beside the function."""
    return "title" in tool and "name" not in tool and "function" not in tool


def _without_none(**fields: Any) -> WireTool:
    return {name: value for name, value in fields.items() if value is not None}


def check_tool_name(name: str) -> None:
    """Refuse a name that providers refuse: the model's call must find the tool by it.

    Raises:
        ConfigurationError: It has other characters than letters, digits, "_" and "-", or more than 64.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"The tool name {name!r} is refused upstream: names have 1 to 64 letters, digits, "
            f'"_" and "-". Rename the tool, e.g. to {clean_name(name, "my_tool")!r}.'
        )


# ---------------------------------------------------------------------------- tool choice


def to_tool_choice(choice: Any, tools: Sequence[WireTool]) -> str | WireTool | None:
    """Return a tool choice in wire form; None when the choice is left to the provider.

    Args:
        choice: "auto", "none", "required" or "any", a tool's name or type, True for the only tool, or a
            dict of OpenAI's or Anthropic's shape.
        tools: The tools of the request, in wire form. Without any, a name may be that of a preset's tool.

    Raises:
        ConfigurationError: The choice names none of the tools, or is True and there is not exactly one.
    """
    if choice is None or choice is False:
        return None
    if choice is True:
        return _the_only(tools)
    if isinstance(choice, Mapping):
        return _from_dict(cast("Mapping[str, Any]", choice))
    if choice == "any":
        return "required"
    return choice if choice in _WORDS else _named(str(choice), tools)


def _the_only(tools: Sequence[WireTool]) -> WireTool:
    if len(tools) != 1:
        raise ConfigurationError(
            f"tool_choice=True needs exactly one tool, and there are {len(tools)}. Name the tool."
        )
    return _force(tools[0])


def _named(name: str, tools: Sequence[WireTool]) -> WireTool:
    for tool in tools:
        if name in {tool_name(tool), tool.get("type")}:
            return _force(tool)
    if tools:
        known = ", ".join(map(tool_name, tools))
        raise ConfigurationError(f"tool_choice={name!r} is not one of the tools: {known}.")
    return {"type": name} if ":" in name else {"type": "function", "function": {"name": name}}


def _force(tool: WireTool) -> WireTool:
    if tool.get("type") == "function":
        return {"type": "function", "function": {"name": tool_name(tool)}}
    return {"type": tool["type"]}


def tool_name(tool: WireTool) -> str:
    """Return the name of a function tool, the type of a server tool."""
    return str((tool.get("function") or {}).get("name") or tool.get("type"))


def _from_dict(choice: Mapping[str, Any]) -> str | WireTool:
    """Anthropic's `{"type": "any"}` and `{"type": "tool", "name": ...}`; any other dict as it is."""
    kind = choice.get("type")
    if kind == "tool" and choice.get("name"):
        return {"type": "function", "function": {"name": choice["name"]}}
    if set(choice) == {"type"} and kind in {"any", *_WORDS}:
        return "required" if kind == "any" else str(kind)
    return dict(choice)


def warn_of_lost_reasoning(body: Mapping[str, Any]) -> None:
    """Log that a forced tool costs the reasoning, where a request asks Claude for both.

    OpenRouter then drops the reasoning without a word (pydantic-ai#6916, #6957, measured live 2026-07-30).
    """
    choice = body.get("tool_choice")
    is_forced = choice == "required" or isinstance(choice, Mapping)
    model = str(body.get("model") or "")
    if is_forced and _asks_for_reasoning(body) and model.lstrip("~").startswith("anthropic/"):
        warn_once(
            f"{model} does not reason in a call that forces a tool, so `reasoning` has no effect there. "
            'Use tool_choice="auto", or ask for structured output by json_schema.'
        )


def _asks_for_reasoning(body: Mapping[str, Any]) -> bool:
    reasoning: object = body.get("reasoning")
    fields = cast("Mapping[str, Any]", reasoning) if isinstance(reasoning, Mapping) else {}
    effort = body.get("reasoning_effort") or fields.get("effort")
    if effort == "none" or fields.get("enabled") is False:
        return False
    return bool(effort or fields.get("max_tokens") or fields.get("enabled"))
