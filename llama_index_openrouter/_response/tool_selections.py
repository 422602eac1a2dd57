"""Tool calls of a response as LlamaIndex's selections. Pure; called by `llm` after a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from llama_index.core.base.llms.types import ChatResponse, ToolCallBlock
from llama_index.core.llms.llm import ToolSelection
from pydantic_core import from_json

from llama_index_openrouter._response.message import tool_call_block
from openrouter_core.chat.answer import (
    Arguments,
    parse_arguments,
    readable_calls,
    was_cut_off,
    with_ids,
)


def tool_selections(response: ChatResponse, *, for_agent: bool = False) -> list[ToolSelection]:
    """Return the calls of a response, whole or partial.

    Args:
        for_agent: Whether a call that must not be run becomes a selection of a tool that does not exist,
            whose name says why: an agent gives that back to the model, which can ask again. It is an error
            all the same when the answer was cut off at its token limit.

    Raises:
        ValueError: The answer is whole, and the arguments of a call are not JSON.
    """
    is_whole = "finish_reason" in response.additional_kwargs
    return [
        _selection(block, response, for_agent=for_agent) if is_whole else _partial(block)
        for block in _call_blocks(response)
    ]


def why_no_tool(response: ChatResponse) -> str:
    """Return the sentence for a response without calls: what the model did, and what to do."""
    notes = response.message.additional_kwargs
    if notes.get("refusal"):
        return f"The model refused: {notes['refusal']}"
    ended = response.additional_kwargs.get("finish_reason")
    if ended in ("length", "content_filter"):
        return f"The model called no tool before the answer ended with {ended!r}."
    return "The model called no tool. Pass tool_required=True, or error_on_no_tool_call=False."


def _call_blocks(response: ChatResponse) -> Iterator[ToolCallBlock]:
    """The calls of the message; those that only its notes hold, as other integrations write them, too."""
    blocks = [b for b in response.message.blocks if isinstance(b, ToolCallBlock)]
    if blocks:
        return iter(blocks)
    noted = response.message.additional_kwargs.get("tool_calls") or []
    return map(tool_call_block, with_ids(readable_calls([_as_dict(call) for call in noted]), None))


def _as_dict(call: Any) -> Any:
    """A call as a dict; llms-openai keeps objects of the openai package."""
    return call.model_dump() if hasattr(call, "model_dump") else call


def _selection(block: ToolCallBlock, response: ChatResponse, *, for_agent: bool) -> ToolSelection:
    arguments = parse_arguments(block.tool_kwargs)
    if arguments.error is None:
        return _named(block, block.tool_name, arguments.values)
    if for_agent and not was_cut_off(response.additional_kwargs):
        return _named(block, f"{block.tool_name} (not run: {arguments.error})", {})
    raise ValueError(_why_not_run(block, arguments, response))


def _named(block: ToolCallBlock, name: str, arguments: dict[str, Any]) -> ToolSelection:
    identity = block.tool_call_id or ""
    return ToolSelection(tool_id=identity, tool_name=name, tool_kwargs=arguments)


def _why_not_run(block: ToolCallBlock, arguments: Arguments, response: ChatResponse) -> str:
    notes = response.additional_kwargs
    ended = notes.get("native_finish_reason") or notes.get("finish_reason")
    return (
        f"The model called the tool {block.tool_name!r}, which was not run. {arguments.error} The answer "
        f"ended with {ended!r}. If it was cut off, raise max_tokens; otherwise ask again."
    )


def _partial(block: ToolCallBlock) -> ToolSelection:
    """A call with the arguments that a partial answer has so far."""
    text = block.tool_kwargs
    value: Any = text
    if isinstance(text, str):
        try:
            value = from_json(text or "{}", allow_partial="trailing-strings")
        except (ValueError, TypeError):  # half a character is a TypeError
            value = parse_arguments(text).values
    arguments = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return _named(block, block.tool_name, arguments)


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
