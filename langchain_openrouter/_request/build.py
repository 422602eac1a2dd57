"""From settings, messages and call arguments to a request. Pure; nothing is sent from here.

What wins over what, and what is refused, is the core's knowledge (`openrouter_core.chat.request`): here
tools, schemas and messages of LangChain become wire dicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import BaseMessage

from langchain_openrouter._request.messages import to_wire
from langchain_openrouter._request.response_format import to_response_format
from langchain_openrouter._request.tools import Tool, to_tools
from langchain_openrouter._settings.chat import SEVERAL_ANSWERS, ChatSettings
from langchain_openrouter._settings.profile import facts_of
from openrouter_core.chat.request import ChatRequest, ChatRules, chat_request

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
        settings.chat_defaults(),
        call,
        RULES,
        facts=lambda model: facts_of(model, settings.openrouter_api_base),
        streamed=streamed,
    )
    request.wants_usage = bool(call.get("stream_usage", settings.stream_usage))
    wire = to_wire(messages, request.body, replay=request.reasoning_replay)
    return request.add_messages(wire)


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
