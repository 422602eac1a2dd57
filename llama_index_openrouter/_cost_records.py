"""From what LlamaIndex tells of its calls to records in a ledger. Used by both cost handlers; no I/O of its own.

Each generation is booked once: the ledger merges reports that carry the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from llama_index_openrouter._response.usage_event import OpenRouterUsageEvent
from llama_index_openrouter._settings.model import PROVIDER
from openrouter_core import StreamError
from openrouter_core.costs import Cost, CostLedger, CostRecord, Labels, origin_of
from openrouter_core.costs.records.labels import UNLABELLED, current_labels

_CHAT = "sendChatCompletionRequest"
_MOST_OPEN = 10_000
"""Calls remembered while they run; a refused call says nothing when it ends, so the oldest are let go."""


def is_ours(described: Mapping[str, Any]) -> bool:
    """Whether a model that an event describes is one of this package."""
    return described.get("model_provider") == PROVIDER


class OpenCall:
    """A call that has begun."""

    __slots__ = ("at", "generation_id", "labels", "model")

    def __init__(self, model: str | None = None, labels: Labels | None = None) -> None:
        self.at = datetime.now(UTC)
        self.model = model
        self.labels = labels or current_labels()
        self.generation_id: str | None = None

    def record(self, generation_id: str, **fields: Any) -> CostRecord:
        """Return the record of this call, which ends now."""
        return CostRecord(
            generation_id,
            self.at,
            _CHAT,
            requested_model=self.model,
            labels=self.labels,
            latency_s=(datetime.now(UTC) - self.at).total_seconds(),
            **fields,
        )


class CostBook:
    """The calls that run, and the ledger for those that ended."""

    def __init__(self, ledger: CostLedger) -> None:
        self._ledger = ledger
        self._open: dict[str, OpenCall] = {}

    def began(self, key: str | None, call: OpenCall) -> None:
        """Note a call; `key` is what its end is reported under."""
        if key is None:
            return
        self._open[key] = call
        while len(self._open) > _MOST_OPEN:
            self._open.pop(next(iter(self._open)), None)

    def went_on(self, key: str | None, raw: object) -> None:
        """Learn the generation id of a stream from its first chunk, in case it never ends."""
        call = self._open.get(key or "")
        if call is not None and call.generation_id is None and isinstance(raw, dict):
            call.generation_id = raw.get("id")

    def ended(self, key: str | None, answer: Any) -> None:
        """Book an answer of ours; answers of other models carry no generation id."""
        call = self._open.pop(key or "", None) or OpenCall()
        notes: Mapping[str, Any] = getattr(answer, "additional_kwargs", None) or {}
        generation_id = notes.get("generation_id")
        if generation_id is None:
            return
        raw = answer.raw if isinstance(answer.raw, dict) else {}
        record = call.record(
            generation_id,
            model=notes.get("model"),
            provider=notes.get("provider"),
            streamed=answer.delta is not None,
            response=_cost(raw.get("usage"), {**notes, "generation_id": generation_id}),
        )
        self._ledger.book_with_tries(record, origin_of(generation_id))

    def failed(self, key: str | None, error: BaseException) -> None:
        """Book a call that failed, or was left, after it began: it may have been billed."""
        begun = self._open.pop(key or "", None)
        call = begun or OpenCall()
        known: str | None = getattr(error, "generation_id", None)  # of a cancellation too
        generation_id = known or call.generation_id
        if generation_id is None and begun is None:
            return
        left = isinstance(error, StreamError | GeneratorExit)
        record = CostRecord.of_failure(
            error,
            generation_id=generation_id,
            at=call.at,
            operation=_CHAT,
            requested_model=call.model,
            labels=call.labels,
            streamed=left or call.generation_id is not None,
        )
        if record is not None:
            self._ledger.book_with_tries(record, origin_of(generation_id or ""), error)

    def used(self, event: OpenRouterUsageEvent) -> None:
        """Book an embedding or rerank call."""
        record = CostRecord(
            event.generation_id,
            datetime.now(UTC),
            event.operation,
            requested_model=event.requested_model,
            model=event.model,
            provider=event.provider,
            labels=labels_of(event.tags),
            response=_cost(event.usage, vars(event)),
        )
        self._ledger.book_with_tries(record, origin_of(event.generation_id))


def labels_of(tags: Mapping[str, Any]) -> Labels:
    """Return the labels of the context; without any, LlamaIndex's own tags."""
    labels = current_labels()
    if labels != UNLABELLED or not tags:
        return labels
    return Labels(tags=tuple(f"{name}={value}" for name, value in tags.items()))


def _cost(usage: Mapping[str, Any] | None, fields: Mapping[str, Any]) -> Cost:
    return Cost.of_usage(
        usage,
        model=fields.get("model"),
        provider=fields.get("provider"),
        generation_id=fields.get("generation_id"),
    )
