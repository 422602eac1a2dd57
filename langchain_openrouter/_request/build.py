"""From settings, messages and call arguments to a request. Pure; nothing is sent from here.

What wins over what, what is refused, and what the asked model takes of a conversation is the core's knowledge
(`openrouter_core.chat.request`): here tools, schemas and messages of LangChain become wire dicts. Messages are
dispatched by their class; one without a role on the wire is an error, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any, cast

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
from langchain_openrouter._request.response_format import to_response_format
from langchain_openrouter._request.tools import Tool, to_tools
from langchain_openrouter._settings.chat import SEVERAL_ANSWERS, ChatSettings
from langchain_openrouter._settings.profile import facts_of
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.content_parts import mark_last_part
from openrouter_core.chat.request import ChatRequest, ChatRules, chat_request, defaults_of
from openrouter_core.chat.tool_turns import WireMessage

Content = str | Sequence[str | Block]

_NOT_SHOWN = {"model_name", "extra_headers", "extra_query", "reasoning_replay", "retry_empty"}
_SHOWN = (
    *(n for n in ChatSettings.sent_fields if n not in _NOT_SHOWN),
    "model_kwargs",
    "streaming",
)


def _to_wire_tools(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Convert what a call brought itself; dicts alone are what `bind_tools` made, or the API's own."""
    if all(isinstance(tool, dict) for tool in tools):
        return cast("list[dict[str, Any]]", list(tools))
    return to_tools(tools)


RULES = ChatRules(
    owner="ChatOpenRouter",
    to_tools=_to_wire_tools,
    to_response_format=to_response_format,
    several_answers=SEVERAL_ANSWERS,
    streams="Call `stream`, or set streaming=True for `invoke` to stream.",
    fetches_models="model.refresh_profile()",
    framework_arguments=frozenset(
        {"stream", "stream_usage", "ls_structured_output_format", "structured_output_format"}
    ),
)


def build(
    settings: ChatSettings,
    messages: Sequence[BaseMessage],
    stop: Sequence[str] | None,
    kwargs: Mapping[str, Any],
    *,
    streamed: bool,
) -> ChatRequest:
    """Return the request for one call.

    Raises:
        ConfigurationError: Something in it can only be refused, or cannot be carried.
    """
    call = kwargs if stop is None else {**kwargs, "stop": stop}
    request = chat_request(
        defaults_of(settings),
        call,
        RULES,
        facts=lambda model: facts_of(model, settings.openrouter_api_base),
        streamed=streamed,
    )
    request.wants_usage = bool(call.get("stream_usage", settings.stream_usage))
    return request.add_messages([wire for message in messages for wire in to_wire(message)])


# ---------------------------------------------------------------------------- messages


@singledispatch
def to_wire(message: BaseMessage) -> list[WireMessage]:
    """Return a message as the wire has it; tool results inside one of the user are messages of their own.

    Raises:
        ConfigurationError: It has no role on the wire, or holds a block that cannot be carried.
    """
    raise ConfigurationError(
        f"OpenRouter has no role for a {type(message).__name__}. Send tool results as ToolMessage; "
        "other roles as ChatMessage with role system, developer, user, assistant or tool."
    )


@to_wire.register
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


@to_wire.register
def _(message: SystemMessage) -> list[WireMessage]:
    role = message.additional_kwargs.get("__openai_role__", "system")
    return [_plain(role, message, message.content)]


@to_wire.register
def _(message: ToolMessage) -> list[WireMessage]:
    wire = _plain("tool", message, message.content)
    return [{**wire, "tool_call_id": message.tool_call_id}]


@to_wire.register
def _(message: AIMessage) -> list[WireMessage]:
    return [to_assistant(message)]


@to_wire.register
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
    return to_wire(stands_for(**fields, additional_kwargs=extra))


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
    return to_wire(message)[0]


# ---------------------------------------------------------------------------- traces and caches


def identity(settings: ChatSettings) -> dict[str, Any]:
    """The settings that make up an answer, for traces and caches: no credential among them."""
    values = vars(settings)
    shown = {name: v for name in _SHOWN if (v := values[name]) is not None}
    if not shown["model_kwargs"]:
        del shown["model_kwargs"]
    return shown


def unseen_part(settings: ChatSettings, call: Mapping[str, Any]) -> str:
    """A digest of headers and query, which may hold credentials; empty when there are none."""
    headers = [settings.default_headers, settings.extra_headers, call.get("extra_headers")]
    query = [settings.extra_query, call.get("extra_query")]
    if not any(headers) and not any(query):
        return ""
    from hashlib import blake2b

    parts = [
        [sorted(given.items()) if given else [] for given in kind] for kind in (headers, query)
    ]
    return f"---{blake2b(repr(parts).encode(), digest_size=16).hexdigest()}"
