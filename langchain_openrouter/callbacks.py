"""What a LangChain run cost: a callback handler for chains, agents and batches.

`track_openrouter_cost()` sees every call of a block, embeddings and rerank included; this handler is
for places where LangChain wants a callback: `config={"callbacks": [OpenRouterCostCallback()]}`.
It only observes; to refuse calls use a `Budget`.
"""

# ruff: noqa: ARG002  # LangChain fixes the signatures of handlers

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import LLMResult

from openrouter_core import ClientConfig, StreamError
from openrouter_core.costs import (
    Cost,
    CostLedger,
    CostRecord,
    CostTracker,
    Labels,
    origin_of,
    track_openrouter_cost,
)
from openrouter_core.costs.figures import CostFigures

__all__ = ["CostTracker", "OpenRouterCostCallback", "track_openrouter_cost"]

_OPERATION = "sendChatCompletionRequest"


class OpenRouterCostCallback(CostFigures, BaseCallbackHandler):
    """Adds up what the runs it is attached to cost, each generation once.

    Answers that LangChain takes from its cache are counted in `cached_calls` and cost nothing.

    Args:
        ledger: Where the calls are booked. Default: one in memory that looks up in the generation API
            whatever its answer did not price.
        config: Settings to look calls up with, for answers of another process. Default: those of the
            model that made the call.

    Attributes:
        ledger: All calls, with their costs.
        cached_calls: Answers that cost nothing because LangChain had them.
    """

    run_inline = True  # asyncio runs would otherwise hop to a thread for every token
    books_cancelled_calls = True  # the model tells of them, for LangChain does not

    def __init__(
        self, *, ledger: CostLedger | None = None, config: ClientConfig | None = None
    ) -> None:
        self.ledger = ledger or CostLedger()
        self.cached_calls = 0
        self._config = config
        self._seen: dict[str, None] = {}
        self._runs: dict[UUID, _Run] = {}

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Note when a call begins, and for whom."""
        asked = (kwargs.get("invocation_params") or {}).get("model")
        run = _Run(self._root_of(parent_run_id) or run_id, tags, metadata, asked)
        run.is_ours = (metadata or {}).get("ls_provider") == "openrouter"
        self._runs[run_id] = run

    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Note which run a nested one belongs to."""
        self._runs[run_id] = _Run(self._root_of(parent_run_id) or run_id, None, None, None)

    def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a run that ended."""
        self._runs.pop(run_id, None)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a run that failed."""
        self._runs.pop(run_id, None)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Book the answers of a call."""
        run = self._runs.pop(run_id, None) or _Run(run_id, None, None, None)
        for generations in response.generations:
            for generation in generations:
                message = getattr(generation, "message", None)
                if isinstance(message, AIMessage):
                    self._book(message, run)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Book a call that failed, was cancelled or left: it may have been billed."""
        run = self._runs.pop(run_id, None) or _Run(run_id, None, None, None)
        shown = _generation_of(kwargs.get("response"))
        known: str | None = getattr(error, "generation_id", None)  # of a cancellation too
        generation_id = known or shown
        if generation_id is None and not run.is_ours:
            return
        failed = CostRecord.of_failure(
            error,
            generation_id=generation_id,
            at=run.at,
            operation=_OPERATION,
            requested_model=run.model,
            labels=run.labels,
            streamed=shown is not None or isinstance(error, StreamError),
        )
        if failed is not None:
            config = self._config or origin_of(generation_id or "")
            self.ledger.book_with_tries(failed, config, error)

    def _root_of(self, run_id: UUID | None) -> UUID | None:
        known = self._runs.get(run_id) if run_id else None
        return known.root if known else run_id

    def _book(self, message: AIMessage, run: _Run) -> None:
        metadata = message.response_metadata
        generation_id = metadata.get("generation_id") or metadata.get("id")
        if metadata.get("model_provider") != "openrouter" or not generation_id:
            return
        counts: Any = message.usage_metadata or {}
        if counts.get("total_cost") == 0 or generation_id in self._seen:
            self.cached_calls += 1  # LangChain sets total_cost to 0 on what its cache returns
            return
        self._seen[generation_id] = None
        config = self._config or origin_of(generation_id)
        self.ledger.book_with_tries(_record(generation_id, metadata, run), config)


class _Run:
    """One LangChain run: whose it is, and when it began."""

    __slots__ = ("at", "is_ours", "labels", "model", "root")

    def __init__(
        self,
        root: UUID,
        tags: list[str] | None,
        metadata: dict[str, Any] | None,
        model: str | None,
    ) -> None:
        self.root = root
        self.is_ours = False
        self.model = model
        self.at = datetime.now(UTC)
        thread = (metadata or {}).get("thread_id")
        session = None if thread is None else str(thread)
        self.labels = Labels(run=str(root), tags=tuple(tags or ()), session=session)


def _generation_of(response: LLMResult | None) -> str | None:
    """The generation id of what a stream had given when it ended early."""
    for generations in response.generations if response else ():
        for generation in generations:
            message = getattr(generation, "message", None)
            metadata = message.response_metadata if isinstance(message, AIMessage) else {}
            if metadata.get("model_provider") == "openrouter" and metadata.get("generation_id"):
                return str(metadata["generation_id"])
    return None


def _record(generation_id: str, metadata: dict[str, Any], run: _Run) -> CostRecord:
    cost = Cost.of_usage(
        metadata.get("token_usage"),
        model=metadata.get("model_name"),
        provider=metadata.get("provider"),
        generation_id=generation_id,
    )
    return CostRecord(
        generation_id,
        run.at,
        _OPERATION,
        requested_model=run.model,
        model=cost.model,
        provider=cost.provider,
        labels=run.labels,
        latency_s=(datetime.now(UTC) - run.at).total_seconds(),
        response=cost,
    )
