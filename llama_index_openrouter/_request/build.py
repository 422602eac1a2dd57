"""From settings, messages and call arguments to a request. Pure; nothing is sent from here.

What wins over what, what is refused, and what the asked model takes of a conversation is the core's knowledge
(`openrouter_core.chat.request`): here tools and messages of LlamaIndex become wire dicts. The caller's messages are
never changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole, TextBlock

from llama_index_openrouter._request.assistant import to_assistant
from llama_index_openrouter._request.content_parts import content_of, marked, to_parts
from llama_index_openrouter._request.tools import to_wire_tools
from llama_index_openrouter._settings.model import SEVERAL_ANSWERS, OpenRouterModel
from openrouter_core import ConfigurationError
from openrouter_core.chat.request import ChatRequest, ChatRules, chat_request
from openrouter_core.chat.tool_turns import WireMessage


def _to_response_format(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    raise ConfigurationError(
        f'response_format must be an object, e.g. {{"type": "json_object"}}, not a {type(given).__name__}. '
        "For an instance of a class use structured_predict."
    )


RULES = ChatRules(
    owner="OpenRouter",
    to_tools=to_wire_tools,
    to_response_format=_to_response_format,
    several_answers=SEVERAL_ANSWERS,
    streams="Use stream_chat or astream_chat to stream.",
    fetches_models="refresh_metadata=True",
)


def build(
    settings: OpenRouterModel,
    messages: Sequence[ChatMessage],
    call: Mapping[str, Any],
    *,
    streamed: bool,
) -> ChatRequest:
    """Return the request for one call.

    Raises:
        ConfigurationError: Something in it can only be refused, or cannot be carried.
    """
    request = chat_request(
        settings.chat_defaults(),
        call,
        RULES,
        facts=settings.facts_of,
        streamed=streamed,
    )
    return request.add_messages([to_wire(message) for message in messages])


# ---------------------------------------------------------------------------- messages

_ROLES: dict[Any, str] = {
    MessageRole.SYSTEM: "system",
    MessageRole.DEVELOPER: "developer",
    MessageRole.USER: "user",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.MODEL: "assistant",
    MessageRole.TOOL: "tool",
    MessageRole.FUNCTION: "tool",
}


def to_wire(message: ChatMessage) -> WireMessage:
    """Convert a message to its wire form.

    Raises:
        ConfigurationError: A message or block cannot be carried; the sentence says what to do.
    """
    role = _role(message)
    if role == "assistant":
        return to_assistant(message)
    if role == "tool":
        call_id = message.additional_kwargs.get("tool_call_id")
        return {**_plain(message, "tool"), "tool_call_id": call_id}
    return _plain(message, role)


def _role(message: ChatMessage) -> str:
    role = _ROLES.get(message.role)
    if role is None:
        raise ConfigurationError(
            f"OpenRouter has no message role {message.role!r}. "
            "Use system, developer, user, assistant or tool."
        )
    return role


def _plain(message: ChatMessage, role: str) -> WireMessage:
    if (text := _only_text(message)) is not None:
        return {"role": role, "content": text}
    parts = marked(to_parts(message.blocks, role), message.additional_kwargs)
    entry: WireMessage = {"role": role, "content": content_of(parts)}
    name = message.additional_kwargs.get("name")
    return {**entry, "name": name} if name else entry


def _only_text(message: ChatMessage) -> str | None:
    """The text of a message that is nothing else, as most are: 0.6 instead of 3.4 µs a message."""
    blocks = message.blocks
    alone = len(blocks) == 1 and not message.additional_kwargs
    return blocks[0].text if alone and type(blocks[0]) is TextBlock else None
