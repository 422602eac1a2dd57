"""Costs in Langfuse: the real price of each call, where Langfuse would guess or show none. Needs `[langfuse]`.

quirks.md B7: Langfuse prices calls by a table of its own, which does not know OpenRouter's model names.
"""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from langfuse import Langfuse, LangfuseGeneration, get_client
from opentelemetry import context, trace

from openrouter_core.costs.exporters.base import CostExporter
from openrouter_core.costs.exporters.conventions import parts_of
from openrouter_core.costs.exporters.place import place_of_call
from openrouter_core.costs.exporters.worker import worker
from openrouter_core.costs.reconcile.reconciler import CostReconciler
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.observers.calls import CallIntent
from openrouter_core.observers.framework_runs import begin_asking

_TYPE = "langfuse.observation.type"
_COST = "langfuse.observation.cost_details"
_GENERATIONS = ("generation", "embedding")


class Own:
    """A generation begun for one call. The worker makes it, at once, where the call is made."""

    def __init__(self, client: Langfuse, operation: str, around: context.Context) -> None:
        self._made: LangfuseGeneration | None = None
        here = copy_context()
        worker.put(lambda: here.run(self._make, client, operation, around))

    def _make(self, client: Langfuse, operation: str, around: context.Context) -> None:
        context.attach(around)  # in a context of its own, so nothing is left to detach
        self._made = new_generation(client, operation)

    def end(self, ended_at: datetime | None = None, **details: Any) -> None:
        """Complete it. Called on the worker, so it is made by then, unless Langfuse failed."""
        if self._made is not None:
            ended_ns = None if ended_at is None else int(ended_at.timestamp() * 1e9)
            self._made.update(**details).end(end_time=ended_ns)


@dataclass(slots=True)
class Noted:
    """The span that a call was made in, and the generation that was begun for it, if any."""

    around: trace.Span
    own: Own | None


class LangfuseCostExporter(CostExporter[Noted]):
    """Writes model, tokens and cost of every call into Langfuse.

    A call made inside a Langfuse generation (of `@observe(as_type="generation")`, or of Langfuse's handler
    for LangChain) completes that one. Any other call becomes a generation of its own, below the
    observation it was made in: also the second call inside one generation.

    Args:
        client: Default: Langfuse's own, set up from the environment.
        reconcile: "missing": the cost of a call whose answer names no price follows when it is known;
            "none": it stays without one.
        reconciler: Who asks for late prices. Default: one that the whole process shares.
    """

    def __init__(
        self,
        client: Langfuse | None = None,
        *,
        reconcile: Literal["missing", "none"] = "missing",
        reconciler: CostReconciler | None = None,
    ) -> None:
        super().__init__(reconcile=reconcile, reconciler=reconciler)
        self._client = client or get_client()
        begin_asking()

    def _begin(self, intent: CallIntent) -> Noted:
        place = place_of_call()
        inside = next((span for span in place.spans if is_open_generation(span)), None)
        if inside is not None:
            return Noted(inside, None)
        around = trace.get_current_span(place.around)
        return Noted(around, Own(self._client, intent.operation, place.around))

    def _beside(self, noted: Noted | None) -> Noted | None:
        return None if noted is None else replace(noted, own=None)

    def _drop(self, noted: Noted | None) -> None:
        if noted is not None and noted.own is not None:
            worker.put(noted.own.end)

    def _export(self, record: CostRecord, noted: Noted | None) -> None:
        noted = noted or Noted(trace.get_current_span(), None)
        if noted.own is not None or not is_open_generation(noted.around):
            super()._export(record, noted)
            return
        # Now, for the generation around may end as soon as the call returns.
        details = details_of(record)
        if trace.get_current_span() is noted.around:
            self._client.update_current_generation(**details)
            return
        with trace.use_span(noted.around, record_exception=False):
            self._client.update_current_generation(**details)

    def _write(self, record: CostRecord, noted: Noted | None) -> None:
        ended_at = record.at + timedelta(seconds=record.latency_s or 0.0)
        if noted is not None and noted.own is not None:
            noted.own.end(ended_at, **details_of(record))
            return
        with trace.use_span(trace.INVALID_SPAN if noted is None else noted.around):
            made = new_generation(self._client, record.operation)
        made.update(**details_of(record)).end(end_time=int(ended_at.timestamp() * 1e9))


def new_generation(client: Langfuse, operation: str) -> LangfuseGeneration:
    """Begin a generation below the observation of the current context."""
    return client.start_observation(name=f"openrouter {operation}", as_type="generation")


def is_open_generation(span: trace.Span) -> bool:
    """Whether a span is a Langfuse generation that still runs and has no cost."""
    fields: Any = getattr(span, "attributes", None) or {}
    return span.is_recording() and fields.get(_TYPE) in _GENERATIONS and _COST not in fields


def details_of(record: CostRecord) -> dict[str, Any]:
    """Return what Langfuse is told; what nobody said is left out."""
    fields = {
        "model": record.model_name,
        "usage_details": usage_of(record),
        "cost_details": cost_of(record),
        "metadata": _metadata_of(record),
        "level": "ERROR" if record.outcome == "error" else None,
        "status_message": record.error,
    }
    return {name: value for name, value in fields.items() if value}


def usage_of(record: CostRecord) -> dict[str, int]:
    """Return token counts as Langfuse adds them up: parts that do not overlap, and the total."""
    tokens = record.cost.tokens
    read, written, thought = tokens.cached or 0, tokens.cache_write or 0, tokens.reasoning or 0
    parts = {
        "input": None if tokens.prompt is None else tokens.prompt - read - written,
        "output": None if tokens.completion is None else tokens.completion - thought,
        "input_cached_tokens": read or None,
        "input_cache_creation": written or None,
        "output_reasoning_tokens": thought or None,
        "total": tokens.total,
    }
    return {name: max(0, number) for name, number in parts.items() if number is not None}


def cost_of(record: CostRecord) -> dict[str, float]:
    """Return the price: its parts where they add up to what the call cost, and the total."""
    if record.cost.total is None:
        return {}
    whole = {"total": float(record.cost.total)}
    parts = parts_of(record)
    return (
        whole if parts is None else {"input": float(parts[0]), "output": float(parts[1]), **whole}
    )


def _metadata_of(record: CostRecord) -> dict[str, Any]:
    cost = record.cost
    fields = {
        "openrouter_generation_id": record.id if record.has_generation_id else None,
        "openrouter_provider": record.provider,
        "openrouter_charged_usd": _text(cost.charged),
        "openrouter_upstream_usd": _text(cost.upstream),
        "openrouter_is_byok": cost.is_byok,
        "openrouter_cost_is_estimate": cost.is_estimate or None,
        "openrouter_run": record.labels.run,
        "openrouter_tags": list(record.labels.tags) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
