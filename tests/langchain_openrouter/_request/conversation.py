"""A conversation as it is sent: converted by the adapter, made to fit by the core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages import BaseMessage

from langchain_openrouter._request import build
from openrouter_core.chat.request import ChatRequest


def to_wire(
    messages: Iterable[BaseMessage], request: Mapping[str, Any] | None = None, **options: Any
) -> list[dict[str, Any]]:
    """The messages of a request with this body, e.g. {"model": ...}, and these options."""
    chat_request = ChatRequest(dict(request or {}), options=options)
    sent: list[dict[str, Any]] = chat_request.add_messages(
        [wire for message in messages for wire in build.to_wire(message)]
    ).body["messages"]
    return sent
