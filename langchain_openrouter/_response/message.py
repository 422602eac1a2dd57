"""A reply of the wire to a LangChain message. Pure; one converter for replies and finished streams.

What OpenRouter said reaches the message unchanged: the text as content, calls parsed, everything that
a later turn must send back verbatim in `additional_kwargs`, every other field in `response_metadata`
under its own name. Unknown fields come along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, InvalidToolCall, ToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import invalid_tool_call, tool_call
from langchain_core.outputs import ChatGeneration, ChatResult

from langchain_openrouter._response.usage import to_usage_metadata
from openrouter_core.chat.answer import (
    finish_reason_of,
    name_and_arguments,
    parse_arguments,
    reasoning_text,
    tool_calls_of,
)
from openrouter_core.chat.reply import ReplyReader
from openrouter_core.chat.response_cache import cache_status

PROVIDER = "openrouter"

_RENAMED = {"model": "model_name"}
_NOT_METADATA = frozenset({"choices", "usage"})
_FROM_USAGE = ("cost", "cost_details", "is_byok", "server_tool_use_details", "server_tool_use")
_CHOICE_ELSEWHERE = frozenset({"index", "message", "delta", "text", "error"})
_MESSAGE_ELSEWHERE = frozenset(
    {"role", "content", "tool_calls", "reasoning", "reasoning_content", "reasoning_details"}
)
_PLAIN = ReplyReader()


@dataclass(slots=True, eq=False)
class Reply:
    """One choice of a reply, in the terms of a LangChain message."""

    content: str | list[str | dict[Any, Any]]
    tool_calls: list[ToolCall]
    invalid_tool_calls: list[InvalidToolCall]
    additional_kwargs: dict[str, Any]
    response_metadata: dict[str, Any]
    usage_metadata: UsageMetadata | None
    id: str | None

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended."""
        return self.response_metadata.get("finish_reason")

    def message(self) -> AIMessage:
        """The whole message."""
        return AIMessage(
            content=self.content,
            tool_calls=self.tool_calls,
            invalid_tool_calls=self.invalid_tool_calls,
            additional_kwargs=self.additional_kwargs,
            response_metadata=self.response_metadata,
            usage_metadata=self.usage_metadata,
            id=self.id,
        )


def to_result(
    body: dict[str, Any],
    *,
    generation_id: str | None = None,
    attempts: int = 1,
    headers: Mapping[str, str] | None = None,
    reader: ReplyReader = _PLAIN,
) -> ChatResult:
    """Return LangChain's result for the JSON of a reply.

    Args:
        body: The reply, as received or as a stream added up to.
        generation_id: The id from the response header, for replies without one in the body.
        attempts: How many requests it took; shown in the metadata when more than one.
        headers: The response headers, names in lower case, for what they say of the response cache.
        reader: Knows what was asked for.

    Raises:
        ResponseShapeError: The reply holds no choice.
    """
    body = reader.read(body, generation_id=generation_id)
    replies = [
        read(body, choice, generation_id=generation_id, attempts=attempts, headers=headers)
        for choice in body["choices"]
    ]
    for further in replies[1:]:
        further.usage_metadata = None  # once: LangChain adds the generations up
    generations = [
        ChatGeneration(message=r.message(), generation_info={"finish_reason": r.finish_reason})
        for r in replies
    ]
    output = {"model_name": body.get("model"), "token_usage": body.get("usage") or {}}
    return ChatResult(generations=generations, llm_output=output)


def read(
    body: Mapping[str, Any],
    choice: Mapping[str, Any],
    *,
    generation_id: str | None = None,
    attempts: int = 1,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Read one choice of a reply."""
    message: Mapping[str, Any] = choice.get("message") or {}
    identity = body.get("id") or generation_id
    raw_calls = tool_calls_of(message, reply_id=identity)
    calls, invalid = parse_calls(raw_calls)
    metadata = _metadata(body, choice)
    metadata["generation_id"] = generation_id or body.get("id")
    metadata["attempts"] = attempts if attempts > 1 else None
    metadata["response_cache"] = cache_status(headers)
    metadata["finish_reason"] = finish_reason_of(choice, has_calls=bool(raw_calls))
    return Reply(
        content=_content(message, choice),
        tool_calls=calls,
        invalid_tool_calls=invalid,
        additional_kwargs=_additional(message, raw_calls),
        response_metadata={k: v for k, v in metadata.items() if v is not None},
        usage_metadata=to_usage_metadata(body.get("usage")),
        id=identity,
    )


def _content(message: Mapping[str, Any], choice: Mapping[str, Any]) -> Any:
    return message.get("content") or choice.get("text") or ""


def _metadata(body: Mapping[str, Any], choice: Mapping[str, Any]) -> dict[str, Any]:
    usage: Mapping[str, Any] = body.get("usage") or {}
    metadata: dict[str, Any] = {"model_provider": PROVIDER}
    metadata |= {_RENAMED.get(k, k): v for k, v in body.items() if k not in _NOT_METADATA}
    metadata |= {k: v for k, v in choice.items() if k not in _CHOICE_ELSEWHERE}
    metadata |= {k: usage[k] for k in _FROM_USAGE if k in usage}
    return metadata | {"token_usage": dict(usage) or None}


def _additional(message: Mapping[str, Any], raw_calls: list[dict[str, Any]]) -> dict[str, Any]:
    extra = {k: v for k, v in message.items() if k not in _MESSAGE_ELSEWHERE and v is not None}
    reasoning = reasoning_text(message)
    if reasoning:
        extra["reasoning_content"] = reasoning
    if message.get("reasoning_details") is not None:
        extra["reasoning_details"] = message["reasoning_details"]
    if raw_calls:
        extra["raw_tool_calls"] = raw_calls
    return {key: value for key, value in extra.items() if value != "" and value is not None}


# ---------------------------------------------------------------------------- tool calls


def parse_calls(calls: list[dict[str, Any]]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """Parse the arguments; a call whose arguments are no JSON object is invalid, with the reason."""
    valid: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for call in calls:
        name, raw = name_and_arguments(call)
        args, error = parse_arguments(raw)
        if error is None:
            valid.append(tool_call(name=name, args=args, id=call["id"]))
        else:
            text = raw if isinstance(raw, str) else json.dumps(raw)
            invalid.append(invalid_tool_call(name=name, args=text, id=call["id"], error=error))
    return valid, invalid


def invalid_call_block(call: InvalidToolCall) -> dict[str, Any]:
    """An invalid call as a standard content block."""
    return {**call, "type": "invalid_tool_call"}
