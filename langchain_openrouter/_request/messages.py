"""LangChain messages to wire messages. Pure; called once per request with the whole conversation.

Dispatch is by message class; `assistant` converts what the assistant said before, `content_parts` content
blocks. What of it the asked model takes is decided by the core. A message without a role on the wire is an
error, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_openrouter._request.assistant import to_assistant
from langchain_openrouter._request.content_parts import Block, Part, to_part
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.content_parts import mark_last_part
from openrouter_core.chat.history import fit_history
from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.chat.tool_turns import WireMessage

Content = str | Sequence[str | Block]

_NOTHING: Mapping[str, Any] = {}


def to_wire(
    messages: Iterable[BaseMessage],
    request: Mapping[str, Any] = _NOTHING,
    *,
    replay: ReplayPolicy = "auto",
) -> list[WireMessage]:
    """Return the conversation as the model that is asked takes it.

    Args:
        messages: The conversation, oldest first. It is not changed.
        request: The body that it goes out with, which says who is asked.
        replay: Which reasoning of earlier turns is sent back.

    Raises:
        ConfigurationError: A message or block cannot be carried.
    """
    wire = [entry for message in messages for entry in _wire(message)]
    return fit_history(wire, request, reasoning_replay=replay)


def with_own_mime(message: BaseMessage) -> BaseMessage:
    """Return the message with OpenAI's file parts as standard blocks, where they are no PDF.

    LangChain rewrites such parts before a model sees them, and calls every data URL a PDF.
    """
    if isinstance(message.content, str):
        return message
    content = [_standard_file(block) for block in message.content]
    changed = any(new is not old for new, old in zip(content, message.content, strict=True))
    return message.model_copy(update={"content": content}) if changed else message


def _standard_file(block: Any) -> Any:
    file = block.get("file") if isinstance(block, dict) and block.get("type") == "file" else None
    head, comma, data = str((file or {}).get("file_data")).partition(";base64,")
    if not (file and comma and head.startswith("data:")) or head == "data:application/pdf":
        return block
    rest = {f"file_{k}": v for k, v in file.items() if k not in {"file_data", "filename"}}
    extras = {**(block.get("extras") or {}), **rest}
    kept = {k: v for k, v in block.items() if k not in {"file", "extras"}}
    source = {"base64": data, "mime_type": head.removeprefix("data:"), "extras": extras}
    return {**kept, **source, **({"filename": file["filename"]} if "filename" in file else {})}


@singledispatch
def _wire(message: BaseMessage) -> list[WireMessage]:
    raise ConfigurationError(
        f"OpenRouter has no role for a {type(message).__name__}. Send tool results as ToolMessage; "
        "other roles as ChatMessage with role system, developer, user, assistant or tool."
    )


@_wire.register
def _(message: HumanMessage) -> list[WireMessage]:
    if isinstance(message.content, str):
        return [_plain("user", message, message.content)]
    results = [
        b for b in message.content if not isinstance(b, str) and b.get("type") == "tool_result"
    ]
    if not results:
        return [_plain("user", message, message.content)]
    wire = [_tool_result(block) for block in results]  # Anthropic's: messages of their own here
    rest = [block for block in message.content if block not in results]
    return [*wire, _plain("user", message, rest)] if rest else wire


@_wire.register
def _(message: SystemMessage) -> list[WireMessage]:
    role = message.additional_kwargs.get("__openai_role__", "system")
    return [_plain(role, message, message.content)]


@_wire.register
def _(message: ToolMessage) -> list[WireMessage]:
    wire = _plain("tool", message, message.content)
    return [{**wire, "tool_call_id": message.tool_call_id}]


@_wire.register
def _(message: AIMessage) -> list[WireMessage]:
    return [to_assistant(message)]


@_wire.register
def _(message: ChatMessage) -> list[WireMessage]:
    stands_for = _ROLES.get(message.role)
    if stands_for is None:
        raise ConfigurationError(
            f"OpenRouter has no role {message.role!r}. "
            "Use system, developer, user, assistant or tool."
        )
    extra = dict(message.additional_kwargs)
    fields: dict[str, Any] = {"content": message.content, "name": message.name}
    if message.role == "developer":
        extra["__openai_role__"] = "developer"
    if message.role == "tool":
        fields["tool_call_id"] = extra.get("tool_call_id", "")
    return _wire(stands_for(**fields, additional_kwargs=extra))


_ROLES: dict[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "developer": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
    "tool": ToolMessage,
}


def _plain(role: str, message: BaseMessage, content: Content) -> WireMessage:
    """A message that is a role and a content, perhaps with a name."""
    mark = message.additional_kwargs.get("cache_control")
    wire: WireMessage = {"role": role, "content": _content(content, mark)}
    name = message.name or message.additional_kwargs.get("name")
    return {**wire, "name": name} if name else wire


def _content(content: Content, cache_control: Any) -> str | list[Part]:
    if isinstance(content, str):
        if not (content and cache_control):
            return content
        content = [content]
    parts = [to_part(block) for block in content]
    return mark_last_part(parts, {"cache_control": cache_control}) if cache_control else parts


def _tool_result(block: Block) -> WireMessage:
    message = ToolMessage(
        content=block.get("content") or "",
        tool_call_id=block["tool_use_id"],
        additional_kwargs={"cache_control": block.get("cache_control")},
    )
    return _wire(message)[0]
