"""Tools to the wire and tool calls back. Pure; called by `llm` before and after a call.

A dict is a tool in its wire form and goes out as it is: that is how server tools such as
`openrouter:web_search` are used beside functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from llama_index.core.base.llms.types import ChatResponse, ToolCallBlock
from llama_index.core.llms.llm import ToolSelection
from pydantic_core import from_json

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


def tool_selections(response: ChatResponse) -> list[ToolSelection]:
    """Return the calls of a response, whole or partial.

    Raises:
        ValueError: The answer is whole, and the arguments of a call are not JSON.
    """
    whole = "finish_reason" in response.additional_kwargs
    return [
        ToolSelection(
            tool_id=block.tool_call_id or "",
            tool_name=block.tool_name,
            tool_kwargs=_whole_arguments(block, response) if whole else _partial(block.tool_kwargs),
        )
        for block in response.message.blocks
        if isinstance(block, ToolCallBlock)
    ]


def _whole_arguments(block: ToolCallBlock, response: ChatResponse) -> dict[str, Any]:
    text = block.tool_kwargs
    if not isinstance(text, str):
        return text
    try:
        value = from_json(_without_placeholder(text) or "{}")
    except ValueError as error:
        notes = response.additional_kwargs
        ended = notes.get("native_finish_reason") or notes.get("finish_reason")
        raise ValueError(
            f"The model called the tool {block.tool_name!r} with arguments that are not JSON "
            f"({error}); the answer ended with {ended!r}. If it was cut off, raise max_tokens; "
            "otherwise ask again. The tool was not run."
        ) from error
    return _as_kwargs(value)


def _partial(arguments: dict[str, Any] | str) -> dict[str, Any]:
    """The arguments that a partial answer has so far."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return _as_kwargs(from_json(arguments or "{}", allow_partial="trailing-strings"))
    except ValueError:
        return {}


def _without_placeholder(text: str) -> str:
    """Drop an empty object before the real one: `{}{"a": 1}` came from Llama models at Venice."""
    stripped = text.strip()
    rest = stripped.removeprefix("{}").lstrip()
    return rest if rest.startswith("{") else stripped


def _as_kwargs(value: Any) -> dict[str, Any]:
    """No arguments came as null, "", [] or {}."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def keep_first_call(response: ChatResponse) -> ChatResponse:
    """Drop all tool calls but the first from the message; `raw` keeps them."""
    message = response.message
    calls = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    if len(calls) < 2:
        return response
    blocks = [b for b in message.blocks if not isinstance(b, ToolCallBlock) or b is calls[0]]
    notes = {**message.additional_kwargs}
    if notes.get("tool_calls"):
        notes["tool_calls"] = notes["tool_calls"][:1]
    kept = message.model_copy(update={"blocks": blocks, "additional_kwargs": notes})
    return response.model_copy(update={"message": kept})
