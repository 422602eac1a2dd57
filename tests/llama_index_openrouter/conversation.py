"""A conversation as it is sent: converted by the adapter, made to fit by the core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llama_index.core.base.llms.types import ChatMessage

from llama_index_openrouter._request.build import to_wire
from openrouter_core.chat.request import ChatRequest


def to_wire_messages(
    messages: Iterable[ChatMessage], request: Mapping[str, Any] | None = None, **options: Any
) -> list[dict[str, Any]]:
    """The messages of a request with this body, e.g. {"model": ...}, and these options."""
    chat_request = ChatRequest(dict(request or {}), options=options)
    sent: list[dict[str, Any]] = chat_request.add_messages(
        [to_wire(message) for message in messages]
    ).body["messages"]
    return sent
