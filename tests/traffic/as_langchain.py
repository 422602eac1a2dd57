"""Recorded requests as a LangChain user would hold them: read by LangChain's own converter."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, convert_to_messages


def messages(wire: list[dict[str, Any]]) -> list[BaseMessage]:
    """Read a recorded conversation with `convert_to_messages`.

    It insists on a `content` key, and it keeps of a tool call only what `ToolCall` has room for; so
    the calls as recorded go into `additional_kwargs`, where OpenAI-style integrations leave them.
    """
    spoken = convert_to_messages([{"content": "", **_without_nulls(m)} for m in wire])
    for message, recorded in zip(spoken, wire, strict=True):
        if isinstance(message, AIMessage) and recorded.get("tool_calls"):
            message.additional_kwargs["tool_calls"] = recorded["tool_calls"]
    return spoken


def _without_nulls(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if value is not None}
