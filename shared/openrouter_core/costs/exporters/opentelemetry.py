"""Costs as OpenTelemetry spans and metrics, after the `gen_ai` semantic conventions. Needs `[otel]`.

The conventions have no name for money: it is written as `gen_ai.usage.cost` and `operation.cost` (USD).
Prompts and answers are never written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from opentelemetry import context, metrics, trace

from openrouter_core._version import __version__
from openrouter_core.costs.exporters.base import CostExporter
from openrouter_core.costs.reconcile.reconciler import CostReconciler
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.observers.calls import CallIntent

Attributes = dict[str, str | int | float | bool]

_SCOPE = "openrouter_core.costs"
_NAMES = {
    "sendChatCompletionRequest": "chat",
    "createPresetsChatCompletions": "chat",
    "createPresetsMessages": "chat",
    "createPresetsResponses": "chat",
    "createCompletions": "text_completion",
    "createResponses": "chat",
    "createMessages": "chat",
    "createEmbeddings": "embeddings",
    "createRerank": "rerank",
    "createImages": "image_generation",
    "createAudioSpeech": "speech",
    "createAudioTranscriptions": "transcription",
    "getVideos": "video_generation",
    "getBatches": "batch",
}
"""Names that the conventions do not list are allowed by them."""
_TOKEN_STEPS = tuple(4**n for n in range(14))
_SECOND_STEPS = tuple(0.01 * 2**n for n in range(14))
_USD_STEPS = tuple(10.0**n for n in range(-6, 4))

_FACTS: Mapping[str, Callable[[CostRecord], Any]] = {
    "gen_ai.response.id": lambda r: r.id if r.has_generation_id else None,
    "gen_ai.response.time_to_first_chunk": lambda r: r.first_event_s,
    "gen_ai.request.stream": lambda r: r.streamed or None,
    "gen_ai.conversation.id": lambda r: r.labels.session,
    "gen_ai.usage.input_tokens": lambda r: r.cost.tokens.prompt,
    "gen_ai.usage.output_tokens": lambda r: r.cost.tokens.completion,
    "gen_ai.usage.cache_read.input_tokens": lambda r: r.cost.tokens.cached,
    "gen_ai.usage.cache_creation.input_tokens": lambda r: r.cost.tokens.cache_write,
    "gen_ai.usage.reasoning.output_tokens": lambda r: r.cost.tokens.reasoning,
    "gen_ai.usage.cost": lambda r: r.cost.total,
    "operation.cost": lambda r: r.cost.total,
    "openrouter.cost.charged": lambda r: r.cost.charged,
    "openrouter.cost.upstream": lambda r: r.cost.upstream,
    "openrouter.cost.cache_discount": lambda r: r.cost.cache_discount,
    "openrouter.is_byok": lambda r: r.cost.is_byok,
    "openrouter.provider": lambda r: r.provider,
    "openrouter.run": lambda r: r.labels.run,
    "openrouter.tags": lambda r: r.labels.tags or None,
}


class OpenTelemetryCostExporter(CostExporter["context.Context"]):
    """Writes a client span for every call, and the metrics of all calls.

    Metrics: `gen_ai.client.token.usage`, `gen_ai.client.operation.duration`, `operation.cost` (USD).

    Args:
        spans: "call": a span of its own for each call, below the span it was made in; "current": the
            attributes go to the span the call was made in, for programs that have a span per call (a
            price that comes after its end is in the metrics only), and a call made in no span gets one of
            its own; "none": metrics only.
        tracer_provider: Default: the global one.
        meter_provider: Default: the global one.
        reconcile: "missing": a call whose answer names no price is written when its price is known,
            with its own times; "none": at once.
        reconciler: Who asks for late prices. Default: one that the whole process shares.
    """

    def __init__(
        self,
        *,
        spans: Literal["call", "current", "none"] = "call",
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        reconcile: Literal["missing", "none"] = "missing",
        reconciler: CostReconciler | None = None,
    ) -> None:
        super().__init__(reconcile=reconcile, reconciler=reconciler)
        self._spans = spans
        self._tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKEN_STEPS,
        )
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECOND_STEPS,
        )
        self._usd = meter.create_histogram(
            "operation.cost",
            "{USD}",
            "What a call cost, in USD.",
            explicit_bucket_boundaries_advisory=_USD_STEPS,
        )

    def _begin(self, intent: CallIntent) -> context.Context:  # noqa: ARG002  # the base's name
        return context.get_current()

    def _export(self, record: CostRecord, noted: context.Context | None) -> None:
        around = context.get_current() if noted is None else noted
        if self._spans == "current":
            _annotate(record, around)  # now, for the span may end as soon as the call returns
        super()._export(record, around)

    def _write(self, record: CostRecord, noted: context.Context | None) -> None:
        around = noted or context.Context()
        dimensions = dimensions_of(record)
        if self._spans == "call" or (self._spans == "current" and not _has_span(around)):
            self._span(record, dimensions, around)
        self._measure(record, dimensions, around)

    def _span(self, record: CostRecord, dimensions: Attributes, around: context.Context) -> None:
        ended_at = record.at + timedelta(seconds=record.latency_s or 0.0)
        span = self._tracer.start_span(
            f"{dimensions['gen_ai.operation.name']} {record.requested_model or ''}".rstrip(),
            around,
            trace.SpanKind.CLIENT,
            {**dimensions, **facts_of(record)},
            start_time=_ns(record.at.timestamp()),
        )
        if record.outcome == "error":
            span.set_status(trace.StatusCode.ERROR)
        span.end(_ns(ended_at.timestamp()))

    def _measure(self, record: CostRecord, dimensions: Attributes, around: context.Context) -> None:
        tokens = record.cost.tokens
        for kind, number in (("input", tokens.prompt), ("output", tokens.completion)):
            if number is not None:
                self._tokens.record(number, {**dimensions, "gen_ai.token.type": kind}, around)
        if record.latency_s is not None:
            self._seconds.record(record.latency_s, dimensions, around)
        if record.cost.total is not None:
            self._usd.record(float(record.cost.total), dimensions, around)


def dimensions_of(record: CostRecord) -> Attributes:
    """Return what tells calls apart in metrics: few values each."""
    host, port = _server_of(record.base_url)
    fields = {
        "gen_ai.operation.name": _NAMES.get(record.operation, record.operation),
        "gen_ai.provider.name": "openrouter",
        "gen_ai.request.model": record.requested_model,
        "gen_ai.response.model": record.model,
        "server.address": host,
        "server.port": port,
        "error.type": record.error,
    }
    return {name: value for name, value in fields.items() if value is not None}


@lru_cache(maxsize=64)
def _server_of(base_url: str | None) -> tuple[str | None, int | None]:
    server = urlsplit(base_url or "")
    return server.hostname, server.port


def facts_of(record: CostRecord) -> dict[str, Any]:
    """Return what a span says beyond the dimensions; what nobody told is left out."""
    fields = {name: read(record) for name, read in _FACTS.items()}
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in fields.items()
        if value is not None
    }


def _annotate(record: CostRecord, around: context.Context) -> None:
    span = trace.get_current_span(around)
    if span.is_recording():
        span.set_attributes({**dimensions_of(record), **facts_of(record)})


def _has_span(around: context.Context) -> bool:
    """Whether a call was made in a span. OpenInference, for one, makes spans but does not make them current."""
    return trace.get_current_span(around).get_span_context().is_valid


def _ns(at_s: float) -> int:
    return int(at_s * 1e9)
