"""From settings, messages and call arguments to a request. Pure; nothing is sent from here.

What wins over what, and what is refused, is the core's knowledge (`openrouter_core.chat.request`): here
tools and messages of LlamaIndex become wire dicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage

from llama_index_openrouter._request.messages import to_wire
from llama_index_openrouter._request.tools import to_wire_tools
from llama_index_openrouter._settings.model import SEVERAL_ANSWERS, OpenRouterModel
from openrouter_core import ConfigurationError
from openrouter_core.chat.request import ChatRequest, ChatRules, chat_request


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
