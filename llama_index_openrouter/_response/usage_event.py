"""The event that tells what an embedding or rerank call used. LlamaIndex's own events have no room for it.

Fired by `embedding` and `rerank`, read by `instrumentation`, open to handlers of users.
"""

from __future__ import annotations

from typing import Any

from llama_index.core.bridge.pydantic import ConfigDict
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.base import BaseEvent
from typing_extensions import override

from openrouter_core import WireModel

dispatcher = get_dispatcher(__name__)


class OpenRouterUsageEvent(BaseEvent):
    """An OpenRouter call that is not a chat has ended."""

    model_config = ConfigDict(protected_namespaces=())

    operation: str
    """"createEmbeddings" or "createRerank"."""
    generation_id: str
    requested_model: str
    model: str | None = None
    """The model that answered, as the answer names it."""
    provider: str | None = None
    usage: dict[str, Any] | None = None
    """The answer's `usage`, verbatim."""

    @override
    @classmethod
    def class_name(cls) -> str:
        return "OpenRouterUsageEvent"


def report_usage(answer: WireModel, operation: str, requested_model: str) -> None:
    """Fire the event for an answer. One without a generation id tells nothing that could be booked."""
    body: dict[str, Any] = answer.raw or {}
    generation_id = answer.http.generation_id or body.get("id")
    if generation_id is None:
        return
    dispatcher.event(
        OpenRouterUsageEvent(
            operation=operation,
            generation_id=generation_id,
            requested_model=requested_model,
            model=body.get("model"),
            provider=body.get("provider"),
            usage=body.get("usage"),
        )
    )
