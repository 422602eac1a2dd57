"""What LlamaIndex calls cost: a handler for its events, and one for its older callbacks.

`track_openrouter_cost()` sees every call of a block, whoever makes it; these are for places where LlamaIndex
wants a handler. They only observe; to refuse calls give the model a `Budget`: `observers=[budget]`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from llama_index.core.bridge.pydantic import ConfigDict, Field, PrivateAttr
from llama_index.core.callbacks import CBEventType, EventPayload
from llama_index.core.callbacks.base_handler import BaseCallbackHandler
from llama_index.core.instrumentation.events.exception import ExceptionEvent
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatInProgressEvent,
    LLMChatStartEvent,
    LLMCompletionEndEvent,
    LLMCompletionInProgressEvent,
    LLMCompletionStartEvent,
)
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.base import BaseEvent
from llama_index_instrumentation.event_handlers import BaseEventHandler
from typing_extensions import override

from llama_index_openrouter._cost_records import CostBook, OpenCall, is_ours, labels_of
from llama_index_openrouter._response.usage_event import OpenRouterUsageEvent
from openrouter_core.chat.field_docs import FieldDocs
from openrouter_core.costs import (
    CostLedger,
    CostTracker,
    track_openrouter_cost,
)
from openrouter_core.costs.figures import CostFigures

__all__ = [
    "CostTracker",
    "OpenRouterCostCallback",
    "OpenRouterCostHandler",
    "OpenRouterUsageEvent",
    "track_openrouter_cost",
]


class OpenRouterCostHandler(CostFigures, FieldDocs, BaseEventHandler):
    """Books what LlamaIndex's events tell: chat, completion, embeddings and rerank, each generation once.

    Add it to a dispatcher, `get_dispatcher().add_event_handler(handler)`, or use it in a `with` block.

    Examples:
        ```python
        with OpenRouterCostHandler() as costs:
            query_engine.query("...")
        print(costs.total, costs.ledger.by("model"))
        ```
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    ledger: CostLedger = Field(default_factory=CostLedger)
    """Where the calls are booked. By default in memory; what an answer does not price is looked up."""
    _book: CostBook = PrivateAttr()

    @override
    def model_post_init(self, context: Any, /) -> None:
        """Open the book."""
        self._book = CostBook(self.ledger)

    @override
    @classmethod
    def class_name(cls) -> str:
        return "OpenRouterCostHandler"

    @override
    def handle(self, event: BaseEvent, **kwargs: Any) -> None:
        """Take in an event."""
        act = _ACTS.get(type(event))
        if act is not None:
            act(self._book, event)

    def __enter__(self) -> Self:
        get_dispatcher().add_event_handler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        handlers = get_dispatcher().event_handlers
        handlers[:] = [handler for handler in handlers if handler is not self]


def _began(book: CostBook, event: Any) -> None:
    model: dict[str, Any] = event.model_dict or {}
    if is_ours(model):
        book.began(event.span_id, OpenCall(model.get("model"), labels_of(event.tags)))


def _went_on(book: CostBook, event: Any) -> None:
    book.went_on(event.span_id, event.response.raw)


def _ended(book: CostBook, event: Any) -> None:
    book.ended(event.span_id, event.response)


def _failed(book: CostBook, event: Any) -> None:
    book.failed(event.span_id, event.exception)


_ACTS: dict[type[BaseEvent], Callable[[CostBook, Any], None]] = {
    LLMChatStartEvent: _began,
    LLMCompletionStartEvent: _began,
    LLMChatInProgressEvent: _went_on,
    LLMCompletionInProgressEvent: _went_on,
    LLMChatEndEvent: _ended,
    LLMCompletionEndEvent: _ended,
    ExceptionEvent: _failed,
    OpenRouterUsageEvent: CostBook.used,
}


class OpenRouterCostCallback(CostFigures, BaseCallbackHandler):
    """Books what LlamaIndex's older callbacks say of chats and completions: `CallbackManager([callback])`.

    They say nothing of embeddings and rerank: for these use `OpenRouterCostHandler`.

    Args:
        ledger: Where the calls are booked. Default: one in memory.
    """

    def __init__(self, *, ledger: CostLedger | None = None) -> None:
        super().__init__([], [])
        self.ledger = ledger or CostLedger()
        self._book = CostBook(self.ledger)

    @override
    def on_event_start(
        self,
        event_type: CBEventType,
        payload: dict[str, Any] | None = None,
        event_id: str = "",
        parent_id: str = "",
        **kwargs: Any,
    ) -> str:
        """Note when a call begins."""
        if event_type == CBEventType.LLM:
            model: dict[str, Any] = (payload or {}).get(EventPayload.SERIALIZED) or {}
            if is_ours(model):
                self._book.began(event_id, OpenCall(model.get("model")))
        return event_id

    @override
    def on_event_end(
        self,
        event_type: CBEventType,
        payload: dict[str, Any] | None = None,
        event_id: str = "",
        **kwargs: Any,
    ) -> None:
        """Book a call that ended."""
        if event_type != CBEventType.LLM or payload is None:
            return
        if EventPayload.EXCEPTION in payload:
            self._book.failed(event_id, payload[EventPayload.EXCEPTION])
            return
        answer = payload.get(EventPayload.RESPONSE) or payload.get(EventPayload.COMPLETION)
        self._book.ended(event_id, answer)

    @override
    def start_trace(self, trace_id: str | None = None) -> None:
        """Traces are not needed."""

    @override
    def end_trace(
        self, trace_id: str | None = None, trace_map: dict[str, list[str]] | None = None
    ) -> None:
        """Traces are not needed."""
